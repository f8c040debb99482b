//! Repositories and their collaborators by API, as clients of the published one use them.

use serde_json::{Value, json};

use crate::world::{World, draft};

/// A token of a user that may do everything with all repositories of an owner.
async fn admin(world: &World, user: &str, owner: &str) -> String {
    let wish = draft("admin")
        .owner(owner)
        .all()
        .permission("administration", "write");
    let minted = world.mint(user, wish).await;
    minted.secret.reveal().to_owned()
}

/// The fields in which a `422` finds mistakes.
fn fields(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    errors
        .iter()
        .filter_map(|error| error["field"].as_str())
        .collect()
}

on_every_database! {
    async fn a_repository_is_created_changed_and_deleted(world: &World) {
        let token = admin(world, "ana", "ana").await;
        let body = json!({"name": "tool", "description": "A tool.", "private": true, "has_issues": true, "auto_init": true});
        let created = world.http("POST", "/user/repos", &token, Some(body)).await;
        assert_eq!(created.status, 201, "{:?}", created.json());
        assert_eq!(created.header("location"), "http://localhost:8080/api/v3/repos/ana/tool");
        let shape = created.json();
        assert_eq!((&shape["full_name"], &shape["private"], &shape["permissions"]["admin"]), (&json!("ana/tool"), &json!(true), &json!(true)));
        assert_eq!(world.get(&token, "/repos/ana/tool").await.json()["description"], "A tool.");

        let body = json!({"name": "kit", "visibility": "public", "description": null});
        let changed = world.http("PATCH", "/repos/ana/tool", &token, Some(body)).await;
        assert_eq!(changed.status, 200, "{:?}", changed.json());
        assert_eq!((&changed.json()["full_name"], &changed.json()["description"]), (&json!("ana/kit"), &Value::Null));
        assert_eq!(world.get(&token, "/repos/ana/tool").await.status, 404);
        assert_eq!(world.get("", "/repos/ana/kit").await.status, 200, "it is public now");

        assert_eq!(world.http("DELETE", "/repos/ana/kit", &token, None).await.status, 204);
        assert_eq!(world.get(&token, "/repos/ana/kit").await.status, 404);
        assert_eq!(world.http("DELETE", "/repos/ana/kit", &token, None).await.status, 404);
    }

    async fn an_organization_repository_takes_an_owner_and_all(world: &World) {
        let body = || Some(json!({"name": "fresh", "visibility": "internal"}));
        let path = "/orgs/acme/repos";
        let some = draft("some").owner("acme").selected(&["web"]).permission("administration", "write");
        let some = world.mint("olga", some).await;
        let answer = world.http("POST", path, some.secret.reveal(), body()).await;
        assert_eq!(answer.refusal(), (403, "not_targeted".to_owned()));
        let reads = world.mint("olga", draft("reads").owner("acme").all().permission("administration", "read")).await;
        let answer = world.http("POST", path, reads.secret.reveal(), body()).await;
        assert_eq!(answer.refusal(), (403, "missing_permission".to_owned()));
        let member = world.mint("ana", draft("member").owner("acme").all().permission("administration", "write")).await;
        world.approve("olga", &member).await.expect("it waits");
        let answer = world.http("POST", path, member.secret.reveal(), body()).await;
        assert_eq!(answer.refusal(), (403, "missing_role".to_owned()));
        assert!(world.find("acme/fresh").await.is_none());
        let token = admin(world, "olga", "acme").await;
        let created = world.http("POST", path, &token, body()).await;
        assert_eq!((created.status.as_u16(), &created.json()["visibility"]), (201, &json!("internal")));
    }

    async fn mistakes_are_told_at_their_fields(world: &World) {
        let token = admin(world, "ana", "ana").await;
        let long = "x".repeat(351);
        for (body, wrong) in [
            (json!({}), vec!["name"]),
            (json!({"name": "dotfiles"}), vec!["name"]),
            (json!({"name": "a b", "description": long}), vec!["name", "description"]),
            (json!({"name": "x", "visibility": "internal"}), vec!["visibility"]),
            (json!({"name": "x", "visibility": "public", "private": true}), vec!["private"]),
            (json!({"name": "x", "private": "yes"}), vec!["private"]),
            (json!({"name": "x", "archived": true}), vec!["archived"]),
        ] {
            let answer = world.http("POST", "/user/repos", &token, Some(body.clone())).await;
            assert_eq!((answer.status.as_u16(), fields(&answer.json())), (422, wrong), "{body}");
        }
        let body = json!({"name": "lab", "archived": false, "default_branch": "other"});
        let answer = world.http("PATCH", "/repos/ana/dotfiles", &token, Some(body)).await;
        assert_eq!(answer.status, 500, "the sample has no bare repository");
        assert!(world.find("ana/x").await.is_none());
    }

    async fn hidden_and_absent_are_one_answer(world: &World) {
        let token = admin(world, "ben", "ben").await;
        for (method, tail) in [
            ("PATCH", ""),
            ("DELETE", ""),
            ("GET", "/collaborators"),
            ("PUT", "/collaborators/ben"),
            ("DELETE", "/collaborators/carl"),
            ("GET", "/collaborators/ben/permission"),
        ] {
            let ask = async |name: &str| {
                let path = format!("/repos/{name}{tail}");
                world.http(method, &path, &token, Some(json!({}))).await.without_id()
            };
            let (hidden, absent) = (ask("ana/lab").await, ask("ana/nothing").await);
            assert_eq!(hidden.status, 404, "{method} {tail}");
            assert_eq!(hidden.json(), absent.json(), "{method} {tail}");
        }
        assert!(world.find("ana/lab").await.is_some());
    }

    async fn changing_takes_the_permission_and_the_role(world: &World) {
        let reads = world.mint("ana", draft("reads").owner("ana").all().permission("administration", "read")).await;
        for (method, path) in [("PATCH", "/repos/ana/lab"), ("DELETE", "/repos/ana/lab"), ("PUT", "/repos/ana/lab/collaborators/ben")] {
            let answer = world.http(method, path, reads.secret.reveal(), Some(json!({}))).await;
            assert_eq!(answer.refusal(), (403, "missing_permission".to_owned()), "{method} {path}");
        }
        let wish = draft("member").owner("acme").selected(&["web"]).permission("administration", "write");
        let member = world.mint("ana", wish).await;
        world.approve("olga", &member).await.expect("it waits");
        for (method, path) in [("PATCH", "/repos/acme/web"), ("DELETE", "/repos/acme/web")] {
            let answer = world.http(method, path, member.secret.reveal(), Some(json!({}))).await;
            assert_eq!(answer.refusal(), (403, "missing_role".to_owned()), "{method} {path}");
        }
        assert!(world.find("acme/web").await.is_some() && world.find("ana/lab").await.is_some());
    }

    async fn collaborators_are_listed_asked_for_given_and_taken(world: &World) {
        let token = admin(world, "olga", "acme").await;
        let path = "/repos/acme/web/collaborators";
        assert_eq!(world.get(&token, path).await.each("login"), ["ana", "ben", "carl", "mia", "olga", "sam"]);
        assert_eq!(world.get(&token, &format!("{path}?affiliation=outside")).await.each("role_name"), ["write"]);
        assert_eq!(world.get(&token, &format!("{path}?per_page=2&page=2")).await.each("login"), ["carl", "mia"]);
        let check = async |login: &str| world.get(&token, &format!("{path}/{login}")).await.status.as_u16();
        assert_eq!((check("carl").await, check("ana").await, check("gus").await, check("nobody").await), (204, 204, 404, 404));
        let role = async |login: &str| {
            let answer = world.get(&token, &format!("{path}/{login}/permission")).await.json();
            (answer["permission"].clone(), answer["role_name"].clone(), answer["user"]["login"].clone())
        };
        assert_eq!(role("carl").await, (json!("write"), json!("write"), json!("carl")));
        assert_eq!(role("gus").await, (json!("none"), json!("none"), json!("gus")));
        let put = async |login: &str, body: Value| {
            world.http("PUT", &format!("{path}/{login}"), &token, Some(body)).await.status.as_u16()
        };
        assert_eq!(put("gus", json!({"permission": "maintain"})).await, 204);
        assert_eq!(role("gus").await, (json!("write"), json!("maintain"), json!("gus")));
        assert_eq!(put("gus", json!({})).await, 204);
        assert_eq!(role("gus").await.1, "write", "push is the published default");
        assert_eq!(put("gus", json!({"permission": "boss"})).await, 422);
        assert_eq!(put("acme", json!({})).await, 404);
        let remove = async |login: &str| {
            world.http("DELETE", &format!("{path}/{login}"), &token, None).await.status.as_u16()
        };
        assert_eq!((remove("gus").await, remove("gus").await, check("gus").await), (204, 404, 404));
    }
}
