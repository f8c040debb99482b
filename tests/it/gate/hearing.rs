//! Changes are heard: in this process before they are acknowledged, in others within a second.

use std::time::{Duration, Instant};

use grantry::actions::delete_token::delete_token;
use grantry::domain::access::decision::Reason;
use grantry::gate::Unavailable;
use grantry::store::{Change, accounts};

use crate::world::{Answer, World, ask, draft, reason, try_ask};

const ISSUES: &str = "/repos/acme/web/issues";

on_every_database! {
    async fn an_approval_and_a_revocation_count_from_the_next_call_on(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]);
        let minted = world.mint("ana", wish.permission("issues", "read")).await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::Pending));
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        world.revoke("olga", &minted, "").await.expect("it works");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::Revoked));
    }

    async fn a_denial_and_a_deletion_count_from_the_next_call_on(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]);
        let minted = world.mint("ana", wish.permission("issues", "read")).await;
        let secret = minted.secret.reveal();
        world.deny("sam", &minted, "not this one").await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::Denied));
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        let deleted = delete_token(&world.context, &origin, ana, minted.token).await;
        assert!(deleted.expect("the database works"));
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::BadCredentials));
    }

    async fn a_suspended_user_has_dead_tokens_until_the_suspension_is_lifted(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        suspend(world, "ana", true).await;
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::BadCredentials));
        suspend(world, "ana", false).await;
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
    }

    async fn who_leaves_loses_what_membership_gave(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        leave(world, "ana", "acme").await;
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::NotFound));
        let public = world.answer(secret, "GET", "/repos/acme/site/issues").await;
        assert_eq!(public, Answer::Allowed);
    }

    async fn a_token_is_dead_from_the_instant_it_expires(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        world.pass_days(30);
        world.pass_seconds(-1);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        world.pass_seconds(1);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::BadCredentials));
    }

    async fn hidden_and_absent_repositories_get_the_same_answer(world: &World) {
        let minted = world.approved("issues", "read").await;
        let hidden = world.call(minted.secret.reveal(), "GET", "/repos/acme/api/issues").await;
        let absent = world.call(minted.secret.reveal(), "GET", "/repos/acme/none/issues").await;
        assert_eq!(hidden.decision, absent.decision);
        assert_eq!(hidden.sentence(&world.app.gate), absent.sentence(&world.app.gate));
    }

    async fn a_gate_that_hears_nothing_answers_nothing(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = Some(minted.secret.reveal());
        ask(&world.app, secret, "GET", ISSUES).await;
        world.context.store.close().await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let answer = try_ask(&world.app, secret, "GET", ISSUES).await;
        assert!(matches!(answer, Err(Unavailable::Deaf)), "it remembers the token and does not say so");
        let anonymous = try_ask(&world.app, None, "GET", "/repos/acme/site/issues").await;
        assert!(matches!(anonymous, Err(Unavailable::Deaf)));
    }
}

on_shared_databases! {
    async fn another_process_hears_of_every_change_within_a_second(world: &World) {
        let other = world.second_process().await;
        let wish = draft("ci").owner("acme").selected(&["web"]);
        let minted = world.mint("ana", wish.permission("issues", "read")).await;
        let secret = minted.secret.reveal();
        let first = ask(&other.app, Some(secret), "GET", ISSUES).await;
        assert_eq!(reason(&first), Answer::Refused(Reason::Pending));
        world.approve("olga", &minted).await.expect("it waits");
        becomes(&other.app, secret, Answer::Allowed).await;
        world.revoke("olga", &minted, "").await.expect("it works");
        becomes(&other.app, secret, Answer::Refused(Reason::Revoked)).await;
        suspend(world, "ana", true).await;
        becomes(&other.app, secret, Answer::Refused(Reason::BadCredentials)).await;
        other.stop().await;
    }
}

/// Waits until the other process answers so. The bound is a second; a busy machine gets some more.
async fn becomes(app: &grantry::app::App, secret: &str, expected: Answer) {
    let began = Instant::now();
    loop {
        let answer = reason(&ask(app, Some(secret), "GET", ISSUES).await);
        if answer == expected {
            return;
        }
        let waited = began.elapsed();
        assert!(
            waited < Duration::from_secs(3),
            "still {answer:?} after {waited:?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn suspend(world: &World, login: &str, is_suspended: bool) {
    let mut account = world.account(login).await;
    let origin = world.person("eve").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    account.suspended_at = is_suspended.then(|| work.now());
    accounts::update(&mut work, &account)
        .await
        .expect("it is written");
    work.changed(Change::Account(account.id));
    world.context.commit(work).await.expect("it lasts");
}

async fn leave(world: &World, login: &str, organization: &str) {
    let (user, account) = (
        world.user(login).await,
        world.organization(organization).await,
    );
    let origin = world.person("olga").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    accounts::remove_member(&mut work, account, user)
        .await
        .expect("it is written");
    work.changed(Change::Account(user));
    world.context.commit(work).await.expect("it lasts");
}
