//! The pages on which an organization's owners see what reaches it, and take it back.

use axum::http::StatusCode;
use grantry::domain::approval::GrantState;

use super::visitor::Visitor;
use crate::world::{World, draft};

const ACTIVE: &str = "/organizations/acme/settings/personal-access-tokens/active";

on_every_database! {
    /// The list tells whose tokens reach the organization.
    async fn the_list_tells_whose_tokens_reach_the_organization(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        assert!(olga.get(ACTIVE).await.has("No token reaches this organization"));
        world.approved("issues", "write").await;
        world.mint("olga", draft("mine").owner("acme").all().permission("contents", "read")).await;
        let page = olga.get(ACTIVE).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["2 tokens", ">approved</a>", "Issues: write", "acme/web", ">mine</a>", "All repositories", "Never"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
    }

    /// One grant shows what the token did here, and nothing of other owners.
    async fn a_grant_shows_nothing_of_other_owners(world: &World) {
        let both = draft("both").owner("acme").selected(&["web"]).permission("issues", "read")
            .owner("labs").selected(&["probe"]).permission("contents", "write");
        let minted = world.mint("ana", both).await;
        world.approve("olga", &minted).await.expect("it waits");
        world.call(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        world.call(minted.secret.reveal(), "GET", "/repos/labs/probe/contents/x").await;
        let id = world.grant(minted.token, "acme").await.id;
        let sam = Visitor::confirmed(world, "sam").await;
        let page = sam.get(&format!("{ACTIVE}/{id}")).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["both of ana", "Can read issues in acme/web.", "olga approved both", "An owner reviewed it"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        for hidden in ["labs", "Labs", "probe", "Contents: write"] {
            assert!(!page.has(hidden), "{hidden}: {}", page.html);
        }
        let elsewhere = world.grant(minted.token, "labs").await.id;
        assert_eq!(sam.get(&format!("{ACTIVE}/{elsewhere}")).await.status, StatusCode::NOT_FOUND);
    }

    /// Revoking ends the access with a reason that stays to be read.
    async fn revoking_ends_the_access_with_a_reason(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = format!("{ACTIVE}/{}", world.grant(minted.token, "acme").await.id);
        let olga = Visitor::confirmed(world, "olga").await;
        let done = olga.post(&format!("{path}/revoke"), &[("reason", "The project ended.")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, ACTIVE));
        let grant = world.grant(minted.token, "acme").await;
        assert_eq!((grant.state, grant.reason.as_str()), (GrantState::Revoked, "The project ended."));
        let page = olga.get(&path).await;
        assert!(page.has("The project ended.") && page.has("olga revoked approved"), "{}", page.html);
        assert!(!page.has("Revoke access</button>"), "nothing is left to revoke");
        assert!(olga.get(ACTIVE).await.has("No token reaches this organization"));
    }

    /// Whoever is second reads who was first.
    async fn a_second_revocation_says_who_was_first(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = format!("{ACTIVE}/{}", world.grant(minted.token, "acme").await.id);
        world.revoke("sam", &minted, "Too old.").await.expect("it works");
        let before = world.grant(minted.token, "acme").await;
        let olga = Visitor::confirmed(world, "olga").await;
        let late = olga.post(&format!("{path}/revoke"), &[("reason", "Mine.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("This access was revoked already"), "{}", late.html);
        assert!(late.has("sam revoked") && late.has("Too old."), "{}", late.html);
        assert_eq!(world.grant(minted.token, "acme").await, before);
    }

    /// A reason that is too long returns to its field, and an old sign-in is asked first.
    async fn mistakes_and_confirmations_keep_what_was_typed(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = format!("{ACTIVE}/{}", world.grant(minted.token, "acme").await.id);
        let olga = Visitor::signed_in(world, "olga").await;
        let long = "a".repeat(1_025);
        let page = olga.post(&format!("{path}/revoke"), &[("reason", &long)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&long) && page.has("1024 fit"), "{}", page.html);
        let sent = olga.post(&format!("{path}/revoke"), &[("reason", "Over.")]).await;
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        let page = olga.get(&format!("{path}?{draft}")).await;
        assert!(page.has("Over."), "{}", page.html);
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
    }

    /// For everybody else, and for what never worked, the pages do not exist.
    async fn for_others_the_pages_do_not_exist(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = format!("{ACTIVE}/{}", world.grant(minted.token, "acme").await.id);
        for login in ["ana", "carl", "gus", "eve"] {
            let other = Visitor::confirmed(world, login).await;
            for path in [ACTIVE, &path, "/organizations/acme/settings/personal-access-tokens"] {
                assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            let sent = other.post(&format!("{path}/revoke"), &[("reason", "")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
        }
        let waits = world.mint("ben", draft("ci").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        let never = world.grant(waits.token, "acme").await.id;
        let olga = Visitor::confirmed(world, "olga").await;
        assert_eq!(olga.get(&format!("{ACTIVE}/{never}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
    }
}
