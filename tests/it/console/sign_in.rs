//! Enrolling, signing in, confirming, leaving.

use axum::http::StatusCode;
use grantry::clock::Clock as _;
use grantry::store::{accounts, sessions, sign_in};
use serde_json::Value;

use super::authenticator::Authenticator;
use super::visitor::{Page, Visitor};
use crate::world::World;

/// Registers a passkey with a fresh link; the browser is signed in afterwards.
pub(super) async fn enroll(world: &World, visitor: &mut Visitor, login: &str) -> Authenticator {
    let link = visitor.link(world.user(login).await).await;
    visitor.get(&link).await;
    let mut authenticator = Authenticator::new();
    let page = register(visitor, &link, &mut authenticator, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    authenticator
}

pub(super) async fn register(
    visitor: &mut Visitor,
    link: &str,
    authenticator: &mut Authenticator,
    more: &[(&str, &str)],
) -> Page {
    let begun = visitor.begin(&format!("{link}/begin")).await;
    let credential = authenticator.register(&begun);
    finish(visitor, link, &begun, &credential, more).await
}

pub(super) async fn finish(
    visitor: &mut Visitor,
    path: &str,
    begun: &Value,
    credential: &str,
    more: &[(&str, &str)],
) -> Page {
    let ceremony = begun["ceremony"].as_str().expect("a code").to_owned();
    let mut fields = vec![("ceremony", ceremony.as_str()), ("credential", credential)];
    fields.extend_from_slice(more);
    visitor.post(path, &fields).await
}

/// Signs in with a passkey.
pub(super) async fn sign_in_with(
    visitor: &mut Visitor,
    authenticator: &mut Authenticator,
    next: &str,
) -> Page {
    visitor.get("/login").await;
    let begun = visitor.begin("/login/begin").await;
    let credential = authenticator.answer(&begun);
    finish(visitor, "/login", &begun, &credential, &[("next", next)]).await
}

/// Whether the browser is somebody: the page that asks for a confirmation is only shown to those.
pub(super) async fn is_signed_in(visitor: &mut Visitor) -> bool {
    visitor.get("/sudo").await.status != StatusCode::SEE_OTHER || {
        let page = visitor.get("/sudo").await;
        !page.location().starts_with("/login")
    }
}

pub(super) async fn suspend(world: &World, login: &str) {
    let mut account = world.account(login).await;
    account.suspended_at = Some(world.clock.now());
    let mut db = world.reader();
    accounts::update(&mut db, &account)
        .await
        .expect("it can be written");
}

on_every_database! {
    async fn a_link_registers_a_passkey_that_signs_in(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut authenticator = enroll(world, &mut visitor, "ana").await;
        assert!(is_signed_in(&mut visitor).await);

        let mut other = Visitor::new(world);
        let page = sign_in_with(&mut other, &mut authenticator, "/settings/personal-access-tokens").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        assert_eq!(page.location(), "/settings/personal-access-tokens");
        assert!(is_signed_in(&mut other).await);
    }

    async fn a_link_serves_once(world: &World) {
        let mut visitor = Visitor::new(world);
        let link = visitor.link(world.user("ana").await).await;
        let page = visitor.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Ana"), "{}", page.text);
        let page = visitor.get(&link).await;
        assert_eq!(page.status, StatusCode::OK, "looking uses nothing up");
        let page = register(&mut visitor, &link, &mut Authenticator::new(), &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);

        let mut other = Visitor::new(world);
        let page = other.get(&link).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(page.text.contains("grantry link LOGIN"), "{}", page.text);
    }

    async fn an_old_or_unknown_link_does_not_serve(world: &World) {
        let mut visitor = Visitor::new(world);
        let link = visitor.link(world.user("ana").await).await;
        let newer = visitor.link(world.user("ana").await).await;
        assert_eq!(visitor.get(&link).await.status, StatusCode::GONE, "replaced");
        world.pass_seconds(3_600);
        assert_eq!(visitor.get(&newer).await.status, StatusCode::GONE, "over");
        assert_eq!(visitor.get("/enroll/unknown").await.status, StatusCode::GONE);
        let passkeys = sign_in::list_passkeys(&mut world.reader(), world.user("ana").await).await;
        assert_eq!(passkeys.expect("they can be read"), []);
    }

    async fn enrolling_ends_every_other_session_and_the_passkeys_that_are_not_kept(world: &World) {
        let ana = world.user("ana").await;
        let mut first = Visitor::new(world);
        enroll(world, &mut first, "ana").await;
        enroll_keeping(world, &mut first, ana).await;
        let passkeys = sign_in::list_passkeys(&mut world.reader(), ana).await.expect("readable");
        assert_eq!(passkeys.len(), 2);

        let mut second = Visitor::new(world);
        enroll(world, &mut second, "ana").await;
        assert!(!is_signed_in(&mut first).await);
        assert!(is_signed_in(&mut second).await);
        let passkeys = sign_in::list_passkeys(&mut world.reader(), ana).await.expect("readable");
        assert_eq!(passkeys.len(), 1);
    }

    async fn the_session_changes_its_id_when_somebody_comes_in_or_confirms(world: &World) {
        let mut visitor = Visitor::new(world);
        visitor.get("/login").await;
        let before = visitor.cookie.clone();
        let mut authenticator = enroll(world, &mut visitor, "ana").await;
        let enrolled = visitor.cookie.clone();
        assert_ne!(before, enrolled);
        world.pass_seconds(15 * 60);
        let page = visitor.get("/sudo").await;
        assert_eq!(page.status, StatusCode::OK);
        let begun = visitor.begin("/sudo/begin").await;
        let credential = authenticator.answer(&begun);
        let page = finish(&mut visitor, "/sudo", &begun, &credential, &[]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
        assert_ne!(enrolled, visitor.cookie);
        visitor.cookie = enrolled;
        assert!(!is_signed_in(&mut visitor).await, "the former id is worth nothing");
    }

    async fn a_ceremony_serves_once_and_for_five_minutes(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut authenticator = enroll(world, &mut visitor, "ana").await;
        let mut other = Visitor::new(world);
        other.get("/login").await;
        let begun = other.begin("/login/begin").await;
        world.pass_seconds(300);
        let credential = authenticator.answer(&begun);
        let page = finish(&mut other, "/login", &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);

        let begun = other.begin("/login/begin").await;
        let credential = authenticator.answer(&begun);
        let page = finish(&mut other, "/login", &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let mut third = Visitor::new(world);
        third.get("/login").await;
        let page = finish(&mut third, "/login", &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!is_signed_in(&mut third).await);
    }

    async fn one_person_cannot_confirm_with_the_passkey_of_another(world: &World) {
        let mut ana = Visitor::new(world);
        enroll(world, &mut ana, "ana").await;
        let mut ben = Visitor::new(world);
        let mut of_ben = enroll(world, &mut ben, "ben").await;
        world.pass_seconds(15 * 60);
        ana.get("/sudo").await;
        let begun = ana.begin("/sudo/begin").await;
        let credential = of_ben.answer(&begun);
        let page = finish(&mut ana, "/sudo", &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ana.get("/sudo").await.status, StatusCode::OK, "still asked");
    }

    async fn a_suspended_user_is_out_at_the_next_request(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut authenticator = enroll(world, &mut visitor, "ana").await;
        suspend(world, "ana").await;
        let page = visitor.get("/sudo").await;
        assert!(page.location().starts_with("/login"), "{page:?}");
        let page = sign_in_with(&mut visitor, &mut authenticator, "/").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("suspended"), "{}", page.text);
    }

    async fn signing_out_ends_the_session_and_removes_the_cookie(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        visitor.get("/nowhere").await;
        world.pass_seconds(15 * 60);
        visitor.get("/sudo").await;
        let former = visitor.cookie.clone();
        let page = visitor.post("/logout", &[]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/login"));
        assert_eq!(visitor.cookie, None);
        visitor.cookie = former;
        assert!(!is_signed_in(&mut visitor).await);
    }

    async fn a_session_ends_after_twelve_idle_hours_and_after_seven_days(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        for _ in 0..15 {
            world.pass_seconds(11 * 3_600);
            assert!(is_signed_in(&mut visitor).await);
        }
        world.pass_seconds(3 * 3_600);
        assert!(!is_signed_in(&mut visitor).await, "seven days are over");
        enroll(world, &mut visitor, "ana").await;
        world.pass_seconds(12 * 3_600);
        assert!(!is_signed_in(&mut visitor).await, "twelve hours are over");
    }

    async fn an_ended_session_is_not_brought_back_by_saving_it(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let mut db = world.reader();
        let ended = sessions::delete_of_user(&mut db, world.user("ana").await).await;
        assert_eq!(ended.expect("it can be written"), 1);
        assert!(!is_signed_in(&mut visitor).await);
    }
}

async fn enroll_keeping(
    world: &World,
    visitor: &mut Visitor,
    user: grantry::domain::ids::AccountId,
) {
    let passkeys = sign_in::list_passkeys(&mut world.reader(), user)
        .await
        .expect("readable");
    let kept = passkeys[0].id.to_string();
    let link = visitor.link(user).await;
    let page = visitor.get(&link).await;
    assert!(page.text.contains("earlier passkeys"), "{}", page.text);
    let page = register(
        visitor,
        &link,
        &mut Authenticator::new(),
        &[("keep", &kept)],
    )
    .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demonstration_lets_its_people_in_again_and_again_without_a_passkey() {
    let world = World::sqlite().await;
    let link = Visitor::new(&world).link(world.user("olga").await).await;
    for _ in 0..2 {
        let mut visitor = Visitor::configured(&world, |config| config.demo = true);
        let page = visitor.get(&link).await;
        assert!(page.text.contains("demo only"), "{}", page.text);
        let page = visitor.post(&link, &[("without_passkey", "yes")]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
        let page = visitor.get("/sudo").await;
        assert_eq!(page.status, StatusCode::OK, "nobody is confirmed by that");
        let page = visitor.post("/sudo", &[("without_passkey", "yes")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert_eq!(visitor.get("/sudo").await.location(), "/");
        drop(visitor);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_links_of_a_demonstration_work_on_its_machine_alone() {
    let world = World::sqlite().await;
    let demo = Visitor::configured(&world, |config| config.demo = true);
    let link = demo.link(world.user("olga").await).await;
    let mut far = demo.at([203, 0, 113, 9]);
    assert_eq!(far.get(&link).await.status, StatusCode::FORBIDDEN);
    let page = far.post(&link, &[("without_passkey", "yes")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    drop(far);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_of_a_demonstration_nobody_goes_on_without_a_passkey() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    let link = visitor.link(world.user("olga").await).await;
    assert!(!visitor.get(&link).await.text.contains("demo only"));
    let page = visitor.post(&link, &[("without_passkey", "yes")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!is_signed_in(&mut visitor).await);
    drop(visitor);
    world.stop().await;
}
