//! Clients that we did not write, against a running server: what they say they did is looked up in the database.
//!
//! The clients themselves lie in `tests/clients`; `scripts/test` installs them. One that is missing is a failure.

mod schemathesis;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use grantry::api::limits::Limiter;
use grantry::app::App;
use grantry::config::Config;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::ids::TokenId;
use grantry::domain::rate::Rates;
use grantry::server;
use grantry::store::requests;
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::world::{World, draft};

/// A world that listens, until it is dropped.
pub struct Serving {
    /// Where, `http://localhost:1234`.
    pub origin: String,
    /// The port.
    pub port: u16,
    task: JoinHandle<()>,
}

impl Serving {
    /// Lets a world listen. `base_url` is where clients find it; none: where it listens.
    pub async fn start(world: &World, base_url: Option<String>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let origin = format!("http://localhost:{port}");
        let config = Config {
            base_url: base_url.unwrap_or_else(|| origin.clone()),
            ..(*world.app.config).clone()
        };
        let rates = Rates {
            user: Some(5_000),
            stranger: None,
        };
        let app = App {
            config: Arc::new(config),
            limiter: Arc::new(Limiter::new(rates)),
            ..world.app.clone()
        };
        let service = server::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("it serves");
        });
        Self { origin, port, task }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A file beside the clients.
fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(name)
}

/// A program that `scripts/test` put beside the build.
pub fn installed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/clients/bin")
        .join(name)
}

/// Runs a client to its end. What it says is shown when it fails.
pub async fn run(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) {
    let child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let output = child.unwrap_or_else(|error| {
        panic!(
            "{} cannot be run ({error}): scripts/test installs it",
            program.display()
        )
    });
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{}: {said}", program.display());
}

/// Four tokens of ana that wait for acme, in this order.
async fn four_waiting(world: &World) -> Vec<TokenId> {
    let mut tokens = Vec::new();
    for name in ["one", "two", "three", "four"] {
        let wish = draft(name).owner("acme").selected(&["web"]);
        tokens.push(
            world
                .mint("ana", wish.permission("issues", "read"))
                .await
                .token,
        );
        // Each is older than the next, so that an order by age is one.
        world.pass_seconds(1);
    }
    tokens
}

/// An owner's token that manages and reads.
async fn managing(world: &World) -> String {
    let wish = draft("manager").owner("acme").all();
    let wish = wish.permission("organization_personal_access_token_requests", "write");
    let wish = wish.permission("organization_personal_access_tokens", "write");
    let minted = world
        .mint("olga", wish.permission("metadata", "read"))
        .await;
    minted.secret.reveal().to_owned()
}

/// What the clients were to do: the first approved and revoked again, the others denied.
async fn hold_done(world: &World, tokens: &[TokenId], reason: &str) {
    let mut last = Vec::new();
    for token in tokens {
        let grant = world.grant(*token, "acme").await;
        let found = requests::find_latest(&mut world.reader(), grant.id).await;
        last.push((
            grant.state,
            found.expect("it is read").expect("it was asked"),
        ));
    }
    let states: Vec<_> = last
        .iter()
        .map(|(grant, request)| (*grant, request.state))
        .collect();
    let denied = (GrantState::None, RequestState::Denied);
    let revoked = (GrantState::Revoked, RequestState::Approved);
    assert_eq!(states, [revoked, denied, denied, denied]);
    assert_eq!(last[1].1.decision_reason, reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn octokit_manages_tokens() {
    let world = World::sqlite().await;
    let (tokens, token) = (four_waiting(&world).await, managing(&world).await);
    let serving = Serving::start(&world, None).await;
    let base = format!("{}/api/v3", serving.origin);
    let environment = [
        ("BASE_URL", base.as_str()),
        ("TOKEN", &token),
        ("ORG", "acme"),
    ];
    let script = client("octokit.mjs");
    run(
        Path::new("node"),
        &[&script.display().to_string()],
        &environment,
    )
    .await;
    hold_done(&world, &tokens, "by octokit").await;
    drop(serving);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pygithub_manages_tokens() {
    let world = World::sqlite().await;
    let (tokens, token) = (four_waiting(&world).await, managing(&world).await);
    let serving = Serving::start(&world, None).await;
    let base = format!("{}/api/v3", serving.origin);
    let environment = [
        ("BASE_URL", base.as_str()),
        ("TOKEN", &token),
        ("ORG", "acme"),
    ];
    let script = client("pygithub.py");
    run(
        &installed("python"),
        &[&script.display().to_string()],
        &environment,
    )
    .await;
    hold_done(&world, &tokens, "by PyGithub").await;
    drop(serving);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_of_github_manages_tokens() {
    let world = World::sqlite().await;
    let (tokens, token) = (four_waiting(&world).await, managing(&world).await);
    let free = StdListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let tls = free.expect("a port is free").port().to_string();
    let serving = Serving::start(&world, Some(format!("https://localhost:{tls}"))).await;
    let (port, python) = (
        serving.port.to_string(),
        installed("python").display().to_string(),
    );
    let environment = [
        ("TLS_PORT", tls.as_str()),
        ("SERVER_PORT", &port),
        ("TOKEN", &token),
        ("ORG", "acme"),
        ("PYTHON", &python),
    ];
    run(&client("gh.sh"), &[], &environment).await;
    hold_done(&world, &tokens, "by gh").await;
    drop(serving);
    world.stop().await;
}
