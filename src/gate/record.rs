//! Writes decisions down, in groups: while one group is committed the next gathers, so that a busy server commits
//! rarely and an idle one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::Unavailable;
use crate::store::Store;
use crate::store::records::{DecisionRecord, write_group};

/// The most decisions in one group.
const LARGEST_GROUP: usize = 1_000;

/// How long a batched recorder gathers.
const GATHERING: Duration = Duration::from_millis(50);

/// How long a group that could not be written waits for its next try, and how many tries a server that stops spends.
const RETRY: Duration = Duration::from_millis(100);
const LAST_TRIES: usize = 50;

/// When an answer may leave (`audit.mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// After its record is committed.
    #[default]
    Strict,
    /// At once; its record is committed within 100 ms.
    Batched,
}

#[derive(Debug)]
struct Entry {
    record: DecisionRecord,
    done: Option<oneshot::Sender<Result<(), String>>>,
}

/// Takes decisions to be written down. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    entries: mpsc::Sender<Entry>,
    mode: Mode,
    is_failing: Arc<AtomicBool>,
}

impl Recorder {
    /// A recorder and the task that writes; the task ends, everything written, when the last recorder is dropped.
    pub fn start(store: Store, mode: Mode) -> (Self, JoinHandle<()>) {
        let (entries, gathered) = mpsc::channel(4 * LARGEST_GROUP);
        let is_failing = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            store,
            mode,
            is_failing: Arc::clone(&is_failing),
        };
        let task = tokio::spawn(writer.write(gathered));
        let recorder = Self {
            entries,
            mode,
            is_failing,
        };
        (recorder, task)
    }

    /// How many decisions wait to be written; nothing when the task has ended and none will be.
    pub fn waiting(&self) -> Option<usize> {
        let waiting = self.entries.max_capacity() - self.entries.capacity();
        (!self.entries.is_closed()).then_some(waiting)
    }

    /// Hands a decision in; in strict mode waits until it is committed. The first use of a secret is always waited for,
    /// because it ends the secret before it. While decisions that were answered already cannot be written, nothing more
    /// is taken.
    pub async fn record(&self, record: DecisionRecord) -> Result<(), Unavailable> {
        let gone = || Unavailable::Unrecorded("the recorder has stopped".to_owned());
        let mode = if record.is_first_use() {
            Mode::Strict
        } else {
            self.mode
        };
        match mode {
            Mode::Batched if self.is_failing.load(Ordering::Acquire) => Err(
                Unavailable::Unrecorded("earlier decisions cannot be written".to_owned()),
            ),
            Mode::Batched => self
                .entries
                .send(Entry { record, done: None })
                .await
                .map_err(|_| gone()),
            Mode::Strict => {
                let (done, committed) = oneshot::channel();
                self.entries
                    .send(Entry {
                        record,
                        done: Some(done),
                    })
                    .await
                    .map_err(|_| gone())?;
                committed
                    .await
                    .map_err(|_| gone())?
                    .map_err(Unavailable::Unrecorded)
            }
        }
    }
}

/// Writes groups one after the other.
struct Writer {
    store: Store,
    mode: Mode,
    is_failing: Arc<AtomicBool>,
}

impl Writer {
    async fn write(self, mut gathered: mpsc::Receiver<Entry>) {
        let mut group = Vec::with_capacity(LARGEST_GROUP);
        while gathered.recv_many(&mut group, LARGEST_GROUP).await > 0 {
            if self.mode == Mode::Batched && group.len() < LARGEST_GROUP {
                tokio::time::sleep(GATHERING).await;
                while group.len() < LARGEST_GROUP {
                    let Ok(entry) = gathered.try_recv() else {
                        break;
                    };
                    group.push(entry);
                }
            }
            self.write_group(std::mem::take(&mut group), &gathered)
                .await;
        }
    }

    async fn write_group(&self, group: Vec<Entry>, gathered: &mpsc::Receiver<Entry>) {
        let records: Vec<_> = group.iter().map(|entry| entry.record.clone()).collect();
        let result = self.try_group(&records).await;
        let (answered, waiting): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|entry| entry.done.is_none());
        for done in waiting.into_iter().filter_map(|entry| entry.done) {
            // A caller that hung up needs no answer.
            drop(done.send(result.clone()));
        }
        // What was answered already must not be lost; who waited was told, and is answered 503.
        if result.is_err() && !answered.is_empty() {
            let records: Vec<_> = answered.into_iter().map(|entry| entry.record).collect();
            self.insist(&records, gathered).await;
        }
    }

    /// Tries until it works; a server that stops gives up in the end.
    async fn insist(&self, records: &[DecisionRecord], gathered: &mpsc::Receiver<Entry>) {
        self.is_failing.store(true, Ordering::Release);
        let mut tries = 0;
        loop {
            tokio::time::sleep(RETRY).await;
            if self.try_group(records).await.is_ok() {
                self.is_failing.store(false, Ordering::Release);
                return;
            }
            tries += usize::from(gathered.is_closed());
            if tries >= LAST_TRIES {
                tracing::error!(
                    count = records.len(),
                    "decisions are lost: they could not be recorded"
                );
                return;
            }
        }
    }

    async fn try_group(&self, records: &[DecisionRecord]) -> Result<(), String> {
        write_group(&self.store, records).await.map_err(|error| {
            tracing::error!(%error, count = records.len(), "decisions could not be recorded");
            error.to_string()
        })
    }
}
