//! The server's side of a push: hooks ask here, and whoever serves the push has left the answer's maker here.
//!
//! A push runs in three places: the handler that authenticated it, git's backend, and the hook that git
//! starts. The desk joins them: the handler registers a decider under 128 random bits, the hook brings the
//! facts under the same bits, and the decider's verdict goes back. Each registration answers once.

use std::collections::HashMap;
use std::fs::Permissions;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{AbortHandle, JoinSet};

pub use super::facts::{PushFacts, PushVerdict, RefChange, RefKind, RefUpdate};

use super::facts::PushQuestion;
use super::hook::{PUSH_VARIABLE, SOCKET_VARIABLE};

/// The longest question of a hook, in bytes: 1,000 refs with long names fit.
const QUESTION_LIMIT: u64 = 4 * 1024 * 1024;
/// How long a hook may take to ask, once connected.
const QUESTION_TIME: Duration = Duration::from_secs(10);
/// How long a decider may take; less than the hook waits.
const DECISION_TIME: Duration = Duration::from_secs(45);

type Decision = Pin<Box<dyn Future<Output = PushVerdict> + Send>>;
type Decider = Box<dyn FnOnce(PushFacts) -> Decision + Send>;
type Waiting = Arc<Mutex<HashMap<String, Decider>>>;

/// Where running pushes wait for their verdicts. Dropping it closes the socket.
#[derive(Debug)]
pub struct PushDesk {
    socket: PathBuf,
    pushes: Registry,
    listening: AbortHandle,
    /// Holds the socket; removed with the desk.
    _folder: TempDir,
}

impl PushDesk {
    /// Opens the socket in a new folder that only this user may enter, and listens.
    ///
    /// The folder stands in the system's temporary folder, because a socket's path may have 107 bytes at most
    /// and a data folder's can be longer. Must be called inside a tokio runtime.
    pub fn open() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("grantry-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        let socket = folder.path().join("hook.sock");
        let listener = UnixListener::bind(&socket)?;
        let pushes = Registry::default();
        let listening = tokio::spawn(listen(listener, pushes.0.clone())).abort_handle();
        Ok(Self {
            socket,
            pushes,
            listening,
            _folder: folder,
        })
    }

    /// Leaves `decider` for the push identified by `random`, which must be 128 fresh random bits: knowing
    /// them is what lets a hook ask.
    pub fn register<F, D>(&self, random: [u8; 16], decider: F) -> PushTicket
    where
        F: FnOnce(PushFacts) -> D + Send + 'static,
        D: Future<Output = PushVerdict> + Send + 'static,
    {
        let id = format!("{:032x}", u128::from_be_bytes(random));
        let decider: Decider = Box::new(move |facts| Box::pin(decider(facts)));
        lock(&self.pushes.0).insert(id.clone(), decider);
        PushTicket {
            id,
            socket: self.socket.clone(),
            pushes: self.pushes.clone(),
        }
    }
}

impl Drop for PushDesk {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The waiting pushes, with a `Debug` that shows none of their identifiers.
#[derive(Clone, Default)]
struct Registry(Waiting);

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} waiting", lock(&self.0).len())
    }
}

/// One running push. It lives as long as its answer streams; dropping it leaves the hook without a verdict,
/// which refuses.
#[derive(Debug)]
pub struct PushTicket {
    id: String,
    socket: PathBuf,
    pushes: Registry,
}

impl PushTicket {
    /// The variables that the hook needs.
    pub fn variables(&self) -> [(&'static str, &std::ffi::OsStr); 2] {
        [
            (PUSH_VARIABLE, self.id.as_ref()),
            (SOCKET_VARIABLE, self.socket.as_os_str()),
        ]
    }

    /// The socket that the hook asks.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for PushTicket {
    fn drop(&mut self) {
        lock(&self.pushes.0).remove(&self.id);
    }
}

fn lock(pushes: &Waiting) -> std::sync::MutexGuard<'_, HashMap<String, Decider>> {
    // Nothing panics while it holds this lock, and a map of boxes has no half-changed state.
    pushes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers hooks until the desk is dropped, which also ends the conversations under way.
async fn listen(listener: UnixListener, pushes: Waiting) {
    let mut conversations = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                conversations.spawn(converse(stream, pushes.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a push hook could not connect");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: UnixStream, pushes: Waiting) {
    let verdict = match read_question(&mut stream).await {
        Ok(question) => answer(question, &pushes).await,
        Err(error) => {
            tracing::warn!(%error, "a push hook asked nothing that can be read");
            return;
        }
    };
    let mut line = serde_json::to_vec(&verdict).expect("a verdict is plain JSON");
    line.push(b'\n');
    if let Err(error) = stream.write_all(&line).await {
        tracing::warn!(%error, "a push hook left before its verdict");
    }
}

async fn read_question(stream: &mut UnixStream) -> std::io::Result<PushQuestion> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(QUESTION_LIMIT));
    tokio::time::timeout(QUESTION_TIME, reader.read_until(b'\n', &mut line)).await??;
    Ok(serde_json::from_slice(&line)?)
}

async fn answer(question: PushQuestion, pushes: &Waiting) -> PushVerdict {
    let decider = lock(pushes).remove(&question.push);
    let Some(decider) = decider else {
        return PushVerdict::refuse(
            "this push is no longer running; nothing was changed, push again",
        );
    };
    let decision = tokio::time::timeout(DECISION_TIME, decider(question.facts));
    decision.await.unwrap_or_else(|_| {
        PushVerdict::refuse(
            "the server could not decide this push in time; nothing was changed, try again",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> PushFacts {
        PushFacts {
            updates: Vec::new(),
            workflow_files: vec![".github/workflows/ci.yml".to_owned()],
        }
    }

    async fn ask(socket: &Path, push: &str) -> PushVerdict {
        let question = PushQuestion {
            push: push.to_owned(),
            facts: facts(),
        };
        let mut stream = UnixStream::connect(socket).await.expect("the desk listens");
        let mut line = serde_json::to_vec(&question).expect("plain JSON");
        line.push(b'\n');
        stream.write_all(&line).await.expect("the desk reads");
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .await
            .expect("the desk answers");
        serde_json::from_slice(&answer).expect("a verdict is JSON")
    }

    #[tokio::test]
    async fn the_decider_sees_the_facts_and_answers_once() {
        let desk = PushDesk::open().expect("a socket can be opened");
        let ticket = desk.register([1; 16], |facts| async move {
            PushVerdict::refuse(facts.workflow_files.join(","))
        });
        assert_eq!(
            ask(ticket.socket(), &ticket.id).await.message,
            ".github/workflows/ci.yml"
        );
        assert!(
            ask(ticket.socket(), &ticket.id)
                .await
                .message
                .contains("no longer running")
        );
    }

    #[tokio::test]
    async fn a_dropped_ticket_and_an_unknown_push_are_refused() {
        let desk = PushDesk::open().expect("a socket can be opened");
        let ticket = desk.register([2; 16], |_| async { PushVerdict::allow() });
        let (id, socket) = (ticket.id.clone(), ticket.socket.clone());
        drop(ticket);
        assert!(!ask(&socket, &id).await.allow);
        assert!(!ask(&socket, "guess").await.allow);
    }

    #[tokio::test]
    async fn only_this_user_may_enter_the_sockets_folder() {
        let desk = PushDesk::open().expect("a socket can be opened");
        let folder = desk.socket.parent().expect("the socket is in a folder");
        let mode = std::fs::metadata(folder)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
