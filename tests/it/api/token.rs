//! A token that looks at itself, and one that ends itself.

use grantry::actions::delete_token::delete_token;
use grantry::domain::token::{EndedReason, TokenState};
use grantry::store::{Db as _, tokens};
use serde_json::{Value, json};

use crate::world::{World, draft};

/// What `GET /token` says of one owner.
async fn at(world: &World, token: &str, owner: &str) -> Value {
    let answer = world.get(token, "/token").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let owners = answer.json()["owners"].clone();
    let owners = owners.as_array().expect("a list").clone();
    let mut owners = owners
        .into_iter()
        .filter(|at| at["owner"]["login"] == owner);
    owners
        .next()
        .unwrap_or_else(|| panic!("nothing is said of {owner}"))
}

on_every_database! {
    async fn a_token_says_what_it_is_and_never_its_secret(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("contents", "write");
        let minted = world.mint("ana", wish.days(7)).await;
        let answer = world.get(minted.secret.reveal(), "/token").await;
        let said = answer.json();
        assert_eq!((&said["id"], &said["name"], &said["kind"]), (&json!(minted.token.get()), &json!("ci"), &json!("fine_grained")));
        assert_eq!((&said["user"]["login"], &said["scopes"]), (&json!("ana"), &json!(null)));
        assert_eq!(said["expires_at"], "2026-10-08T12:00:00Z");
        assert_eq!(said["secret"], json!({"role": "current", "ends_at": null}));
        let text = String::from_utf8(answer.bytes).expect("it is JSON");
        let secret = minted.secret.reveal().rsplit('_').next().expect("it has parts").to_owned();
        assert!(!text.contains(&secret), "{text}");
        assert_eq!(world.get("", "/token").await.status, 404);
    }

    /// What is said is what a call would meet, from the first state of a grant to the last.
    async fn what_is_said_of_an_owner_is_what_calls_meet(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web", "api"]);
        let wish = wish.permission("contents", "write").permission("issues", "write").permission("members", "read");
        let minted = world.mint("ana", wish).await;
        let token = minted.secret.reveal();
        let waiting = at(world, token, "acme").await;
        assert_eq!((&waiting["state"], &waiting["reason"]), (&json!("pending"), &json!("pending")));
        assert_eq!((&waiting["effective"], &waiting["repositories"]), (&json!({}), &json!([])));
        assert!(waiting["message"].to_string().contains("waits for approval by acme"));
        world.approve("olga", &minted).await.expect("it waits");
        let active = at(world, token, "acme").await;
        assert_eq!((&active["state"], &active["reason"]), (&json!("active"), &json!(null)));
        assert_eq!(active["granted"]["repository"]["contents"], "write");
        assert_eq!(active["effective"], json!({"organization": {"members": "read"}}));
        // Ana reads at acme: what was approved beyond that does not count.
        let own = json!({"repository": {"metadata": "read", "contents": "read", "issues": "read"}});
        let shown = active["repositories"].as_array().expect("a list");
        let shown: Vec<_> = shown.iter().map(|item| (&item["full_name"], &item["effective"])).collect();
        assert_eq!(shown, [(&json!("acme/api"), &own), (&json!("acme/web"), &own)]);
        world.revoke("sam", &minted, "").await.expect("it works");
        let revoked = at(world, token, "acme").await;
        assert_eq!((&revoked["state"], &revoked["reason"]), (&json!("revoked"), &json!("revoked")));
    }

    async fn a_token_for_all_repositories_says_what_counts_at_each(world: &World) {
        let wish = draft("all").owner("acme").all().permission("contents", "write").permission("administration", "write");
        let mine = world.mint("olga", wish.clone()).await;
        let said = at(world, mine.secret.reveal(), "acme").await;
        assert_eq!(said["repository_selection"], "all");
        assert_eq!(said["effective"]["repository"], said["granted"]["repository"]);
        let theirs = world.mint("ben", wish).await;
        world.approve("olga", &theirs).await.expect("it waits");
        let said = at(world, theirs.secret.reveal(), "acme").await;
        assert_eq!(said["effective"]["repository"], json!({"metadata": "read", "contents": "read"}));
    }

    async fn a_life_that_an_owner_does_not_allow_is_said_with_its_limit(world: &World) {
        let wish = draft("long").owner("labs").selected(&["probe"]).permission("contents", "read");
        let minted = world.mint("ana", wish.days(60)).await;
        let said = at(world, minted.secret.reveal(), "labs").await;
        assert_eq!((&said["reason"], &said["repositories"][0]["effective"]["repository"]["contents"]), (&json!(null), &json!("read")));
        crate::api::refusals::limit(world, "labs", 30).await;
        let said = at(world, minted.secret.reveal(), "labs").await;
        assert_eq!((&said["reason"], &said["repositories"]), (&json!("policy_lifetime"), &json!([])));
        assert!(said["message"].to_string().contains("at most 30 days"), "{said}");
    }

    async fn an_outside_collaborator_sees_what_counts_at_the_repository(world: &World) {
        let wish = draft("out").owner("acme").selected(&["web"]).permission("contents", "write");
        let minted = world.mint("carl", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        let said = at(world, minted.secret.reveal(), "acme").await;
        assert_eq!(said["repositories"][0]["effective"]["repository"]["contents"], "write");
    }

    /// From the next call on, and written down as the token's own act.
    async fn a_token_ends_itself(world: &World) {
        let wish = draft("once").owner("acme").selected(&["web"]).permission("contents", "read");
        let minted = world.mint("ana", wish).await;
        let request = world.request(minted.token, "acme").await;
        assert!(request.is_some());
        let token = minted.secret.reveal();
        let ended = world.http("DELETE", "/token", token, None).await;
        assert_eq!((ended.status.as_u16(), ended.bytes.len()), (204, 0));
        for (method, path) in [("GET", "/token"), ("DELETE", "/token"), ("GET", "/user")] {
            let refused = world.http(method, path, token, None).await;
            assert_eq!(refused.refusal(), (401, "bad_credentials".to_owned()), "{method} {path}");
        }
        let found = tokens::find(&mut world.reader(), minted.token).await.expect("it is read").expect("it stays");
        assert_eq!((found.state, found.ended_reason), (TokenState::Ended, Some(EndedReason::Deleted)));
        assert_eq!(world.request(minted.token, "acme").await, None, "what waited is cancelled");
        let own = "SELECT COUNT(*) FROM audit_events WHERE action = 'personal_access_token.destroy' \
                   AND actor_kind = 'token' AND token_id = $1";
        let own = world.reader().query(own).bind(minted.token).number().await;
        assert_eq!(own.expect("events can be read"), 2, "one for ana, one for acme");
        assert_eq!(world.http("DELETE", "/token", "", None).await.status, 404);
    }

    async fn a_token_that_ended_meanwhile_cannot_end_again(world: &World) {
        let minted = world.mint("ana", draft("gone").owner("ana").all()).await;
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        assert!(delete_token(&world.context, &origin, ana, minted.token).await.expect("it works"));
        assert_eq!(world.http("DELETE", "/token", minted.secret.reveal(), None).await.status, 401);
    }
}
