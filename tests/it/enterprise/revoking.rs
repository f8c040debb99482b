//! An enterprise's owner takes access to an organization back: what follows, who hears of it, and what is refused.

use axum::http::StatusCode;
use grantry::actions::refuse::ReviewError;
use grantry::actions::revoke_grant::revoke_in_enterprise;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::MemberRole;
use grantry::domain::approval::GrantState;
use grantry::store::{Db as _, accounts};

use super::{TOKENS, at_labs, entry, of_mia, waiting};
use crate::pages::visitor::Visitor;
use crate::world::{Answer, World, draft};

const ISSUES: &str = "/repos/acme/web/issues";

/// Who is told of anything, by login.
async fn told(world: &World) -> Vec<String> {
    let mut db = world.reader();
    let rows: Vec<(String,)> = db
        .query(
            "SELECT DISTINCT u.login FROM outbox o JOIN accounts u ON u.id = o.recipient JOIN audit_events e \
             ON e.seq = o.event_seq WHERE e.action = 'personal_access_token.access_revoked' ORDER BY u.login",
        )
        .all()
        .await
        .expect("notices can be read");
    rows.into_iter().map(|row| row.0).collect()
}

/// What the log says of the last revocation.
async fn logged(world: &World) -> serde_json::Value {
    let mut db = world.reader();
    let row: (String,) = db
        .query(
            "SELECT data FROM audit_events WHERE action = 'personal_access_token.access_revoked' \
             ORDER BY seq DESC LIMIT 1",
        )
        .one()
        .await
        .expect("it was logged");
    serde_json::from_str(&row.0).expect("it is JSON")
}

