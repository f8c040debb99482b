//! A person ends sessions of their own from another one.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::{StoreError, sessions};

/// Ends one session of this user. False when it had ended already.
pub async fn end_one(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    handle: &str,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    if !sessions::delete_one(&mut work, user, handle).await? {
        return Ok(false);
    }
    work.audit(ended(user, 1));
    context.commit(work).await?;
    Ok(true)
}

/// Ends every session of this user but the one named `kept`; gives how many there were.
pub async fn end_others(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    kept: &str,
) -> Result<u64, StoreError> {
    let mut work = context.begin(origin).await?;
    let count = sessions::delete_others(&mut work, user, kept).await?;
    if count > 0 {
        work.audit(ended(user, count));
    }
    context.commit(work).await?;
    Ok(count)
}

fn ended(user: AccountId, count: u64) -> Event {
    Event::new(Action::SessionEnd)
        .user(user)
        .with("sessions_ended", count)
}
