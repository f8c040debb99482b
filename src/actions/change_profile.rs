//! A person changes their own name or email address.

use super::Context;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::{Change, StoreError, accounts};

/// What a person says of themselves; checked by [`crate::domain::profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile<'a> {
    /// The name that other people see.
    pub name: &'a str,
    /// Where mails go.
    pub email: Option<&'a str>,
}

/// Why a profile stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The account changed since the form was shown.
    #[error("the account changed meanwhile")]
    Moved,
    /// An enterprise owns the account, and says what stands in it.
    #[error("the account is managed by an enterprise")]
    Managed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the profile, if the account still is of version `rev`. A new email address is told to the person: mails about
/// the account go there from now on.
pub async fn change_profile(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    rev: i64,
    profile: Profile<'_>,
) -> Result<(), ProfileError> {
    let mut work = context.begin(origin).await?;
    let account = accounts::find(&mut work, user)
        .await?
        .filter(|account| account.kind == AccountKind::User && account.rev == rev)
        .ok_or(ProfileError::Moved)?;
    if account.managed_by.is_some() {
        return Err(ProfileError::Managed);
    }
    let Profile { name, email } = profile;
    if account.name == name && account.email.as_deref() == email {
        return Ok(());
    }
    if !accounts::update_profile(&mut work, user, rev, name, email).await? {
        return Err(ProfileError::Moved);
    }
    let event = Event::new(Action::UserUpdate)
        .user(user)
        .with("name", name)
        .with("name_was", account.name.as_str())
        .with("email", email)
        .with("email_was", account.email.as_deref());
    if account.email.as_deref() == email {
        work.audit(event);
    } else {
        work.audit_and_tell(event, [user]);
    }
    work.changed(Change::Account(user));
    Ok(context.commit(work).await?)
}
