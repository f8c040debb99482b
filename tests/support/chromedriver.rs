//! The process that drives one Chromium, and the flags that Chromium gets.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};

/// What makes Chromium headless, quiet on the network and the same on every machine.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-US",
];

/// The names under which systems know the browser, the most usual first.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// A running chromedriver. Dropping it kills it and every process it started, so that neither a
/// failed nor a hanging test leaves a Chromium behind.
#[derive(Debug)]
pub struct Chromedriver {
    process: Child,
    port: u16,
}

impl Chromedriver {
    /// Starts chromedriver on a port of its own choice, which it tells on its standard output. It
    /// and Chromium put their temporary files into `folder`, since who is killed removes none.
    pub fn start(folder: &Path) -> Self {
        let mut process = command()
            .arg("--port=0")
            .env("TZ", "UTC")
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, which the drop kills as a whole.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("the browser tests need `chromedriver` (Debian: chromium-driver): {error}")
            });
        let port = read_port(&mut process);
        Self { process, port }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command, tied to the life of this process where the system can do so: the runner kills a
/// hanging test without letting it drop anything.
fn command() -> Command {
    if find_program("setpriv").is_none() {
        return Command::new("chromedriver");
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "chromedriver"]);
    command
}

fn read_port(process: &mut Child) -> u16 {
    let output = process.stdout.take().expect("the output is piped");
    let mut said = String::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let port = line
            .strip_suffix('.')
            .and_then(|line| line.rsplit_once("started successfully on port "));
        if let Some((_, port)) = port {
            return port.parse().expect("chromedriver names its port in digits");
        }
        said.push_str(&line);
        said.push('\n');
    }
    panic!(
        "`chromedriver` did not start (Debian: apt-get install chromium chromium-driver): {said}"
    );
}

/// What a session asks for: our flags and an empty profile in the folder `profile`.
pub fn capabilities(profile: &Path) -> ChromeCapabilities {
    let mut capabilities = ChromeCapabilities::new();
    let profile = format!("--user-data-dir={}", profile.display());
    for flag in FLAGS.iter().copied().chain([profile.as_str()]) {
        capabilities.add_arg(flag).expect("a flag is a string");
    }
    if let Some(browser) = BROWSERS.iter().find_map(|name| find_program(name)) {
        capabilities
            .set_binary(&browser.to_string_lossy())
            .expect("a path is a string");
    }
    capabilities
}

fn find_program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
