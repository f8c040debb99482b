//! Calls that are too many.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use grantry::api::limits::Limiter;
use grantry::app::App;
use grantry::domain::rate::Rates;
use serde_json::json;

use super::client::{Answer, send};
use crate::world::{World, draft};

/// The world's server with limits.
fn limited(world: &World, user: u32, stranger: u32) -> App {
    let rates = Rates {
        user: Some(user),
        stranger: Some(stranger),
    };
    App {
        limiter: Arc::new(Limiter::new(rates)),
        ..world.app.clone()
    }
}

async fn get(app: &App, token: &str, path: &str) -> Answer {
    let mut request = Request::get(format!("/api/v3{path}"));
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    send(app, request.body(Body::empty()).expect("a request")).await
}

/// How an answer says its caller stands: limit, used, remaining.
fn standing(answer: &Answer) -> [&str; 3] {
    ["limit", "used", "remaining"].map(|name| answer.header(&format!("x-ratelimit-{name}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_users_tokens_share_a_limit_and_the_next_hour_begins_anew() {
    let world = World::memory().await;
    let app = limited(&world, 3, 60);
    let one = world.mint("ana", draft("one").owner("ana").all()).await;
    let two = world.mint("ana", draft("two").owner("ana").all()).await;
    let (one, two) = (one.secret.reveal(), two.secret.reveal());
    let first = get(&app, one, "/user").await;
    assert_eq!(
        (first.status.as_u16(), standing(&first)),
        (200, ["3", "1", "2"])
    );
    assert_eq!(first.header("x-ratelimit-resource"), "core");
    assert_eq!(first.header("x-ratelimit-reset"), "1790859600");
    assert_eq!(standing(&get(&app, two, "/nowhere").await), ["3", "2", "1"]);
    assert_eq!(standing(&get(&app, two, "/user").await), ["3", "3", "0"]);
    world.pass_seconds(600);
    let refused = get(&app, one, "/user").await;
    assert_eq!(
        (refused.status.as_u16(), standing(&refused)),
        (429, ["3", "3", "0"])
    );
    assert_eq!(refused.header("retry-after"), "3000");
    let message = refused.json()["message"].to_string();
    assert!(
        message.contains("API rate limit exceeded for ana: 3 calls an hour"),
        "{message}"
    );
    let olga = world.mint("olga", draft("own").owner("olga").all()).await;
    assert_eq!(get(&app, olga.secret.reveal(), "/user").await.status, 200);
    world.pass_seconds(3_000);
    assert_eq!(standing(&get(&app, one, "/user").await), ["3", "1", "2"]);
    drop(app);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_how_one_stands_does_not_count_and_is_never_refused() {
    let world = World::memory().await;
    let app = limited(&world, 1, 1);
    let minted = world.mint("ana", draft("one").owner("ana").all()).await;
    let token = minted.secret.reveal();
    for used in [0, 1] {
        for _ in 0..2 {
            let answer = get(&app, token, "/rate_limit").await;
            let core =
                json!({"limit": 1, "used": used, "remaining": 1 - used, "reset": 1_790_859_600});
            assert_eq!(
                answer.json(),
                json!({"resources": {"core": core}, "rate": core})
            );
        }
        get(&app, token, "/user").await;
    }
    drop(app);
    world.stop().await;
}

/// What is refused counts too, and a bad secret counts for the address that tries it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_counted_by_their_address() {
    let world = World::memory().await;
    let app = limited(&world, 60, 4);
    for (token, path, status) in [
        ("", "/meta", 200),
        ("", "/repos/acme/web", 404),
        ("grantry_pat_x", "/user", 401),
        ("", "/meta?access_token=x", 400),
        ("", "/meta", 429),
        ("grantry_pat_x", "/user", 429),
    ] {
        let answer = get(&app, token, path).await;
        assert_eq!(answer.status, status, "{token} {path}");
        assert_eq!(answer.header("x-ratelimit-limit"), "4", "{token} {path}");
    }
    let minted = world.mint("ana", draft("one").owner("ana").all()).await;
    assert_eq!(get(&app, minted.secret.reveal(), "/user").await.status, 200);
    drop(app);
    world.stop().await;
}
