//! A site administrator corrects an account's name in sentences, or a person's address for mails.

use super::{AdminError, AdminResult, Mistake, Target, about, begin_on};
use crate::actions::Context;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::profile;
use crate::store::{Change, accounts};

/// Writes the name and, of a user, the address. The person is told of a new address at once: mails go there from now on.
pub async fn describe_account(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    name: &str,
    email: &str,
) -> AdminResult {
    let is_user = target.kind == AccountKind::User;
    let (name, email) = checked(name, if is_user { email } else { "" })?;
    let (mut work, mut account) = begin_on(context, origin, by, target).await?;
    let action = match account.kind {
        AccountKind::User => Action::UserUpdate,
        AccountKind::Organization => Action::OrganizationUpdate,
        AccountKind::Enterprise => Action::EnterpriseUpdate,
    };
    let event = about(Event::new(action), &account)
        .with("name", name)
        .with("name_was", account.name.as_str())
        .with("email", email)
        .with("email_was", account.email.as_deref());
    let told = (is_user && account.email.as_deref() != email).then_some(account.id);
    name.clone_into(&mut account.name);
    account.email = email.map(str::to_owned);
    accounts::update(&mut work, &account).await?;
    work.audit_and_tell(event, told);
    work.changed(Change::Account(account.id));
    Ok(context.commit(work).await?)
}

/// What is wrong with the texts.
pub fn mistakes(name: &str, email: &str) -> Vec<Mistake> {
    let name = profile::name(name).err();
    let email = profile::email(email).err();
    let name = name.map(|error| Mistake::new("name", error));
    let email = email.map(|error| Mistake::new("email", error));
    name.into_iter().chain(email).collect()
}

fn checked<'a>(name: &'a str, email: &'a str) -> AdminResult<(&'a str, Option<&'a str>)> {
    match (profile::name(name), profile::email(email)) {
        (Ok(name), Ok(email)) => Ok((name, email)),
        _ => Err(AdminError::Mistakes(mistakes(name, email))),
    }
}
