//! Issues, from the first to the last state.

use serde_json::json;

use crate::world::{World, draft};

on_every_database! {
    async fn an_issue_is_opened_changed_closed_and_opened_again(world: &World) {
        let wish = draft("issues").owner("acme").selected(&["web"]).permission("issues", "write");
        let minted = world.mint("olga", wish).await;
        let token = minted.secret.reveal();
        let base = "/repos/acme/web/issues";
        let opened = world.http("POST", base, token, Some(json!({"title": " One ", "body": "text"}))).await;
        assert_eq!(opened.status, 201);
        assert_eq!(opened.header("location"), "http://localhost:8080/api/v3/repos/acme/web/issues/1");
        let issue = opened.json();
        assert_eq!((&issue["number"], &issue["title"], &issue["state"]), (&json!(1), &json!("One"), &json!("open")));
        assert_eq!((&issue["user"]["login"], &issue["author_association"]), (&json!("olga"), &json!("MEMBER")));
        world.http("POST", base, token, Some(json!({"title": "Two"}))).await;
        assert_eq!(world.get(token, base).await.each("number"), ["2", "1"]);

        let one = format!("{base}/1");
        let closed = world.http("PATCH", &one, token, Some(json!({"state": "closed", "body": null}))).await;
        assert_eq!(closed.status, 200);
        let issue = closed.json();
        assert_eq!((&issue["state"], &issue["body"], &issue["title"]), (&json!("closed"), &json!(null), &json!("One")));
        assert!(issue["closed_at"].is_string());
        assert_eq!(world.get(token, base).await.each("number"), ["2"]);
        assert_eq!(world.get(token, &format!("{base}?state=closed")).await.each("number"), ["1"]);
        let again = world.http("PATCH", &one, token, Some(json!({"state": "open", "title": "1"}))).await;
        assert_eq!((&again.json()["closed_at"], &again.json()["title"]), (&json!(null), &json!("1")));
        assert_eq!(world.get(token, "/repos/acme/web").await.json()["open_issues_count"], 2);

        let odd = world.http("PATCH", &one, token, Some(json!({"state": "odd", "title": "x"}))).await;
        assert_eq!(odd.json()["errors"][0]["field"], "state");
        assert_eq!(world.get(token, &one).await.json()["title"], "1");
        for number in ["3", "0", "-1", "x", "99999999999999999999"] {
            let missing = world.get(token, &format!("{base}/{number}")).await;
            assert_eq!(missing.refusal(), (404, "not_found".to_owned()), "{number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_issues_follow_each_other() {
    let world = World::memory().await;
    let wish = draft("issues")
        .owner("acme")
        .selected(&["web"])
        .permission("issues", "write");
    let minted = world.mint("olga", wish).await;
    let token = minted.secret.reveal();
    for number in 1..=5 {
        let body = json!({"title": format!("Issue {number}")});
        world
            .http("POST", "/repos/acme/web/issues", token, Some(body))
            .await;
    }
    let page = async |page: usize| {
        let path = format!("/repos/acme/web/issues?per_page=2&page={page}");
        world.get(token, &path).await
    };
    let first = page(1).await;
    assert_eq!(first.each("number"), ["5", "4"]);
    assert!(first.header("link").contains("page=2>; rel=\"next\""));
    let last = page(3).await;
    assert_eq!(last.each("number"), ["1"]);
    assert!(!last.header("link").contains("rel=\"next\""));
    assert_eq!(page(4).await.json(), json!([]));
    world.stop().await;
}
