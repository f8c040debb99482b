//! What of a path two readers could take differently is refused at a door, and never repaired.

use super::{ask, ask_with, believing, guard, wish};
use crate::world::{World, draft};

/// The token may read everything at acme, so that only the path can be what is wrong.
async fn reader(world: &World) -> String {
    let wish = draft("reader").owner("acme").all();
    let wish = wish
        .permission("issues", "read")
        .permission("contents", "read");
    let minted = world.mint("olga", wish).await;
    minted.secret.reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_could_be_read_in_two_ways_is_never_let_through() {
    let world = World::memory().await;
    guard(&world, wish("edge")).await;
    let app = believing(&world);
    let token = reader(&world).await;
    assert_eq!(
        ask(&app, &token, "GET", "/repos/acme/web/issues")
            .await
            .status,
        200
    );
    for target in [
        "/repos/acme/web/../web/issues",
        "/repos/acme/web/%2e%2e/web/issues",
        "/repos/acme/web/.%2E/web/issues",
        "/repos/acme/./web/issues",
        "/repos/acme/%2e/web/issues",
        "/repos//acme/web/issues",
        "//repos/acme/web/issues",
        "/repos/acme/web/issues/",
        "/repos/acme%2Fweb/issues",
        "/repos/acme/web%2fissues",
        "/repos/acme/web;x=1/issues",
        "/repos/acme/web/issues;x",
        "/repos/acme/web%3Bx/issues",
        "/repos/acme/..;/web/issues",
        "/repos/acme/we%2562/issues",
        "/repos/acme/web%00/issues",
        "/repos/acme/web%0a/issues",
        "/repos/acme/web%7f/issues",
        "/repos/acme/web%/issues",
        "/repos/acme/web%zz/issues",
        "/repos/acme/web%ff/issues",
        "/repos\\acme\\web\\issues",
        "/repos/acme%5Cweb/issues",
        "/repos/acme/web/issues#top",
        "/repos/acme/web/issues?a#b",
        "http://api.example.test/repos/acme/web/issues",
        "repos/acme/web/issues",
        "*",
        "?/repos/acme/web/issues",
        "/repos/acme/web/contents/..%2Fapi%2FREADME.md",
        "/repos/acme/web/contents/a%2F%2Fb",
        "/acme/web.git/../info/refs?service=git-upload-pack",
        "/acme%2Fweb.git/x/info/refs?service=git-upload-pack",
    ] {
        let answer = ask(&app, &token, "GET", target).await;
        assert_eq!(answer.verdict(), (403, "bad_path".to_owned()), "{target}");
    }
    drop(app);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_that_holds_a_path_may_be_encoded_once() {
    let world = World::memory().await;
    guard(&world, wish("edge")).await;
    let app = believing(&world);
    let token = reader(&world).await;
    for target in [
        "/repos/acme/web/contents/docs%2Fa.md",
        "/repos/acme/web/contents/docs/a.md?ref=main",
        "/repos/acme/web/contents/a%20b",
        "/repos/acme/web/issues?q=/../%2e%2e//",
    ] {
        let answer = ask(&app, &token, "GET", target).await;
        assert_eq!(answer.verdict(), (200, String::new()), "{target}");
    }
    drop(app);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn method_overrides_and_tokens_in_the_query_are_refused() {
    let world = World::memory().await;
    guard(&world, wish("edge")).await;
    let app = believing(&world);
    let token = reader(&world).await;
    let issues = "/repos/acme/web/issues";
    let refused = (403, "bad_request".to_owned());
    for query in [
        "_method=DELETE",
        "a=b&_method=put",
        "access_token=x",
        &format!("q={token}"),
        "%5Fmethod=DELETE",
    ] {
        let answer = ask(&app, &token, "GET", &format!("{issues}?{query}")).await;
        assert_eq!(answer.verdict(), refused, "{query}");
    }
    let bearer = format!("Bearer {token}");
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let headers = [
            ("x-original-method", "GET"),
            ("x-original-uri", issues),
            ("x-original-host", "api.example.test"),
            ("authorization", &bearer),
            (name, "DELETE"),
        ];
        assert_eq!(
            ask_with(&app, "edge", &headers).await.verdict(),
            refused,
            "{name}"
        );
    }
    let cookie = [
        ("x-original-method", "GET"),
        ("x-original-uri", issues),
        ("x-original-host", "api.example.test"),
        ("cookie", bearer.as_str()),
    ];
    assert_eq!(
        ask_with(&app, "edge", &cookie).await.status,
        401,
        "a cookie is not read"
    );
    drop(app);
    world.stop().await;
}
