//! `git http-backend` behind nginx and fcgiwrap, guarded by the recipe of `docs/guard/nginx.md`.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::proxies::{Program, Setting, free_port, gate, recipe, server_command};
use super::{believing, guard, wish};
use crate::world::{World, draft};

/// Runs git on its own, without whatever this machine has set for it.
fn git(folder: &Path, words: &[&str]) -> Output {
    let command = Command::new("git")
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_NAME", "Ana")
        .env("GIT_AUTHOR_EMAIL", "ana@example.test")
        .env("GIT_COMMITTER_NAME", "Ana")
        .env("GIT_COMMITTER_EMAIL", "ana@example.test")
        .output();
    command.expect("git runs")
}

#[track_caller]
fn works(folder: &Path, words: &[&str]) {
    let output = git(folder, words);
    assert!(
        output.status.success(),
        "git {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[track_caller]
fn fails(folder: &Path, words: &[&str], said: &str) {
    let output = git(folder, words);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && told.contains(said),
        "git {words:?}: {told}"
    );
}

/// Where git keeps `git http-backend` on this machine.
fn git_programs() -> String {
    let output = git(Path::new("/"), &["--exec-path"]);
    String::from_utf8(output.stdout).expect("a path is text")
}

async fn fcgiwrap(socket: &Path) -> Program {
    let program = Program::start(
        server_command("fcgiwrap")
            .arg("-s")
            .arg(format!("unix:{}", socket.display())),
    );
    let until = Instant::now() + Duration::from_secs(10);
    while !socket.exists() {
        assert!(Instant::now() < until, "fcgiwrap does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    program
}

/// The recipe with its part for git, at the folders of a test.
fn server(setting: &Setting, root: &Path, socket: &Path) -> String {
    let whole = recipe("nginx.md", "nginx");
    let git = recipe("nginx.md", "nginx-git");
    let text = whole.replace("    location / {", &format!("{git}\n    location / {{"));
    let programs = git_programs();
    setting
        .fit(&text)
        .replace("/usr/lib/git-core", programs.trim())
        .replace("/srv/git", &root.display().to_string())
        .replace("/run/fcgiwrap.socket", &socket.display().to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_for_git_clones_pushes_and_refuses() {
    let world = World::memory().await;
    guard(&world, wish("edge")).await;
    let gate = gate(&believing(&world)).await;
    let setting = Setting::new(gate.port, free_port());
    let folder = setting.folder.path();
    let (root, socket) = (folder.join("repositories"), folder.join("fcgi.socket"));
    std::fs::create_dir_all(root.join("acme")).expect("it is writable");
    works(folder, &["init", "-q", "-b", "main", "seed"]);
    std::fs::write(folder.join("seed/README.md"), "# Web\n").expect("it is writable");
    works(&folder.join("seed"), &["add", "."]);
    works(&folder.join("seed"), &["commit", "-q", "-m", "Begin"]);
    works(
        folder,
        &["clone", "-q", "--bare", "seed", "repositories/acme/web.git"],
    );
    let _fcgiwrap = fcgiwrap(&socket).await;
    let _nginx = setting.nginx(&server(&setting, &root, &socket)).await;
    let address = |secret: &str| {
        format!(
            "http://ana:{secret}@127.0.0.1:{}/acme/web.git",
            setting.port
        )
    };
    let reading = world.approved("contents", "read").await;
    let wish = draft("pusher").owner("acme").selected(&["web"]);
    let writing = world
        .mint(
            "olga",
            wish.permission("contents", "write")
                .permission("workflows", "write"),
        )
        .await;
    let (read, write) = (
        address(reading.secret.reveal()),
        address(writing.secret.reveal()),
    );
    works(folder, &["clone", "-q", &read, "copy"]);
    let copy = folder.join("copy");
    assert!(copy.join("README.md").exists());
    std::fs::write(copy.join("new.txt"), "new\n").expect("it is writable");
    works(&copy, &["add", "."]);
    works(&copy, &["commit", "-q", "-m", "Add new.txt"]);
    let head = || git(&root.join("acme/web.git"), &["rev-parse", "main"]).stdout;
    let before = head();
    fails(&copy, &["push", "-q", &read, "main"], "403");
    let none = format!("http://127.0.0.1:{}/acme/web.git", setting.port);
    fails(
        folder,
        &["clone", "-q", &none, "nothing"],
        "could not read Username",
    );
    assert_eq!(head(), before, "a refused push moves nothing");
    works(&copy, &["push", "-q", &write, "main"]);
    assert_ne!(head(), before);
    world.revoke("sam", &writing, "").await.expect("it works");
    fails(&copy, &["push", "-q", &write, "main:other"], "403");
    drop(gate);
    world.stop().await;
}
