//! Recovery codes, and how often strangers may try.

use axum::http::StatusCode;
use grantry::domain::recovery::RecoveryCode;
use grantry::store::{Db as _, recovery};

use super::account::{events, passkeys};
use super::authenticator::Authenticator;
use super::sign_in::{enroll, finish, is_signed_in, register, suspend};
use super::visitor::{Page, Visitor};
use crate::world::World;

const DOOR: &str = "/login/recovery";
const CODES: &str = "/settings/security/recovery-codes";
const SECURITY: &str = "/settings/security";
/// It has the form of a code, and is nobody's.
const WRONG: &str = "0000-0000-0000-0000-0000-0000";

/// Makes codes as somebody who has just confirmed.
async fn make(visitor: &mut Visitor) -> Vec<String> {
    visitor.get(SECURITY).await;
    let page = visitor.post(CODES, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store");
    let (_, list) = page
        .text
        .split_once("<ol class=\"codes\">")
        .expect("there is a list");
    let (list, _) = list.split_once("</ol>").expect("it ends");
    let codes = list
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next());
    codes.map(str::to_owned).collect()
}

async fn try_code(visitor: &mut Visitor, login: &str, code: &str) -> Page {
    visitor.get(DOOR).await;
    visitor
        .post(DOOR, &[("login", login), ("code", code)])
        .await
}

async fn left(world: &World, login: &str) -> i64 {
    let user = world.user(login).await;
    let left = recovery::left(&mut world.reader(), user).await;
    left.expect("they are counted").count
}

