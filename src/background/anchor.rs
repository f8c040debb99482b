//! The newest links of the log, sealed and put where the database cannot reach: into the server's own log each minute,
//! into `audit.head` beside the key, and, where the operator wishes, at the end of a file and to an address.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinHandle;
use url::Url;

use crate::clock::Clock;
use crate::courier::{Courier, Parcel};
use crate::domain::audit::seal::{Head, Seal, SealKey};
use crate::store::{Store, StoreError, audit_chain};

/// How often the head is sealed.
const INTERVAL: Duration = Duration::from_mins(1);

/// Where seals are put.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of `audit.head`.
    pub data_dir: PathBuf,
    /// A file to which each new seal is appended.
    pub file: Option<PathBuf>,
    /// An address to which each new seal is sent.
    pub url: Option<Url>,
}

/// Where the last seal lies.
pub fn head_file(data_dir: &Path) -> PathBuf {
    data_dir.join("audit.head")
}

/// Starts sealing; it ends when its handle is aborted.
pub fn start(
    store: Store,
    clock: std::sync::Arc<dyn Clock>,
    key: SealKey,
    places: Places,
    courier: Courier,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut published: Option<Head> = None;
        loop {
            match seal(&store, clock.as_ref(), &key).await {
                Ok(seal) => {
                    tracing::info!(
                        events = seal.head.events.seq,
                        decisions = seal.head.decisions.seq,
                        seal = %seal.to_json(),
                        "the head of the audit log"
                    );
                    let is_new = published.as_ref() != Some(&seal.head);
                    let follows = follows(&store, &key, &places).await;
                    if is_new && follows && publish(&seal, &places, &courier).await {
                        published = Some(seal.head);
                    }
                }
                Err(error) => tracing::warn!(%error, "the head of the audit log cannot be read"),
            }
            tokio::time::sleep(INTERVAL).await;
        }
    })
}

/// Whether the log still holds what it held when it was sealed last. A log that was cut or written anew gets no new seal
/// over the old one, by which it is found out; after a backup was restored on purpose, `audit.head` is deleted by hand.
async fn follows(store: &Store, key: &SealKey, places: &Places) -> bool {
    let file = head_file(&places.data_dir);
    let kept = std::fs::read_to_string(&file).ok();
    let earlier = kept.and_then(|text| Seal::parse(text.trim()));
    let Some(earlier) = earlier.filter(|seal| key.made(seal)) else {
        return true;
    };
    match audit_chain::still_holds(&mut store.reader(), &earlier.head).await {
        Ok(true) => true,
        Ok(false) => {
            tracing::error!(
                file = %file.display(),
                "the audit log is not what was sealed: it was cut or changed, and is not sealed again; run `grantry audit \
                 verify`, and delete the file if a backup was restored on purpose"
            );
            false
        }
        Err(error) => {
            tracing::warn!(%error, "the audit log cannot be compared with its seal");
            false
        }
    }
}

async fn seal(store: &Store, clock: &dyn Clock, key: &SealKey) -> Result<Seal, StoreError> {
    let head = audit_chain::head(&mut store.reader()).await?;
    Ok(key.seal(head, clock.now()))
}

/// Puts a seal everywhere; whether all of it worked. What did not is tried again a minute later.
pub async fn publish(seal: &Seal, places: &Places, courier: &Courier) -> bool {
    let line = seal.to_json().to_string();
    let kept = keep(&head_file(&places.data_dir), &line);
    let mut is_done = noted("audit.head", &kept);
    if let Some(file) = &places.file {
        is_done &= noted("audit.anchor_file", &append(file, &line));
    }
    if let Some(url) = &places.url {
        let parcel = Parcel::json(line.into_bytes());
        let sent = courier.send(url, &parcel).await;
        if let Err(error) = &sent {
            tracing::warn!(%error, "the head of the audit log was not taken by `audit.anchor_url`");
        }
        is_done &= sent.is_ok();
    }
    is_done
}

fn noted(place: &str, result: &io::Result<()>) -> bool {
    if let Err(error) = result {
        tracing::warn!(%error, place, "the head of the audit log cannot be written");
    }
    result.is_ok()
}

/// Replaces the file as a whole: a reader sees the old seal or the new one.
fn keep(file: &Path, line: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(new, "{line}")?;
    new.as_file().sync_all()?;
    new.persist(file).map(drop).map_err(|error| error.error)
}

fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    writeln!(file, "{line}")
}
