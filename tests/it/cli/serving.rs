//! The server and the demo as programs: they start, hear of commands, and stop.

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Place;

/// A program that listens; ended with the test.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    fn start(place: &Place, words: &[&str]) -> Self {
        let mut child = place
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let (sender, lines) = mpsc::channel();
        let out = child.stdout.take().expect("stdout is a pipe");
        let err = child.stderr.take().expect("stderr is a pipe");
        listen(out, sender.clone());
        listen(err, sender);
        Self { child, lines }
    }

    /// Waits for a line that holds `words`.
    fn line(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("`{words}` is never said"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Asks it to stop and gives its exit code.
    fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let killed = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(killed.expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(pipe: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
}

/// The address within a line.
fn address(line: &str) -> String {
    let at = line.find("http://").expect("the line has an address");
    line[at..]
        .split([' ', ')'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

async fn status(base: &str, secret: &str) -> u16 {
    crate::support::use_ring();
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client can be made");
    let request = client
        .get(format!("{base}/api/v3/repos/ana/lab/issues"))
        .bearer_auth(secret);
    request
        .send()
        .await
        .expect("the server answers")
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_running_server_hears_of_a_revocation_within_a_second_and_stops_cleanly() {
    let place = Place::with_directory();
    let server = Running::start(&place, &["serve", "--listen", "127.0.0.1:0"]);
    let base = address(&server.line("answers as"));
    let secret = place.token();
    assert_eq!(status(&base, &secret).await, 200);
    let revoked = place.run(&["token", "revoke", &secret]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(status(&base, &secret).await, 401);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_server_without_people_says_what_comes_next() {
    let place = Place::empty();
    let server = Running::start(&place, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        server
            .line("nobody is in the directory")
            .contains("`grantry import directory.toml`")
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let place = Place::empty();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    for command in ["serve", "demo"] {
        let refused = place.run(&[command, "--listen", &address]);
        assert_eq!(refused.code, 1);
        assert!(
            refused.err.contains("another program uses it"),
            "{}",
            refused.err
        );
        assert!(refused.err.contains("--listen"), "{}", refused.err);
    }
    let url = "sqlite:///nowhere/at/all.db";
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0", "--database-url", url]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("check `database_url`"),
        "{}",
        refused.err
    );
    place
        .run(&["demo", "--listen", "0.0.0.0:0"])
        .is_refused("listens on this machine only");
    place
        .run(&["demo", "--data-dir", "x"])
        .is_refused("leave `--data-dir` away");
}

#[test]
fn the_demo_prints_a_token_that_works_and_leaves_nothing_behind() {
    let place = Place::empty();
    let demo = Running::start(&place, &["demo", "--listen", "127.0.0.1:0"]);
    assert!(demo.line("olga").contains("(3 requests wait)"));
    assert!(demo.line("/enroll/").contains("http://localhost:"));
    let folder = demo.line("--data-dir");
    let folder = folder
        .split_whitespace()
        .skip_while(|word| *word != "--data-dir")
        .nth(1);
    let folder = std::path::PathBuf::from(folder.expect("the folder follows"));
    let clone = demo.line("git clone");
    let url = clone
        .trim()
        .strip_prefix("git clone ")
        .expect("it is a command");
    let cloned = std::process::Command::new("git")
        .args(["-c", "http.proxy=", "clone", "--quiet", url, "web"])
        .current_dir(place.path())
        .status();
    assert!(cloned.expect("git runs").success());
    assert!(place.path().join("web/.github/workflows/ci.yml").exists());
    assert!(folder.exists());
    assert_eq!(demo.stop(), Some(0));
    assert!(!folder.exists(), "the folder is gone");
}
