//! A site administrator suspends a person or lifts the suspension, makes somebody a site administrator or none any
//! more, or makes a link with which a person signs in.

use super::create_account::Link;
use super::{AdminResult, Target, begin_on};
use crate::actions::Context;
use crate::actions::create_link::{LINK_LIFE, enter_link};
use crate::actions::end_relation::cancel_requests;
use crate::domain::administration::{UserAct, UserFacts, check_user};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::accounts::Account;
use crate::store::{Change, Work, accounts, administration, sessions};

/// What decides about an act of `by` on a person.
pub fn facts(user: &Account, by: AccountId) -> UserFacts {
    UserFacts {
        is_self: user.id == by,
        is_suspended: user.is_suspended(),
        is_site_admin: user.site_admin,
    }
}

/// Suspends the person: tokens are dead from the next call on and sessions from the next request on, what waits is
/// cancelled, and a link that was not used serves no more.
pub async fn suspend(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
) -> AdminResult {
    let (mut work, mut user) = begin(context, origin, by, target, UserAct::Suspend).await?;
    user.suspended_at = Some(work.now());
    sessions::delete_of_user(&mut work, user.id).await?;
    administration::withdraw_enrolment(&mut work, user.id).await?;
    cancel_requests(&mut work, user.id).await?;
    finish(context, work, &user, Action::UserSuspend).await
}

/// Lifts the suspension: tokens that still live work again; the person signs in again. What was cancelled stays so.
pub async fn unsuspend(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
) -> AdminResult {
    let (work, mut user) = begin(context, origin, by, target, UserAct::Unsuspend).await?;
    user.suspended_at = None;
    finish(context, work, &user, Action::UserUnsuspend).await
}

/// Makes the person a site administrator, or none any more.
pub async fn set_site_admin(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    on: bool,
) -> AdminResult {
    let (act, action) = if on {
        (UserAct::Promote, Action::UserPromote)
    } else {
        (UserAct::Demote, Action::UserDemote)
    };
    let (work, mut user) = begin(context, origin, by, target, act).await?;
    user.site_admin = on;
    finish(context, work, &user, action).await
}

/// Makes a link with which the person registers a passkey, in place of an earlier one.
pub async fn make_link(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
) -> AdminResult<Link> {
    let (mut work, user) = begin(context, origin, by, target, UserAct::Link).await?;
    let (code, until) = enter_link(context, &mut work, user.id, LINK_LIFE).await?;
    context.commit(work).await?;
    Ok(Link { code, until })
}

async fn begin(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    act: UserAct,
) -> AdminResult<(Work, Account)> {
    let (work, user) = begin_on(context, origin, by, target).await?;
    check_user(act, facts(&user, by))?;
    Ok((work, user))
}

async fn finish(context: &Context, mut work: Work, user: &Account, action: Action) -> AdminResult {
    accounts::update(&mut work, user).await?;
    let event = Event::new(action)
        .user(user.id)
        .enterprise(user.governed_by())
        .with("login", user.login.as_str());
    work.audit_and_tell(event, [user.id]);
    work.changed(Change::Account(user.id));
    Ok(context.commit(work).await?)
}
