//! How a token is presented, and what every answer carries.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use grantry::domain::token::{TokenKind, secret};
use grantry::store::tokens;

use super::client::{Answer, send};
use crate::world::World;

async fn with(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(format!("/api/v3{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&world.app, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_comes_as_bearer_token_or_password() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    let token = minted.secret.reveal();
    for value in [
        format!("Bearer {token}"),
        format!("token {token}"),
        format!("Basic {}", STANDARD.encode(format!("ana:{token}"))),
        format!(
            "Basic {}",
            STANDARD.encode(format!("{token}:x-oauth-basic"))
        ),
    ] {
        let answer = with(&world, "/user", &[("authorization", &value)]).await;
        assert_eq!(answer.json()["login"], "ana", "{value}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_be_read_in_two_ways_is_refused_and_cookies_are_not_read() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    let bearer = format!("Bearer {}", minted.secret.reveal());
    let good = ("authorization", bearer.as_str());
    assert_eq!(with(&world, "/user", &[good, good]).await.status, 400);
    assert_eq!(
        with(
            &world,
            "/user",
            &[good, ("x-http-method-override", "DELETE")]
        )
        .await
        .status,
        400
    );
    assert_eq!(
        with(&world, "/user?access_token=x", &[good]).await.status,
        400
    );
    let query = format!("/user?q={}", minted.secret.reveal());
    let refused = with(&world, &query, &[]).await;
    assert_eq!(refused.status, 400);
    assert!(!String::from_utf8_lossy(&refused.bytes).contains(minted.secret.reveal()));
    let cookie = format!("token={}", minted.secret.reveal());
    assert_eq!(
        with(&world, "/user", &[("cookie", &cookie)]).await.status,
        404
    );
    assert_eq!(
        with(&world, "/user", &[("authorization", "Digest x")])
            .await
            .status,
        401
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_carries_its_headers() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    for (path, status) in [
        ("/user", 200),
        ("/repos/acme/web/contents", 403),
        ("/repos/acme/nope", 404),
    ] {
        let answer = world.get(minted.secret.reveal(), path).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("x-github-media-type"),
            "github.v3; format=json"
        );
        assert_eq!(answer.header("x-github-request-id").len(), 16);
        assert_eq!(
            answer.header("github-authentication-token-expiration"),
            "2026-10-31 12:00:00 UTC"
        );
    }
    let patch = world
        .http(
            "PATCH",
            "/repos/acme/web/issues/1",
            minted.secret.reveal(),
            None,
        )
        .await;
    assert_eq!(
        patch.header("x-accepted-github-permissions"),
        "issues=write; pull_requests=write"
    );
    let anonymous = world.get("", "/orgs/acme").await;
    assert_eq!(anonymous.header("x-accepted-github-permissions"), "");
    assert_eq!(anonymous.header("x-github-request-id").len(), 16);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_condition_refuses_public_reads_too() {
    let world = World::memory().await;
    let wish = crate::world::draft("far")
        .owner("acme")
        .selected(&["web"])
        .permission("issues", "read");
    let minted = world.mint("ana", wish.only_address("192.0.2.0/24")).await;
    let refused = world.get(minted.secret.reveal(), "/repos/acme/site").await;
    assert_eq!(refused.refusal(), (403, "condition".to_owned()));
    world.stop().await;
}

/// A classic token of ana with these scopes, entered as an import of old tokens would.
async fn classic(world: &World, scopes: &[&str]) -> String {
    let (origin, user) = (world.person("ana").await, world.user("ana").await);
    let minted = secret::mint("grantry", TokenKind::Classic, None, &*world.context.entropy);
    let mut work = world
        .context
        .begin(&origin)
        .await
        .expect("a change can begin");
    let now = work.now();
    let new = tokens::NewToken {
        identifier: &minted.identifier,
        user,
        kind: TokenKind::Classic,
        name: "old",
        description: "",
        starts_at: now,
        expires_at: None,
        wants_rotation: false,
    };
    let token = tokens::insert(&mut work, &new)
        .await
        .expect("a token can be entered");
    let hash = minted.secret.hash();
    tokens::insert_secret(&mut work, token, hash, now)
        .await
        .expect("a secret can be entered");
    tokens::insert_scopes(&mut work, token, scopes)
        .await
        .expect("scopes can be entered");
    world.context.commit(work).await.expect("it is sound");
    minted.secret.reveal().to_owned()
}

on_every_database! {
    async fn a_classic_token_is_told_of_scopes(world: &World) {
        let token = classic(world, &["repo", "read:org"]).await;
        let issues = world.get(&token, "/repos/acme/web/issues").await;
        assert_eq!(issues.status, 200);
        assert_eq!(issues.header("x-oauth-scopes"), "repo, read:org");
        assert_eq!(issues.header("x-accepted-oauth-scopes"), "repo");
        assert_eq!(issues.header("x-accepted-github-permissions"), "");
        assert_eq!(issues.header("github-authentication-token-expiration"), "");
        assert_eq!(world.get(&token, "/user/orgs").await.each("login"), ["acme", "labs"]);
        let refused = world.get(&token, "/orgs/acme/personal-access-tokens").await;
        assert_eq!(refused.refusal(), (403, "missing_scope".to_owned()));
        assert!(refused.json()["message"].to_string().contains("use a fine-grained token"));
    }

    async fn a_classic_token_without_a_scope_sees_what_is_public(world: &World) {
        let token = classic(world, &[]).await;
        assert_eq!(world.get(&token, "/user").await.json()["login"], "ana");
        assert_eq!(world.get(&token, "/repos/acme/web/issues").await.refusal(), (404, "not_found".to_owned()));
        let opening = Some(serde_json::json!({"title": "No"}));
        let refused = world.http("POST", "/repos/acme/site/issues", &token, opening).await;
        assert_eq!(refused.refusal(), (403, "missing_scope".to_owned()));
        assert_eq!(refused.json()["scopes"], serde_json::json!(["repo", "public_repo"]));
        assert_eq!(world.get(&token, "/user/orgs").await.json(), serde_json::json!([]));
        let listed = world.get(&token, "/user/repos").await;
        assert_eq!(listed.each("full_name"), ["acme/site", "ana/dotfiles", "labs/notes"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_is_judged_as_get() {
    let world = World::memory().await;
    let minted = world.approved("issues", "read").await;
    for (path, status) in [
        ("/user", 200),
        ("/repos/acme/web/contents", 403),
        ("/repos/acme/nope", 404),
    ] {
        let answer = world.http("HEAD", path, minted.secret.reveal(), None).await;
        assert_eq!(answer.status, status, "{path}");
    }
    world.stop().await;
}
