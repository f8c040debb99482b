//! Secrets that somebody found where they do not belong end their tokens (INTERFACE §5). Whoever reports them learns
//! nothing: neither what was known nor whose it was.

use super::Context;
use super::delete_token::end;
use crate::domain::audit::{Action, Origin};
use crate::domain::token::EndedReason;
use crate::domain::token::secret::SecretHash;
use crate::store::{StoreError, credentials, tokens};

/// The most secrets that are looked up in one transaction.
const GROUP: usize = 100;

/// What the holder reads as the reason.
const WHY: &str = "its secret was reported as leaked";

/// Ends every token of which a current or overlapping secret is among these, and tells its holder. How many.
pub async fn report_leak(
    context: &Context,
    origin: &Origin,
    hashes: &[SecretHash],
) -> Result<usize, StoreError> {
    let mut ended = 0;
    for group in hashes.chunks(GROUP) {
        let mut work = context.begin(origin).await?;
        let now = work.now();
        let found = credentials::list_by_secrets(&mut work, group, now).await?;
        for token in tokens::list_by_ids(&mut work, &found).await? {
            let (reason, action) = (EndedReason::Leaked, Action::TokenRevoke);
            ended += usize::from(end(&mut work, &token, reason, action, WHY).await?);
        }
        context.commit(work).await?;
    }
    Ok(ended)
}
