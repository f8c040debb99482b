//! A signed-in person adds one more passkey.

use super::Context;
use super::enroll::NewPasskey;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::domain::profile::MOST_PASSKEYS;
use crate::store::{StoreError, sign_in};

/// Why a passkey was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It is registered already, by whomever.
    #[error("the passkey is registered already")]
    Known,
    /// The person has as many as fit.
    #[error("there are {MOST_PASSKEYS} passkeys already")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a passkey to those that the person has, and tells the person.
pub async fn add_passkey(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    new: &NewPasskey<'_>,
) -> Result<PasskeyId, AddError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let count = sign_in::hold_and_count_passkeys(&mut work, user).await?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= MOST_PASSKEYS {
        return Err(AddError::TooMany);
    }
    let NewPasskey {
        credential_id,
        name,
        passkey,
    } = *new;
    let id = sign_in::insert_passkey(&mut work, user, credential_id, name, passkey, now)
        .await?
        .ok_or(AddError::Known)?;
    let event = Event::new(Action::PasskeyRegister)
        .user(user)
        .with("passkey", name);
    work.audit_and_tell(event, [user]);
    context.commit(work).await?;
    Ok(id)
}
