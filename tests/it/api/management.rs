//! The management of requests and grants by an owner's token.

use grantry::domain::ids::TokenId;
use serde_json::{Value, json};

use super::client::Answer;
use crate::world::{World, draft};

pub const REQUESTS: &str = "/orgs/acme/personal-access-token-requests";
pub const GRANTS: &str = "/orgs/acme/personal-access-tokens";

/// A token of an owner that may see and decide.
pub async fn manager(world: &World, login: &str) -> String {
    let wish = draft("manager").owner("acme");
    let wish = wish.permission("organization_personal_access_token_requests", "write");
    let wish = wish.permission("organization_personal_access_tokens", "write");
    world.mint(login, wish).await.secret.reveal().to_owned()
}

/// A waiting request of ana for `acme/web`: its token, secret and id.
pub async fn waiting(world: &World, name: &str) -> (TokenId, String, i64) {
    let wish = draft(name)
        .owner("acme")
        .selected(&["web"])
        .permission("issues", "read")
        .because("for the release");
    let minted = world.mint("ana", wish).await;
    let id = world
        .request(minted.token, "acme")
        .await
        .expect("it waits")
        .get();
    (minted.token, minted.secret.reveal().to_owned(), id)
}

impl World {
    async fn decide_by_api(&self, manager: &str, id: i64, body: Value) -> Answer {
        self.http("POST", &format!("{REQUESTS}/{id}"), manager, Some(body))
            .await
    }
}

