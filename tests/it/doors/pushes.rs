//! Git through a door: judged as a git operation, with everything that a push could do counted as done.

use super::{ask, believing, guard, wish};
use crate::world::{World, draft};

const ADVERTISE: &str = "/acme/web.git/info/refs?service=";

on_every_database! {
    async fn git_through_a_door_is_a_fetch_or_a_push(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        let reading = world.approved("contents", "read").await;
        let token = reading.secret.reveal();
        assert_eq!(ask(&app, token, "GET", &format!("{ADVERTISE}git-upload-pack")).await.status, 200);
        let exchange = ask(&app, token, "POST", "/acme/web/git-upload-pack").await;
        assert_eq!(exchange.header("x-grantry-permission"), "contents:read");
        let missing = (403, "missing_permission".to_owned());
        for (method, target) in [
            ("GET", format!("{ADVERTISE}git-receive-pack")),
            ("POST", "/acme/web.git/git-receive-pack".to_owned()),
        ] {
            assert_eq!(ask(&app, token, method, &target).await.verdict(), missing, "{target}");
        }
        let unknown = (403, "unknown_endpoint".to_owned());
        for (method, target) in [
            ("GET", "/acme/web.git/info/refs".to_owned()),
            ("GET", "/acme/web.git/HEAD".to_owned()),
            ("GET", "/acme/web.git/objects/info/packs".to_owned()),
            ("GET", format!("{ADVERTISE}git-upload-pack&service=git-receive-pack")),
            ("GET", "/acme/web.git/git-receive-pack".to_owned()),
        ] {
            assert_eq!(ask(&app, token, method, &target).await.verdict(), unknown, "{target}");
        }
        let hidden = ask(&app, token, "GET", "/acme/api.git/info/refs?service=git-upload-pack").await;
        assert_eq!(hidden.verdict(), (403, "not_found".to_owned()));
        assert_eq!(ask(&app, "", "GET", &format!("{ADVERTISE}git-upload-pack")).await.status, 401);
    }

    /// What a push would write stands in its body, so the door asks for everything.
    async fn a_push_through_a_door_needs_workflows_too(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        let push = format!("{ADVERTISE}git-receive-pack");
        let only_contents = world.approved("contents", "write").await;
        let answer = ask(&app, only_contents.secret.reveal(), "GET", &push).await;
        assert_eq!(answer.verdict(), (403, "missing_permission".to_owned()));
        let wish = || {
            let wish = draft("both").owner("acme").selected(&["web"]);
            wish.permission("contents", "write").permission("workflows", "write")
        };
        let both = world.mint("olga", wish()).await;
        let answer = ask(&app, both.secret.reveal(), "GET", &push).await;
        assert_eq!(answer.verdict(), (200, String::new()));
        let bound = world.mint("sam", wish().only_branch("release/*")).await;
        let answer = ask(&app, bound.secret.reveal(), "GET", &push).await;
        assert_eq!(answer.verdict(), (403, "condition".to_owned()), "its branches cannot be told");
    }
}
