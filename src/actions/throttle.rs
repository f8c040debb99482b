//! Counts tries, and refuses those that come too often.

use sha2::{Digest as _, Sha256};

use super::Context;
use crate::domain::throttle::{Throttle, TooOften, Tries};
use crate::store::{StoreError, attempts};

/// Why a try may not go on.
#[derive(Debug, thiserror::Error)]
pub enum ThrottleError {
    /// There were too many before it.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is kept of whom tries are counted for: somebody may type a secret where a login belongs.
fn subject_hash(subject: &str) -> Vec<u8> {
    Sha256::digest(subject.as_bytes()).to_vec()
}

/// Counts one more try, and says whether it may go on. The count stays whatever becomes of the try.
pub async fn count(
    context: &Context,
    throttle: &Throttle,
    subject: &str,
) -> Result<Tries, ThrottleError> {
    let now = context.clock.now();
    let mut db = context.store.reader();
    let tries = attempts::count(&mut db, throttle, &subject_hash(subject), now).await?;
    throttle.judge(tries, now)?;
    Ok(tries)
}

/// Whether one more try may go on, without counting it.
pub async fn check(
    context: &Context,
    throttle: &Throttle,
    subject: &str,
) -> Result<(), ThrottleError> {
    let now = context.clock.now();
    let mut db = context.store.reader();
    let found = attempts::find(&mut db, throttle, &subject_hash(subject), now).await?;
    if let Some(tries) = found {
        let count = tries.count + 1;
        throttle.judge(Tries { count, ..tries }, now)?;
    }
    Ok(())
}
