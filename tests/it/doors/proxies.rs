//! The real nginx, Caddy and `HAProxy` with the recipes of `docs/guard`, in front of a real service. Whatever is said to
//! people there is what runs here, but for ports and folders.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::{Json, Router};
use grantry::app::App;
use grantry::server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{believing, guard, wish};
use crate::world::World;

/// A server's command: Debian keeps it in a folder that not everybody's `PATH` has.
pub fn server_command(name: &str) -> Command {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() {
        Command::new(path)
    } else {
        Command::new(name)
    }
}

/// A program that ends with the test.
pub struct Program(Child);

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| {
            panic!("{command:?} cannot run: {error}; scripts/test installs it")
        }))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server in this process that ends with the test.
pub struct Served {
    pub port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let task = tokio::spawn(async move {
        axum::serve(listener, service).await.expect("it serves");
    });
    Served { port, task }
}

/// Grantry itself.
pub async fn gate(app: &App) -> Served {
    listen(server::router(app.clone())).await
}

/// A small service that says what it saw.
pub async fn echo() -> Served {
    let answer = async |request: Request| {
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
            .collect();
        Json(json!({
            "method": request.method().as_str(),
            "target": request.uri().to_string(),
            "headers": headers,
        }))
    };
    listen(Router::new().fallback(answer)).await
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it listens").port()
}

pub async fn wait_for(port: u16) {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(Instant::now() < until, "nothing listens at {port}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The fenced block of a recipe with this language.
pub fn recipe(file: &str, language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/guard")
        .join(file);
    let text = std::fs::read_to_string(path).expect("the recipe is there");
    let (_, rest) = text
        .split_once(&format!("```{language}\n"))
        .expect("it has the block");
    let (block, _) = rest.split_once("\n```").expect("the block ends");
    format!("{block}\n")
}

/// Where a proxy runs: its folder, and whom it knows.
pub struct Setting {
    pub folder: TempDir,
    pub port: u16,
    pub gate: u16,
    pub service: u16,
}

impl Setting {
    pub fn new(gate: u16, service: u16) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder can be made"),
            port: free_port(),
            gate,
            service,
        }
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path
    }

    /// A recipe with the ports of this test in place of those that people read.
    pub fn fit(&self, recipe: &str) -> String {
        recipe
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.gate))
            .replace("127.0.0.1:9000", &format!("127.0.0.1:{}", self.service))
            .replace("listen 8000", &format!("listen 127.0.0.1:{}", self.port))
            .replace("bind :8000", &format!("bind 127.0.0.1:{}", self.port))
            .replace(
                ":8000 {",
                &format!("http://:{} {{\n    bind 127.0.0.1", self.port),
            )
    }

    pub async fn nginx(&self, server: &str) -> Program {
        let folder = self.folder.path().display();
        let config = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log stderr error;\n\
             events {{}}\nhttp {{\naccess_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
             fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n{server}}}\n"
        );
        let path = self.write("nginx.conf", &config);
        let program = Program::start(
            server_command("nginx")
                .arg("-p")
                .arg(self.folder.path())
                .arg("-c")
                .arg(path),
        );
        wait_for(self.port).await;
        program
    }

    async fn caddy(&self) -> Program {
        let text = format!(
            "{{\n    admin off\n    auto_https off\n}}\n{}",
            self.fit(&recipe("caddy.md", "caddyfile"))
        );
        let path = self.write("Caddyfile", &text);
        let program = Program::start(
            server_command("caddy")
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(path)
                .env("HOME", self.folder.path())
                .env("XDG_DATA_HOME", self.folder.path())
                .env("XDG_CONFIG_HOME", self.folder.path())
                .stderr(Stdio::null()),
        );
        wait_for(self.port).await;
        program
    }

    async fn haproxy(&self) -> Program {
        let lua = self.write("grantry.lua", &self.fit(&recipe("haproxy.md", "lua")));
        let text = self.fit(&recipe("haproxy.md", "haproxy"));
        let text = text.replace("/etc/haproxy/grantry.lua", &lua.display().to_string());
        let path = self.write("haproxy.cfg", &text);
        let program = Program::start(server_command("haproxy").arg("-db").arg("-f").arg(path));
        wait_for(self.port).await;
        program
    }
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    /// What the service saw; null where it was not reached.
    fn seen(&self) -> Value {
        let body = self
            .text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body);
        let start = body.find('{').unwrap_or(body.len());
        let end = body.rfind('}').map_or(body.len(), |end| end + 1);
        serde_json::from_str(body.get(start..end).unwrap_or_default()).unwrap_or(Value::Null)
    }

    /// Every value that the service saw of a header.
    fn values(&self, name: &str) -> Vec<String> {
        let seen = self.seen();
        let headers = seen["headers"].as_array().cloned().unwrap_or_default();
        let named = headers.iter().filter(|pair| pair[0] == name);
        let values = named.map(|pair| pair[1].as_str().unwrap_or_default().to_owned());
        // An empty name says that nobody signed in, as none at all does.
        values.filter(|value| !value.is_empty()).collect()
    }
}

/// Sends a request byte by byte as it is written here: a client library would mend it.
pub async fn raw(port: u16, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
    let mut text =
        format!("{method} {target} HTTP/1.1\r\nHost: api.example.test\r\nConnection: close\r\n");
    for (name, value) in headers {
        text = format!("{text}{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the proxy listens");
    stream.write_all(text.as_bytes()).await.expect("it reads");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or_default(),
        text,
    }
}

