//! Every built-in resource, as a token that may read it sees it.

use serde_json::json;

use crate::world::{TokenDraft, World, draft};

fn reader(owner: &str) -> TokenDraft {
    let wish = draft("reader").owner(owner).all();
    wish.permission("contents", "read")
        .permission("issues", "read")
}

on_every_database! {
    /// Who am I, where do I belong, what do I reach.
    async fn the_user_and_their_organizations_and_repositories(world: &World) {
        let wish = draft("mine").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        let token = minted.secret.reveal();
        let me = world.get(token, "/user").await;
        assert_eq!(me.status, 200);
        assert_eq!(me.json()["login"], "ana");
        assert_eq!(me.json()["url"], "http://localhost:8080/api/v3/users/ana");
        assert_eq!(world.get(token, "/user/orgs").await.each("login"), Vec::<String>::new());
        let public = ["acme/site", "ana/dotfiles", "labs/notes"];
        assert_eq!(world.get(token, "/user/repos").await.each("full_name"), public);
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(world.get(token, "/user/orgs").await.each("login"), ["acme"]);
        let repositories = world.get(token, "/user/repos").await;
        assert_eq!(repositories.each("full_name"), ["acme/site", "acme/web", "ana/dotfiles", "labs/notes"]);
        assert_eq!(repositories.json()[1]["permissions"]["pull"], true);
        assert_eq!(repositories.json()[1]["permissions"]["push"], false);
    }

    async fn a_user_is_public_without_the_mail_address(world: &World) {
        let carl = world.get("", "/users/Carl").await;
        assert_eq!((carl.status.as_u16(), &carl.json()["login"]), (200, &json!("carl")));
        assert_eq!(carl.json()["email"], json!(null));
        assert_eq!(carl.json()["type"], "User");
        assert_eq!(world.get("", "/users/acme").await.status, 404);
        assert_eq!(world.get("", "/users/nobody").await.status, 404);
    }

    async fn an_organization_is_public_and_its_members_are_not(world: &World) {
        let acme = world.get("", "/orgs/acme").await;
        assert_eq!((&acme.json()["login"], &acme.json()["public_repos"]), (&json!("acme"), &json!(1)));
        assert_eq!(world.get("", "/orgs/acme/members").await.status, 404);
        let wish = draft("people").owner("acme").permission("members", "read");
        let minted = world.mint("olga", wish).await;
        let members = world.get(minted.secret.reveal(), "/orgs/acme/members").await;
        assert_eq!(members.each("login"), ["ana", "ben", "mia", "olga", "sam"]);
        let admins = world.get(minted.secret.reveal(), "/orgs/acme/members?role=admin").await;
        assert_eq!(admins.each("login"), ["olga", "sam"]);
    }

    /// The list shows exactly what the single look allows.
    async fn a_list_of_repositories_shows_what_each_look_allows(world: &World) {
        let listed = world.get("", "/orgs/acme/repos?sort=full_name").await;
        assert_eq!(listed.each("full_name"), ["acme/site"]);
        let minted = world.mint("olga", reader("acme")).await;
        let listed = world.get(minted.secret.reveal(), "/orgs/acme/repos?sort=full_name").await;
        assert_eq!(listed.each("name"), ["api", "handbook", "site", "web"]);
        let private = world.get(minted.secret.reveal(), "/orgs/acme/repos?sort=full_name&type=private").await;
        assert_eq!(private.each("name"), ["api", "handbook", "web"]);
        for name in ["api", "handbook", "site", "web"] {
            let single = world.get(minted.secret.reveal(), &format!("/repos/acme/{name}")).await;
            assert_eq!(single.status, 200, "{name}");
        }
    }

    async fn a_repository_says_what_it_is(world: &World) {
        world.with_git("acme/web").await;
        let minted = world.mint("olga", reader("acme")).await;
        let web = world.get(minted.secret.reveal(), "/repos/Acme/WEB").await.json();
        assert_eq!(web["full_name"], "acme/web");
        assert_eq!((&web["private"], &web["visibility"]), (&json!(true), &json!("private")));
        assert_eq!(web["default_branch"], "main");
        assert_eq!(web["clone_url"], "http://localhost:8080/acme/web.git");
        assert_eq!(web["owner"]["type"], "Organization");
        assert_eq!(web["permissions"]["admin"], true);
    }

    async fn contents_branches_and_commits_are_read(world: &World) {
        world.with_git("acme/web").await;
        let minted = world.mint("olga", reader("acme")).await;
        let get = async |path: &str| world.get(minted.secret.reveal(), &format!("/repos/acme/web{path}")).await;
        assert_eq!(get("/contents").await.each("name"), [".github", "README.md"]);
        let file = get("/contents/README.md").await.json();
        assert_eq!((&file["content"], &file["encoding"]), (&json!("IyBXZWIK\n"), &json!("base64")));
        assert_eq!(get("/contents/.github%2Fworkflows/ci.yml?ref=main").await.json()["size"], 9);
        assert_eq!(get("/contents/nope").await.status, 404);
        assert_eq!(get("/contents/README.md?ref=nope").await.json()["message"], "No commit found for the ref nope");
        assert_eq!(get("/branches").await.each("name"), ["main"]);
        let branch = get("/branches/main").await.json();
        assert_eq!(branch["commit"]["commit"]["message"], "Add .github/workflows/ci.yml");
        assert_eq!(get("/branches/nope").await.json()["message"], "Branch not found");
        let commits = get("/commits?path=README.md").await.json();
        assert_eq!(commits.as_array().map(Vec::len), Some(1));
        let sha = commits[0]["sha"].as_str().expect("an id").to_owned();
        assert_eq!(get(&format!("/commits/{sha}")).await.json()["sha"], sha.as_str());
        assert_eq!(get("/commits/nope").await.status, 422);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_raw_where_asked() {
    let world = World::memory().await;
    world.with_git("labs/notes").await;
    let request = axum::http::Request::get("/api/v3/repos/labs/notes/contents/README.md")
        .header("accept", "application/vnd.github.raw+json");
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let answer = super::client::send(&world.app, request).await;
    assert_eq!(answer.bytes, b"# Web\n");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_repository_says_so() {
    let world = World::memory().await;
    let id = world.repository("labs/notes").await;
    let path = world.app.git.layout.repository(id.get());
    std::fs::create_dir_all(path.parent().expect("a shard")).expect("writable");
    grantry::git::repository::Repository::create_empty(path)
        .await
        .expect("git makes one");
    let get = async |path: &str| world.get("", &format!("/repos/labs/notes{path}")).await;
    assert_eq!(
        get("/contents").await.json()["message"],
        "This repository is empty."
    );
    assert_eq!(get("/commits").await.status, 409);
    assert_eq!(get("/branches").await.json(), json!([]));
    assert_eq!(get("").await.json()["default_branch"], "main");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_in_pages_that_name_their_neighbours() {
    let world = World::memory().await;
    let minted = world.mint("olga", reader("acme")).await;
    let path = "/orgs/acme/repos?sort=full_name&per_page=3";
    let first = world.get(minted.secret.reveal(), path).await;
    assert_eq!(first.each("name"), ["api", "handbook", "site"]);
    let next = "<http://localhost:8080/api/v3/orgs/acme/repos?sort=full_name&per_page=3&page=2>; rel=\"next\"";
    assert!(
        first.header("link").starts_with(next),
        "{}",
        first.header("link")
    );
    let second = world
        .get(minted.secret.reveal(), &format!("{path}&page=2"))
        .await;
    assert_eq!(second.each("name"), ["web"]);
    assert!(second.header("link").contains("rel=\"prev\""));
    assert!(!second.header("link").contains("rel=\"next\""));
    world.stop().await;
}
