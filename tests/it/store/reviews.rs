//! Tokens, secrets, grants and requests: each changes once, by compare-and-swap.

use grantry::domain::approval::{RequestState, RevokeCause};
use grantry::domain::permission::{Level, PermissionSet};
use grantry::domain::selection::Selection;
use grantry::domain::token::EndedReason;
use grantry::domain::token::TokenKind;
use grantry::store::{grants, requests, snapshots, tokens};

use crate::world::{World, draft};

on_every_database! {
    async fn a_live_name_is_taken_whatever_its_case_and_free_again_afterwards(world: &World) {
        let (ana, kind) = (world.user("ana").await, TokenKind::FineGrained);
        let minted = world.mint("ana", draft("Deploy").owner("ana").all()).await;
        let db = &mut world.reader();
        assert!(tokens::is_name_taken(db, ana, kind, "dePLOY").await.expect("it is read"));
        assert!(!tokens::is_name_taken(db, ana, TokenKind::Classic, "deploy").await.expect("it is read"));
        let now = world.clock_now();
        assert!(tokens::end(db, minted.token, EndedReason::Deleted, now).await.expect("it is written"));
        assert!(!tokens::end(db, minted.token, EndedReason::Deleted, now).await.expect("it is written"), "once");
        assert!(!tokens::is_name_taken(db, ana, kind, "deploy").await.expect("it is read"));
        assert_eq!(tokens::count_live(db, ana, now).await.expect("it is read"), 0);
    }

    async fn a_token_is_found_by_id_identifier_and_secret(world: &World) {
        let minted = world.mint("ana", draft("Deploy").owner("ana").all()).await;
        let db = &mut world.reader();
        let by_id = tokens::find(db, minted.token).await.expect("it is read").expect("it is there");
        let by_secret = tokens::find_by_secret(db, minted.secret.hash()).await.expect("it is read");
        let by_name = tokens::find_by_identifier(db, &by_id.identifier).await.expect("it is read");
        assert_eq!((by_secret.as_ref(), by_name.as_ref()), (Some(&by_id), Some(&by_id)));
        assert_eq!(by_id.expires_at, Some(by_id.starts_at.plus_days(30)));
    }

    async fn a_request_is_decided_once(world: &World) {
        let minted = world.mint("ana", draft("ci").owner("acme").all().permission("issues", "read")).await;
        let request = world.request(minted.token, "acme").await.expect("it waits");
        let (db, now, olga) = (&mut world.reader(), world.clock_now(), world.user("olga").await);
        for (state, is_first) in [(RequestState::Denied, true), (RequestState::Approved, false)] {
            let decided = requests::decide(db, request, state, Some(olga), "why", now).await;
            assert_eq!(decided.expect("it is written"), is_first);
        }
        let stored = requests::find(db, request).await.expect("it is read").expect("it is there");
        assert_eq!((stored.state, stored.decision_reason.as_str()), (RequestState::Denied, "why"));
    }

    async fn only_one_request_of_a_grant_waits(world: &World) {
        let minted = world.mint("ana", draft("ci").owner("acme").all().permission("issues", "read")).await;
        let grant = world.grant(minted.token, "acme").await;
        let db = &mut world.reader();
        let waiting = requests::find_pending(db, grant.id).await.expect("it is read").expect("it waits");
        let ask = requests::load_ask(db, world.context.catalog, &waiting).await.expect("it is read");
        let second = requests::NewRequest {
            grant: grant.id,
            grant_rev: grant.rev,
            owner: grant.owner_id,
            cause: waiting.cause,
            ask: &ask,
            before: &PermissionSet::new(),
            reason: "",
            at: world.clock_now(),
        };
        let inserted = requests::insert(db, world.context.catalog, &second).await;
        assert!(inserted.is_err(), "a second one waits");
    }

    async fn a_grant_changes_only_from_the_version_that_was_read(world: &World) {
        let minted = world.approved("issues", "read").await;
        let grant = world.grant(minted.token, "acme").await;
        let (db, now, olga) = (&mut world.reader(), world.clock_now(), world.user("olga").await);
        let ask = grants::load_ask(db, world.context.catalog, &grant).await.expect("it is read");
        let stale = (grant.id, grant.rev - 1);
        assert!(!grants::activate(db, world.context.catalog, stale, &ask, olga, now).await.expect("it is tried"));
        let cause = RevokeCause::Owner;
        assert!(!grants::revoke(db, stale, cause, Some(olga), "", now).await.expect("it is tried"));
        let fresh = (grant.id, grant.rev);
        assert!(grants::revoke(db, fresh, cause, Some(olga), "", now).await.expect("it is tried"));
        assert!(!grants::revoke(db, (grant.id, grant.rev + 1), cause, None, "", now).await.expect("it is tried"));
    }

    async fn a_snapshot_holds_what_was_asked_and_granted(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "write");
        let wish = wish.owner("ana").all().permission("contents", "read").only_address("192.0.2.0/24").only_branch("main");
        let minted = world.mint("ana", wish).await;
        let catalog = world.context.catalog;
        let db = &mut world.reader();
        let snapshot = snapshots::find_by_hash(db, catalog, minted.secret.hash()).await;
        let facts = snapshot.expect("it is read").expect("it is there").facts;
        assert_eq!(facts.conditions.branches, ["main"]);
        assert_eq!(facts.conditions.addresses.len(), 1);
        let web = world.repository("acme/web").await;
        let acme = facts.grant_at(world.organization("acme").await).expect("it was asked");
        assert!(acme.permissions.is_empty(), "nothing is granted yet");
        assert_eq!(acme.wished, Some(Selection::Selected([web].into())));
        assert!(acme.mentions(web));
        let own = facts.grant_at(world.user("ana").await).expect("it was given");
        let contents = catalog.find_permission("contents").expect("it is there").id;
        assert!(own.permissions.holds(contents, Level::Read));
        assert_eq!(own.selection, Selection::All);
        assert_eq!(own.terms.conditions, facts.conditions);
    }
}
