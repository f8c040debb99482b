//! Clone, fetch and push by the real git client, through the door.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Output;

use grantry::actions::block_classic::block_classic;
use grantry::domain::policy::setting::Access;
use grantry::domain::policy::{Exempted, Limit};
use grantry::domain::token::TokenKind;
use grantry::server;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::exceptions::{acme_sets, classic, exempt};
use crate::world::{TokenDraft, World, draft};

const CI: &str = ".github/workflows/ci.yml";

/// A server on a port of its own, and a folder for a client.
struct Site {
    port: u16,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Site {
    async fn open(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let service =
            server::router(world.app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            let serving = axum::serve(listener, service).with_graceful_shutdown(stopped);
            serving.await.expect("it serves");
        });
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self {
            port,
            folder,
            stop,
            serving,
        }
    }

    /// Lets go of the world's app, so that the world can stop.
    async fn close(self) {
        drop(self.stop);
        self.serving.await.expect("it ends");
    }

    fn address(&self, token: &str, repository: &str) -> String {
        let user = if token.is_empty() {
            String::new()
        } else {
            format!("ana:{token}@")
        };
        format!("http://{user}127.0.0.1:{}/{repository}.git", self.port)
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    async fn run(&self, folder: PathBuf, arguments: &[&str]) -> Ran {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.test"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1");
        Ran(command.output().await.expect("git runs"))
    }

    async fn clone_it(&self, token: &str, repository: &str) -> Ran {
        let address = self.address(token, repository);
        self.run(
            self.folder.path().to_owned(),
            &["clone", "-q", &address, "work"],
        )
        .await
    }

    async fn git(&self, arguments: &[&str]) -> Ran {
        self.run(self.work(), arguments).await
    }

    /// Commits one file in the clone.
    async fn commit(&self, path: &str, content: &str) {
        let file = self.work().join(path);
        std::fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("writable");
        std::fs::write(&file, content).expect("writable");
        self.git(&["add", "-A"]).await.ok();
        self.git(&["commit", "-q", "-m", "change"]).await.ok();
    }

    /// Pushes with this token.
    async fn push(&self, token: &str, refs: &str) -> Ran {
        self.git(&["push", "-q", &self.address(token, "acme/web"), refs])
            .await
    }
}

/// What a run of git said.
struct Ran(Output);

impl Ran {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    #[track_caller]
    fn ok(&self) {
        assert!(self.0.status.success(), "{}", self.said());
    }

    #[track_caller]
    fn refused(&self, sentence: &str) {
        assert!(!self.0.status.success(), "it was not refused");
        assert!(self.said().contains(sentence), "{}", self.said());
    }
}

fn on_web(name: &str) -> TokenDraft {
    draft(name).owner("acme").selected(&["web"])
}

/// Where a branch of `acme/web` stands on the server.
async fn head(world: &World, branch: &str) -> Option<String> {
    let id = world.repository("acme/web").await;
    let path = world.app.git.layout.repository(id.get());
    let found = grantry::git::repository::Repository::at(path)
        .find_branch(branch)
        .await;
    found.ok().map(|branch| branch.commit)
}

on_every_database! {
    /// A token that may read clones and cannot push; one that may write pushes, until it is revoked.
    async fn clone_fetch_and_push_follow_the_token(world: &World) {
        world.with_git("acme/web").await;
        let site = Site::open(world).await;
        let reader = world.mint("olga", on_web("reader").permission("contents", "read")).await;
        let writer = world.mint("olga", on_web("writer").permission("contents", "write")).await;
        site.clone_it(reader.secret.reveal(), "acme/web").await.ok();
        assert!(site.work().join("README.md").is_file());
        let before = head(world, "main").await;
        site.commit("a.txt", "a").await;
        site.push(reader.secret.reveal(), "main").await.refused("asks for contents=write");
        assert_eq!(head(world, "main").await, before);
        site.push(writer.secret.reveal(), "main").await.ok();
        assert_ne!(head(world, "main").await, before);
        site.git(&["fetch", "-q"]).await.ok();
        world.revoke("sam", &writer, "the job is gone").await.expect("it works");
        let after = head(world, "main").await;
        site.commit("b.txt", "b").await;
        site.push(writer.secret.reveal(), "main").await.refused("acme revoked this token's access");
        assert_eq!(head(world, "main").await, after);
        site.close().await;
    }
}

