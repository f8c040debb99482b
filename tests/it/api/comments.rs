//! Comments below issues: written, read, changed and deleted by those who may.

use grantry::actions::mint::Minted;
use grantry::store::Db as _;
use serde_json::{Value, json};

use crate::world::{World, draft};

const ISSUES: &str = "/repos/acme/web/issues";
const BELOW: &str = "/repos/acme/web/issues/1/comments";

/// A token of somebody that writes issues of `acme/web`.
async fn writer(world: &World, login: &str) -> Minted {
    let wish = draft("issues").owner("acme").selected(&["web"]);
    let minted = world.mint(login, wish.permission("issues", "write")).await;
    if world.request(minted.token, "acme").await.is_some() {
        world.approve("olga", &minted).await.expect("it waits");
    }
    minted
}

async fn open(world: &World, minted: &Minted) {
    let body = json!({"title": "Broken"});
    let opened = world
        .http("POST", ISSUES, minted.secret.reveal(), Some(body))
        .await;
    assert_eq!(opened.status, 201);
}

async fn say(world: &World, minted: &Minted, text: &str) -> Value {
    let body = json!({"body": text});
    let said = world
        .http("POST", BELOW, minted.secret.reveal(), Some(body))
        .await;
    assert_eq!(said.status, 201, "{said:?}");
    said.json()
}

fn address(comment: &Value) -> String {
    format!("{ISSUES}/comments/{}", comment["id"])
}

async fn count(world: &World) -> i64 {
    let count = world
        .reader()
        .query("SELECT COUNT(*) FROM comments")
        .number()
        .await;
    count.expect("comments can be counted")
}

async fn events(world: &World, action: &str) -> i64 {
    let count = "SELECT COUNT(*) FROM audit_events WHERE action = $1";
    let count = world.reader().query(count).bind(action).number().await;
    count.expect("events can be counted")
}

