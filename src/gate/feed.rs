//! Hears what other processes changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Memory;
use crate::store::{Store, changes};

/// How often the feed is read. Together with [`super::memory::HEARING`] it bounds how long another process may
/// answer from what is not true any more.
pub const INTERVAL: Duration = Duration::from_millis(200);

/// How long a read of the feed may take before it counts as failed.
const PATIENCE: Duration = Duration::from_millis(700);

/// Reads the feed for ever, from `last` on.
pub async fn listen(store: Store, memory: Arc<Memory>, mut last: i64) {
    memory.forget(&[crate::store::Change::Unknown]);
    memory.heard(Instant::now());
    loop {
        tokio::time::sleep(INTERVAL).await;
        // What was true when the read began is what its answer vouches for.
        let began = Instant::now();
        match tokio::time::timeout(PATIENCE, changes::after(&mut store.reader(), last)).await {
            Ok(Ok((changes, seq))) => {
                memory.forget(&changes);
                memory.heard(began);
                last = seq;
            }
            Ok(Err(error)) => tracing::warn!(%error, "the change feed could not be read"),
            Err(_) => tracing::warn!("the change feed did not answer in time"),
        }
    }
}
