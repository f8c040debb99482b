//! A site administrator enters a user, an organization or an enterprise.

use super::accounts_of::{is_taken, taken};
use super::{AdminError, AdminResult, Mistake, begin, find_enterprise, find_named_user};
use crate::actions::Context;
use crate::actions::create_link::{LINK_LIFE, enter_link};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::administration::Refusal;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::domain::{names, profile};
use crate::entropy::Entropy;
use crate::store::accounts::{self, Account, NewAccount};
use crate::store::{Change, Work, account_names};

/// What was typed of a new account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The login or slug.
    pub login: String,
    /// The name in sentences.
    pub name: String,
    /// Where mails go (users).
    pub email: String,
    /// The slug of the enterprise of an organization; empty for none.
    pub enterprise: String,
    /// The login of the first owner (organizations and enterprises).
    pub owner: String,
}

/// A sign-in link that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands in `/enroll/{code}`.
    pub code: String,
    /// Until when it serves.
    pub until: Timestamp,
}

/// What authenticators will know a user by: random, so that it says nothing about them.
pub(in crate::actions) fn passkey_handle(entropy: &dyn Entropy) -> String {
    let bytes = entropy.bytes::<16>();
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Enters a user, with the link of the first sign-in.
pub async fn create_user(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    wish: &Wish,
) -> AdminResult<(AccountId, Link)> {
    let mut work = begin(context, origin, by, &[]).await?;
    check(&mut work, AccountKind::User, wish).await?;
    let id = enter(context, &mut work, AccountKind::User, wish).await?;
    let event = Event::new(Action::UserCreate).user(id);
    work.audit(event.with("login", wish.login.trim()));
    work.changed(Change::Account(id));
    let (code, until) = enter_link(context, &mut work, id, LINK_LIFE).await?;
    context.commit(work).await?;
    Ok((id, Link { code, until }))
}

/// Enters an organization with its first owner.
pub async fn create_organization(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    wish: &Wish,
) -> AdminResult<AccountId> {
    let kind = AccountKind::Organization;
    let mut work = begin(context, origin, by, &[]).await?;
    check(&mut work, kind, wish).await?;
    let owner = first_owner(&mut work, by, &wish.owner).await?;
    let enterprise = find_enterprise(&mut work, "enterprise", &wish.enterprise).await?;
    let id = enter(context, &mut work, kind, wish).await?;
    let enterprise = enterprise.map(|enterprise| enterprise.id);
    if enterprise.is_some() {
        let mut made = accounts::find(&mut work, id)
            .await?
            .ok_or(AdminError::NotFound)?;
        made.enterprise_id = enterprise;
        accounts::update(&mut work, &made).await?;
    }
    let event = |action| Event::new(action).owner(id).enterprise(enterprise);
    work.audit(event(Action::OrganizationCreate).with("login", wish.login.trim()));
    join(&mut work, id, &owner, event(Action::MemberAdd)).await?;
    context.commit(work).await?;
    Ok(id)
}

/// Enters an enterprise with its first owner.
pub async fn create_enterprise(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    wish: &Wish,
) -> AdminResult<AccountId> {
    let kind = AccountKind::Enterprise;
    let mut work = begin(context, origin, by, &[]).await?;
    check(&mut work, kind, wish).await?;
    let owner = first_owner(&mut work, by, &wish.owner).await?;
    let id = enter(context, &mut work, kind, wish).await?;
    let event = |action| Event::new(action).owner(id).enterprise(Some(id));
    work.audit(event(Action::EnterpriseCreate).with("slug", wish.login.trim()));
    join(&mut work, id, &owner, event(Action::EnterpriseAddOwner)).await?;
    context.commit(work).await?;
    Ok(id)
}

async fn check(work: &mut Work, kind: AccountKind, wish: &Wish) -> AdminResult {
    let mut mistakes = mistakes(kind, wish);
    let login = wish.login.trim();
    if !mistakes.iter().any(|mistake| mistake.field == "login") {
        mistakes.extend(unavailable(work, kind, login).await?);
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(AdminError::Mistakes(mistakes))
    }
}

/// What is wrong with the texts alone.
pub fn mistakes(kind: AccountKind, wish: &Wish) -> Vec<Mistake> {
    let login = names::check_login(wish.login.trim()).err();
    let name = profile::name(&wish.name).err();
    let email = (kind == AccountKind::User).then(|| profile::email(&wish.email).err());
    let mut mistakes = Vec::new();
    mistakes.extend(login.map(|error| Mistake::new("login", sentence(&error))));
    mistakes.extend(name.map(|error| Mistake::new("name", error)));
    mistakes.extend(email.flatten().map(|error| Mistake::new("email", error)));
    mistakes
}

/// What a rule of names says, as a sentence.
pub(in crate::actions) fn sentence(error: &names::NameError) -> String {
    match error {
        names::NameError::Empty => "Write the name that addresses will carry.".to_owned(),
        error => {
            let text = error.to_string();
            let mut letters = text.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            format!("{}{}.", first.unwrap_or_default(), letters.as_str())
        }
    }
}

async fn unavailable(
    work: &mut Work,
    kind: AccountKind,
    login: &str,
) -> AdminResult<Option<Mistake>> {
    if is_taken(work, kind, login).await? {
        return Ok(Some(taken(login)));
    }
    let now = work.now();
    let until = account_names::find_reservation(work, kind, login, now).await?;
    Ok(until.map(|until| kept_back(login, until)))
}

/// The mistake of a name that its former holder's addresses still carry.
pub(super) fn kept_back(login: &str, until: Timestamp) -> Mistake {
    let day = until.to_utc().format("%-d %b %Y");
    Mistake::new(
        "login",
        format!("`{login}` was another account's name and is kept back until {day}."),
    )
}

async fn first_owner(work: &mut Work, by: AccountId, login: &str) -> AdminResult<Account> {
    let owner = find_named_user(work, "owner", login).await?;
    if owner.id == by {
        let message = format!("You cannot give yourself a role: {}.", Refusal::Yourself);
        return Err(Mistake::new("owner", message).into());
    }
    Ok(owner)
}

async fn enter(
    context: &Context,
    work: &mut Work,
    kind: AccountKind,
    wish: &Wish,
) -> AdminResult<AccountId> {
    let is_user = kind == AccountKind::User;
    let new = NewAccount {
        kind,
        login: wish.login.trim(),
        name: wish.name.trim(),
        email: Some(wish.email.trim()).filter(|email| is_user && !email.is_empty()),
        passkey_handle: is_user.then(|| passkey_handle(context.entropy.as_ref())),
        created_at: work.now(),
    };
    accounts::insert(work, &new).await.map_err(|error| {
        if account_names::is_taken_meanwhile(&error) {
            taken(new.login).into()
        } else {
            error.into()
        }
    })
}

async fn join(work: &mut Work, account: AccountId, owner: &Account, event: Event) -> AdminResult {
    let now = work.now();
    accounts::put_member(work, account, owner.id, MemberRole::Owner, now).await?;
    let event = event
        .user(owner.id)
        .with("permission", MemberRole::Owner.as_str());
    work.audit_and_tell(event, [owner.id]);
    work.changed(Change::Account(account));
    work.changed(Change::Account(owner.id));
    Ok(())
}