on_every_database! {
    async fn ten_codes_are_shown_once_and_kept_as_hashes(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        assert!(visitor.get(SECURITY).await.text.contains("You have none."));
        let codes = make(&mut visitor).await;
        assert_eq!(codes.len(), 10);
        assert_eq!(left(world, "ana").await, 10);
        assert_eq!(events(world, "recovery_codes.create").await, (1, 1));
        let page = visitor.get(SECURITY).await;
        assert!(page.text.contains("10 codes"), "{}", page.text);
        for code in &codes {
            assert!(!page.text.contains(code.as_str()));
            let hash = RecoveryCode::parse(code).expect("it is a code").hash();
            let kept = world
                .reader()
                .query("SELECT COUNT(*) FROM recovery_codes WHERE code_hash = $1")
                .bind(hash)
                .number()
                .await;
            assert_eq!(kept.expect("it is counted"), 1);
        }
    }

    async fn new_codes_take_the_place_of_the_former(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let former = make(&mut visitor).await;
        let codes = make(&mut visitor).await;
        assert_eq!(left(world, "ana").await, 10);
        let mut stranger = Visitor::new(world);
        let page = try_code(&mut stranger, "ana", &former[0]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = try_code(&mut stranger, "ana", &codes[0]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }

    async fn nobody_makes_codes_who_has_not_just_confirmed(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        world.pass_seconds(15 * 60);
        visitor.get(SECURITY).await;
        let page = visitor.post(CODES, &[]).await;
        assert!(page.location().starts_with("/sudo?"), "{page:?}");
        assert_eq!(left(world, "ana").await, 0);
        assert_eq!(events(world, "recovery_codes.create").await, (0, 0));
    }

    async fn a_code_leads_to_a_new_passkey_and_to_nothing_else(world: &World) {
        let mut lost = Visitor::new(world);
        enroll(world, &mut lost, "ana").await;
        let codes = make(&mut lost).await;
        let mut visitor = Visitor::new(world);
        let typed = codes[3].to_uppercase().replace('-', " ");
        let page = try_code(&mut visitor, "ANA", &typed).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        let link = page.location().to_owned();
        assert!(link.starts_with("/enroll/"), "{link}");
        assert!(!is_signed_in(&mut visitor).await, "a code signs nobody in");
        assert!(!is_signed_in(&mut lost).await, "every session has ended");
        assert_eq!(events(world, "recovery_codes.use").await, (1, 1));

        let page = visitor.get(&link).await;
        assert!(page.text.contains("earlier passkeys and recovery codes"), "{}", page.text);
        assert!(page.text.contains("9 unused recovery codes"), "{}", page.text);
        let page = register(&mut visitor, &link, &mut Authenticator::new(), &[("keep_codes", "yes")]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
        assert!(is_signed_in(&mut visitor).await);
        assert_eq!(passkeys(world, "ana").await.len(), 1, "the lost one is gone");
        assert_eq!(left(world, "ana").await, 9);

        let page = try_code(&mut Visitor::new(world), "ana", &codes[3]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "a code works once");
        assert!(is_signed_in(&mut visitor).await, "a wrong try ends nothing");
    }

    async fn the_link_of_a_code_serves_for_fifteen_minutes_and_once(world: &World) {
        let mut lost = Visitor::new(world);
        enroll(world, &mut lost, "ana").await;
        let codes = make(&mut lost).await;
        let mut visitor = Visitor::new(world);
        let link = try_code(&mut visitor, "ana", &codes[0]).await.location().to_owned();
        world.pass_seconds(15 * 60);
        assert_eq!(visitor.get(&link).await.status, StatusCode::GONE);
        let link = try_code(&mut visitor, "ana", &codes[1]).await.location().to_owned();
        visitor.get(&link).await;
        register(&mut visitor, &link, &mut Authenticator::new(), &[]).await;
        assert_eq!(visitor.get(&link).await.status, StatusCode::GONE);
        assert_eq!(left(world, "ana").await, 0, "codes that nobody ticked are gone");
    }

    async fn a_refusal_never_says_whether_a_login_exists(world: &World) {
        let mut ana = Visitor::new(world);
        enroll(world, &mut ana, "ana").await;
        let codes = make(&mut ana).await;
        let mut ben = Visitor::new(world);
        enroll(world, &mut ben, "ben").await;
        let of_ben = make(&mut ben).await;
        suspend(world, "ben").await;
        let mut seen = Vec::new();
        for (login, code) in [("ana", WRONG), ("nobody", WRONG), ("acme", WRONG), ("nobody", &codes[0]),
            ("ana", &of_ben[0]), ("ben", &of_ben[0])]
        {
            let mut stranger = Visitor::new(world);
            let page = try_code(&mut stranger, login, code).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
            let csrf = page.csrf();
            let text = page.text.replace(&csrf, "").replace(login, "LOGIN").replace(code, "CODE");
            seen.push(text);
            assert!(!is_signed_in(&mut stranger).await);
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "the same bytes but for what was typed");
        assert_eq!((left(world, "ana").await, left(world, "ben").await), (10, 10));
        assert_eq!(events(world, "recovery_codes.use").await, (0, 0));
        assert_eq!(events(world, "recovery_codes.refuse").await, (6, 0));
        assert!(is_signed_in(&mut ana).await, "nobody's session ended");
    }

    async fn what_cannot_be_a_code_is_told_at_its_field_and_not_counted(world: &World) {
        let mut visitor = Visitor::new(world);
        for (login, code, words) in [
            ("ana", "1234", "24 letters and digits"),
            ("", WRONG, "Write your login"),
            (&*"a".repeat(40), WRONG, "Write your login"),
        ] {
            let page = try_code(&mut visitor, login, code).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.text.contains(words) && page.text.contains("aria-invalid"), "{}", page.text);
            assert!(page.text.contains(&format!("value=\"{code}\"")), "what was typed stays");
        }
        let counted = world.reader().query("SELECT COUNT(*) FROM attempts WHERE kind <> 'ceremony'").number().await;
        assert_eq!(counted.expect("it is counted"), 0);
    }

    async fn ten_wrong_codes_close_a_login_for_an_hour_and_tell_its_person(world: &World) {
        let mut ana = Visitor::new(world);
        enroll(world, &mut ana, "ana").await;
        let codes = make(&mut ana).await;
        for number in 0..10 {
            // Each from another place: it is the login that is counted.
            let mut stranger = Visitor::new(world).at([203, 0, 113, number]);
            let page = try_code(&mut stranger, "ana", WRONG).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        }
        assert_eq!(events(world, "recovery_codes.refuse").await, (10, 1));
        let mut person = Visitor::new(world);
        let page = try_code(&mut person, "Ana", &codes[0]).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(page.header("retry-after"), "3600");
        assert!(page.text.contains("60 minutes") && page.text.contains(&codes[0]), "{}", page.text);
        assert_eq!(left(world, "ana").await, 10, "the code was not looked at");
        let page = try_code(&mut person, "nobody", WRONG).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "other logins are open");
        world.pass_seconds(3_600);
        let page = try_code(&mut person, "ana", &codes[0]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }

    async fn a_login_that_does_not_exist_is_closed_just_so(world: &World) {
        let mut stranger = Visitor::new(world);
        for _ in 0..10 {
            try_code(&mut stranger, "nobody", WRONG).await;
        }
        let page = try_code(&mut stranger, "nobody", WRONG).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    }

    async fn twenty_tries_close_an_address_whatever_the_login(world: &World) {
        let mut stranger = Visitor::new(world).at([203, 0, 113, 9]);
        for number in 0..20 {
            let page = try_code(&mut stranger, &format!("login{number}"), WRONG).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        }
        let page = try_code(&mut stranger, "ana", WRONG).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(page.header("retry-after"), "900");
        let mut elsewhere = Visitor::new(world).at([203, 0, 113, 10]);
        let page = try_code(&mut elsewhere, "ana", WRONG).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "other addresses are open");
    }

    async fn sixty_failed_sign_ins_close_an_address_for_five_minutes(world: &World) {
        let mut stranger = Visitor::new(world).at([203, 0, 113, 9]);
        stranger.get("/login").await;
        for _ in 0..60 {
            let page = stranger.post("/login", &[("credential", "{}")]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = stranger.post("/login", &[("credential", "{}")]).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(page.text.contains("5 minutes"), "{}", page.text);
        world.pass_seconds(5 * 60);
        let page = stranger.post("/login", &[("credential", "{}")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn somebody_suspended_after_the_code_registers_nothing(world: &World) {
        let mut lost = Visitor::new(world);
        enroll(world, &mut lost, "ana").await;
        let codes = make(&mut lost).await;
        let mut visitor = Visitor::new(world);
        let link = try_code(&mut visitor, "ana", &codes[0]).await.location().to_owned();
        visitor.get(&link).await;
        let begun = visitor.begin(&format!("{link}/begin")).await;
        let credential = Authenticator::new().register(&begun);
        suspend(world, "ana").await;
        let page = finish(&mut visitor, &link, &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert_eq!(passkeys(world, "ana").await.len(), 1, "the former one alone");
        assert!(!is_signed_in(&mut visitor).await);
    }
}

on_shared_databases! {
    async fn tries_are_counted_over_every_server(world: &World) {
        let second = world.second_process().await;
        let mut here = Visitor::new(world);
        let mut there = Visitor::new(world).before(&second);
        for _ in 0..5 {
            try_code(&mut here, "ana", WRONG).await;
            try_code(&mut there, "ana", WRONG).await;
        }
        for visitor in [&mut here, &mut there] {
            let page = try_code(visitor, "ana", WRONG).await;
            assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        }
        drop((here, there));
        second.stop().await;
    }

    async fn of_two_who_use_one_code_at_once_one_gets_a_link(world: &World) {
        let mut ana = Visitor::new(world);
        enroll(world, &mut ana, "ana").await;
        let codes = make(&mut ana).await;
        let (mut one, mut other) = (Visitor::new(world), Visitor::new(world));
        let (one, other) = tokio::join!(
            try_code(&mut one, "ana", &codes[0]),
            try_code(&mut other, "ana", &codes[0]),
        );
        let mut seen = [one.status, other.status];
        seen.sort();
        assert_eq!(seen, [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY]);
        assert_eq!(left(world, "ana").await, 9);
    }
}