on_every_database! {
    async fn an_owner_lists_approves_and_revokes(world: &World) {
        let manager = manager(world, "olga").await;
        let (token, secret, id) = waiting(world, "ci").await;
        let listed = world.get(&manager, REQUESTS).await.json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
        let shown = &listed[0];
        assert_eq!((&shown["id"], &shown["token_id"]), (&json!(id), &json!(token.get())));
        assert_eq!((&shown["reason"], &shown["token_name"]), (&json!("for the release"), &json!("ci")));
        assert_eq!(shown["owner"]["login"], "ana");
        assert_eq!(shown["repository_selection"], "subset");
        assert_eq!(shown["permissions"], json!({"repository": {"issues": "read", "metadata": "read"}}));
        assert_eq!((&shown["token_expired"], &shown["token_last_used_at"]), (&json!(false), &json!(null)));
        assert_eq!(shown["token_expires_at"], "2026-10-31T12:00:00Z");
        let repositories = world.get(&manager, &format!("{REQUESTS}/{id}/repositories")).await;
        assert_eq!(repositories.each("full_name"), ["acme/web"]);

        let done = world.decide_by_api(&manager, id, json!({"action": "approve", "reason": "fine"})).await;
        assert_eq!((done.status.as_u16(), done.bytes.len()), (204, 0));
        assert_eq!(world.get(&manager, REQUESTS).await.json(), json!([]));
        assert_eq!(world.get(&secret, "/repos/acme/web/issues").await.status, 200);

        let grants = world.get(&manager, &format!("{GRANTS}?owner[]=ana")).await.json();
        assert_eq!((&grants[0]["token_id"], &grants[0]["access_granted_at"]), (&json!(token.get()), &json!("2026-10-01T12:00:00Z")));
        assert!(grants[0]["token_last_used_at"].is_string(), "{grants}");
        let pat = grants[0]["id"].as_i64().expect("an id");
        assert_eq!(world.get(&manager, &format!("{GRANTS}/{pat}/repositories")).await.each("name"), ["web"]);
        let path = format!("{GRANTS}/{pat}");
        let revoke = Some(json!({"action": "revoke"}));
        assert_eq!(world.http("POST", &path, &manager, revoke.clone()).await.status, 204);
        assert_eq!(world.get(&secret, "/repos/acme/web/issues").await.refusal(), (403, "revoked".to_owned()));
        let again = world.http("POST", &path, &manager, revoke).await;
        assert_eq!(again.status, 422);
        assert!(again.json()["message"].to_string().contains("revoked already"), "{:?}", again.json());
        assert_eq!(world.get(&manager, &format!("{GRANTS}/{pat}/repositories")).await.status, 404);
    }

    async fn the_second_decision_is_refused_with_what_happened(world: &World) {
        let (olga, sam) = (manager(world, "olga").await, manager(world, "sam").await);
        let (_, secret, id) = waiting(world, "ci").await;
        let denied = world.decide_by_api(&olga, id, json!({"action": "deny", "reason": "not now"})).await;
        assert_eq!(denied.status, 204);
        let late = world.decide_by_api(&sam, id, json!({"action": "approve"})).await;
        assert_eq!(late.status, 422);
        let message = late.json()["message"].to_string();
        assert!(message.contains("olga denied ana's request for ci") && message.contains("not now"), "{message}");
        assert_eq!(world.get(&secret, "/repos/acme/web/issues").await.refusal(), (403, "denied".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_an_action_changes_nothing() {
    let world = World::memory().await;
    let manager = manager(&world, "olga").await;
    let (_, _, id) = waiting(&world, "ci").await;
    for body in [
        json!({}),
        json!({"action": "maybe"}),
        json!({"action": 1}),
        json!({"action": "deny", "reason": "a".repeat(1_025)}),
    ] {
        assert_eq!(
            world.decide_by_api(&manager, id, body.clone()).await.status,
            422,
            "{body}"
        );
    }
    assert_eq!(
        world.get(&manager, REQUESTS).await.each("id"),
        [id.to_string()]
    );
    for odd in ["0", "-1", "x", "999"] {
        let path = format!("{REQUESTS}/{odd}");
        let missing = world
            .http("POST", &path, &manager, Some(json!({"action": "deny"})))
            .await;
        assert_eq!(missing.refusal(), (404, "not_found".to_owned()), "{odd}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_owner_with_the_permission_manages() {
    let world = World::memory().await;
    let (_, secret, id) = waiting(&world, "ci").await;
    let refused = world
        .decide_by_api(&secret, id, json!({"action": "approve"}))
        .await;
    assert!(
        refused.status == 403 || refused.status == 404,
        "{refused:?}"
    );
    let wish = draft("reader")
        .owner("acme")
        .permission("organization_personal_access_token_requests", "read");
    let reader = world.mint("olga", wish).await;
    let refused = world
        .decide_by_api(reader.secret.reveal(), id, json!({"action": "approve"}))
        .await;
    assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()));
    assert_eq!(
        world.get(reader.secret.reveal(), REQUESTS).await.each("id"),
        [id.to_string()]
    );
    assert_eq!(
        world.get(reader.secret.reveal(), GRANTS).await.refusal(),
        (403, "missing_permission".to_owned())
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_narrow_the_lists() {
    let world = World::memory().await;
    let manager = manager(&world, "olga").await;
    let (first, _, _) = waiting(&world, "one").await;
    let wish = draft("two")
        .owner("acme")
        .selected(&["api"])
        .permission("contents", "write");
    world.mint("ben", wish).await;
    let names = async |query: &str| {
        let answer = world.get(&manager, &format!("{REQUESTS}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {:?}", answer.json());
        answer.each("token_name")
    };
    assert_eq!(names("direction=asc").await, ["one", "two"]);
    assert_eq!(names("owner=ben").await, ["two"]);
    assert_eq!(
        names("owner[]=ben&owner[]=ana&direction=asc").await,
        ["one", "two"]
    );
    assert_eq!(names("repository=web").await, ["one"]);
    assert_eq!(names("repository=nope").await, [""; 0]);
    assert_eq!(names("permission=contents_write").await, ["two"]);
    assert_eq!(names(&format!("token_id={}", first.get())).await, ["one"]);
    assert_eq!(names("last_used_after=2026-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(names("per_page=1&page=2&direction=asc").await, ["two"]);
    for query in [
        "permission=contents",
        "token_id=x",
        "sort=name",
        "direction=up",
        "last_used_before=now",
    ] {
        let refused = world.get(&manager, &format!("{REQUESTS}?{query}")).await;
        assert_eq!(refused.status, 422, "{query}");
    }
    world.stop().await;
}

/// An owner's own request waits only where the owner was a member when it was made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_decides_on_their_own_request() {
    let world = World::memory().await;
    let (_, _, id) = waiting(&world, "ci").await;
    let origin = world.person("olga").await;
    let (acme, ana) = (world.organization("acme").await, world.user("ana").await);
    let mut work = world
        .context
        .begin(&origin)
        .await
        .expect("a change can begin");
    let (role, now) = (
        grantry::domain::access::rights::MemberRole::Owner,
        work.now(),
    );
    grantry::store::accounts::put_member(&mut work, acme, ana, role, now)
        .await
        .expect("a role can be given");
    work.changed(grantry::store::Change::Unknown);
    world.context.commit(work).await.expect("it is sound");
    let manager = manager(&world, "ana").await;
    for action in ["approve", "deny"] {
        let refused = world
            .decide_by_api(&manager, id, json!({"action": action}))
            .await;
        assert_eq!(refused.status, 403, "{action}");
        assert!(
            refused.json()["message"]
                .to_string()
                .contains("their own requests"),
            "{:?}",
            refused.json()
        );
    }
    assert_eq!(
        world.get(&manager, REQUESTS).await.each("id"),
        [id.to_string()]
    );
    world.stop().await;
}
