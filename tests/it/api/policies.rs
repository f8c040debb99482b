//! Policies by API: read with their version, previewed, saved; at an organization and at an enterprise.

use axum::body::Body;
use axum::http::Request;
use grantry::store::Db as _;
use serde_json::{Value, json};

use super::client::{Answer, send};
use crate::world::{World, draft};

const ACME: &str = "/orgs/acme/personal-access-token-policy";
const GLOBEX: &str = "/enterprises/globex/personal-access-token-policy";
const ISSUES: &str = "/repos/acme/web/issues";

async fn owner(world: &World) -> String {
    let wish = draft("policies").owner("acme");
    let wish = wish.permission("organization_administration", "write");
    world
        .mint("olga", wish.days(7))
        .await
        .secret
        .reveal()
        .to_owned()
}

async fn enterprise_owner(world: &World) -> String {
    let wish = draft("policies").owner("globex");
    let wish = wish.permission("enterprise_policies", "write");
    world
        .mint("eve", wish.days(7))
        .await
        .secret
        .reveal()
        .to_owned()
}

async fn put(world: &World, path: &str, token: &str, tag: &str, body: Value) -> Answer {
    let mut request =
        Request::put(format!("/api/v3{path}")).header("authorization", format!("Bearer {token}"));
    if !tag.is_empty() {
        request = request.header("if-match", tag);
    }
    let request = request.body(Body::from(body.to_string()));
    send(&world.app, request.expect("a request")).await
}

async fn count_versions(world: &World) -> i64 {
    let count = world
        .reader()
        .query("SELECT COUNT(*) FROM policies")
        .number()
        .await;
    count.expect("policies can be counted")
}

