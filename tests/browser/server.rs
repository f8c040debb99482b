//! A real server for browser tests: the program itself, on a free port, with a small directory.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::browser::Browser;

const PROGRAM: &str = env!("CARGO_BIN_EXE_grantry");

/// The directory that the tests walk in: Acme with an owner, a member and two private repositories.
const DIRECTORY: &str = r#"
[[users]]
login = "olga"
name = "Olga Petrova"

[[users]]
login = "ana"
name = "Ana Lima"

[[organizations]]
login = "acme"
name = "Acme"
owners = ["olga"]
members = ["ana"]
base_permission = "write"

[[repositories]]
owner = "acme"
name = "web"
visibility = "private"
source = "./web.git"

[[repositories]]
owner = "acme"
name = "api"
visibility = "private"

[[issues]]
repository = "acme/web"
author = "ana"
title = "The first thing to do"
body = "It is waiting."
"#;

/// A running server; it ends with the value.
pub struct Server {
    child: Child,
    folder: TempDir,
    database: String,
    port: u16,
}

impl Server {
    /// Enters the directory and starts the server; `database_url` may be empty for SQLite in the data folder.
    pub async fn start(database_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let port = free_port();
        let database = if database_url.is_empty() {
            format!("sqlite://{}/data/grantry.db", folder.path().display())
        } else {
            database_url.to_owned()
        };
        make_repository(folder.path());
        std::fs::write(folder.path().join("directory.toml"), DIRECTORY).expect("it is writable");
        let import = folder.path().join("directory.toml");
        run(
            &database,
            folder.path(),
            port,
            &["import", &import.display().to_string()],
        );
        let log = std::fs::File::create(folder.path().join("log")).expect("it is writable");
        let child = command(&database, folder.path(), port)
            .arg("serve")
            .env("GRANTRY_LOG", "debug")
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let server = Self {
            child,
            folder,
            database,
            port,
        };
        server.wait().await;
        server
    }

    /// The address of the console, as passkeys need it.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A one-time link for a person, made by the command beside the running server.
    pub fn link(&self, login: &str) -> String {
        let output = run(
            &self.database,
            self.folder.path(),
            self.port,
            &["link", login],
        );
        let text = String::from_utf8(output.stdout).expect("it prints text");
        let link = text
            .split_whitespace()
            .find(|word| word.contains("/enroll/"));
        link.expect("the command prints the link").to_owned()
    }

    /// A folder that is removed with the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asserts that a secret stands in clear in no file of the data folder and in no line of the log.
    pub fn assert_nowhere(&self, secret: &str) {
        // The identifier in the first half may be logged; the rest never.
        self.assert_nowhere_written(&secret[secret.len() - 42..]);
    }

    /// Asserts that a text stands in no file of the data folder and in no line of the log.
    pub fn assert_nowhere_written(&self, text: &str) {
        let mut folders = vec![self.folder.path().join("data")];
        let mut files = vec![self.folder.path().join("log")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("it is readable").flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                (if is_folder { &mut folders } else { &mut files }).push(entry.path());
            }
        }
        for file in files {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let found = bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            assert!(!found, "the secret stands in {}", file.display());
        }
    }

    async fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        crate::support::use_ring();
        let health = format!("{}/healthz", self.origin());
        loop {
            if let Ok(answer) = reqwest::get(&health).await
                && answer.status().is_success()
            {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "the server is not healthy in time"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

fn command(database: &str, folder: &Path, port: u16) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env("GRANTRY_DATABASE_URL", database)
        .env("GRANTRY_DATA_DIR", folder.join("data"))
        .env("GRANTRY_LISTEN", format!("127.0.0.1:{port}"))
        .stdin(Stdio::null());
    command
}

fn run(database: &str, folder: &Path, port: u16, arguments: &[&str]) -> Output {
    let output = command(database, folder, port)
        .args(arguments)
        .output()
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "grantry {arguments:?}: {errors}");
    output
}

/// A bare repository with one commit, for the directory to copy.
fn make_repository(folder: &Path) {
    let work = folder.join("work");
    std::fs::create_dir(&work).expect("it can be made");
    let mut readme = std::fs::File::create(work.join("README.md")).expect("it is writable");
    readme.write_all(b"# web\n").expect("it is writable");
    git(&work, &["init", "-q", "-b", "main"]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "-q", "-m", "Begin"]);
    git(folder, &["clone", "-q", "--bare", "work", "web.git"]);
}

/// Runs git in a folder, and asserts that it succeeds.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = try_git(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs git in a folder, as nobody in particular, never asking a person.
pub fn try_git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ana")
        .env("GIT_AUTHOR_EMAIL", "ana@example.test")
        .env("GIT_COMMITTER_NAME", "Ana")
        .env("GIT_COMMITTER_EMAIL", "ana@example.test")
        .output()
        .expect("git runs")
}

/// Waits for a page that offers to sign out.
pub async fn is_signed_in(browser: &Browser) {
    let script = "return !!document.querySelector(\"form[action='/logout']\")";
    browser
        .until("a page for somebody who is signed in", async || {
            browser
                .look::<bool>(script)
                .await
                .filter(|found| *found)
                .map(drop)
        })
        .await;
}
