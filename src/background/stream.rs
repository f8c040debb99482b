//! Gives the log on as it grows: to a collector's address, or to the end of a file.
//!
//! At least once: a batch counts as taken when the receiver said so, and the place is noted after that; a crash between
//! the two sends it again, and `_document_id` tells the two apart. A receiver that does not take it is asked again, less
//! and less often; nothing is left out meanwhile, since the log itself is the queue.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;
use url::Url;

use crate::clock::Clock;
use crate::courier::{Courier, Parcel};
use crate::domain::audit::published;
use crate::store::audit_log::{names_of, tail};
use crate::store::{Store, StoreError, audit_chain, audit_streams};

/// How long a stream that has given everything on waits for more.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Where the log goes.
#[derive(Debug, Clone)]
pub enum Receiver {
    /// An address; every batch is a POST of JSON lines, signed where there is a secret.
    Url {
        /// Which.
        url: Url,
        /// What signs; may be empty.
        secret: String,
        /// What sends.
        courier: Courier,
    },
    /// A file to which lines are appended.
    File(PathBuf),
}

impl Receiver {
    /// Its name in the table of streams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Url { .. } => "url",
            Self::File(_) => "file",
        }
    }

    async fn take(&self, lines: String) -> Result<(), String> {
        match self {
            Self::Url {
                url,
                secret,
                courier,
            } => {
                let parcel = Parcel::json_lines(lines.into_bytes());
                let parcel = if secret.is_empty() {
                    parcel
                } else {
                    parcel.signed(secret.as_bytes())
                };
                let sent = courier.send(url, &parcel).await;
                sent.map_err(|error| error.to_string())
            }
            Self::File(path) => {
                append(path, &lines).map_err(|error| format!("`{}`: {error}", path.display()))
            }
        }
    }
}

/// Appends whole lines and waits until they are on the disk.
fn append(path: &Path, lines: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(lines.as_bytes())?;
    file.sync_data()
}

/// Why a batch was not given on.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// The receiver did not take it; noted in the table of streams.
    #[error("{0}")]
    Untaken(String),
}

/// Starts a stream; it ends when its handle is aborted.
pub fn start(store: Store, clock: Arc<dyn Clock>, receiver: Receiver) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut failures = 0;
        loop {
            let wait = match step(&store, clock.as_ref(), &receiver).await {
                Ok(0) => {
                    failures = 0;
                    PAUSE
                }
                Ok(_) => {
                    failures = 0;
                    continue;
                }
                Err(error) => {
                    failures += 1;
                    let name = receiver.name();
                    tracing::warn!(%error, stream = name, "the audit log was not taken");
                    wait_after(failures)
                }
            };
            tokio::time::sleep(wait).await;
        }
    })
}

/// One second, then twice as long each time.
fn wait_after(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
    PAUSE.saturating_mul(doubled).min(LONGEST_WAIT)
}

/// Gives one batch on; how many entries it held.
pub async fn step(
    store: &Store,
    clock: &dyn Clock,
    receiver: &Receiver,
) -> Result<usize, StreamError> {
    let mut db = store.reader();
    let stream = audit_streams::find_or_begin(&mut db, receiver.name()).await?;
    let head = audit_chain::head(&mut db).await?;
    let mut place = stream.place(&head);
    let entries = tail::next(&mut db, &mut place).await?;
    if entries.is_empty() {
        return Ok(0);
    }
    let names = names_of(&mut db, &entries).await?;
    let mut lines = String::new();
    for entry in &entries {
        lines.push_str(&Value::Object(published(entry, &names)).to_string());
        lines.push('\n');
    }
    if let Err(problem) = receiver.take(lines).await {
        audit_streams::note_failure(&mut db, receiver.name(), &problem).await?;
        return Err(StreamError::Untaken(problem));
    }
    audit_streams::advance(&mut db, &stream, &place, clock.now()).await?;
    Ok(entries.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_waited_for_longer_up_to_an_end() {
        let waits: Vec<_> = [1, 2, 3, 9, 10, 100]
            .map(|failures| wait_after(failures).as_secs())
            .into();
        assert_eq!(waits, [1, 2, 4, 256, 300, 300]);
    }
}
