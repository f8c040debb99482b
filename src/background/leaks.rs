//! Reports of leaked secrets wait here, so that the answer to a report leaves before anything is looked up and takes the
//! same time whatever was reported.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::actions::Context;
use crate::actions::report_leak::report_leak;
use crate::domain::audit::Origin;
use crate::domain::token::secret::SecretHash;

/// How many reports wait at most.
const WAITING: usize = 256;

/// Hashes of secrets that were found somewhere, and where the report came from.
#[derive(Debug)]
struct Report {
    hashes: Vec<SecretHash>,
    origin: Origin,
}

/// So many reports wait that no other fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many reports of leaks wait")]
pub struct Full;

/// Takes reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LeakDesk(mpsc::Sender<Report>);

impl LeakDesk {
    /// A desk and the task that works reports off; it ends, everything done, when the last desk is dropped.
    pub fn start(context: Context) -> (Self, JoinHandle<()>) {
        let (reports, waiting) = mpsc::channel(WAITING);
        (Self(reports), tokio::spawn(work_off(context, waiting)))
    }

    /// Hands a report in, to be worked off soon.
    ///
    /// # Errors
    /// Too many wait.
    pub fn hand_in(&self, hashes: Vec<SecretHash>, origin: Origin) -> Result<(), Full> {
        let report = Report { hashes, origin };
        self.0.try_send(report).map_err(|_| Full)
    }
}

async fn work_off(context: Context, mut waiting: mpsc::Receiver<Report>) {
    while let Some(Report { hashes, origin }) = waiting.recv().await {
        match report_leak(&context, &origin, &hashes).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(ended, "leaked secrets ended their tokens"),
            Err(error) => tracing::error!(%error, "a report of leaked secrets failed"),
        }
    }
}
