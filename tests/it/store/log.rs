//! The audit log's chain, the change feed and the notices: written with the change, last.

use grantry::domain::audit::{Action, Event};
use grantry::store::{Change, Db as _, changes};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::World;

type Row = (
    i64,
    i64,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Vec<u8>,
);

/// Recomputes the chain from what the rows say.
fn verify(rows: &[Row]) -> bool {
    let mut before: Vec<u8> = Vec::new();
    (1..).zip(rows).all(|(expected, row)| {
        let data: Value = serde_json::from_str(&row.13).expect("data is JSON");
        let line = json!([
            row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10, row.11,
            row.12, data
        ]);
        let digest = Sha256::new()
            .chain_update(&before)
            .chain_update(line.to_string());
        before = digest.finalize().to_vec();
        before == row.14 && row.0 == expected
    })
}

async fn events(world: &World) -> Vec<Row> {
    let read = "SELECT seq, at, action, actor_kind, actor_id, user_id, owner_id, enterprise_id, token_id, \
                repository_id, address, user_agent, request_id, data, hash FROM audit_events ORDER BY seq";
    world
        .reader()
        .query(read)
        .all()
        .await
        .expect("the log can be read")
}

on_every_database! {
    async fn every_event_is_chained_to_the_one_before(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.revoke("sam", &minted, "gone \u{2713}").await.expect("it works");
        let mut rows = events(world).await;
        assert!(rows.len() >= 4, "created, requested, granted, revoked");
        assert!(verify(&rows));
        r#"{"reason":"another"}"#.clone_into(&mut rows[1].13);
        assert!(!verify(&rows), "a change of a row shows");
        let mut rows = events(world).await;
        rows.remove(1);
        assert!(!verify(&rows), "a gap shows");
    }

    async fn what_is_not_committed_leaves_nothing(world: &World) {
        let (before, origin) = (events(world).await.len(), world.person("ana").await);
        let start = changes::head(&mut world.reader()).await.expect("it is read");
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        work.audit(Event::new(Action::UserUpdate));
        work.changed(Change::Unknown);
        drop(work);
        assert_eq!(events(world).await.len(), before);
        assert_eq!(changes::head(&mut world.reader()).await.expect("it is read"), start);
    }

    async fn the_feed_tells_each_change_once_in_the_order_of_commits(world: &World) {
        let start = changes::head(&mut world.reader()).await.expect("it is read");
        let minted = world.approved("issues", "read").await;
        let (heard, last) = changes::after(&mut world.reader(), start).await.expect("it is read");
        assert_eq!(heard, [Change::Token(minted.token), Change::Token(minted.token)], "made, approved");
        assert_eq!(last, start + 2);
        let (heard, same) = changes::after(&mut world.reader(), last).await.expect("it is read");
        assert_eq!((heard.len(), same), (0, last));
    }

    async fn the_reviewers_and_then_the_requester_are_told(world: &World) {
        world.approved("issues", "read").await;
        let read = "SELECT recipient FROM outbox ORDER BY event_seq, recipient";
        let rows: Vec<(i64,)> = world.reader().query(read).all().await.expect("it is read");
        let told: Vec<_> = rows.into_iter().map(|row| row.0).collect();
        let (olga, sam, ana) = (world.user("olga").await, world.user("sam").await, world.user("ana").await);
        assert_eq!(told, [olga.get(), sam.get(), ana.get()]);
    }
}
