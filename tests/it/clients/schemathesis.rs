//! Schemathesis reads the description and tries it, in several roles: no failure of the server, no status and no shape that
//! is not described, no bad input that is taken. Bounded by examples, so that it ends in time on two cores.

use super::{Serving, installed, run};
use crate::world::{World, draft};

/// What it looks at. Whether good input is taken cannot be told from a schema: most names lead to nothing.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,negative_data_rejection";

async fn find_nothing(token: Option<&str>, serving: &Serving, without: &str) {
    let description = format!("{}/api/openapi.json", serving.origin);
    let base = format!("{}/api/v3", serving.origin);
    let header = token.map(|token| format!("Authorization: Bearer {token}"));
    let mut arguments = vec![
        "run",
        &description,
        "--url",
        &base,
        "--checks",
        CHECKS,
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        "8",
        "--max-failures",
        "20",
        "--workers",
        "2",
        "--seed",
        "1",
        "--generation-database",
        "none",
        "--no-color",
        "--no-shrink",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
    ];
    if let Some(header) = &header {
        arguments.extend(["--header", header]);
    }
    if !without.is_empty() {
        arguments.extend(["--exclude-operation-id-regex", without]);
    }
    run(&installed("schemathesis"), &arguments, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_nothing_wrong_as_a_stranger() {
    let world = World::sqlite().await;
    let serving = Serving::start(&world, None).await;
    find_nothing(None, &serving, "").await;
    drop(serving);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_nothing_wrong_as_a_member() {
    let world = World::sqlite().await;
    world.with_git("acme/web").await;
    let wish = draft("member").owner("acme").all();
    let wish = wish
        .permission("issues", "write")
        .permission("contents", "read");
    let minted = world.mint("ana", wish).await;
    world.approve("olga", &minted).await.expect("it waits");
    let serving = Serving::start(&world, None).await;
    // A token that ends itself has nothing more to try.
    find_nothing(Some(minted.secret.reveal()), &serving, "^delete-token$").await;
    drop(serving);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_nothing_wrong_as_an_owner() {
    let world = World::postgres().await;
    world.with_git("acme/web").await;
    let mut wish = draft("owner").owner("acme").all();
    for slug in [
        "organization_personal_access_token_requests",
        "organization_personal_access_tokens",
        "organization_administration",
        "issues",
        "contents",
        "administration",
        "members",
    ] {
        wish = wish.permission(slug, if slug == "members" { "read" } else { "write" });
    }
    let token = world.mint("olga", wish).await;
    let serving = Serving::start(&world, None).await;
    // What takes its own access away leaves nothing to try; the other roles try it.
    let without = "^delete-token$|credential-authorizations-revoke|credential-authorizations-username-revoke$";
    find_nothing(Some(token.secret.reveal()), &serving, without).await;
    drop(serving);
    world.stop().await;
}