on_every_database! {
    /// What an owner excepts, or blocks, counts at the next fetch.
    async fn an_exemption_lets_a_fetch_through_and_a_block_stops_it(world: &World) {
        world.with_git("acme/web").await;
        let site = Site::open(world).await;
        let (token, secret) = classic(world, "ana", "fetcher").await;
        let address = site.address(&secret, "acme/web");
        let fetch = async || site.run(site.folder.path().to_owned(), &["ls-remote", "-q", &address]).await;
        fetch().await.ok();
        acme_sets(world, TokenKind::Classic, Access::Restrict, Limit::Unlimited).await;
        fetch().await.refused("");
        exempt(world, token, Exempted::Access, 5, "until it moves").await;
        fetch().await.ok();
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        block_classic(&world.context, &olga, acme, token, "").await.expect("it was used here");
        fetch().await.refused("blocked");
        site.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anyone_clones_what_is_public_and_nothing_else() {
    let world = World::sqlite().await;
    world.with_git("acme/site").await;
    world.with_git("acme/web").await;
    let site = Site::open(&world).await;
    site.clone_it("", "acme/web").await.refused("");
    site.clone_it("", "acme/site").await.ok();
    let push = site
        .git(&["push", "-q", "origin", "HEAD:refs/heads/x"])
        .await;
    push.refused("");
    site.close().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_clone_prints_why() {
    let world = World::sqlite().await;
    world.with_git("acme/web").await;
    world.with_git("acme/api").await;
    let site = Site::open(&world).await;
    let waiting = world
        .mint("ana", on_web("waiting").permission("contents", "read"))
        .await;
    let token = waiting.secret.reveal();
    site.clone_it(token, "acme/web")
        .await
        .refused("remote: This token waits for approval by acme");
    world.approve("olga", &waiting).await.expect("it waits");
    let hidden = site.clone_it(token, "acme/api").await;
    hidden.refused("remote: there is no such repository, or this token may not see it");
    let absent = site.clone_it(token, "acme/nope").await;
    assert_eq!(
        hidden.said().replace("acme/api", "acme/nope"),
        absent.said()
    );
    site.clone_it("grantry_pat_x", "acme/web")
        .await
        .refused("remote: Bad credentials");
    let issues = world
        .mint("olga", on_web("issues").permission("issues", "read"))
        .await;
    let refused = site.clone_it(issues.secret.reveal(), "acme/web").await;
    refused.refused("asks for contents=read; this token holds contents=none");
    site.clone_it(token, "acme/web").await.ok();
    site.close().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_of_workflows_needs_their_permission() {
    let world = World::sqlite().await;
    world.with_git("acme/web").await;
    let site = Site::open(&world).await;
    let plain = world
        .mint("olga", on_web("plain").permission("contents", "write"))
        .await;
    let full = on_web("full")
        .permission("contents", "write")
        .permission("workflows", "write");
    let full = world.mint("olga", full).await;
    site.clone_it(plain.secret.reveal(), "acme/web").await.ok();
    site.git(&["switch", "-q", "-c", "same"]).await.ok();
    site.commit("x.txt", "x").await;
    site.push(plain.secret.reveal(), "same").await.ok();
    site.commit(CI, "on: release\n").await;
    let refused = site.push(plain.secret.reveal(), "same").await;
    refused.refused("workflows=write");
    refused.refused(CI);
    site.push(full.secret.reveal(), "same").await.ok();
    site.git(&["switch", "-q", "-c", "copy"]).await.ok();
    // That very file is on another branch already.
    site.push(plain.secret.reveal(), "copy").await.ok();
    site.close().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refs_outside_of_branches_tags_and_notes_are_closed() {
    let world = World::sqlite().await;
    world.with_git("acme/web").await;
    let site = Site::open(&world).await;
    let writer = world
        .mint("olga", on_web("writer").permission("contents", "write"))
        .await;
    let token = writer.secret.reveal();
    site.clone_it(token, "acme/web").await.ok();
    for closed in ["HEAD:refs/replace/x", "HEAD:refs/pull/1/head"] {
        site.push(token, closed)
            .await
            .refused("cannot be pushed: only branches, tags and notes can");
    }
    for open in ["HEAD:refs/tags/v1", "HEAD:refs/notes/review"] {
        site.push(token, open).await.ok();
    }
    site.close().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_condition_is_judged_by_what_a_push_moves() {
    let world = World::sqlite().await;
    world.with_git("acme/web").await;
    let site = Site::open(&world).await;
    let wish = on_web("narrow")
        .permission("contents", "write")
        .only_branch("feature/*");
    let narrow = world.mint("olga", wish).await;
    let token = narrow.secret.reveal();
    site.clone_it(token, "acme/web").await.ok();
    site.commit("a.txt", "a").await;
    site.push(token, "HEAD:refs/heads/feature/x").await.ok();
    let before = head(&world, "main").await;
    site.push(token, "HEAD:refs/heads/main")
        .await
        .refused("may write only to some branches");
    assert_eq!(head(&world, "main").await, before);
    site.close().await;
    world.stop().await;
}

/// Browsers and crawlers that ask for loose files get none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dumb_protocol_is_not_spoken() {
    let world = World::memory().await;
    for (method, path) in [
        ("GET", "/acme/site.git/info/refs"),
        ("GET", "/acme/site.git/info/refs?service=git-upload-archive"),
        ("GET", "/acme/site.git/git-upload-pack"),
        ("POST", "/acme/site.git/info/refs?service=git-upload-pack"),
    ] {
        let request = axum::http::Request::builder().method(method).uri(path);
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let answer = super::client::send(&world.app, request).await;
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    world.stop().await;
}
