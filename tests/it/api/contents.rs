//! Writing files by API: real commits, under the same rules as a push.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantry::actions::mint::Minted;
use grantry::git::repository::{Paging, Repository};
use grantry::store::{Db as _, tokens};
use serde_json::{Value, json};

use super::client::Answer;
use crate::world::{TokenDraft, World, draft};

const CONTENTS: &str = "/repos/acme/web/contents";
const CI: &str = ".github/workflows/ci.yml";

fn on_web(name: &str) -> TokenDraft {
    draft(name).owner("acme").selected(&["web"])
}

/// A token of olga that writes the contents of `acme/web`, and the repository with its two commits.
async fn writer(world: &World) -> (Minted, Repository) {
    let repository = world.with_git("acme/web").await;
    let wish = on_web("writer").permission("contents", "write");
    (world.mint("olga", wish).await, repository)
}

fn body(text: &str) -> Value {
    json!({"message": "Change it", "content": STANDARD.encode(text)})
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

async fn put(world: &World, token: &str, path: &str, body: Value) -> Answer {
    world
        .http("PUT", &format!("{CONTENTS}/{path}"), token, Some(body))
        .await
}

async fn delete(world: &World, token: &str, path: &str, body: Value) -> Answer {
    world
        .http("DELETE", &format!("{CONTENTS}/{path}"), token, Some(body))
        .await
}

/// The id of a file's blob on `main`.
async fn sha(world: &World, token: &str, path: &str) -> String {
    let file = world.get(token, &format!("{CONTENTS}/{path}")).await.json();
    file["sha"]
        .as_str()
        .unwrap_or_else(|| panic!("{path}: {file}"))
        .to_owned()
}

/// Every branch with where it stands: a refusal leaves it as it was.
async fn branches(repository: &Repository) -> Vec<(String, String)> {
    let all = Paging {
        page: 1,
        per_page: 100,
    };
    let listed = repository.list_branches(all).await.expect("it can be read");
    listed
        .items
        .into_iter()
        .map(|branch| (branch.name, branch.commit))
        .collect()
}

async fn pushes(world: &World) -> i64 {
    let count = "SELECT COUNT(*) FROM audit_events WHERE action = 'git.push'";
    world
        .reader()
        .query(count)
        .number()
        .await
        .expect("events can be read")
}

on_every_database! {
    async fn a_file_is_created_changed_and_deleted_by_commits_of_the_user(world: &World) {
        let (minted, repository) = writer(world).await;
        let token = minted.secret.reveal();
        let created = put(world, token, "docs/a%20b.md", body("one\n")).await;
        assert_eq!(created.status, 201, "{created:?}");
        let said = created.json();
        assert_eq!((&said["content"]["path"], &said["content"]["size"]), (&json!("docs/a b.md"), &json!(4)));
        assert_eq!(said["content"]["content"], json!(null));
        let id = world.user("olga").await;
        let olga = json!({"name": "Olga", "email": format!("{id}+olga@users.noreply.localhost"), "date": "2026-10-01T12:00:00Z"});
        assert_eq!((&said["commit"]["author"], &said["commit"]["committer"]), (&olga, &olga));
        let head = world.get(token, "/repos/acme/web/commits/main").await.json();
        assert_eq!((&head["sha"], &head["commit"]["message"]), (&said["commit"]["sha"], &json!("Change it")));
        assert_eq!(head["parents"].as_array().map(Vec::len), Some(1));

        let seen = sha(world, token, "docs/a%20b.md").await;
        assert_eq!(seen, said["content"]["sha"].as_str().expect("an id"));
        let stated = json!({"name": "Bot", "email": "bot@example.test", "date": "2026-01-02T03:04:05Z"});
        let changing = with(with(body("two\n"), "sha", seen), "author", stated.clone());
        let changed = put(world, token, "docs/a%20b.md", changing).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!((&changed.json()["commit"]["author"], &changed.json()["commit"]["committer"]), (&stated, &olga));
        let file = world.get(token, &format!("{CONTENTS}/docs/a%20b.md")).await.json();
        assert_eq!(file["content"], "dHdvCg==\n");

        let seen = sha(world, token, "docs/a%20b.md").await;
        let deleting = json!({"message": "Drop it", "sha": seen, "branch": "main"});
        let deleted = delete(world, token, "docs/a%20b.md", deleting).await;
        assert_eq!((deleted.status.as_u16(), &deleted.json()["content"]), (200, &json!(null)));
        assert_eq!(deleted.json()["commit"]["message"], "Drop it");
        assert_eq!(world.get(token, &format!("{CONTENTS}/docs")).await.status, 404);
        assert_eq!(world.get(token, CONTENTS).await.each("name"), [".github", "README.md"]);
        assert_eq!(branches(&repository).await.len(), 1);
        assert_eq!(pushes(world).await, 3);
    }

    /// Also by a client that asks for the root with a slash behind it.
    async fn the_first_commit_of_an_empty_repository_is_made(world: &World) {
        let path = world.app.git.layout.repository(world.repository("acme/web").await.get());
        std::fs::create_dir_all(path.parent().expect("a shard")).expect("writable");
        let repository = Repository::create_empty(path).await.expect("git makes one");
        let minted = world.mint("olga", on_web("writer").permission("contents", "write")).await;
        let token = minted.secret.reveal();
        let elsewhere = put(world, token, "a", with(body("1"), "branch", "dev")).await;
        assert_eq!((elsewhere.status.as_u16(), &elsewhere.json()["message"]), (404, &json!("Branch dev not found")));
        assert_eq!(branches(&repository).await, []);
        let first = put(world, token, "a", body("1")).await;
        assert_eq!(first.status, 201, "{first:?}");
        assert_eq!(first.json()["commit"]["parents"], json!([]));
        let branches = branches(&repository).await;
        assert_eq!((branches.len(), branches[0].0.as_str()), (1, "main"));
        assert_eq!(world.get(token, &format!("{CONTENTS}/")).await.each("name"), ["a"]);
        assert_eq!(world.get(token, &format!("{CONTENTS}//")).await.refusal(), (403, "bad_path".to_owned()));
    }

    async fn a_file_that_changed_meanwhile_is_left_alone(world: &World) {
        let (minted, repository) = writer(world).await;
        let token = minted.secret.reveal();
        let before = branches(&repository).await;
        let wrong = "0123456789012345678901234567890123456789";
        let conflicts = [
            put(world, token, "README.md", body("x")).await,
            put(world, token, "README.md", with(body("x"), "sha", wrong)).await,
            put(world, token, "new.md", with(body("x"), "sha", wrong)).await,
            delete(world, token, "README.md", json!({"message": "x", "sha": wrong})).await,
        ];
        for conflict in conflicts {
            assert_eq!(conflict.status, 409, "{conflict:?}");
        }
        let said = put(world, token, "README.md", with(body("x"), "sha", wrong)).await.json();
        assert!(said["message"].to_string().contains("README.md does not match"), "{said}");
        let absent = delete(world, token, "nope.md", json!({"message": "x", "sha": wrong})).await;
        assert_eq!(absent.refusal(), (404, "not_found".to_owned()));
        let seen = sha(world, token, "README.md").await;
        let elsewhere = with(with(body("x"), "sha", seen), "branch", "nope");
        assert_eq!(put(world, token, "README.md", elsewhere).await.status, 404);
        assert_eq!((branches(&repository).await, pushes(world).await), (before, 0));
    }

    async fn what_cannot_be_a_commit_is_refused_at_its_field(world: &World) {
        let (minted, repository) = writer(world).await;
        let token = minted.secret.reveal();
        let before = branches(&repository).await;
        let person = json!({"name": "Ana"});
        for (path, body, field) in [
            ("a", json!({"content": "eA=="}), "message"),
            ("a", with(body("x"), "message", " "), "message"),
            ("a", with(body("x"), "message", "a\u{0}b"), "message"),
            ("a", json!({"message": "x"}), "content"),
            ("a", with(body("x"), "content", "?"), "content"),
            ("a", with(body("x"), "branch", 3), "branch"),
            ("a", with(body("x"), "sha", true), "sha"),
            ("a", with(body("x"), "author", person), "author.email"),
            (".github", body("x"), "path"),
            ("README.md/a", body("x"), "path"),
            (".git/config", body("x"), "path"),
        ] {
            let refused = put(world, token, path, body.clone()).await;
            assert_eq!(refused.status, 422, "{path} {body}: {refused:?}");
            assert_eq!(refused.json()["errors"][0]["field"], field, "{path} {body}");
        }
        let refused = delete(world, token, "README.md", json!({"message": "x"})).await;
        assert_eq!(refused.json()["errors"][0]["field"], "sha");
        for path in ["a%2F..%2Fb", "a//b", "%2e%2e/a", "a%0Ab"] {
            assert_eq!(put(world, token, path, body("x")).await.refusal(), (403, "bad_path".to_owned()), "{path}");
        }
        assert_eq!(world.http("PUT", CONTENTS, token, Some(body("x"))).await.status, 404);
        assert_eq!((branches(&repository).await, pushes(world).await), (before, 0));
    }

    /// Missing permission, waiting, public only, a role that is too small: nothing is written.
    async fn who_may_not_push_may_not_write(world: &World) {
        let (_, repository) = writer(world).await;
        let before = branches(&repository).await;
        let reader = world.mint("olga", on_web("reader").permission("contents", "read")).await;
        let waiting = world.mint("ana", on_web("waiting").permission("contents", "write")).await;
        let public = world.mint("ana", draft("public").owner("acme")).await;
        for (minted, reason, status) in
            [(&reader, "missing_permission", 403), (&waiting, "pending", 403), (&public, "not_found", 404)]
        {
            let refused = put(world, minted.secret.reveal(), "a", body("x")).await;
            assert_eq!(refused.refusal(), (status, reason.to_owned()));
        }
        world.approve("olga", &waiting).await.expect("it waits");
        let refused = put(world, waiting.secret.reveal(), "a", body("x")).await;
        assert_eq!(refused.refusal(), (403, "missing_role".to_owned()));
        assert_eq!(put(world, "", "a", body("x")).await.status, 404);
        assert_eq!((branches(&repository).await, pushes(world).await), (before, 0));
    }

    async fn a_workflow_file_asks_for_more(world: &World) {
        let (minted, repository) = writer(world).await;
        let token = minted.secret.reveal();
        let before = branches(&repository).await;
        let reader = world.mint("olga", on_web("reader").permission("contents", "read")).await;
        let seen = sha(world, reader.secret.reveal(), CI).await;
        let dropping = json!({"message": "x", "sha": seen});
        for refused in [
            put(world, token, ".github/workflows/new.yml", body("on: push")).await,
            put(world, token, ".GitHub/Workflows/new.yml", body("on: push")).await,
            put(world, token, CI, with(body("on: push"), "sha", seen.as_str())).await,
            delete(world, token, CI, dropping.clone()).await,
        ] {
            assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()));
            assert_eq!(refused.json()["needed"], json!([["contents=write", "workflows=write"]]));
        }
        assert_eq!(branches(&repository).await, before);
        let used = tokens::find_last_use(&mut world.reader(), minted.token, None).await;
        assert_eq!(used.expect("uses can be read"), None, "a refusal is no use");
        let wish = on_web("both").permission("contents", "write").permission("workflows", "write");
        let both = world.mint("olga", wish).await;
        assert_eq!(put(world, both.secret.reveal(), ".github/workflows/new.yml", body("on: push")).await.status, 201);
        assert_eq!(delete(world, both.secret.reveal(), CI, dropping).await.status, 200);
    }

    /// The branch stands in the body, or is the default one.
    async fn a_branch_condition_counts_for_files_as_for_pushes(world: &World) {
        let (_, repository) = writer(world).await;
        let main = branches(&repository).await[0].1.clone();
        let git = std::process::Command::new("git")
            .arg("-C").arg(repository.path())
            .args(["update-ref", "refs/heads/release/1", &main]).status();
        assert!(git.expect("git runs").success());
        let wish = on_web("release").permission("contents", "write").only_branch("release/*");
        let minted = world.mint("olga", wish).await;
        let token = minted.secret.reveal();
        for refused in [
            put(world, token, "a", body("x")).await,
            put(world, token, "a", with(body("x"), "branch", "main")).await,
            put(world, token, "a", with(body("x"), "branch", 3)).await,
        ] {
            assert_eq!(refused.refusal(), (403, "condition".to_owned()));
        }
        assert!(branches(&repository).await.iter().all(|(_, commit)| *commit == main));
        let written = put(world, token, "a", with(body("x"), "branch", "release/1")).await;
        assert_eq!(written.status, 201, "{written:?}");
        assert_eq!(branches(&repository).await[0].1, main);
    }

    /// One decision a call, whatever it ends in.
    async fn each_call_is_recorded_once(world: &World) {
        let (minted, _) = writer(world).await;
        let token = minted.secret.reveal();
        let recorded = async || {
            let count = "SELECT COALESCE(CAST(SUM(allowed) AS BIGINT), 0), COALESCE(CAST(SUM(refused) AS BIGINT), 0) \
                         FROM use_days WHERE token_id = $1";
            world.reader().query(count).bind(minted.token).one::<(i64, i64)>().await.expect("uses can be read")
        };
        assert_eq!(recorded().await, (0, 0));
        assert_eq!(put(world, token, "a", body("x")).await.status, 201);
        assert_eq!(recorded().await, (1, 0));
        assert_eq!(put(world, token, "a", json!({})).await.status, 422);
        assert_eq!(recorded().await, (2, 0));
        assert_eq!(put(world, token, CI, body("x")).await.status, 403);
        assert_eq!(recorded().await, (2, 1));
        let large = with(body("x"), "content", "A".repeat(16 * 1024 * 1024));
        assert_eq!(put(world, token, "b", large).await.status, 413);
        assert_eq!(recorded().await, (3, 1));
    }
}

