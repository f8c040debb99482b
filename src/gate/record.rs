//! Writes decisions down, in groups: while one group is committed the next gathers, so that a busy server commits
//! rarely and an idle one at once.

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
}

impl Recorder {
    /// A recorder and the task that writes; the task ends, everything written, when the last recorder is dropped.
    pub fn start(store: Store, mode: Mode) -> (Self, JoinHandle<()>) {
        let (entries, gathered) = mpsc::channel(4 * LARGEST_GROUP);
        let task = tokio::spawn(write(store, gathered, mode));
        (Self { entries, mode }, task)
    }

    /// How many decisions wait to be written; nothing when the task has ended and none will be.
    pub fn waiting(&self) -> Option<usize> {
        let waiting = self.entries.max_capacity() - self.entries.capacity();
        (!self.entries.is_closed()).then_some(waiting)
    }

    /// Hands a decision in; in strict mode waits until it is committed. The first use of a secret is always waited for,
    /// because it ends the secret before it.
    pub async fn record(&self, record: DecisionRecord) -> Result<(), Unavailable> {
        let gone = || Unavailable::Unrecorded("the recorder has stopped".to_owned());
        let mode = if record.is_first_use() {
            Mode::Strict
        } else {
            self.mode
        };
        match mode {
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

async fn write(store: Store, mut gathered: mpsc::Receiver<Entry>, mode: Mode) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    while gathered.recv_many(&mut group, LARGEST_GROUP).await > 0 {
        if mode == Mode::Batched && group.len() < LARGEST_GROUP {
            tokio::time::sleep(GATHERING).await;
            while group.len() < LARGEST_GROUP {
                let Ok(entry) = gathered.try_recv() else {
                    break;
                };
                group.push(entry);
            }
        }
        let (records, waiting): (Vec<_>, Vec<_>) = group
            .drain(..)
            .map(|entry| (entry.record, entry.done))
            .unzip();
        let result = write_group(&store, &records).await.map_err(|error| {
            tracing::error!(%error, count = records.len(), "decisions could not be recorded");
            error.to_string()
        });
        for done in waiting.into_iter().flatten() {
            // A caller that hung up needs no answer.
            drop(done.send(result.clone()));
        }
    }
}