const ISSUES: &str = "/repos/acme/web/issues";

/// What a client could try: our names, with a dash and with an underscore, and those in which proxies ask.
const FORGED: [(&str, &str); 14] = [
    ("X-Grantry-User", "forged"),
    ("x-grantry-user-id", "forged"),
    ("X-Grantry-Token-Id", "forged"),
    ("X-Grantry-Reason", "forged"),
    ("X-Grantry-Permission", "forged:admin"),
    ("X_Grantry_User", "forged"),
    ("X-Grantry-Service-Secret", "forged"),
    ("X-Original-Method", "GET"),
    ("X-Original-URI", "/repos/acme/site?forged"),
    ("X-Original-Host", "forged.example.test"),
    ("X-Forwarded-Method", "GET"),
    ("X-Forwarded-Uri", "/repos/acme/site?forged"),
    ("X-Forwarded-Host", "forged.example.test"),
    ("X-Forwarded-For", "203.0.113.66"),
];

/// What every recipe holds.
async fn holds(port: u16, token: &str) {
    let bearer = format!("Bearer {token}");
    let signed = [("Authorization", bearer.as_str())];
    let forging: Vec<_> = FORGED.into_iter().chain(signed).collect();
    let allowed = raw(port, "GET", &format!("{ISSUES}?state=open"), &signed).await;
    assert_eq!(allowed.status, 200, "{allowed:?}");
    assert_eq!(allowed.values("x-grantry-user"), ["ana"], "{allowed:?}");
    assert_eq!(allowed.values("x-grantry-kind"), ["fine_grained"]);
    assert_eq!(allowed.values("x-grantry-permission"), ["issues:read"]);
    assert_eq!(allowed.seen()["target"], format!("{ISSUES}?state=open"));
    assert!(
        allowed.values("authorization").is_empty(),
        "the service gets no token"
    );
    let forged = raw(port, "GET", ISSUES, &forging).await;
    assert_eq!(forged.status, 200, "{forged:?}");
    assert_eq!(forged.values("x-grantry-user"), ["ana"]);
    for trace in ["forged", "203.0.113.66"] {
        assert!(
            !forged.text.contains(trace),
            "{trace} reached the service: {forged:?}"
        );
    }
    let refused = raw(port, "POST", ISSUES, &forging).await;
    assert_eq!(
        refused.status, 403,
        "what a client says of its request changes nothing: {refused:?}"
    );
    assert!(
        refused
            .text
            .to_ascii_lowercase()
            .contains("x-grantry-reason: missing_permission"),
        "{refused:?}"
    );
    let stranger = raw(port, "GET", ISSUES, &FORGED).await;
    assert_eq!(stranger.status, 401, "{stranger:?}");
    assert!(
        stranger
            .text
            .to_ascii_lowercase()
            .contains("www-authenticate: basic"),
        "{stranger:?}"
    );
    let public = raw(port, "GET", "/repos/acme/site", &FORGED).await;
    assert_eq!(
        (public.status, public.values("x-grantry-user").len()),
        (200, 0),
        "{public:?}"
    );
    assert!(!public.text.contains("forged"), "{public:?}");
    for target in [
        "/repos/acme%2Fweb/issues",
        "/repos/acme/web;x/issues",
        "/repos/acme/api/%2e%2e/web/issues",
        "/repos//acme/web/issues",
    ] {
        let bad = raw(port, "GET", target, &signed).await;
        assert!(matches!(bad.status, 400 | 403), "{target}: {bad:?}");
    }
    let overridden = [signed[0], ("X-HTTP-Method-Override", "POST")];
    assert_eq!(raw(port, "GET", ISSUES, &overridden).await.status, 403);
    assert_eq!(
        raw(port, "GET", ISSUES, &[signed[0], signed[0]])
            .await
            .status
            / 100,
        4,
        "two tokens are none"
    );
    assert_eq!(raw(port, "GET", "/no/such", &signed).await.status, 403);
}

/// What every recipe does where the gate does not answer.
async fn lets_nothing_through(port: u16, token: &str) {
    let bearer = format!("Bearer {token}");
    for target in [ISSUES, "/repos/acme/site"] {
        let answer = raw(port, "GET", target, &[("Authorization", &bearer)]).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.seen(), Value::Null, "the service was not reached");
    }
}

async fn with_proxy(proxy: &str, start: impl AsyncFn(&Setting) -> Program) {
    let world = World::memory().await;
    let mut edge = wish("edge");
    proxy.clone_into(&mut edge.proxy);
    "api.example.test".clone_into(&mut edge.hosts);
    guard(&world, edge).await;
    let minted = world.approved("issues", "read").await;
    let token = minted.secret.reveal();
    let (gate, service) = (gate(&believing(&world)).await, echo().await);
    let setting = Setting::new(gate.port, service.port);
    let program = start(&setting).await;
    holds(setting.port, token).await;
    drop(program);
    let deaf = Setting::new(free_port(), service.port);
    let program = start(&deaf).await;
    lets_nothing_through(deaf.port, token).await;
    drop((program, gate, service));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_for_nginx_guards_a_service() {
    let start = async |setting: &Setting| {
        setting
            .nginx(&setting.fit(&recipe("nginx.md", "nginx")))
            .await
    };
    with_proxy("original", start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_for_caddy_guards_a_service() {
    with_proxy("forwarded", async |setting: &Setting| setting.caddy().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_for_haproxy_guards_a_service() {
    with_proxy("original", async |setting: &Setting| {
        setting.haproxy().await
    })
    .await;
}
