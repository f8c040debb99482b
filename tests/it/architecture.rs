//! The arrows between the rooms of the house run inwards only.
//!
//! Reads every `crate::…` path in `src`, in `use` lines and elsewhere, and refuses one that leads outwards.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may look into. `clock`, `entropy` and `config` are small and look into little.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &["entropy"]),
    ("entropy", &[]),
    ("clock", &["domain"]),
    ("config", &["domain", "gate"]),
    ("store", &["domain"]),
    ("gate", &["store", "domain", "clock", "entropy"]),
    (
        "actions",
        &["gate", "store", "domain", "clock", "entropy", "git"],
    ),
    (
        "git",
        &[
            "app", "gate", "actions", "store", "domain", "clock", "entropy", "server",
        ],
    ),
    (
        "api",
        &[
            "app", "gate", "actions", "store", "domain", "clock", "entropy", "git", "server",
            "config",
        ],
    ),
    (
        "doors",
        &["app", "gate", "actions", "store", "domain", "git", "server"],
    ),
    (
        "health",
        &["app", "git", "store", "domain", "clock", "config"],
    ),
    (
        "web",
        &[
            "app", "gate", "actions", "store", "domain", "clock", "entropy", "server", "config",
            "git", "health",
        ],
    ),
];

/// What of a room may be looked at from where only a part of it is open.
const PARTS: &[(&str, &str, &[&str])] = &[
    // Actions tell memory what changed; they decide nothing by the gate.
    ("actions", "gate", &["Memory"]),
    // Settings name a mode of the gate's recorder.
    ("config", "gate", &["Mode"]),
    // Doors judge nothing themselves: of actions they have one, and of git only how its requests are told apart.
    ("doors", "actions", &["revoke_by_service"]),
    ("doors", "git", &["errand", "operation"]),
    // Answers hold the addresses of pictures, which are files of the console.
    ("api", "web", &["assets::url"]),
    // The console shows the description of the API, which is made from its table, and explanations say which of the
    // catalog's endpoints are our own.
    ("web", "api", &["description", "operation", "PREFIX"]),
];

#[test]
fn every_arrow_runs_inwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, open) in ROOMS {
        for file in files_of(&source, room) {
            let text = fs::read_to_string(&file).expect("a source file can be read");
            let name = file
                .strip_prefix(&source)
                .expect("it lies in src")
                .display()
                .to_string();
            for path in paths(&text) {
                if !is_inwards(room, open, &path) {
                    wrong.push(format!("{name}: crate::{path}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that run outwards:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_domain_needs_no_database_network_or_runtime() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let foreign = [
        "sqlx",
        "axum",
        "tokio",
        "tower",
        "reqwest",
        "askama",
        "std::fs",
        "std::net::Tcp",
        "async fn",
    ];
    for file in files_of(&source, "domain") {
        let text = fs::read_to_string(&file).expect("a source file can be read");
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let found = foreign.iter().find(|word| line.contains(**word));
            assert_eq!(found, None, "{}: {line}", file.display());
        }
    }
}

#[test]
fn only_the_store_speaks_sql() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in [
        "domain", "gate", "actions", "git", "doors", "api", "health", "web", "cli",
    ] {
        for file in files_of(&source, room) {
            let text = fs::read_to_string(&file).expect("a source file can be read");
            for statement in ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "] {
                assert!(
                    !text.contains(statement),
                    "{} holds {statement}…",
                    file.display()
                );
            }
        }
    }
}

/// Whoever answers for what a token may do asks the gate: nobody else calls the decision, or reads a secret's hash.
#[test]
fn every_door_asks_the_one_gate() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in ["doors", "api", "git", "web", "actions", "cli"] {
        for file in files_of(&source, room) {
            let text = fs::read_to_string(&file).expect("a source file can be read");
            for call in [
                "decision::decide(",
                "snapshots::find_by_hash(",
                "Decision::Allow(Allow",
            ] {
                assert!(!text.contains(call), "{} holds {call}…", file.display());
            }
        }
    }
    for door in ["doors/authorize.rs", "git/http.rs", "api/permit.rs"] {
        let text = fs::read_to_string(source.join(door)).expect("a door can be read");
        let flat: String = text.split_whitespace().collect();
        assert!(
            flat.contains("gate.decide("),
            "{door} does not ask the gate"
        );
    }
}

fn is_inwards(room: &str, open: &[&str], path: &str) -> bool {
    let (target, rest) = path.split_once("::").unwrap_or((path, ""));
    if target == room {
        return true;
    }
    let part = PARTS
        .iter()
        .find(|(from, to, _)| *from == room && *to == target);
    match part {
        Some((_, _, parts)) => parts.iter().any(|part| rest.starts_with(part)),
        None => open.contains(&target),
    }
}

/// The files of a room: `room.rs` and everything in `room/`. A room that is not built yet has none.
fn files_of(source: &Path, room: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let own = source.join(room).with_extension("rs");
    if own.exists() {
        files.push(own);
    }
    let mut folders = vec![source.join(room)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Every path into the crate, without `crate::`; a braced list counts once for each of its members.
fn paths(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut paths = Vec::new();
    for after in code.split("crate::").skip(1) {
        let end = after.find(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
        let head = &after[..end.unwrap_or(after.len())];
        let members = after[head.len()..]
            .strip_prefix('{')
            .and_then(|list| list.split_once('}'));
        match members {
            Some((members, _)) => {
                paths.extend(
                    members
                        .split(',')
                        .map(|member| format!("{head}{}", member.trim())),
                );
            }
            None => paths.push(head.to_owned()),
        }
    }
    paths.retain(|path| !path.ends_with("::"));
    paths
}

#[test]
fn a_braced_list_is_read_member_by_member() {
    let found = paths("use crate::gate::{Memory, Mode};\nlet x = crate::store::find();");
    assert_eq!(found, ["gate::Memory", "gate::Mode", "store::find"]);
}
