//! A person gives a passkey another name.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::store::{StoreError, sign_in};

/// Renames a passkey of this user. False when there is no such passkey any more.
pub async fn rename_passkey(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    id: PasskeyId,
    name: &str,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    let Some(before) = sign_in::find_own_passkey(&mut work, user, id).await? else {
        return Ok(false);
    };
    if before.name == name {
        return Ok(true);
    }
    if !sign_in::rename_passkey(&mut work, user, id, name).await? {
        return Ok(false);
    }
    let event = Event::new(Action::PasskeyRename)
        .user(user)
        .with("passkey", name)
        .with("passkey_was", before.name.as_str());
    work.audit(event);
    context.commit(work).await?;
    Ok(true)
}
