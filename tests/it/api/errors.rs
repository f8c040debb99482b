//! What cannot be read is refused with a reason that helps, and nothing happens.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::client::send;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_could_be_read_in_two_ways_is_refused() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    for path in [
        "/repos/acme/web//issues",
        "/repos/acme/web/../api",
        "/repos/acme%2Fweb/issues",
        "/user/",
        "/repos/acme/web/contents/a%2F..%2Fb",
    ] {
        for token in [minted.secret.reveal(), ""] {
            let refused = world.get(token, path).await;
            assert_eq!(refused.refusal(), (403, "bad_path".to_owned()), "{path}");
        }
        let unknown = world.get("x", path).await;
        assert_eq!(unknown.status, 401, "{path}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths_and_methods_are_not_found_in_json() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    for (method, path) in [
        ("GET", "/nope"),
        ("DELETE", "/user"),
        ("PUT", "/repos/acme/web"),
        ("GET", "/orgs"),
        ("BREW", "/user"),
    ] {
        let refused = world.http(method, path, minted.secret.reveal(), None).await;
        assert_eq!(
            refused.refusal(),
            (404, "not_found".to_owned()),
            "{method} {path}"
        );
        assert_eq!(refused.json()["message"], "Not Found");
        assert_eq!(refused.json()["status"], "404");
        assert_eq!(
            refused.json()["documentation_url"],
            "http://localhost:8080/api/v3"
        );
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_refused_at_the_field() {
    let world = World::memory().await;
    let minted = world.approved("issues", "write").await;
    let send_body = async |body: String| {
        let request = Request::post("/api/v3/repos/acme/web/issues")
            .header("authorization", format!("token {}", minted.secret.reveal()));
        send(
            &world.app,
            request.body(Body::from(body)).expect("a request"),
        )
        .await
    };
    for body in ["{", "\"text\"", "[]", "{\"title\":\"a\"} {}"] {
        assert_eq!(send_body(body.to_owned()).await.status, 400, "{body}");
    }
    let broken = send_body("{".to_owned()).await;
    assert_eq!(broken.json()["message"], "Problems parsing JSON");
    for (body, field, code) in [
        (json!({}), "title", "missing_field"),
        (json!({"title": ""}), "title", "missing_field"),
        (json!({"title": 3}), "title", "invalid"),
        (json!({"title": "a".repeat(257)}), "title", "invalid"),
        (
            json!({"title": "a", "body": "b".repeat(65_537)}),
            "body",
            "invalid",
        ),
    ] {
        let refused = send_body(body.to_string()).await;
        assert_eq!(refused.status, 422, "{field}");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["resource"], &error["field"], &error["code"]),
            (&json!("Issue"), &json!(field), &json!(code))
        );
        assert_eq!(refused.json()["message"], "Validation Failed");
    }
    assert_eq!(
        send_body(format!("{{\"title\":\"{}\"}}", "a".repeat(2_000_000)))
            .await
            .status,
        413
    );
    let issues = world
        .get(minted.secret.reveal(), "/repos/acme/web/issues?state=all")
        .await;
    assert_eq!(issues.json(), json!([]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_are_refused_at_the_name() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    for (query, field) in [
        ("state=odd", "state"),
        ("per_page=0", "per_page"),
        ("page=0", "page"),
        ("page=1&page=2", "page"),
        ("labels=bug", "labels"),
    ] {
        let path = format!("/repos/acme/web/issues?{query}");
        let refused = world.get(minted.secret.reveal(), &path).await;
        assert_eq!(refused.status, 422, "{query}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{query}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_limits_says_so() {
    let world = World::memory().await;
    let limits = world.get("", "/rate_limit").await;
    assert_eq!(limits.status, 404);
    assert_eq!(limits.json()["message"], "Rate limiting is not enabled.");
    world.stop().await;
}
