//! Every decision about a known token is written down before its answer leaves.

use grantry::domain::access::decision::Reason;
use grantry::store::{Db as _, records, tokens};

use crate::world::{Answer, World};

const ISSUES: &str = "/repos/acme/web/issues";

on_every_database! {
    async fn allows_and_refusals_are_counted_by_owner_and_permission(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        for _ in 0..3 {
            assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        }
        let refused = world.answer(secret, "GET", "/repos/acme/web/contents").await;
        assert_eq!(refused, Answer::Refused(Reason::MissingPermission));
        let acme = world.organization("acme").await;
        let used = records::list_use(&mut world.reader(), minted.token, Some(acme), 0).await;
        let used: Vec<_> = used
            .expect("use can be read")
            .into_iter()
            .map(|row| (row.permission, row.allowed, row.refused))
            .collect();
        assert_eq!(used, [("contents:read".to_owned(), 0, 1), ("issues:read".to_owned(), 3, 0)]);
    }

    async fn last_use_is_the_last_allow(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", ISSUES).await;
        let allowed_at = grantry::clock::Clock::now(&*world.clock);
        world.pass_seconds(60);
        world.answer(secret, "GET", "/repos/acme/web/contents").await;
        let uses = records::list_last_uses(&mut world.reader(), minted.token).await.expect("it is read");
        assert_eq!(uses.len(), 1);
        assert_eq!((uses[0].at, uses[0].path.as_str()), (allowed_at, ISSUES));
        let secret = tokens::find_current_secret(&mut world.reader(), minted.token).await;
        let secret = secret.expect("it is read").expect("it is there");
        assert_eq!(secret.first_used_at, Some(allowed_at));
    }

    async fn a_refusal_keeps_its_reason_and_sentence(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", "/repos/acme/web/contents").await;
        world.answer(secret, "GET", "/repos/acme/api/issues").await;
        let rows = records::list_refusals(&mut world.reader(), minted.token, 10).await.expect("it is read");
        let reasons: Vec<_> = rows.iter().map(|row| row.reason.as_str()).collect();
        assert_eq!(reasons, ["not_found", "missing_permission"], "the newest first");
        assert!(rows[1].message.contains("contents=read"), "{}", rows[1].message);
        assert!(!rows.iter().any(|row| row.message.contains(secret)), "no secret is written down");
    }

    async fn what_the_token_may_not_know_is_in_nobodys_log(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.answer(minted.secret.reveal(), "GET", "/repos/labs/probe/issues").await;
        let labs = world.organization("labs").await;
        let used = records::list_use(&mut world.reader(), minted.token, Some(labs), 0).await;
        assert!(used.expect("it is read").is_empty());
    }

    async fn a_malformed_or_unknown_string_is_recorded_for_nobody(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        let unknown = secret.replace("grantry", "other");
        for text in ["", "nonsense", &unknown, &secret[..secret.len() - 1]] {
            let answer = world.answer(text, "GET", ISSUES).await;
            assert_eq!(answer, Answer::Refused(Reason::BadCredentials), "{text}");
        }
        let groups = world.reader().query("SELECT COUNT(*) FROM decision_groups").number().await;
        assert_eq!(groups.expect("it is read"), 0);
    }
}
