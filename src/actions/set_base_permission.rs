//! An owner changes what an organization gives its members on its private and internal repositories.

use super::Context;
use super::membership;
use crate::domain::access::membership::Asker;
use crate::domain::access::rights::BasePermission;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::{Change, StoreError, accounts, members};

/// Why the base permission stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum BasePermissionError {
    /// There is no such organization.
    #[error("there is no such organization")]
    NotFound,
    /// Only owners change it, and whoever asks is none (any more).
    #[error("only owners change the base permission")]
    NotAnOwner,
    /// It is not the one that was shown any more.
    #[error("the base permission is `{0}` by now")]
    Moved(BasePermission),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives an organization's members another base permission, in place of the one that whoever asks was shown. Tokens
/// follow at their next request: they never do more than their users could.
pub async fn set_base_permission(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    shown: BasePermission,
    wanted: BasePermission,
) -> Result<(), BasePermissionError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, organization).await?;
    let account = accounts::find(&mut work, organization)
        .await?
        .filter(|account| account.kind == AccountKind::Organization)
        .ok_or(BasePermissionError::NotFound)?;
    match membership::asker(&mut work, origin, organization, organization).await? {
        Asker::Owner | Asker::Operator => {}
        Asker::Themselves | Asker::Stranger => return Err(BasePermissionError::NotAnOwner),
    }
    if account.base_permission != shown
        || !members::set_base_permission(&mut work, organization, shown, wanted).await?
    {
        return Err(BasePermissionError::Moved(account.base_permission));
    }
    if shown == wanted {
        return Ok(());
    }
    let event = Event::new(Action::BasePermissionUpdate)
        .owner(organization)
        .enterprise(account.governed_by())
        .with("permission", wanted.as_str())
        .with("old_permission", shown.as_str());
    work.audit(event);
    work.changed(Change::Account(organization));
    Ok(context.commit(work).await?)
}
