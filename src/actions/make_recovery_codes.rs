//! A person makes a new set of recovery codes.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::recovery::{COUNT, RecoveryCode};
use crate::store::{StoreError, recovery};

/// Makes a set of codes in place of what is left of the former, and tells the person. The codes are shown once.
pub async fn make_recovery_codes(
    context: &Context,
    origin: &Origin,
    user: AccountId,
) -> Result<Vec<RecoveryCode>, StoreError> {
    let codes: Vec<_> = (0..COUNT)
        .map(|_| RecoveryCode::generate(context.entropy.as_ref()))
        .collect();
    let hashes: Vec<_> = codes.iter().map(RecoveryCode::hash).collect();
    let mut work = context.begin(origin).await?;
    let now = work.now();
    recovery::replace_codes(&mut work, user, &hashes, now).await?;
    let event = Event::new(Action::RecoveryCodesCreate)
        .user(user)
        .with("count", codes.len());
    work.audit_and_tell(event, [user]);
    context.commit(work).await?;
    Ok(codes)
}
