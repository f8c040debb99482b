//! Anybody reports leaked secrets: the answer says nothing, the tokens end.

use std::time::Duration;

use grantry::domain::ids::TokenId;
use grantry::domain::token::{EndedReason, TokenState};
use grantry::store::{Db as _, tokens};
use serde_json::{Value, json};

use super::client::Answer;
use super::credentials::classic;
use crate::world::{World, draft};

async fn report(world: &World, secrets: &[&str]) -> Answer {
    let body = json!({ "credentials": secrets });
    world
        .http("POST", "/credentials/revoke", "", Some(body))
        .await
}

async fn ended(world: &World, token: TokenId) -> Option<EndedReason> {
    let found = tokens::find(&mut world.reader(), token).await;
    let found = found.expect("it is read").expect("it stays");
    (found.state == TokenState::Ended).then_some(found.ended_reason?)
}

/// Reports are worked off in their order: once this last one has ended its token, all before it are done.
async fn settle(world: &World) {
    let last = world.mint("gus", draft("last").owner("gus").all()).await;
    report(world, &[last.secret.reveal()]).await;
    for _ in 0..200 {
        if ended(world, last.token).await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("reports are not worked off");
}

on_every_database! {
    async fn a_leaked_secret_ends_its_token_and_tells_its_holder(world: &World) {
        let fine = world.approved("issues", "read").await;
        let (old, classic) = classic(world, "ben", &["repo"]).await;
        let nonsense = "grantry_pat_0000000000000000000000_000000000000000000000000000000000000000000";
        let answer = report(world, &[fine.secret.reveal(), &format!(" {classic}\n"), "ghp_x", nonsense]).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({})));
        settle(world).await;
        assert_eq!(world.get(fine.secret.reveal(), "/user").await.status, 401);
        for token in [fine.token, old] {
            assert_eq!(ended(world, token).await, Some(EndedReason::Leaked));
            let told = "SELECT COUNT(*) FROM outbox o JOIN audit_events e ON e.seq = o.event_seq \
                        WHERE e.action = 'personal_access_token.credential_revoked' AND e.token_id = $1";
            let told = world.reader().query(told).bind(token).number().await;
            assert_eq!(told.expect("notices can be read"), 1);
        }
    }

    async fn an_unknown_or_ended_secret_gets_the_same_answer_and_does_nothing(world: &World) {
        let live = world.mint("ana", draft("live").owner("ana").all()).await;
        let gone = world.mint("ana", draft("gone").owner("ana").all()).await;
        assert_eq!(world.http("DELETE", "/token", gone.secret.reveal(), None).await.status, 204);
        let known = report(world, &[gone.secret.reveal()]).await.without_id();
        assert_eq!(known, report(world, &["nothing of ours"]).await.without_id());
        settle(world).await;
        assert_eq!(ended(world, gone.token).await, Some(EndedReason::Deleted));
        assert_eq!(ended(world, live.token).await, None);
    }

    async fn a_secret_that_was_replaced_ends_nothing_and_one_that_overlaps_does(world: &World) {
        let wish = draft("ci").owner("ana").all().rotating();
        let minted = world.mint("ana", wish).await;
        let first = minted.secret.reveal();
        let rotate = async |secret: &str| {
            let made = world.http("POST", "/token/rotate", secret, None).await;
            assert_eq!(made.status, 201, "{made:?}");
            made.json()["token"].as_str().expect("a secret").to_owned()
        };
        let second = rotate(first).await;
        assert_eq!(world.get(&second, "/user").await.status, 200, "which retires the first");
        report(world, &[first]).await;
        settle(world).await;
        assert_eq!(ended(world, minted.token).await, None);
        rotate(&second).await;
        report(world, &[&second]).await;
        settle(world).await;
        assert_eq!(ended(world, minted.token).await, Some(EndedReason::Leaked));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_cannot_be_read_says_so_and_ends_nothing() {
    let world = World::memory().await;
    let minted = world.mint("ana", draft("ci").owner("ana").all()).await;
    let secret = minted.secret.reveal();
    let many = vec![secret; 1_001];
    let bodies = [
        json!({}),
        json!({"credentials": []}),
        json!({"credentials": secret}),
        json!({"credentials": [secret, 1]}),
        json!({"credentials": many}),
        json!([secret]),
        Value::Null,
    ];
    for body in bodies {
        let refused = world
            .http("POST", "/credentials/revoke", "", Some(body.clone()))
            .await;
        assert_eq!(refused.status, 422, "{body}");
        let message = refused.json()["message"].to_string();
        assert!(message.contains("credentials"), "{message}");
        assert!(!message.contains(secret), "{message}");
    }
    settle(&world).await;
    assert_eq!(ended(&world, minted.token).await, None);
    world.stop().await;
}
