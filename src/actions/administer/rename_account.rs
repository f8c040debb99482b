//! A site administrator gives an account another login or slug. Everything refers to it by id and goes on; addresses
//! with the old name lead nowhere, and nobody else gets that name for 90 days (DOMAIN "Names").

use super::accounts_of::{is_taken, taken};
use super::create_account::{kept_back, sentence};
use super::{AdminError, AdminResult, Mistake, Target, about, begin_on};
use crate::actions::Context;
use crate::domain::account::AccountKind;
use crate::domain::administration::NAME_KEPT_DAYS;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::store::accounts::Account;
use crate::store::{Change, Work, account_names};

/// The field of an event that holds the name before.
const FORMER: &str = "old_login";

/// Gives the account its new name. Its own former name may be taken back.
pub async fn rename_account(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    login: &str,
) -> AdminResult {
    let login = login.trim();
    if let Some(mistake) = mistake(login) {
        return Err(mistake.into());
    }
    let (mut work, account) = begin_on(context, origin, by, target).await?;
    if account.login == login {
        return Err(Mistake::new("login", format!("Its name is `{login}` already.")).into());
    }
    if names::key(login) != names::key(&account.login) {
        make_room(&mut work, &account, login).await?;
    }
    account_names::set_login(&mut work, account.id, login)
        .await
        .map_err(|error| {
            if account_names::is_taken_meanwhile(&error) {
                AdminError::from(taken(login))
            } else {
                error.into()
            }
        })?;
    let event = about(Event::new(action(account.kind)), &account)
        .with("login", login)
        .with(FORMER, account.login.as_str());
    let told = (account.kind == AccountKind::User).then_some(account.id);
    work.audit_and_tell(event, told);
    // Names of owners stand in much that is remembered of repositories and tokens.
    work.changed(Change::Unknown);
    Ok(context.commit(work).await?)
}

/// What is wrong with the name alone.
pub fn mistake(login: &str) -> Option<Mistake> {
    let error = names::check_login(login.trim()).err()?;
    Some(Mistake::new("login", sentence(&error)))
}

const fn action(kind: AccountKind) -> Action {
    match kind {
        AccountKind::User => Action::UserRename,
        AccountKind::Organization => Action::OrganizationRename,
        AccountKind::Enterprise => Action::EnterpriseRename,
    }
}

/// The new name must be free; the old one is kept back.
async fn make_room(work: &mut Work, account: &Account, login: &str) -> AdminResult {
    if is_taken(work, account.kind, login).await? {
        return Err(taken(login).into());
    }
    let now = work.now();
    let until = account_names::find_reservation(work, account.kind, login, now).await?;
    if let Some(until) = until {
        if !was_own(work, account, login).await? {
            return Err(kept_back(login, until).into());
        }
        account_names::release_name(work, account.kind, login).await?;
    }
    let until = now.plus_days(NAME_KEPT_DAYS);
    Ok(account_names::reserve_name(work, account.kind, &account.login, until).await?)
}

/// Whether the name was this account's when it was freed last.
async fn was_own(work: &mut Work, account: &Account, login: &str) -> AdminResult<bool> {
    let since = work.now().plus_days(-NAME_KEPT_DAYS);
    let renames = account_names::list_renames(work, account.kind, account.id, since).await?;
    Ok(renames.iter().any(|data| {
        let former = serde_json::from_str::<serde_json::Value>(data).ok();
        let former = former.as_ref().and_then(|data| data[FORMER].as_str());
        former.is_some_and(|former| names::key(former) == names::key(login))
    }))
}
