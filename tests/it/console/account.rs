//! A person's own account: profile, passkeys, sessions.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use grantry::actions::add_passkey::{AddError, add_passkey};
use grantry::actions::enroll::NewPasskey;
use grantry::actions::remove_passkey::{RemoveError, remove_passkey};
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::AccountId;
use grantry::domain::profile::MOST_PASSKEYS;
use grantry::store::sign_in::{self, PasskeyRow};
use grantry::store::{Db as _, accounts};

use super::authenticator::Authenticator;
use super::sign_in::{enroll, finish, is_signed_in, sign_in_with, suspend};
use super::visitor::{Page, Visitor};
use crate::world::World;

const PROFILE: &str = "/settings/profile";
const SECURITY: &str = "/settings/security";
const NEW: &str = "/settings/security/passkeys/new";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

/// How many events of this action there are, and how many of them somebody is told of.
pub(super) async fn events(world: &World, action: &str) -> (i64, i64) {
    let mut db = world.reader();
    let written = db
        .query("SELECT COUNT(*) FROM audit_events WHERE action = $1")
        .bind(action)
        .number()
        .await;
    let told = db
        .query(
            "SELECT COUNT(*) FROM outbox o JOIN audit_events e ON e.seq = o.event_seq WHERE e.action = $1",
        )
        .bind(action)
        .number()
        .await;
    (
        written.expect("it is counted"),
        told.expect("it is counted"),
    )
}

pub(super) async fn passkeys(world: &World, login: &str) -> Vec<PasskeyRow> {
    let user = world.user(login).await;
    sign_in::list_passkeys(&mut world.reader(), user)
        .await
        .expect("they are read")
}

