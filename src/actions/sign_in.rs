//! Somebody comes in, confirms that it is them, or leaves: what of it is written down.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::store::{StoreError, sign_in};

/// A passkey that was just used, with the counters that the use moved.
#[derive(Debug, Clone)]
pub struct UsedPasskey {
    /// Which.
    pub id: PasskeyId,
    /// What its holder calls it.
    pub name: String,
    /// The public key and counters, as JSON.
    pub passkey: String,
}

/// Somebody signed in; without a passkey only in a demonstration. False when the passkey was removed meanwhile.
pub async fn sign_in(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    passkey: Option<&UsedPasskey>,
) -> Result<bool, StoreError> {
    note(context, origin, user, Action::UserLogin, passkey).await
}

/// Somebody confirmed that it is them; without a passkey only in a demonstration. False when the passkey was removed
/// meanwhile.
pub async fn confirm(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    passkey: Option<&UsedPasskey>,
) -> Result<bool, StoreError> {
    note(context, origin, user, Action::UserConfirm, passkey).await
}

/// Somebody signed out.
pub async fn sign_out(
    context: &Context,
    origin: &Origin,
    user: AccountId,
) -> Result<(), StoreError> {
    note(context, origin, user, Action::UserLogout, None)
        .await
        .map(drop)
}

async fn note(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    action: Action,
    passkey: Option<&UsedPasskey>,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    let mut event = Event::new(action).user(user);
    if let Some(used) = passkey {
        let now = work.now();
        if !sign_in::touch_passkey(&mut work, used.id, &used.passkey, now).await? {
            return Ok(false);
        }
        event = event.with("passkey", used.name.as_str());
    }
    work.audit(event);
    context.commit(work).await?;
    Ok(true)
}
