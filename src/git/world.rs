//! A server of one repository and a real git client, for tests of clones and pushes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::process::Command;
use tokio_util::task::AbortOnDropHandle;

use super::backend::{GitBackend, GitRequest};
use super::build::SampleCommit;
use super::facts::{PushFacts, PushVerdict};
use super::fixture::Scratch;
use super::hook::{PROGRAM_VARIABLE, hook_main, install_hook};
use super::operation::GitOperation;
use super::receive::PushDesk;
use super::refusal::{refusal_response, refuse};

/// Runs as the hook when git starts this test program as one; as a test it does nothing.
#[test]
fn act_as_the_hook() {
    if std::env::var_os(PROGRAM_VARIABLE).is_some() {
        let environment: BTreeMap<_, _> = std::env::vars_os().collect();
        let code = hook_main(std::io::stdin(), &environment, &mut std::io::stderr());
        std::process::exit(code.into());
    }
}

/// A server of one repository, a clone of it, and what the server heard of each push.
pub(super) struct World {
    pub scratch: Scratch,
    pub shared: Arc<Shared>,
    pub address: String,
    _server: AbortOnDropHandle<()>,
}

pub(super) struct Shared {
    backend: GitBackend,
    desk: PushDesk,
    repository: PathBuf,
    heard: Arc<Mutex<Vec<PushFacts>>>,
    pub verdict: PushVerdict,
    /// The refusal of whole requests: whether the first request of a command, or the second.
    pub closed: Option<(Stage, StatusCode)>,
    pub decides: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stage {
    First,
    Second,
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let tail = parts.uri.path().trim_start_matches("/acme/web.git/");
    let Some(operation) = GitOperation::parse(&parts.method, tail, parts.uri.query()) else {
        return refusal_response(
            StatusCode::NOT_FOUND,
            "only git's smart protocol is spoken here",
        );
    };
    let stage = if matches!(operation, GitOperation::Advertise(_)) {
        Stage::First
    } else {
        Stage::Second
    };
    if let Some((closed, status)) = shared.closed.filter(|(closed, _)| *closed == stage) {
        assert!(closed == stage);
        return refuse(
            operation,
            &parts.headers,
            status,
            "the token may not touch `acme/web`…",
        );
    }
    let (heard, verdict) = (shared.heard.clone(), shared.verdict.clone());
    let push = shared.decides.then(|| {
        let random = rand_bytes(&heard);
        shared.desk.register(random, move |facts| async move {
            heard.lock().expect("no test panics here").push(facts);
            verdict
        })
    });
    let repository = shared.repository.clone();
    let remote_user = Some("ana".to_owned());
    let headers = parts.headers;
    shared
        .backend
        .serve(GitRequest {
            repository,
            operation,
            headers,
            remote_user,
            remote_addr: None,
            push,
            body,
        })
        .await
}

/// Different for each push of one test, which is all that a test needs.
fn rand_bytes(heard: &Arc<Mutex<Vec<PushFacts>>>) -> [u8; 16] {
    let count = heard.lock().expect("no test panics here").len();
    [u8::try_from(count).expect("tests push a few times"); 16]
}

impl World {
    pub async fn new(commits: &[SampleCommit]) -> Self {
        Self::configured(commits, |_| {}).await
    }

    pub async fn configured(commits: &[SampleCommit], configure: impl FnOnce(&mut Shared)) -> Self {
        let scratch = Scratch::with(commits).await;
        let hooks = scratch.folder.path().join("hooks");
        install_hook(&hooks).expect("the hook can be written");
        let program = hook_program(&scratch);
        let mut shared = Shared {
            backend: GitBackend::find(hooks, program).expect("git's backend is installed"),
            desk: PushDesk::open().expect("a socket can be opened"),
            repository: scratch.repository.path().to_owned(),
            heard: Arc::default(),
            verdict: PushVerdict::allow(),
            closed: None,
            decides: true,
        };
        configure(&mut shared);
        let shared = Arc::new(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        let address = format!("http://ana:token@127.0.0.1:{port}/acme/web.git");
        Self {
            scratch,
            shared,
            address,
            _server: AbortOnDropHandle::new(server),
        }
    }

    /// A world with a clone of it.
    pub async fn cloned(commits: &[SampleCommit]) -> Self {
        let world = Self::new(commits).await;
        assert_ok(&world.clone_it().await);
        world
    }

    pub async fn clone_it(&self) -> Output {
        self.client(
            self.scratch.folder.path(),
            &["clone", "-q", &self.address, "work"],
        )
        .await
    }

    pub async fn client(&self, folder: &std::path::Path, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        let identity = [
            "user.name=Ana",
            "user.email=ana@example.test",
            "advice.detachedHead=false",
        ];
        command
            .args(identity.iter().flat_map(|entry| ["-c", entry]))
            .args(arguments)
            .current_dir(folder);
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.output().await.expect("git runs")
    }

    pub async fn git(&self, arguments: &[&str]) -> Output {
        self.client(&self.scratch.folder.path().join("work"), arguments)
            .await
    }

    pub async fn run(&self, arguments: &[&str]) {
        let output = self.git(arguments).await;
        assert_ok(&output);
    }

    pub async fn commit(&self, path: &str, content: Option<&str>) {
        let file = self.scratch.folder.path().join("work").join(path);
        match content {
            Some(content) => {
                std::fs::create_dir_all(file.parent().expect("a file is in a folder"))
                    .expect("writable");
                std::fs::write(&file, content).expect("writable");
            }
            None => std::fs::remove_file(&file).expect("it was there"),
        }
        self.run(&["add", "-A"]).await;
        self.run(&["commit", "-q", "-m", "change"]).await;
    }

    /// Pushes and returns what the server heard.
    pub async fn push(&self, arguments: &[&str]) -> PushFacts {
        let arguments: Vec<&str> = ["push", "-q", "origin"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        self.run(&arguments).await;
        self.heard().pop().expect("the push was decided")
    }

    pub fn heard(&self) -> Vec<PushFacts> {
        self.shared
            .heard
            .lock()
            .expect("no test panics here")
            .clone()
    }
}

/// A program that runs this test binary as the hook.
fn hook_program(scratch: &Scratch) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let program = scratch.folder.path().join("hook-program");
    let test = std::env::current_exe().expect("this program has a path");
    let name = concat!(module_path!(), "::act_as_the_hook");
    let name = name.split_once("::").expect("a module is in a crate").1;
    let script = format!(
        "#!/bin/sh\nexec '{}' --exact {name} --nocapture >/dev/null\n",
        test.display()
    );
    std::fs::write(&program, script).expect("writable");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("ours");
    program
}

pub(super) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(super) fn assert_ok(output: &Output) {
    assert!(output.status.success(), "{}", complaint(output));
}
