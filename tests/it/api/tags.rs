//! Tags, as clients list them.

use std::process::Command;

use serde_json::json;

use crate::world::{World, draft};

on_every_database! {
    /// Light and annotated ones lead to their commits; a tag of anything else is none here.
    async fn tags_lead_to_their_commits(world: &World) {
        let repository = world.with_git("acme/web").await;
        let wish = draft("reader").owner("acme").selected(&["web"]).permission("contents", "read");
        let minted = world.mint("olga", wish).await;
        let token = minted.secret.reveal();
        assert_eq!(world.get(token, "/repos/acme/web/tags").await.json(), json!([]));
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args(["-c", "user.name=A", "-c", "user.email=a@b", "-C"]).arg(repository.path());
            assert!(command.args(arguments).status().expect("git runs").success());
        };
        git(&["tag", "light", "main"]);
        git(&["tag", "-a", "-m", "first", "v1", "main"]);
        let tags = world.get(token, "/repos/acme/web/tags").await;
        assert_eq!(tags.each("name"), ["light", "v1"]);
        let main = world.get(token, "/repos/acme/web/commits/main").await.json()["sha"].clone();
        for tag in tags.json().as_array().expect("a list") {
            assert_eq!(tag["commit"]["sha"], main);
        }
        for (name, kind) in [("heads/main", "commit"), ("tags%2Fv1", "tag")] {
            let found = world.get(token, &format!("/repos/acme/web/git/ref/{name}")).await.json();
            assert_eq!(found["object"]["type"], kind, "{name}");
        }
        assert_eq!(world.get(token, "/repos/acme/web/git/ref/heads/nope").await.status, 404);
        let second = world.get(token, "/repos/acme/web/tags?per_page=1&page=2").await;
        assert_eq!(second.each("name"), ["v1"]);
    }
}
