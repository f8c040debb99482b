//! The demonstration as a stranger starts it: sample people, sample data, and a link for each person.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::server::is_signed_in;
use crate::support::browser::Browser;

/// `grantry demo`, with the links that it prints.
pub struct Demo {
    child: Child,
    /// Holds the throw-away folder of a demo that is killed before it can remove it.
    _folder: TempDir,
    /// Where it listens.
    pub origin: String,
    links: BTreeMap<String, String>,
}

impl Demo {
    /// Starts it on a free port and reads what it prints for people.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut child = Command::new(env!("CARGO_BIN_EXE_grantry"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"))
            .lines()
            .map_while(Result::ok);
        let mut by_login = BTreeMap::new();
        let mut person = String::new();
        let last = lines.find_map(|line| {
            let first = line
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            if first.contains("/enroll/") {
                by_login.insert(std::mem::take(&mut person), first);
            } else if line.starts_with("  ") {
                person = first;
            }
            line.contains("git clone").then_some(line)
        });
        assert!(last.is_some(), "the demo prints how to begin");
        let link = by_login.values().next().expect("there is a link");
        let origin = link.split("/enroll/").next().unwrap_or_default().to_owned();
        Self {
            child,
            _folder: folder,
            origin,
            links: by_login,
        }
    }

    /// Signs in by the person's link, without a passkey.
    pub async fn sign_in(&self, browser: &Browser, login: &str) {
        browser.goto(&self.links[login]).await;
        browser
            .press("Continue without a passkey (demo only)")
            .await;
        is_signed_in(browser).await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
