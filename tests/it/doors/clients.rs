//! Clients that others wrote ask about tokens and end them: oauth4webapi and Authlib, pinned in `tests/clients`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::proxies::gate;
use super::{guard, wish};
use crate::clients::installed;
use crate::world::{Answer, World};

/// Runs a client and reads the line that it prints.
async fn run(program: &Path, script: &str, settings: &[(&str, &str)]) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let mut command = Command::new(program);
    command
        .arg(folder.join(script))
        .current_dir(&folder)
        .envs(settings.iter().copied());
    for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    let shown = program.display().to_string();
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output
        .expect("the task ends")
        .unwrap_or_else(|error| panic!("`{shown}` cannot run: {error}; scripts/test installs it"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

async fn asks_and_ends(program: &Path, script: &str) {
    let world = World::memory().await;
    let mut edge = wish("edge");
    "acme".clone_into(&mut edge.owners);
    let edge = guard(&world, edge).await;
    let minted = world.approved("issues", "read").await;
    let server = gate(&world.app).await;
    let base = format!("http://127.0.0.1:{}", server.port);
    let settings = [
        ("BASE", base.as_str()),
        ("SERVICE", "edge"),
        ("SECRET", &edge.secret),
        ("TOKEN", minted.secret.reveal()),
    ];
    let said = run(program, script, &settings).await;
    for way in ["before", "posted"] {
        assert_eq!(said[way]["active"], true, "{said}");
        assert_eq!(said[way]["username"], "ana");
        assert_eq!(said[way]["scope"], "issues:read metadata:read");
        assert_eq!(said[way]["authorization_details"][0]["owner"], "acme");
    }
    let stranger = said["stranger"].as_str().unwrap_or_default();
    assert!(stranger.starts_with("401"), "{said}");
    assert_eq!(said["after"], json!({"active": false}));
    let refused = world
        .answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues")
        .await;
    assert_ne!(refused, Answer::Allowed);
    drop(server);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oauth4webapi_introspects_and_revokes() {
    asks_and_ends(Path::new("node"), "oauth.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authlib_introspects_and_revokes() {
    asks_and_ends(&installed("python"), "oauth.py").await;
}
