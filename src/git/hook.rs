//! The `pre-receive` hook: asks the server whether a push may move its refs.
//!
//! Git runs it when all objects have arrived in quarantine and before any ref moves. It is a small program of
//! its own, without async: it finds out what the push would do, sends that to the server's socket, and
//! passes the verdict on. Whatever goes wrong, the push is refused.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::facts::{PushFacts, PushQuestion, PushVerdict, RefChange, RefKind, RefUpdate};
use super::refusal::printable;
use super::workflows::Inspector;

/// The variable that names the server's socket.
pub const SOCKET_VARIABLE: &str = "GRANTRY_HOOK_SOCKET";
/// The variable that identifies the push.
pub const PUSH_VARIABLE: &str = "GRANTRY_PUSH";
/// The variable that names the program which the hook script runs.
pub const PROGRAM_VARIABLE: &str = "GRANTRY_PROGRAM";

/// Git's own variables that make quarantined objects visible.
const QUARANTINE_VARIABLES: [&str; 3] = [
    "GIT_QUARANTINE_PATH",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];
/// How many refs one push may move.
const UPDATE_LIMIT: usize = 1_000;
/// How many workflow files are named to the server.
const NAMED_FILES: usize = 100;
/// How long the server may take to decide.
const VERDICT_TIME: Duration = Duration::from_mins(1);
/// The longest verdict, in bytes.
const VERDICT_LIMIT: u64 = 64 * 1024;

/// The script that git runs; it does nothing but hand over to the program that serves.
const SCRIPT: &str = "#!/bin/sh\nexec \"$GRANTRY_PROGRAM\" hook pre-receive\n";

/// Writes the hook script into `folder` and returns its path; run at every start, so that it is never stale.
pub fn install_hook(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let script = folder.join("pre-receive");
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(SCRIPT.as_bytes())?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o755))?;
    file.persist(&script).map_err(|error| error.error)?;
    Ok(script)
}

/// Runs the hook: reads git's lines from `input`, prints a refusal to `errors`, and returns the exit code.
pub fn hook_main(
    input: impl Read,
    environment: &BTreeMap<OsString, OsString>,
    errors: &mut dyn Write,
) -> u8 {
    let verdict = decide(input, environment).unwrap_or_else(PushVerdict::refuse);
    if verdict.allow {
        return 0;
    }
    // Nobody is left to tell when this cannot be written; the exit code refuses all the same.
    let _ = writeln!(errors, "{}", printable(&verdict.message));
    1
}

/// The verdict on the push, or a sentence on why there is none.
fn decide(
    input: impl Read,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<PushVerdict, String> {
    let variable = |name: &str| environment.get(&OsString::from(name));
    let missing = "this push did not come through Grantry, so it cannot be decided; push to the address Grantry shows";
    let socket = variable(SOCKET_VARIABLE).ok_or(missing)?;
    let push = variable(PUSH_VARIABLE)
        .and_then(|id| id.to_str())
        .ok_or(missing)?
        .to_owned();
    let inspector = inspector(environment)?;
    let facts = gather(input, &inspector)?;
    ask(Path::new(socket), &PushQuestion { push, facts }).map_err(|_| {
        "the server could not decide this push in time; nothing was changed, try again".to_owned()
    })
}

/// An inspector of the repository that git runs the hook in.
fn inspector(environment: &BTreeMap<OsString, OsString>) -> Result<Inspector, String> {
    let named = environment
        .get(&OsString::from("GIT_DIR"))
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let git_dir = named.canonicalize().map_err(|_| unreadable())?;
    let quarantine = QUARANTINE_VARIABLES
        .iter()
        .filter_map(|name| environment.get_key_value(&OsString::from(name)));
    let quarantine: Vec<_> = quarantine
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(Inspector::new(&git_dir, quarantine))
}

fn unreadable() -> String {
    "the server could not read this push; nothing was changed, try again".to_owned()
}

fn gather(input: impl Read, inspector: &Inspector) -> Result<PushFacts, String> {
    let updates = read_updates(input, inspector)?;
    let mut workflow_files = inspector
        .touched_workflows(&updates)
        .map_err(|_| unreadable())?;
    workflow_files.truncate(NAMED_FILES);
    Ok(PushFacts {
        updates,
        workflow_files,
    })
}

fn read_updates(input: impl Read, inspector: &Inspector) -> Result<Vec<RefUpdate>, String> {
    let mut updates = Vec::new();
    for line in BufReader::new(input).lines() {
        let line = line
            .map_err(|_| "this push has a ref whose name is not UTF-8; rename it and push again")?;
        if updates.len() == UPDATE_LIMIT {
            return Err(format!(
                "one push may move {UPDATE_LIMIT} refs; push fewer at a time"
            ));
        }
        updates.push(read_update(&line, inspector)?);
    }
    Ok(updates)
}

/// Reads one line of git's: old id, new id, ref.
fn read_update(line: &str, inspector: &Inspector) -> Result<RefUpdate, String> {
    let mut parts = line.splitn(3, ' ');
    let (Some(old), Some(new), Some(reference)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unreadable());
    };
    let kind = RefKind::of(reference);
    let change = change_of(kind, old, new, inspector)?;
    Ok(RefUpdate {
        reference: reference.to_owned(),
        kind,
        change,
        old: old.to_owned(),
        new: new.to_owned(),
    })
}

