//! What waits for a person.

use axum::http::StatusCode;

use super::visitor::Visitor;
use crate::world::{World, draft};

on_every_database! {
    /// A new account sees what to do first.
    async fn a_new_account_sees_three_first_steps(world: &World) {
        let gus = Visitor::confirmed(world, "gus").await;
        let page = gus.get("/").await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["Three first steps", "/settings/personal-access-tokens/new", "You belong to no organization"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
    }

    /// An owner sees how many requests wait, and a member nothing of them.
    async fn an_owner_sees_what_waits_and_a_member_does_not(world: &World) {
        for user in ["ana", "ben"] {
            world.mint(user, draft("ci").owner("acme").selected(&["web"]).permission("issues", "read")).await;
            world.pass_days(2);
        }
        let page = Visitor::confirmed(world, "olga").await.get("/").await;
        assert!(page.has("2 requests at Acme") && page.has("4 days ago"), "{}", page.html);
        let page = Visitor::confirmed(world, "ana").await.get("/").await;
        assert!(!page.has("Requests to review"), "{}", page.html);
        assert!(page.has("Waits for an owner of acme"), "{}", page.html);
        assert!(page.has("/organizations/acme/settings/members/leave"), "their own place");
        assert!(!page.has("/organizations/acme/settings/personal"), "no link to pages that do not exist for a member");
    }

    /// Tokens that end soon, were denied or revoked are named with the reason.
    async fn my_tokens_that_need_a_look_are_named(world: &World) {
        let denied = world.mint("ana", draft("denied").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.deny("olga", &denied, "Use the bot account.").await.expect("it waits");
        let revoked = world.approved("issues", "read").await;
        world.revoke("sam", &revoked, "Too old.").await.expect("it works");
        world.mint("ana", draft("short").owner("ana").all().permission("issues", "read").days(7)).await;
        world.mint("ana", draft("quiet").owner("ana").all().permission("issues", "read").days(90)).await;
        let page = Visitor::confirmed(world, "ana").await.get("/").await;
        for text in ["Use the bot account.", "Too old.", ">short</a>", "in 7 days"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has(">quiet</a>"), "{}", page.html);
    }
}
