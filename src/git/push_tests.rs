//! Clones and pushes by the real git client, through the backend, the hook and the desk.

use axum::http::StatusCode;

use super::build::SampleCommit;
use super::facts::{PushVerdict, RefChange, RefKind};
use super::fixture::sample;
use super::world::{Stage, World, assert_ok, complaint};

const CI: &str = ".github/workflows/ci.yml";

fn base() -> Vec<SampleCommit> {
    vec![
        sample("main", "README.md", "hello"),
        sample("main", CI, "v1"),
    ]
}

fn no_files() -> Vec<String> {
    Vec::new()
}

#[tokio::test]
async fn a_clone_has_the_history_and_a_push_moves_the_branch() {
    let world = World::cloned(&base()).await;
    world.commit("src/a.rs", Some("fn main() {}")).await;
    let facts = world.push(&["main"]).await;
    let update = &facts.updates[0];
    assert_eq!(
        (update.short_name(), update.kind, update.change),
        ("main", RefKind::Branch, RefChange::Update)
    );
    assert_eq!(facts.workflow_files, no_files());
    assert_eq!(world.scratch.git(&["rev-parse", "main"]), update.new);
}

#[tokio::test]
async fn a_refused_push_moves_nothing_and_shows_the_sentence() {
    let message = "`contents: write` is missing\nask `olga`";
    let world = World::configured(&base(), |shared| {
        shared.verdict = PushVerdict::refuse(message);
    })
    .await;
    assert_ok(&world.clone_it().await);
    let before = world.scratch.git(&["rev-parse", "main"]);
    world.commit("a", Some("a")).await;
    let output = world.git(&["push", "origin", "main"]).await;
    assert!(!output.status.success());
    let complaint = complaint(&output);
    assert!(
        complaint.contains("remote: `contents: write` is missing"),
        "{complaint}"
    );
    assert!(complaint.contains("remote: ask `olga`"), "{complaint}");
    assert_eq!(world.scratch.git(&["rev-parse", "main"]), before);
}

#[tokio::test]
async fn a_push_that_nobody_decides_is_refused() {
    let world = World::configured(&base(), |shared| shared.decides = false).await;
    assert_ok(&world.clone_it().await);
    world.commit("a", Some("a")).await;
    let output = world.git(&["push", "origin", "main"]).await;
    assert!(
        complaint(&output).contains("did not come through Grantry"),
        "{}",
        complaint(&output)
    );
}

