//! Many requests or grants at once by API: all of them, or none and everything that stands against it.

use serde_json::{Value, json};

use super::client::Answer;
use super::management::{GRANTS, REQUESTS, manager, waiting};
use crate::world::World;

async fn post(world: &World, path: &str, token: &str, body: Value) -> Answer {
    world.http("POST", path, token, Some(body)).await
}

/// What a refusal of many says of each: the id and the sentence.
fn obstacles(answer: &Answer) -> Vec<(i64, String)> {
    assert_eq!(answer.status, 422, "{answer:?}");
    let errors = answer.json()["errors"].as_array().cloned();
    let each = errors.unwrap_or_default().into_iter().map(|error| {
        let text = error["message"].as_str().unwrap_or_default().to_owned();
        (error["value"].as_i64().unwrap_or_default(), text)
    });
    each.collect()
}

on_every_database! {
    async fn many_requests_are_approved_or_denied_together(world: &World) {
        let manager = manager(world, "olga").await;
        let (one, two, three) = (waiting(world, "one").await, waiting(world, "two").await, waiting(world, "three").await);
        let ids = json!([one.2, two.2, two.2]);
        let done = post(world, REQUESTS, &manager, json!({"action": "approve", "pat_request_ids": ids})).await;
        assert_eq!((done.status.as_u16(), done.json()), (202, json!({})));
        for token in [&one.1, &two.1] {
            assert_eq!(world.get(token, "/repos/acme/web/issues").await.status, 200);
        }
        let denial = json!({"action": "deny", "pat_request_ids": [three.2], "reason": "not now"});
        assert_eq!(post(world, REQUESTS, &manager, denial).await.status, 202);
        assert_eq!(world.get(&three.1, "/repos/acme/web/issues").await.refusal(), (403, "denied".to_owned()));
        assert_eq!(world.get(&manager, REQUESTS).await.json(), json!([]));
    }

    async fn one_that_cannot_be_decided_stands_against_all_and_is_named(world: &World) {
        let manager = manager(world, "olga").await;
        let (one, two) = (waiting(world, "one").await, waiting(world, "two").await);
        let denial = json!({"action": "deny", "pat_request_ids": [two.2], "reason": "no"});
        assert_eq!(post(world, REQUESTS, &manager, denial).await.status, 202);
        let ids = json!([one.2, two.2, 999_999]);
        for action in ["approve", "deny"] {
            let refused = post(world, REQUESTS, &manager, json!({"action": action, "pat_request_ids": ids})).await;
            let told = obstacles(&refused);
            assert_eq!(told.iter().map(|one| one.0).collect::<Vec<_>>(), [two.2, 999_999], "{action}");
            assert!(told[0].1.contains("olga denied ana's request for two"), "{told:?}");
            assert_eq!(told[1].1, "There is no such one here.");
            assert_eq!(world.get(&manager, REQUESTS).await.each("id"), [one.2.to_string()], "{action}");
        }
    }

    async fn many_grants_are_revoked_together_or_not_at_all(world: &World) {
        let manager = manager(world, "olga").await;
        let (one, two) = (waiting(world, "one").await, waiting(world, "two").await);
        let approval = json!({"action": "approve", "pat_request_ids": [one.2, two.2]});
        assert_eq!(post(world, REQUESTS, &manager, approval).await.status, 202);
        let mut ids: Vec<i64> = Vec::new();
        for token in [one.0, two.0] {
            ids.push(world.grant(token, "acme").await.id.get());
        }
        let refused = post(world, GRANTS, &manager, json!({"action": "revoke", "pat_ids": [ids[0], 0]})).await;
        assert_eq!(obstacles(&refused).iter().map(|one| one.0).collect::<Vec<_>>(), [0]);
        assert_eq!(world.get(&one.1, "/repos/acme/web/issues").await.status, 200);
        let done = post(world, GRANTS, &manager, json!({"action": "revoke", "pat_ids": ids, "reason": "rotation"})).await;
        assert_eq!((done.status.as_u16(), done.json()), (202, json!({})));
        for token in [&one.1, &two.1] {
            assert_eq!(world.get(token, "/repos/acme/web/issues").await.refusal(), (403, "revoked".to_owned()));
        }
        let again = post(world, GRANTS, &manager, json!({"action": "revoke", "pat_ids": ids})).await;
        assert_eq!(obstacles(&again).len(), 2);
    }

    async fn the_use_of_a_token_is_told_day_by_day_of_this_organization_alone(world: &World) {
        let manager = manager(world, "olga").await;
        let minted = world.approved("issues", "read").await;
        let (token, grant) = (minted.secret.reveal(), world.grant(minted.token, "acme").await.id);
        for path in ["/repos/acme/web/issues", "/repos/acme/web/contents", "/repos/labs/notes/issues"] {
            world.get(token, path).await;
        }
        let answer = world.get(&manager, &format!("{GRANTS}/{grant}/usage")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let said = answer.json();
        assert_eq!((&said["token_id"], &said["since"]), (&json!(minted.token.get()), &json!("2026-09-02")));
        assert_eq!(said["last_used_at"], "2026-10-01T12:00:00Z");
        assert_eq!(said["days"], json!([
            {"date": "2026-10-01", "permission": "contents:read", "allowed": 0, "refused": 1},
            {"date": "2026-10-01", "permission": "issues:read", "allowed": 1, "refused": 0},
        ]));
        let one_day = world.get(&manager, &format!("{GRANTS}/{grant}/usage?days=1")).await;
        assert_eq!(one_day.json()["since"], "2026-10-01");
        for days in ["0", "367", "x"] {
            let refused = world.get(&manager, &format!("{GRANTS}/{grant}/usage?days={days}")).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("days")));
        }
        assert_eq!(world.get(&manager, &format!("{GRANTS}/999/usage")).await.refusal(), (404, "not_found".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_call_that_cannot_be_read_names_its_field_and_changes_nothing() {
    let world = World::memory().await;
    let manager = manager(&world, "olga").await;
    let (_, _, id) = waiting(&world, "ci").await;
    let many: Vec<i64> = (1..=101).collect();
    let table = [
        (json!({"pat_request_ids": [id]}), "action"),
        (
            json!({"action": "revoke", "pat_request_ids": [id]}),
            "action",
        ),
        (json!({"action": "deny"}), "pat_request_ids"),
        (
            json!({"action": "deny", "pat_request_ids": []}),
            "pat_request_ids",
        ),
        (
            json!({"action": "deny", "pat_request_ids": id}),
            "pat_request_ids",
        ),
        (
            json!({"action": "deny", "pat_request_ids": [id, "x"]}),
            "pat_request_ids",
        ),
        (
            json!({"action": "deny", "pat_request_ids": [1.5]}),
            "pat_request_ids",
        ),
        (
            json!({"action": "deny", "pat_request_ids": many}),
            "pat_request_ids",
        ),
        (
            json!({"action": "deny", "pat_request_ids": [id], "reason": "a".repeat(1_025)}),
            "reason",
        ),
        (
            json!({"action": "deny", "pat_request_ids": [id], "reason": 1}),
            "reason",
        ),
    ];
    for (body, field) in table {
        let refused = post(&world, REQUESTS, &manager, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
    for body in [
        json!({"pat_ids": [1]}),
        json!({"action": "revoke", "pat_ids": ["1"]}),
    ] {
        let refused = post(&world, GRANTS, &manager, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}");
    }
    assert_eq!(
        world.get(&manager, REQUESTS).await.each("id"),
        [id.to_string()]
    );
    world.stop().await;
}