on_every_database! {
    async fn a_revocation_by_the_enterprise_counts_at_the_next_call_and_is_told(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        let path = entry(world, &minted, "acme").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let done = eve.post(&format!("{path}/revoke"), &[("reason", "The audit found it.")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, TOKENS));
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::Revoked));
        let grant = world.grant(minted.token, "acme").await;
        assert_eq!((grant.state, grant.reason.as_str()), (GrantState::Revoked, "The audit found it."));
        assert_eq!(grant.decided_by, Some(world.user("eve").await));
        assert_eq!(told(world).await, ["ana", "olga", "sam"], "its user and the organization's owners");
        let data = logged(world).await;
        assert_eq!(data["authority"], "enterprise_owner");
        assert_eq!(data["reason"], "The audit found it.");
        let page = eve.get(&path).await;
        assert!(page.has("The audit found it.") && page.has("eve revoked"), "{}", page.html);
        assert!(!page.has("Revoke access</button>"), "nothing is left to revoke");
    }

    async fn an_organizations_own_revocation_tells_its_user_alone(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.revoke("olga", &minted, "Over.").await.expect("it works");
        assert_eq!(told(world).await, ["ana"]);
        assert!(logged(world).await["authority"].is_null());
    }

    async fn only_what_reaches_an_organization_of_the_enterprise_is_the_enterprises_to_revoke(world: &World) {
        let mine = of_mia(world, "mine", 30).await;
        let own = world.mint("ana", draft("own").owner("ana").selected(&["lab"]).permission("issues", "read")).await;
        let administers = draft("administers").owner("globex").permission("enterprise_people", "read");
        let administers = world.mint("eve", administers).await;
        let waits = waiting(world, "asks").await;
        let (globex, origin) = (world.enterprise("globex").await, world.person("eve").await);
        let eve = world.user("eve").await;
        let others = [
            world.grant(mine.token, "mia").await.id,
            world.grant(own.token, "ana").await.id,
            grantry::store::grants::list_of_token(&mut world.reader(), administers.token).await.expect("read")[0].id,
        ];
        for grant in others {
            let refused = revoke_in_enterprise(&world.context, &origin, globex, grant, eve, "").await;
            assert!(matches!(refused, Err(ReviewError::NotFound)), "{refused:?}");
        }
        let waiting = world.grant(waits.token, "acme").await.id;
        let refused = revoke_in_enterprise(&world.context, &origin, globex, waiting, eve, "").await;
        assert!(matches!(refused, Err(ReviewError::Grant(_))), "{refused:?}");
        let page = Visitor::confirmed(world, "eve").await;
        for (minted, at) in [(&mine, "mia"), (&waits, "acme")] {
            let path = entry(world, minted, at).await;
            let shown = page.get(&path).await;
            assert!(!shown.has("Revoke access"), "{}", shown.html);
            let sent = page.post(&format!("{path}/revoke"), &[("reason", "")]).await;
            assert!(sent.status.is_client_error(), "{at}: {}", sent.status);
        }
        assert_eq!(world.grant(mine.token, "mia").await.state, GrantState::Active);
        assert_eq!(world.grant(own.token, "ana").await.state, GrantState::Active);
        assert!(world.request(waits.token, "acme").await.is_some(), "it waits on");
        assert_eq!(told(world).await, Vec::<String>::new());
    }

    async fn whoever_owns_the_enterprise_no_more_revokes_nothing(world: &World) {
        let minted = world.approved("issues", "read").await;
        let before = world.grant(minted.token, "acme").await;
        let (globex, eve) = (world.enterprise("globex").await, world.user("eve").await);
        let origin = world.person("eve").await;
        for by in ["olga", "ana", "gus"] {
            let by = world.user(by).await;
            let refused = revoke_in_enterprise(&world.context, &origin, globex, before.id, by, "").await;
            assert!(matches!(refused, Err(ReviewError::NotFound)), "{refused:?}");
        }
        let gus = world.user("gus").await;
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        let now = work.now();
        accounts::put_member(&mut work, globex, gus, MemberRole::Owner, now).await.expect("it is entered");
        accounts::remove_member(&mut work, globex, eve).await.expect("it is removed");
        world.context.commit(work).await.expect("it lasts");
        let refused = revoke_in_enterprise(&world.context, &origin, globex, before.id, eve, "").await;
        assert!(matches!(refused, Err(ReviewError::NotFound)), "the right is checked in the transaction");
        assert_eq!(world.grant(minted.token, "acme").await, before);
    }

    async fn a_second_revocation_by_the_enterprise_says_who_was_first(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = entry(world, &minted, "acme").await;
        world.revoke("sam", &minted, "Too old.").await.expect("it works");
        let before = world.grant(minted.token, "acme").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let late = eve.post(&format!("{path}/revoke"), &[("reason", "Mine.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("sam revoked") && late.has("Too old."), "{}", late.html);
        assert_eq!(world.grant(minted.token, "acme").await, before);
    }

    async fn a_long_reason_and_an_old_sign_in_revoke_nothing_in_the_enterprise(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = entry(world, &minted, "acme").await;
        let eve = Visitor::signed_in(world, "eve").await;
        let long = "a".repeat(1_025);
        let page = eve.post(&format!("{path}/revoke"), &[("reason", &long)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&long) && page.has("1024 fit"), "{}", page.html);
        let sent = eve.post(&format!("{path}/revoke"), &[("reason", "Over.")]).await;
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        assert!(eve.get(&format!("{path}?{draft}")).await.has("Over."));
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
    }

    async fn many_are_revoked_over_several_organizations_or_none(world: &World) {
        let (one, two) = (world.approved("issues", "read").await, at_labs(world, "sensor").await);
        let mine = of_mia(world, "mine", 30).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let value = async |minted, at: &str| {
            let grant = world.grant(minted, at).await;
            format!("{}-{}", grant.id, grant.rev)
        };
        let (first, second) = (value(one.token, "acme").await, value(two.token, "labs").await);
        let foreign = value(mine.token, "mia").await;
        let path = format!("{TOKENS}/revoke");
        let page = eve.get(&format!("{path}?chosen={first}&chosen={second}&person=ana")).await;
        for text in ["Revoke the access of 2 tokens", ">approved</a>", ">sensor</a>", "Revoke 2 tokens"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let refused = eve.post(&path, &[("chosen", &first), ("chosen", &foreign)]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.html);
        let stale = eve.post(&path, &[("chosen", &first), ("chosen", &format!("{}-99", second.split('-').next().unwrap_or_default()))]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.html);
        assert!(stale.has("sensor"), "{}", stale.html);
        for (query, status) in [("", StatusCode::UNPROCESSABLE_ENTITY), ("chosen=x", StatusCode::UNPROCESSABLE_ENTITY)] {
            assert_eq!(eve.get(&format!("{path}?{query}")).await.status, status, "{query}");
        }
        assert_eq!(world.grant(one.token, "acme").await.state, GrantState::Active);
        let done = eve.post(&path, &[("chosen", &first), ("chosen", &second), ("person", "ana"), ("reason", "")]).await;
        assert_eq!((done.status, done.location), (StatusCode::SEE_OTHER, format!("{TOKENS}?person=ana")));
        for (token, at) in [(one.token, "acme"), (two.token, "labs")] {
            assert_eq!(world.grant(token, at).await.state, GrantState::Revoked, "{at}");
        }
        assert_eq!(world.grant(mine.token, "mia").await.state, GrantState::Active);
    }
}