/// Confirms anew with a passkey.
async fn confirm(visitor: &mut Visitor, authenticator: &mut Authenticator) {
    visitor.get("/sudo").await;
    let begun = visitor.begin("/sudo/begin").await;
    let credential = authenticator.answer(&begun);
    let page = finish(visitor, "/sudo", &begun, &credential, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
}

/// Adds a passkey of this name.
async fn add(visitor: &mut Visitor, name: &str) -> (Authenticator, Page) {
    visitor.get(NEW).await;
    let begun = visitor.begin(&format!("{NEW}/begin")).await;
    let mut authenticator = Authenticator::new();
    let credential = authenticator.register(&begun);
    let page = finish(visitor, NEW, &begun, &credential, &[("name", name)]).await;
    (authenticator, page)
}

/// The value of a hidden field.
fn hidden(page: &Page, name: &str) -> String {
    let marker = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.text.split_once(&marker).expect("the field is there");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The address to which the page's only form with this ending is sent.
fn form_to(page: &Page, end: &str) -> String {
    let actions = page.text.split("action=\"").skip(1);
    let action = actions
        .filter_map(|rest| rest.split('"').next())
        .find(|action| action.ends_with(end));
    action
        .unwrap_or_else(|| panic!("no form to …{end}: {}", page.text))
        .to_owned()
}

async fn save(visitor: &mut Visitor, name: &str, email: &str) -> Page {
    let rev = hidden(&visitor.get(PROFILE).await, "rev");
    let fields = [("rev", rev.as_str()), ("name", name), ("email", email)];
    visitor.post(PROFILE, &fields).await
}

on_every_database! {
    async fn a_profile_is_saved_and_what_stood_there_is_recorded(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let page = visitor.get(PROFILE).await;
        assert!(page.text.contains("Acme") && page.text.contains("Member"), "{}", page.text);
        let page = save(&mut visitor, " Ana B. Lima ", "ana@new.test").await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, PROFILE));
        let ana = world.account("ana").await;
        assert_eq!((ana.name.as_str(), ana.email.as_deref()), ("Ana B. Lima", Some("ana@new.test")));
        assert_eq!(events(world, "user.update").await, (1, 1), "a new address is told");
        let data: (String,) = world
            .reader()
            .query("SELECT data FROM audit_events WHERE action = 'user.update'")
            .one()
            .await
            .expect("it is read");
        assert!(data.0.contains("ana@example.test"), "{}", data.0);
        assert!(visitor.get(PROFILE).await.text.contains("Your profile is saved."));
    }

    async fn a_profile_that_says_the_same_writes_nothing(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let before = world.account("ana").await;
        let page = save(&mut visitor, "Ana", "ana@example.test").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert_eq!(world.account("ana").await, before);
        assert_eq!(events(world, "user.update").await, (0, 0));
    }

    async fn a_mistake_in_a_profile_stands_at_its_field_and_changes_nothing(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let before = world.account("ana").await;
        for (name, email, words) in [
            ("", "ana@example.test", "Write the name that other people see."),
            ("Ana", "ana at example", "An email address looks like"),
            (&"x".repeat(256), "ana@example.test", "at most 255 characters"),
        ] {
            let page = save(&mut visitor, name, email).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {email}");
            assert!(page.text.contains(words) && page.text.contains("aria-invalid"), "{}", page.text);
            assert!(page.text.contains(&format!("value=\"{email}\"")), "what was typed stays");
        }
        assert_eq!(world.account("ana").await, before);
    }

    async fn a_new_address_waits_for_a_confirmation_and_a_new_name_does_not(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut authenticator = enroll(world, &mut visitor, "ana").await;
        world.pass_seconds(15 * 60);
        let page = save(&mut visitor, "Ana L.", "ana@example.test").await;
        assert_eq!(page.location(), PROFILE);
        let page = save(&mut visitor, "Ana L.", "evil@example.test").await;
        assert!(page.location().starts_with("/sudo?"), "{page:?}");
        assert_eq!(world.account("ana").await.email.as_deref(), Some("ana@example.test"));

        let way = page.location().to_owned();
        let asked = visitor.get(&way).await;
        assert!(asked.text.contains("change your email address"), "{}", asked.text);
        let draft = hidden(&asked, "draft");
        let begun = visitor.begin("/sudo/begin").await;
        let credential = authenticator.answer(&begun);
        let page = finish(&mut visitor, "/sudo", &begun, &credential, &[("draft", &draft)]).await;
        let back = page.location().to_owned();
        let page = visitor.get(&back).await;
        assert!(page.text.contains("evil@example.test"), "the form is given back: {}", page.text);
        assert_eq!(world.account("ana").await.email.as_deref(), Some("ana@example.test"), "nothing ran");
    }

    async fn a_profile_that_moved_meanwhile_is_not_overwritten(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let rev = hidden(&visitor.get(PROFILE).await, "rev");
        let mut ana = world.account("ana").await;
        "Ana of the import".clone_into(&mut ana.name);
        accounts::update(&mut world.reader(), &ana).await.expect("it is written");
        let fields = [("rev", rev.as_str()), ("name", "Ana"), ("email", "ana@example.test")];
        let page = visitor.post(PROFILE, &fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert_eq!(world.account("ana").await.name, "Ana of the import");
    }

    async fn the_profile_of_a_managed_user_is_kept_by_the_enterprise(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "mia").await;
        let page = visitor.get(PROFILE).await;
        assert!(page.text.contains("Set by Globex"), "{}", page.text);
        let rev = world.account("mia").await.rev.to_string();
        let fields = [("rev", rev.as_str()), ("name", "Mia"), ("email", "mia@elsewhere.test")];
        let page = visitor.post(PROFILE, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.account("mia").await.email.as_deref(), Some("mia@example.test"));
    }

    async fn a_second_passkey_is_added_told_and_signs_in(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut first = enroll(world, &mut visitor, "ana").await;
        let before = visitor.cookie.clone();
        let (mut second, page) = add(&mut visitor, "Phone").await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, SECURITY), "{}", page.text);
        assert_ne!(visitor.cookie, before, "the session changed its id");
        assert_eq!(events(world, "passkey.register").await, (2, 2));
        let page = visitor.get(SECURITY).await;
        assert!(page.text.contains("Phone") && page.text.contains("Not yet"), "{}", page.text);
        for authenticator in [&mut first, &mut second] {
            let mut other = Visitor::new(world);
            let page = sign_in_with(&mut other, authenticator, "/").await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        }
        assert!(is_signed_in(&mut visitor).await, "adding ends no session");
        assert!(!visitor.get(SECURITY).await.text.contains("Not yet"));
    }

    async fn nobody_adds_a_passkey_who_has_not_just_confirmed(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        visitor.get(NEW).await;
        let begun = visitor.begin(&format!("{NEW}/begin")).await;
        let credential = Authenticator::new().register(&begun);
        world.pass_seconds(15 * 60);
        let page = visitor.get(NEW).await;
        assert!(page.location().starts_with("/sudo?"), "{page:?}");
        let csrf = visitor.get(SECURITY).await.csrf();
        let header = [("x-csrf-token", csrf.as_str())];
        let page = visitor.send(Method::POST, &format!("{NEW}/begin"), &header, Body::from("{}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("confirmed"), "{}", page.text);
        let page = finish(&mut visitor, NEW, &begun, &credential, &[("name", "Phone")]).await;
        assert!(page.location().starts_with("/sudo?"), "{page:?}");
        assert_eq!(passkeys(world, "ana").await.len(), 1);
    }

    async fn a_passkey_that_is_registered_already_or_badly_named_is_not_added(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        visitor.get(NEW).await;
        let begun = visitor.begin(&format!("{NEW}/begin")).await;
        let credential = Authenticator::new().register(&begun);
        let long = "x".repeat(61);
        let page = finish(&mut visitor, NEW, &begun, &credential, &[("name", &long)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains(&long) && page.text.contains("at most 60"), "{}", page.text);
        let page = finish(&mut visitor, NEW, &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        let page = finish(&mut visitor, NEW, &begun, &credential, &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "a ceremony serves once");
        assert_eq!(passkeys(world, "ana").await.len(), 2);
    }

    async fn there_are_at_most_twenty_passkeys_and_each_belongs_to_one_person(world: &World) {
        let (ana, ben) = (world.user("ana").await, world.user("ben").await);
        let origin = Origin::of(Actor::Person(ana));
        for number in 0..MOST_PASSKEYS {
            let id = [u8::try_from(number).expect("there are few")];
            let new = NewPasskey { credential_id: &id, name: "key", passkey: "{}" };
            add_passkey(&world.context, &origin, ana, &new).await.expect("it fits");
        }
        let one_more = NewPasskey { credential_id: &[99], name: "key", passkey: "{}" };
        let refused = add_passkey(&world.context, &origin, ana, &one_more).await;
        assert!(matches!(refused, Err(AddError::TooMany)), "{refused:?}");
        let taken = NewPasskey { credential_id: &[0], name: "key", passkey: "{}" };
        let refused = add_passkey(&world.context, &origin, ben, &taken).await;
        assert!(matches!(refused, Err(AddError::Known)), "{refused:?}");
        assert_eq!(passkeys(world, "ana").await.len(), MOST_PASSKEYS);
        assert_eq!(passkeys(world, "ben").await, []);
    }

    async fn a_passkey_is_renamed_by_its_holder_alone(world: &World) {
        let mut ana = Visitor::new(world);
        enroll(world, &mut ana, "ana").await;
        let id = passkeys(world, "ana").await[0].id;
        let path = format!("{SECURITY}/passkeys/{id}");
        ana.get(&path).await;
        for (name, words) in [("", "Write what to call"), (&*"x".repeat(61), "at most 60")] {
            let page = ana.post(&path, &[("name", name)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.text.contains(words), "{}", page.text);
        }
        let mut ben = Visitor::new(world);
        enroll(world, &mut ben, "ben").await;
        ben.get(SECURITY).await;
        assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ben.post(&path, &[("name", "Mine")]).await.status, StatusCode::NOT_FOUND);
        let page = ben.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(passkeys(world, "ana").await[0].name, "My passkey");
        assert_eq!(events(world, "passkey.rename").await, (0, 0));
        let page = ana.post(&path, &[("name", "Laptop")]).await;
        assert_eq!(page.location(), SECURITY);
        assert_eq!(passkeys(world, "ana").await[0].name, "Laptop");
        assert_eq!(events(world, "passkey.rename").await, (1, 0));
    }

    async fn the_only_passkey_stays(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let path = format!("{SECURITY}/passkeys/{}", passkeys(world, "ana").await[0].id);
        let page = visitor.get(&path).await;
        assert!(!page.text.contains("Remove passkey"), "{}", page.text);
        let page = visitor.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("your only passkey"), "{}", page.text);
        assert_eq!(passkeys(world, "ana").await.len(), 1);
        assert_eq!(events(world, "passkey.remove").await, (0, 0));
        assert!(is_signed_in(&mut visitor).await);
    }

    async fn removing_a_passkey_asks_first(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        add(&mut visitor, "Phone").await;
        world.pass_seconds(15 * 60);
        let path = format!("{SECURITY}/passkeys/{}", passkeys(world, "ana").await[1].id);
        visitor.get(&path).await;
        let page = visitor.post(&format!("{path}/remove"), &[]).await;
        assert!(page.location().starts_with("/sudo?"), "{page:?}");
        let way = page.location().to_owned();
        assert!(visitor.get(&way).await.text.contains("remove the passkey Phone"));
        assert_eq!(passkeys(world, "ana").await.len(), 2);
    }

    async fn removing_a_passkey_ends_every_other_session_and_is_told(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut laptop = enroll(world, &mut visitor, "ana").await;
        let (mut phone, _) = add(&mut visitor, "Phone").await;
        let mut by_laptop = Visitor::new(world);
        sign_in_with(&mut by_laptop, &mut laptop, "/").await;
        let mut by_phone = Visitor::new(world);
        sign_in_with(&mut by_phone, &mut phone, "/").await;
        let lost = passkeys(world, "ana").await[1].id;
        let page = visitor.get(&format!("{SECURITY}/passkeys/{lost}")).await;
        assert!(page.text.contains("2 other sessions"), "{}", page.text);
        let page = visitor.post(&format!("{SECURITY}/passkeys/{lost}/remove"), &[]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, SECURITY));
        assert!(is_signed_in(&mut visitor).await, "this session stays");
        assert!(!is_signed_in(&mut by_laptop).await);
        assert!(!is_signed_in(&mut by_phone).await);
        assert_eq!(events(world, "passkey.remove").await, (1, 1));
        let page = sign_in_with(&mut by_phone, &mut phone, "/").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_session_ends_with_the_passkey_that_it_was_proved_with(world: &World) {
        let mut visitor = Visitor::new(world);
        let mut laptop = enroll(world, &mut visitor, "ana").await;
        let (mut phone, _) = add(&mut visitor, "Phone").await;
        let path = format!("{SECURITY}/passkeys/{}", passkeys(world, "ana").await[0].id);
        let page = visitor.get(&path).await;
        assert!(page.text.contains("this session ends too"), "{}", page.text);
        let page = visitor.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(page.location(), "/login");
        assert_eq!(visitor.cookie, None);
        let page = sign_in_with(&mut visitor, &mut laptop, "/").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = sign_in_with(&mut visitor, &mut phone, "/").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }

    async fn a_confirmation_with_another_passkey_keeps_the_session(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let (mut phone, _) = add(&mut visitor, "Phone").await;
        world.pass_seconds(15 * 60);
        confirm(&mut visitor, &mut phone).await;
        let path = format!("{SECURITY}/passkeys/{}", passkeys(world, "ana").await[0].id);
        visitor.get(&path).await;
        let page = visitor.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(page.location(), SECURITY);
        assert!(is_signed_in(&mut visitor).await);
    }

    async fn a_session_whose_passkey_vanished_is_none(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let passkey = &passkeys(world, "ana").await[0];
        let removed = sign_in::remove_passkey(&mut world.reader(), passkey.user_id, passkey.id).await;
        assert!(removed.expect("it is removed"));
        assert!(!is_signed_in(&mut visitor).await, "also one that began while the passkey was removed");
    }

    async fn sessions_are_told_apart_and_one_can_be_ended(world: &World) {
        let mut here = Visitor::new(world);
        let mut passkey = enroll(world, &mut here, "ana").await;
        let mut there = Visitor::new(world).at([203, 0, 113, 9]);
        there.agent = Some(FIREFOX);
        sign_in_with(&mut there, &mut passkey, "/").await;
        let page = here.get(SECURITY).await;
        for words in ["Firefox on Linux", "203.0.113.9", "127.0.0.1", "this session"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let end = form_to(&page, "/end");
        let page = here.post(&end, &[]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, SECURITY));
        assert!(!is_signed_in(&mut there).await);
        assert!(is_signed_in(&mut here).await);
        let page = here.post(&end, &[]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "it is over already");
        assert_eq!(events(world, "session.end").await, (1, 0));
    }

    async fn a_session_is_ended_after_it_changed_its_id(world: &World) {
        let mut here = Visitor::new(world);
        let mut passkey = enroll(world, &mut here, "ana").await;
        let mut there = Visitor::new(world).at([203, 0, 113, 9]);
        sign_in_with(&mut there, &mut passkey, "/").await;
        let end = form_to(&here.get(SECURITY).await, "/end");
        world.pass_seconds(15 * 60);
        confirm(&mut there, &mut passkey).await;
        assert_eq!(here.post(&end, &[]).await.location(), SECURITY);
        assert!(!is_signed_in(&mut there).await);
    }

    async fn nobody_ends_the_session_of_somebody_else(world: &World) {
        let mut ana = Visitor::new(world);
        let mut passkey = enroll(world, &mut ana, "ana").await;
        let mut other = Visitor::new(world);
        sign_in_with(&mut other, &mut passkey, "/").await;
        let end = form_to(&ana.get(SECURITY).await, "/end");
        let mut ben = Visitor::new(world);
        enroll(world, &mut ben, "ben").await;
        ben.get(SECURITY).await;
        assert_eq!(ben.post(&end, &[]).await.status, StatusCode::CONFLICT);
        ben.post(&format!("{SECURITY}/sessions/end-others"), &[]).await;
        assert!(is_signed_in(&mut ana).await && is_signed_in(&mut other).await);
        assert_eq!(events(world, "session.end").await, (0, 0));
    }

    async fn every_other_session_ends_at_once(world: &World) {
        let mut here = Visitor::new(world);
        let mut passkey = enroll(world, &mut here, "ana").await;
        let mut others = [Visitor::new(world), Visitor::new(world)];
        for other in &mut others {
            sign_in_with(other, &mut passkey, "/").await;
        }
        here.get(SECURITY).await;
        here.post(&format!("{SECURITY}/sessions/end-others"), &[]).await;
        let page = here.get(SECURITY).await;
        assert!(page.text.contains("Ended 2 other sessions"), "{}", page.text);
        assert!(!page.text.contains("End all other sessions"));
        for other in &mut others {
            assert!(!is_signed_in(other).await);
        }
    }

    async fn the_place_of_a_session_follows_its_use(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        let mut moved = visitor.at([198, 51, 100, 7]);
        moved.agent = Some(FIREFOX);
        moved.get("/").await;
        let page = moved.get(SECURITY).await;
        assert!(page.text.contains("198.51.100.7") && page.text.contains("Firefox on Linux"), "{}", page.text);
    }

    async fn a_suspended_person_is_out_on_every_page_of_the_account(world: &World) {
        let mut visitor = Visitor::new(world);
        enroll(world, &mut visitor, "ana").await;
        visitor.get(SECURITY).await;
        suspend(world, "ana").await;
        let page = visitor.post("/settings/security/recovery-codes", &[]).await;
        assert!(page.location().starts_with("/login"), "{page:?}");
        assert_eq!(events(world, "recovery_codes.create").await, (0, 0));
        for path in [PROFILE, SECURITY, NEW] {
            let page = visitor.get(path).await;
            assert!(page.location().starts_with("/login"), "{path}: {page:?}");
        }
    }

    async fn what_happened_to_an_account_is_told_to_its_person_alone(world: &World) {
        let mut ben = Visitor::new(world);
        enroll(world, &mut ben, "ben").await;
        let mut ana = Visitor::new(world);
        let mut passkey = enroll(world, &mut ana, "ana").await;
        sign_in_with(&mut Visitor::new(world), &mut passkey, "/").await;
        add(&mut ana, "Phone of ana").await;
        let page = ana.get(SECURITY).await;
        assert!(page.text.contains("You added the passkey Phone of ana."), "{}", page.text);
        assert!(page.text.contains("You signed in with My passkey."), "{}", page.text);
        assert!(!ben.get(SECURITY).await.text.contains("Phone of ana"));
    }
}

async fn remove(world: &World, user: AccountId, passkey: &PasskeyRow) -> Result<u64, RemoveError> {
    let origin = Origin::of(Actor::Person(user));
    remove_passkey(&world.context, &origin, user, passkey.id, "").await
}

on_shared_databases! {
    async fn of_two_passkeys_that_are_removed_at_once_one_stays(world: &World) {
        let ana = world.user("ana").await;
        let origin = Origin::of(Actor::Person(ana));
        for id in [[1], [2]] {
            let new = NewPasskey { credential_id: &id, name: "key", passkey: "{}" };
            add_passkey(&world.context, &origin, ana, &new).await.expect("it is added");
        }
        let both = passkeys(world, "ana").await;
        let (one, other) = tokio::join!(remove(world, ana, &both[0]), remove(world, ana, &both[1]));
        assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
        assert_eq!(passkeys(world, "ana").await.len(), 1);
        assert_eq!(events(world, "passkey.remove").await, (1, 1));
    }
}