on_every_database! {
    async fn a_comment_is_written_changed_and_deleted(world: &World) {
        let olga = writer(world, "olga").await;
        let token = olga.secret.reveal();
        open(world, &olga).await;
        world.pass_seconds(60);
        let first = say(world, &olga, "One").await;
        assert_eq!((&first["body"], &first["user"]["login"]), (&json!("One"), &json!("olga")));
        assert_eq!(first["author_association"], "MEMBER");
        assert_eq!(first["issue_url"], "http://localhost:8080/api/v3/repos/acme/web/issues/1");
        let issue = world.get(token, "/repos/acme/web/issues/1").await.json();
        assert_eq!((&issue["comments"], &issue["updated_at"]), (&json!(1), &first["created_at"]));
        world.pass_seconds(60);
        say(world, &olga, "Two").await;
        assert_eq!(world.get(token, BELOW).await.each("body"), ["One", "Two"]);
        assert_eq!(world.get(token, ISSUES).await.each("comments"), ["2"]);

        world.pass_seconds(60);
        let path = address(&first);
        let changed = world.http("PATCH", &path, token, Some(json!({"body": "1"}))).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["body"]), (200, &json!("1")));
        assert_ne!(changed.json()["updated_at"], changed.json()["created_at"]);
        assert_eq!(world.get(token, &path).await.json(), changed.json());
        let all = format!("{ISSUES}/comments");
        assert_eq!(world.get(token, &all).await.each("body"), ["1", "Two"]);
        assert_eq!(world.get(token, &format!("{all}?sort=updated")).await.each("body"), ["1", "Two"]);
        assert_eq!(world.get(token, &format!("{all}?sort=created")).await.each("body"), ["Two", "1"]);
        let since = changed.json()["updated_at"].as_str().expect("a moment").to_owned();
        assert_eq!(world.get(token, &format!("{BELOW}?since={since}")).await.each("body"), ["1"]);
        assert_eq!(world.get(token, &format!("{BELOW}?per_page=1&page=2")).await.each("body"), ["Two"]);

        assert_eq!(world.http("DELETE", &path, token, None).await.status, 204);
        assert_eq!(world.http("DELETE", &path, token, None).await.refusal(), (404, "not_found".to_owned()));
        assert_eq!(world.get(token, BELOW).await.each("body"), ["Two"]);
        for (action, times) in [("issue_comment.create", 2), ("issue_comment.update", 1), ("issue_comment.destroy", 1)] {
            assert_eq!(events(world, action).await, times, "{action}");
        }
    }

    /// Whoever reads may comment; changing somebody else's comment takes the write role.
    async fn a_comment_is_its_authors_and_of_those_who_may_push(world: &World) {
        let (olga, ana, carl) = (writer(world, "olga").await, writer(world, "ana").await, writer(world, "carl").await);
        open(world, &olga).await;
        let of_olga = address(&say(world, &olga, "olga's").await);
        let of_ana = address(&say(world, &ana, "ana's").await);
        let body = json!({"body": "changed"});
        for method in ["PATCH", "DELETE"] {
            let refused = world.http(method, &of_olga, ana.secret.reveal(), Some(body.clone())).await;
            assert_eq!(refused.status, 403, "{method}");
            let message = refused.json()["message"].to_string();
            assert!(message.contains("is not ana's") && message.contains("write role on acme/web"), "{message}");
        }
        assert_eq!(world.get(ana.secret.reveal(), BELOW).await.each("body"), ["olga's", "ana's"]);
        let own = world.http("PATCH", &of_ana, ana.secret.reveal(), Some(body.clone())).await;
        assert_eq!(own.status, 200);
        let by_writer = world.http("PATCH", &of_olga, carl.secret.reveal(), Some(body)).await;
        assert_eq!((by_writer.status.as_u16(), &by_writer.json()["user"]["login"]), (200, &json!("olga")));
        assert_eq!(say(world, &carl, "outside").await["author_association"], "COLLABORATOR");
    }

    async fn what_is_no_comment_is_refused_and_nothing_is_written(world: &World) {
        let olga = writer(world, "olga").await;
        let token = olga.secret.reveal();
        open(world, &olga).await;
        for body in [json!({}), json!({"body": " \n"}), json!({"body": 3}), json!({"body": "x".repeat(65_537)})] {
            let refused = world.http("POST", BELOW, token, Some(body)).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("body")));
        }
        let absent = world.http("POST", "/repos/acme/web/issues/9/comments", token, Some(json!({"body": "x"}))).await;
        assert_eq!(absent.refusal(), (404, "not_found".to_owned()));
        assert_eq!(world.get(token, "/repos/acme/web/issues/9/comments").await.status, 404);
        for id in ["9", "0", "-1", "x"] {
            assert_eq!(world.get(token, &format!("{ISSUES}/comments/{id}")).await.status, 404, "{id}");
        }
        let reader = world.approved("issues", "read").await;
        let refused = world.http("POST", BELOW, reader.secret.reveal(), Some(json!({"body": "x"}))).await;
        assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()));
        assert_eq!(count(world).await, 0);
    }

    /// A number alone leads nowhere: the comment belongs to the repository that was permitted.
    async fn a_comment_of_another_repository_is_not_found(world: &World) {
        let olga = writer(world, "olga").await;
        open(world, &olga).await;
        let comment = say(world, &olga, "private").await;
        let wish = draft("lab").owner("ana").all().permission("issues", "write");
        let own = world.mint("ana", wish).await;
        let path = format!("/repos/ana/lab/issues/comments/{}", comment["id"]);
        let body = || Some(json!({"body": "x"}));
        for (method, body) in [("GET", None), ("PATCH", body()), ("DELETE", None)] {
            let answer = world.http(method, &path, own.secret.reveal(), body).await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{method}");
        }
        assert_eq!(world.get(olga.secret.reveal(), BELOW).await.each("body"), ["private"]);
    }
}