on_shared_databases! {
    /// Whoever comes second makes the commit again upon the first one's: nobody's is lost.
    async fn two_who_write_different_files_at_once_both_succeed(world: &World) {
        let (minted, repository) = writer(world).await;
        let token = minted.secret.reveal();
        for round in 0..4 {
            let (one, two) = (format!("one-{round}"), format!("two-{round}"));
            let (first, second) =
                tokio::join!(put(world, token, &one, body("1")), put(world, token, &two, body("2")));
            assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201), "{first:?} {second:?}");
            for (path, said) in [(&one, &first), (&two, &second)] {
                assert_eq!(said.json()["content"]["sha"], sha(world, token, path).await.as_str());
            }
        }
        let all = Paging { page: 1, per_page: 100 };
        let commits = repository.list_commits(None, None, all).await.expect("it can be read");
        assert_eq!(commits.items.len(), 10, "two to begin with, and eight");
        assert_eq!(pushes(world).await, 8);
    }

    async fn of_two_who_write_one_file_at_once_one_is_told_that_it_changed(world: &World) {
        let (minted, _) = writer(world).await;
        let token = minted.secret.reveal();
        for round in 0..4 {
            let (seen, path) = (sha(world, token, "README.md").await, "README.md");
            let change = |text: &str| with(body(&format!("{text} {round}")), "sha", seen.as_str());
            let (one, two) =
                tokio::join!(put(world, token, path, change("one")), put(world, token, path, change("two")));
            let mut statuses = [one.status.as_u16(), two.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{one:?} {two:?}");
            let winner = if one.status == 200 { &one } else { &two };
            assert_eq!(winner.json()["content"]["sha"], sha(world, token, path).await.as_str());
        }
        assert_eq!(pushes(world).await, 4);
    }
}
