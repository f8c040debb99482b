//! A person registers a passkey with the one-time link that the operator made.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::PasskeyId;
use crate::store::sign_in::{self, Enrolment};
use crate::store::{StoreError, Work, accounts, recovery, sessions};

/// A passkey that was just made.
#[derive(Debug, Clone, Copy)]
pub struct NewPasskey<'a> {
    /// What the authenticator knows it by.
    pub credential_id: &'a [u8],
    /// What its holder calls it.
    pub name: &'a str,
    /// The public key and counters, as JSON.
    pub passkey: &'a str,
}

/// How a link is used.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The earlier passkeys that go on serving; all others are removed.
    pub keep: &'a [PasskeyId],
    /// Whether the recovery codes that are left go on serving.
    pub keep_codes: bool,
    /// Whether the link serves once, as it does everywhere but in a demonstration.
    pub once: bool,
}

/// Why a link did not serve.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// It was used meanwhile, or its time is over, or the person was suspended.
    #[error("the link was used, its time is over, or its person was suspended")]
    Over,
    /// The passkey is registered already, by whomever.
    #[error("the passkey is registered already")]
    Known,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers the passkey, uses the link up, removes the passkeys and recovery codes that are not kept, and ends every
/// session of the person, who is told. Gives the new passkey.
pub async fn enroll(
    context: &Context,
    origin: &Origin,
    link: &Enrolment,
    new: &NewPasskey<'_>,
    terms: &Terms<'_>,
) -> Result<PasskeyId, EnrollError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let user = link.user_id;
    let person = accounts::find(&mut work, user).await?;
    if person.is_none_or(|person| person.is_suspended()) {
        return Err(EnrollError::Over);
    }
    if terms.once && !sign_in::use_enrolment(&mut work, link.id, now).await? {
        return Err(EnrollError::Over);
    }
    let removed = remove_others(&mut work, link, terms.keep).await?;
    let codes_removed = if terms.keep_codes {
        0
    } else {
        recovery::delete_codes(&mut work, user).await?
    };
    let NewPasskey {
        credential_id,
        name,
        passkey,
    } = *new;
    let id = sign_in::insert_passkey(&mut work, user, credential_id, name, passkey, now)
        .await?
        .ok_or(EnrollError::Known)?;
    sessions::delete_of_user(&mut work, user).await?;
    work.audit(Event::new(Action::EnrolmentUse).user(user));
    let registered = Event::new(Action::PasskeyRegister)
        .user(user)
        .with("passkey", name)
        .with("passkeys_removed", removed)
        .with("recovery_codes_removed", codes_removed);
    work.audit_and_tell(registered, [user]);
    context.commit(work).await?;
    Ok(id)
}

/// Removes what is not kept; gives how many there were.
async fn remove_others(
    work: &mut Work,
    link: &Enrolment,
    keep: &[PasskeyId],
) -> Result<usize, StoreError> {
    let mut removed = 0;
    for passkey in sign_in::list_passkeys(work, link.user_id).await? {
        if !keep.contains(&passkey.id) {
            sign_in::remove_passkey(work, link.user_id, passkey.id).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
