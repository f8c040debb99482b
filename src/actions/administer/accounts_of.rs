//! Accounts that a form names by login or slug.

use super::{AdminResult, Mistake};
use crate::domain::account::AccountKind;
use crate::store::accounts::{self, Account};
use crate::store::{Db, StoreError};

/// The person with this login, who may act; a mistake of the field otherwise.
pub async fn find_named_user(
    db: &mut impl Db,
    field: &'static str,
    login: &str,
) -> AdminResult<Account> {
    let login = login.trim();
    if login.is_empty() {
        return Err(Mistake::new(field, "Write the person's login.").into());
    }
    let Some(user) = accounts::find_user(db, login).await? else {
        let message = format!("There is no user `{login}`. Make the account under Users first.");
        return Err(Mistake::new(field, message).into());
    };
    if user.is_suspended() {
        let message = format!("`{login}` is suspended. Choose somebody who can act.");
        return Err(Mistake::new(field, message).into());
    }
    Ok(user)
}

/// The enterprise with this slug; none where nothing is written.
pub async fn find_enterprise(
    db: &mut impl Db,
    field: &'static str,
    slug: &str,
) -> AdminResult<Option<Account>> {
    let slug = slug.trim();
    if slug.is_empty() {
        return Ok(None);
    }
    match accounts::find_slug(db, slug).await? {
        Some(enterprise) => Ok(Some(enterprise)),
        None => Err(Mistake::new(field, format!("There is no enterprise `{slug}`.")).into()),
    }
}

/// Whether a living account has this name already.
pub(super) async fn is_taken(
    db: &mut impl Db,
    kind: AccountKind,
    login: &str,
) -> Result<bool, StoreError> {
    let found = match kind {
        AccountKind::Enterprise => accounts::find_slug(db, login).await?,
        AccountKind::User | AccountKind::Organization => accounts::find_login(db, login).await?,
    };
    Ok(found.is_some())
}

/// The mistake of a name that another account has.
pub(super) fn taken(login: &str) -> Mistake {
    Mistake::new("login", format!("`{login}` is taken: choose another name."))
}