fn change_of(
    kind: RefKind,
    old: &str,
    new: &str,
    inspector: &Inspector,
) -> Result<RefChange, String> {
    match (is_zero(old), is_zero(new)) {
        (_, true) => Ok(RefChange::Delete),
        (true, false) => Ok(RefChange::Create),
        // Only branches move forward; any other ref that changes loses what it named.
        (false, false) if kind != RefKind::Branch => Ok(RefChange::Force),
        (false, false) => {
            let forward = inspector.is_ancestor(old, new).map_err(|_| unreadable())?;
            Ok(if forward {
                RefChange::Update
            } else {
                RefChange::Force
            })
        }
    }
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

fn ask(socket: &Path, question: &PushQuestion) -> std::io::Result<PushVerdict> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(VERDICT_TIME))?;
    stream.set_write_timeout(Some(VERDICT_TIME))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(VERDICT_LIMIT)).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse_with(environment: &[(&str, &str)]) -> (u8, String) {
        let environment = environment
            .iter()
            .map(|(k, v)| (OsString::from(k), OsString::from(v)))
            .collect();
        let mut errors = Vec::new();
        let code = hook_main(&b""[..], &environment, &mut errors);
        (code, String::from_utf8(errors).expect("refusals are UTF-8"))
    }

    #[test]
    fn a_push_around_the_server_is_refused() {
        let (code, message) = refuse_with(&[]);
        assert_eq!(code, 1);
        assert!(message.contains("did not come through Grantry"));
    }

    #[test]
    fn a_server_that_cannot_be_reached_refuses() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let repository = folder.path().to_str().expect("the path is UTF-8");
        let socket = folder.path().join("absent.sock");
        let socket = socket.to_str().expect("the path is UTF-8");
        let status = std::process::Command::new("git")
            .args(["init", "-q", "--bare", repository])
            .status();
        assert!(status.expect("git runs").success());
        let environment = [
            ("GIT_DIR", repository),
            (SOCKET_VARIABLE, socket),
            (PUSH_VARIABLE, "00"),
        ];
        let (code, message) = refuse_with(&environment);
        assert_eq!(code, 1);
        assert!(message.contains("could not decide"), "{message}");
    }

    #[test]
    fn the_script_is_executable_and_written_again_at_every_start() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let script = install_hook(folder.path()).expect("the folder is writable");
        std::fs::write(&script, "stale").expect("the script is writable");
        install_hook(folder.path()).expect("the script is replaced");
        assert_eq!(
            std::fs::read_to_string(&script).expect("it is there"),
            SCRIPT
        );
        let mode = std::fs::metadata(&script)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}