#[tokio::test]
async fn a_large_chunked_push_and_a_shallow_clone_pass() {
    let world = World::cloned(&base()).await;
    let noise: Vec<String> = (0_u64..300_000)
        .map(|n| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    world.commit("noise", Some(&noise.concat())).await;
    world.push(&["main"]).await;
    let folder = world.scratch.folder.path();
    assert_ok(
        &world
            .client(
                folder,
                &["clone", "-q", "--depth=1", &world.address, "shallow"],
            )
            .await,
    );
    assert_ok(
        &world
            .client(&folder.join("shallow"), &["fetch", "-q", "--unshallow"])
            .await,
    );
}

#[tokio::test]
async fn refusals_of_the_first_request_are_sentences() {
    for status in [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
    ] {
        let world = World::configured(&base(), |shared| {
            shared.closed = Some((Stage::First, status));
        })
        .await;
        let complaint = complaint(&world.clone_it().await);
        assert!(
            complaint.contains("remote: the token may not touch `acme/web`…"),
            "{status}: {complaint}"
        );
    }
}

#[tokio::test]
async fn refusals_of_the_second_request_are_sentences_too() {
    let closed = Some((Stage::Second, StatusCode::FORBIDDEN));
    let world = World::configured(&base(), |shared| shared.closed = closed).await;
    let complaint_of_clone = complaint(&world.clone_it().await);
    assert!(
        complaint_of_clone.contains("remote error: the token may not touch"),
        "{complaint_of_clone}"
    );
    let folder = world.scratch.repository.path().to_owned();
    let pushed = world
        .client(&folder, &["push", &world.address, "main:refs/heads/other"])
        .await;
    assert!(!pushed.status.success());
    assert!(
        complaint(&pushed).contains("remote: the token may not touch"),
        "{}",
        complaint(&pushed)
    );
}

#[tokio::test]
async fn adding_changing_and_deleting_a_workflow_shows() {
    let world = World::cloned(&[sample("main", "a", "a")]).await;
    for content in [Some("v1"), Some("v2"), None] {
        world.commit(CI, content).await;
        assert_eq!(
            world.push(&["main"]).await.workflow_files,
            [CI],
            "{content:?}"
        );
    }
    assert_eq!(world.heard().len(), 3);
}

#[tokio::test]
async fn a_workflow_that_is_added_and_taken_back_in_one_push_shows() {
    let world = World::cloned(&[sample("main", "a", "a")]).await;
    world.commit(CI, Some("v1")).await;
    world.commit(CI, None).await;
    assert_eq!(world.push(&["main"]).await.workflow_files, [CI]);
}

#[tokio::test]
async fn another_spelling_of_the_folder_and_odd_names_show() {
    let world = World::cloned(&base()).await;
    world.commit(".GitHub/Workflows/x.yml", Some("x")).await;
    world
        .commit(".github/workflows/new\nline.yml", Some("x"))
        .await;
    let facts = world.push(&["main"]).await;
    assert_eq!(
        facts.workflow_files,
        [".GitHub/Workflows/x.yml", ".github/workflows/new\nline.yml"]
    );
}

#[tokio::test]
async fn a_new_branch_with_the_workflows_it_came_with_touches_none() {
    let world = World::cloned(&base()).await;
    world.run(&["switch", "-q", "-c", "topic"]).await;
    assert_eq!(world.push(&["topic"]).await.workflow_files, no_files());
    world.commit("a", Some("a")).await;
    let facts = world.push(&["topic", "topic:refs/heads/again"]).await;
    assert_eq!(
        facts
            .updates
            .iter()
            .map(|update| update.change)
            .collect::<Vec<_>>(),
        [RefChange::Update, RefChange::Create]
    );
    assert_eq!(facts.workflow_files, no_files());
}

#[tokio::test]
async fn the_very_file_of_another_branch_is_no_news_and_a_different_one_is() {
    let world = World::cloned(&[sample("main", "a", "a"), sample("next", CI, "v1")]).await;
    world.commit(CI, Some("v1")).await;
    assert_eq!(world.push(&["main"]).await.workflow_files, no_files());
    world
        .commit(".github/workflows/other.yml", Some("v1"))
        .await;
    assert_eq!(
        world.push(&["main"]).await.workflow_files,
        [".github/workflows/other.yml"]
    );
}

#[tokio::test]
async fn a_merge_of_what_the_server_has_is_no_news_and_a_change_in_the_merge_is() {
    let world = World::cloned(&base()).await;
    world.run(&["switch", "-q", "-c", "topic"]).await;
    world.commit("a", Some("a")).await;
    world.push(&["topic"]).await;
    world.scratch.build(&[sample("main", CI, "v2")]).await;
    world.run(&["fetch", "-q"]).await;
    world
        .run(&["merge", "-q", "--no-edit", "origin/main"])
        .await;
    assert_eq!(world.push(&["topic"]).await.workflow_files, no_files());
    world.scratch.build(&[sample("main", CI, "v3")]).await;
    world.run(&["fetch", "-q"]).await;
    world
        .run(&["merge", "-q", "--no-commit", "--no-ff", "origin/main"])
        .await;
    world.commit(CI, Some("evil")).await;
    assert_eq!(world.push(&["topic"]).await.workflow_files, [CI]);
}

#[tokio::test]
async fn a_workflow_on_the_side_of_a_merge_shows() {
    let world = World::cloned(&[sample("main", "a", "a")]).await;
    world.run(&["switch", "-q", "-c", "side"]).await;
    world.commit(CI, Some("v1")).await;
    world.commit(CI, None).await;
    world.commit("b", Some("b")).await;
    world.run(&["switch", "-q", "main"]).await;
    world.commit("c", Some("c")).await;
    world.run(&["merge", "-q", "--no-edit", "side"]).await;
    assert_eq!(world.push(&["main"]).await.workflow_files, [CI]);
}

#[tokio::test]
async fn merging_a_deletion_of_the_default_branch_is_no_deletion() {
    let world = World::cloned(&base()).await;
    world.run(&["switch", "-q", "-c", "topic"]).await;
    world.commit("a", Some("a")).await;
    world.push(&["topic"]).await;
    let mut deletion = sample("main", CI, "");
    deletion.files = vec![(CI.to_owned(), None)];
    world.scratch.build(&[deletion]).await;
    world.run(&["fetch", "-q"]).await;
    world
        .run(&["merge", "-q", "--no-edit", "origin/main"])
        .await;
    assert_eq!(world.push(&["topic"]).await.workflow_files, no_files());
}

#[tokio::test]
async fn a_forced_push_back_to_an_older_workflow_shows() {
    let commits = [
        base(),
        vec![sample("main", CI, "v2"), sample("main", "a", "a")],
    ]
    .concat();
    let world = World::cloned(&commits).await;
    world.run(&["reset", "-q", "--hard", "HEAD~2"]).await;
    let facts = world.push(&["--force", "main"]).await;
    assert_eq!(facts.updates[0].change, RefChange::Force);
    assert_eq!(facts.workflow_files, [CI]);
}

#[tokio::test]
async fn a_tag_shows_the_workflows_of_its_new_commits_and_a_deletion_shows_none() {
    let world = World::cloned(&base()).await;
    world.run(&["tag", "-a", "-m", "one", "v1"]).await;
    let facts = world.push(&["v1"]).await;
    assert_eq!(
        (facts.updates[0].kind, facts.updates[0].short_name()),
        (RefKind::Tag, "v1")
    );
    assert_eq!(facts.workflow_files, no_files());
    world.commit(CI, Some("v2")).await;
    world.run(&["tag", "-a", "-m", "two", "v2"]).await;
    assert_eq!(world.push(&["v2"]).await.workflow_files, [CI]);
    let facts = world.push(&["--delete", "v2"]).await;
    assert_eq!(
        (facts.updates[0].change, facts.workflow_files.len()),
        (RefChange::Delete, 0)
    );
}

#[tokio::test]
async fn a_replacement_ref_hides_nothing_from_the_inspector() {
    let world = World::cloned(&base()).await;
    let harmless = world.scratch.git(&["rev-parse", "main"]);
    world.commit(CI, Some("v2")).await;
    world.run(&["replace", "HEAD", &harmless]).await;
    let facts = world.push(&["refs/replace/*:refs/replace/*"]).await;
    assert_eq!(facts.updates[0].kind, RefKind::Other);
    world.run(&["replace", "-d", "HEAD"]).await;
    assert_eq!(world.push(&["main"]).await.workflow_files, [CI]);
}

#[tokio::test]
async fn a_fetch_whose_request_is_compressed_passes() {
    let world = World::cloned(&base()).await;
    // Git compresses a request of over 1,024 bytes, which this many commits to compare make.
    for _ in 0..40 {
        world
            .run(&["commit", "-q", "--allow-empty", "-m", "mine"])
            .await;
    }
    world.scratch.build(&[sample("main", "b", "b")]).await;
    world.run(&["fetch", "-q"]).await;
    let theirs = world.git(&["rev-parse", "origin/main"]).await.stdout;
    assert_eq!(
        String::from_utf8_lossy(&theirs).trim(),
        world.scratch.git(&["rev-parse", "main"])
    );
}
