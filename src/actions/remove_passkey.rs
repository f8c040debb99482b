//! A person removes a passkey, with every session that a finder of it could sit in.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::store::{StoreError, sessions, sign_in};

/// Why a passkey stays.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is no such passkey of this person any more.
    #[error("there is no such passkey")]
    NotFound,
    /// Without it, the person could not sign in again.
    #[error("it is the only passkey")]
    Last,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes a passkey of this user and ends every session but the one named `kept`, and that one too if it was proved
/// with this passkey. The person is told. Gives how many sessions ended.
pub async fn remove_passkey(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    id: PasskeyId,
    kept: &str,
) -> Result<u64, RemoveError> {
    let mut work = context.begin(origin).await?;
    let count = sign_in::hold_and_count_passkeys(&mut work, user).await?;
    let passkey = sign_in::find_own_passkey(&mut work, user, id)
        .await?
        .ok_or(RemoveError::NotFound)?;
    if count < 2 {
        return Err(RemoveError::Last);
    }
    sign_in::remove_passkey(&mut work, user, id).await?;
    let ended = sessions::delete_others(&mut work, user, kept).await?
        + sessions::delete_of_passkey(&mut work, user, id).await?;
    let event = Event::new(Action::PasskeyRemove)
        .user(user)
        .with("passkey", passkey.name)
        .with("sessions_ended", ended);
    work.audit_and_tell(event, [user]);
    context.commit(work).await?;
    Ok(ended)
}
