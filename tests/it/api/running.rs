//! What changes while a server runs counts at once there, and within a second in any other.

use std::time::{Duration, Instant};

use super::client::send;
use crate::world::{World, draft};

const ISSUES: &str = "/repos/acme/web/issues";

on_every_database! {
    async fn a_revocation_counts_from_the_next_call_on(world: &World) {
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        assert_eq!(world.get(token, ISSUES).await.status, 200);
        world.revoke("olga", &minted, "").await.expect("it works");
        assert_eq!(world.get(token, ISSUES).await.refusal(), (403, "revoked".to_owned()));
        assert_eq!(world.get(token, "/repos/acme/site").await.status, 200);
    }

    /// A role that is lost takes what a token could do with it.
    async fn losing_a_role_counts_at_the_next_call(world: &World) {
        let wish = draft("mine").owner("acme").all().permission("issues", "read");
        let minted = world.mint("olga", wish).await;
        let token = minted.secret.reveal();
        let listed = async || world.get(token, "/orgs/acme/repos?sort=full_name").await.each("name");
        assert_eq!(listed().await, ["api", "handbook", "site", "web"]);
        let (origin, acme, olga) = (
            world.person("sam").await,
            world.organization("acme").await,
            world.user("olga").await,
        );
        let mut work = world.context.begin(&origin).await.expect("a change can begin");
        grantry::store::accounts::remove_member(&mut work, acme, olga).await.expect("a role can be taken");
        work.changed(grantry::store::Change::Unknown);
        world.context.commit(work).await.expect("it is sound");
        assert_eq!(world.get(token, ISSUES).await.refusal(), (404, "not_found".to_owned()));
        // Olga owns `labs`, of the same enterprise; her grant at acme names all, and her own rights end at internal.
        assert_eq!(listed().await, ["handbook", "site"]);
    }
}

on_shared_databases! {
    async fn another_server_hears_of_a_revocation_within_a_second(world: &World) {
        let minted = world.approved("issues", "read").await;
        let other = world.second_process().await;
        let ask = async || {
            let request = axum::http::Request::get(format!("/api/v3{ISSUES}"))
                .header("authorization", format!("Bearer {}", minted.secret.reveal()));
            send(&other.app, request.body(axum::body::Body::empty()).expect("a request")).await.status
        };
        assert_eq!(ask().await, 200);
        world.revoke("olga", &minted, "").await.expect("it works");
        let since = Instant::now();
        while ask().await == 200 {
            assert!(since.elapsed() < Duration::from_secs(2), "the other server goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        other.stop().await;
    }
}
