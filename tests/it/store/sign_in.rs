//! Sessions, passkeys, links and forms: what is ended or used never comes back.

use grantry::store::forms::{self, WaitingForm};
use grantry::store::sessions::{self, SessionRow};
use grantry::store::sign_in;

use crate::world::World;

const ID: &[u8] = &[1; 32];

on_every_database! {
    async fn an_ended_session_is_not_revived_by_a_late_save(world: &World) {
        let (db, now, ana) = (&mut world.reader(), world.clock_now(), world.user("ana").await);
        let row = SessionRow {
            user_id: Some(ana),
            handle: "seat".to_owned(),
            passkey_id: None,
            address: Some("203.0.113.9".to_owned()),
            user_agent: None,
            data: "{}".to_owned(),
            created_at: now,
            last_used_at: now,
            expires_at: now.plus_days(1),
        };
        assert!(sessions::insert(db, ID, &row).await.expect("it is written"));
        assert!(!sessions::insert(db, ID, &row).await.expect("it is tried"), "an id is used once");
        assert_eq!(sessions::find(db, ID).await.expect("it is read"), Some(row.clone()));
        sessions::delete(db, ID).await.expect("it is ended");
        assert!(!sessions::update(db, ID, &row).await.expect("it is tried"));
        assert_eq!(sessions::find(db, ID).await.expect("it is read"), None);
    }

    async fn a_link_works_once_and_a_new_one_replaces_it(world: &World) {
        let (db, now, ana) = (&mut world.reader(), world.clock_now(), world.user("ana").await);
        let later = now.plus_days(1);
        sign_in::replace_enrolment(db, ana, &[1], now, later).await.expect("it is written");
        sign_in::replace_enrolment(db, ana, &[2], now, later).await.expect("it is written");
        assert_eq!(sign_in::find_enrolment(db, &[1]).await.expect("it is read"), None);
        let link = sign_in::find_enrolment(db, &[2]).await.expect("it is read").expect("it is there");
        assert!(!sign_in::use_enrolment(db, link.id, later).await.expect("it is tried"), "it is over");
        assert!(sign_in::use_enrolment(db, link.id, now).await.expect("it is used"));
        assert!(!sign_in::use_enrolment(db, link.id, now).await.expect("it is tried"), "once");
    }

    async fn a_ceremony_is_taken_once_and_in_time(world: &World) {
        let (db, now) = (&mut world.reader(), world.clock_now());
        let later = now.plus_seconds(300);
        sign_in::insert_ceremony(db, ID, "login", None, "{}", later).await.expect("it is written");
        assert_eq!(sign_in::take_ceremony(db, ID, "register", now).await.expect("it is read"), None);
        let taken = sign_in::take_ceremony(db, ID, "login", now).await.expect("it is read");
        assert_eq!(taken, Some((None, "{}".to_owned())));
        assert_eq!(sign_in::take_ceremony(db, ID, "login", now).await.expect("it is read"), None);
        sign_in::insert_ceremony(db, ID, "login", None, "{}", later).await.expect("it is written");
        assert_eq!(sign_in::take_ceremony(db, ID, "login", later).await.expect("it is read"), None, "too late");
    }

    async fn a_credential_belongs_to_one_passkey(world: &World) {
        let (db, now) = (&mut world.reader(), world.clock_now());
        let (ana, ben) = (world.user("ana").await, world.user("ben").await);
        let laptop = sign_in::insert_passkey(db, ana, &[9], "laptop", "{}", now).await.expect("it is written");
        assert!(laptop.is_some());
        let phone = sign_in::insert_passkey(db, ben, &[9], "phone", "{}", now).await.expect("it is tried");
        assert_eq!(phone, None);
        let found = sign_in::find_passkey(db, &[9]).await.expect("it is read").expect("it is there");
        assert_eq!(found.user_id, ana);
    }

    async fn a_waiting_form_is_its_users_alone_and_ends(world: &World) {
        let (db, now) = (&mut world.reader(), world.clock_now());
        let (ana, ben) = (world.user("ana").await, world.user("ben").await);
        let form = WaitingForm {
            path: "/x".to_owned(),
            act: "mint".to_owned(),
            fields: "a=1&a=2".to_owned(),
        };
        let end = now.plus_seconds(900);
        forms::insert_draft(db, ID, ana, &form, end).await.expect("it is written");
        assert_eq!(forms::find_draft(db, ID, ana, now).await.expect("it is read"), Some(form));
        assert_eq!(forms::find_draft(db, ID, ben, now).await.expect("it is read"), None);
        assert_eq!(forms::find_draft(db, ID, ana, end).await.expect("it is read"), None);
    }

    async fn a_forms_number_is_claimed_once_by_each_user(world: &World) {
        let (db, now) = (&mut world.reader(), world.clock_now());
        let (ana, ben) = (world.user("ana").await, world.user("ben").await);
        assert!(forms::claim_number(db, ana, ID, now).await.expect("it is written"));
        assert!(!forms::claim_number(db, ana, ID, now).await.expect("it is tried"));
        assert!(forms::claim_number(db, ben, ID, now).await.expect("it is written"));
    }
}
