//! A site administrator names an owner of an enterprise or takes one away, and names one of an organization that has
//! nobody left who can act.

use super::{AdminError, AdminResult, Mistake, Target, about, begin, find_named_user};
use crate::actions::{Context, end_relation};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::administration::{OwnerFacts, Refusal, check_owner_added, check_owner_removed};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account};
use crate::store::{Change, Db, Work, administration};

/// Makes the person with this login an owner.
pub async fn add_owner(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    login: &str,
) -> AdminResult {
    let found = find_named_user(&mut context.store.reader(), "owner", login).await?;
    let (mut work, account, user) = load(context, origin, by, target, found.id).await?;
    let facts = facts(&mut work, &account, &user, by).await?;
    let may_choose = account.kind == AccountKind::Enterprise;
    check_owner_added(facts, may_choose).map_err(|refusal| refused(&user, refusal))?;
    let now = work.now();
    let before = accounts::find_role(&mut work, account.id, user.id).await?;
    accounts::put_member(&mut work, account.id, user.id, MemberRole::Owner, now).await?;
    let action = match (account.kind, before) {
        (AccountKind::Enterprise, _) => Action::EnterpriseAddOwner,
        (_, None) => Action::MemberAdd,
        (_, Some(_)) => Action::MemberUpdate,
    };
    finish(context, work, &account, &user, action).await
}

/// Takes an owner of an enterprise away; never the last who can act.
pub async fn remove_owner(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    user: AccountId,
) -> AdminResult {
    let (mut work, account, user) = load(context, origin, by, target, user).await?;
    if account.kind != AccountKind::Enterprise {
        return Err(Refusal::OwnersDecide.into());
    }
    check_owner_removed(facts(&mut work, &account, &user, by).await?)?;
    accounts::remove_member(&mut work, account.id, user.id).await?;
    finish(
        context,
        work,
        &account,
        &user,
        Action::EnterpriseRemoveOwner,
    )
    .await
}

async fn load(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    user: AccountId,
) -> AdminResult<(Work, Account, Account)> {
    let mut work = begin(context, origin, by, &[target.id, user]).await?;
    let account = accounts::find(&mut work, target.id)
        .await?
        .filter(|account| account.kind == target.kind && account.kind != AccountKind::User)
        .ok_or(AdminError::NotFound)?;
    let user = accounts::find(&mut work, user)
        .await?
        .filter(|user| user.kind == AccountKind::User)
        .ok_or(AdminError::NotFound)?;
    if !administration::step(&mut work, target.id, target.rev).await? {
        return Err(AdminError::Moved);
    }
    Ok((work, account, user))
}

async fn facts(
    db: &mut impl Db,
    account: &Account,
    user: &Account,
    by: AccountId,
) -> AdminResult<OwnerFacts> {
    let role = accounts::find_role(db, account.id, user.id).await?;
    let owners = accounts::list_owners(db, account.id).await?;
    let others = owners
        .iter()
        .filter(|owner| owner.user_id != user.id)
        .count();
    Ok(OwnerFacts {
        is_self: user.id == by,
        is_suspended: user.is_suspended(),
        is_owner: role == Some(MemberRole::Owner),
        others: i64::try_from(others).unwrap_or(i64::MAX),
    })
}

/// A refusal as a mistake of the field that named the person.
fn refused(user: &Account, refusal: Refusal) -> AdminError {
    let message = match refusal {
        Refusal::Yourself => format!("You cannot give yourself a role: {refusal}."),
        Refusal::Already => format!("`{}` owns it already.", user.login),
        refusal => return refusal.into(),
    };
    Mistake::new("owner", message).into()
}

async fn finish(
    context: &Context,
    mut work: Work,
    account: &Account,
    user: &Account,
    action: Action,
) -> AdminResult {
    let event = about(Event::new(action), account).user(user.id);
    let event = match action {
        Action::EnterpriseRemoveOwner => event,
        _ => event.with("permission", MemberRole::Owner.as_str()),
    };
    work.audit_and_tell(event, [user.id]);
    work.changed(Change::Account(user.id));
    work.changed(Change::Account(account.id));
    end_relation::review(context, &mut work, user.id).await?;
    Ok(context.commit(work).await?)
}