on_every_database! {
    async fn a_policy_is_read_previewed_and_saved_from_the_version_that_was_read(world: &World) {
        let owner = owner(world).await;
        let read = world.get(&owner, ACME).await;
        assert_eq!(read.status, 200, "{read:?}");
        let said = read.json();
        assert_eq!((&said["kind"], &said["ahead"]), (&json!("fine_grained"), &json!(null)));
        assert_eq!(said["effective"]["access"], json!({"value": "allow", "source": "default"}));
        assert_eq!(said["own"]["max_lifetime_days"], 366);
        let tag = read.header("etag").to_owned();
        let used = world.approved("issues", "read").await;
        assert_eq!(world.get(used.secret.reveal(), ISSUES).await.status, 200);

        let shorter = json!({"max_lifetime_days": 10});
        let seen = world.http("POST", &format!("{ACME}/preview"), &owner, Some(shorter)).await;
        assert_eq!(seen.status, 200, "{seen:?}");
        let seen = seen.json();
        assert_eq!(seen["blocked"], json!({"tokens": 1, "people": 1, "used_in_last_7_days": 1}));
        assert_eq!(seen["blocked_tokens"][0]["token_id"], used.token.get());
        assert_eq!(seen["blocked_tokens"][0]["reason"], "policy_lifetime");
        let before = count_versions(world).await;
        let blind = put(world, ACME, &owner, &tag, json!({"max_lifetime_days": 10})).await;
        assert_eq!(blind.status, 409);
        let other = put(world, ACME, &owner, &tag, json!({"max_lifetime_days": 9, "digest": seen["digest"]})).await;
        assert_eq!(other.status, 409, "a look at one change is no look at another");
        assert_eq!((count_versions(world).await, world.get(used.secret.reveal(), ISSUES).await.status.as_u16()), (before, 200));

        let saved = put(world, ACME, &owner, &tag, json!({"max_lifetime_days": 10, "digest": seen["digest"]})).await;
        assert_eq!(saved.status, 200, "{saved:?}");
        assert_eq!(saved.json()["effective"]["max_lifetime_days"], json!({"value": 10, "source": "organization"}));
        assert_ne!(saved.header("etag"), tag);
        assert_eq!(world.get(used.secret.reveal(), ISSUES).await.refusal(), (403, "policy_lifetime".to_owned()));
        let late = put(world, ACME, &owner, &tag, json!({"max_lifetime_days": "none"})).await;
        assert_eq!(late.status, 412);
        let back = put(world, ACME, &owner, saved.header("etag"), json!({"max_lifetime_days": "default"})).await;
        assert_eq!(back.status, 200, "{back:?}");
        assert_eq!(world.get(used.secret.reveal(), ISSUES).await.status, 200);
    }

    async fn each_kind_has_a_version_of_its_own(world: &World) {
        let owner = owner(world).await;
        let classic = world.get(&owner, &format!("{ACME}?kind=classic")).await;
        assert_eq!(classic.json()["own"], json!({"access": "allow", "max_lifetime_days": "none"}));
        let other = world.get(&owner, ACME).await.header("etag").to_owned();
        let refused = put(world, &format!("{ACME}?kind=classic"), &owner, &other, json!({"access": "restrict"})).await;
        assert_eq!(refused.status, 412);
        let approval = json!({"approval": "not_required"});
        let refused = put(world, &format!("{ACME}?kind=classic"), &owner, classic.header("etag"), approval).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("approval")));
    }

    async fn an_enterprise_sets_what_its_organizations_cannot_loosen(world: &World) {
        let (eve, olga) = (enterprise_owner(world).await, owner(world).await);
        let read = world.get(&eve, GLOBEX).await;
        assert_eq!(read.json()["own"], json!({
            "access": "delegate", "approval": "delegate", "max_lifetime_days": 366, "exempt_administrators": false,
        }));
        let tag = read.header("etag").to_owned();
        let risky = put(world, GLOBEX, &eve, &tag, json!({"max_lifetime_days": 30})).await;
        assert_eq!((risky.status.as_u16(), &risky.json()["errors"][0]["field"]), (422, &json!("accept_risk")));
        let body = json!({"max_lifetime_days": 30, "approval": "require", "accept_risk": true});
        let saved = put(world, GLOBEX, &eve, &tag, body).await;
        assert_eq!(saved.status, 200, "{saved:?}");
        let at_acme = world.get(&olga, ACME).await;
        assert_eq!(at_acme.json()["effective"]["max_lifetime_days"], json!({"value": 30, "source": "enterprise"}));
        for (body, field) in [
            (json!({"max_lifetime_days": 60}), "max_lifetime_days"),
            (json!({"approval": "not_required"}), "approval"),
        ] {
            let refused = put(world, ACME, &olga, at_acme.header("etag"), body).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!(field)));
        }
    }

    async fn a_policy_that_begins_later_is_shown_ahead(world: &World) {
        let owner = owner(world).await;
        let tag = world.get(&owner, ACME).await.header("etag").to_owned();
        let mut body = json!({"access": "restrict", "start": "2026-10-05"});
        let seen = world.http("POST", &format!("{ACME}/preview"), &owner, Some(body.clone())).await;
        body["digest"] = seen.json()["digest"].clone();
        let saved = put(world, ACME, &owner, &tag, body).await;
        assert_eq!(saved.status, 200, "{saved:?}");
        let said = saved.json();
        assert_eq!((&said["own"]["access"], &said["ahead"]["own"]["access"]), (&json!("allow"), &json!("restrict")));
        assert_eq!(said["ahead"]["effective_at"], "2026-10-05T00:00:00Z");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_cannot_be_read_is_refused_at_its_field_and_nothing_is_saved() {
    let world = World::memory().await;
    let (owner, before) = (owner(&world).await, count_versions(&world).await);
    let tag = world.get(&owner, ACME).await.header("etag").to_owned();
    for tag in ["", "*", "\"x\"", "\"fine_grained-99\"", "\"classic-0\""] {
        let refused = put(&world, ACME, &owner, tag, json!({"access": "restrict"})).await;
        let expected = if tag.is_empty() { 428 } else { 412 };
        assert_eq!(refused.status, expected, "{tag}");
    }
    for (body, field) in [
        (json!({"access": "delegate"}), "access"),
        (json!({"approval": "require"}), "approval"),
        (json!({"max_lifetime_days": 0}), "max_lifetime_days"),
        (json!({"max_lifetime_days": 367}), "max_lifetime_days"),
        (json!({"max_lifetime_days": "many"}), "max_lifetime_days"),
        (json!({"start": "yesterday"}), "start"),
        (json!({"start": "2026-10-01"}), "start"),
        (json!({"start": "2030-01-01"}), "start"),
        (json!({"digest": 1}), "digest"),
    ] {
        let refused = put(&world, ACME, &owner, &tag, body.clone()).await;
        assert_eq!(
            (
                refused.status.as_u16(),
                &refused.json()["errors"][0]["field"]
            ),
            (422, &json!(field)),
            "{body}"
        );
        let preview = world
            .http(
                "POST",
                &format!("{ACME}/preview"),
                &owner,
                Some(body.clone()),
            )
            .await;
        assert_eq!(preview.status, 422, "{body}");
    }
    assert_eq!(
        world.get(&owner, &format!("{ACME}?kind=odd")).await.status,
        422
    );
    assert_eq!(count_versions(&world).await, before);
    world.stop().await;
}
