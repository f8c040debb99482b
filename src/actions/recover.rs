//! A person who has lost every passkey uses a recovery code: it gives a one-time link, with which nothing can be done but
//! register a passkey.
//!
//! Whether a login exists can be read from neither the answer nor its time: every try is counted, looks for a code and
//! writes an event.

use super::Context;
use super::create_link::code_hash;
use super::throttle::{ThrottleError, count};
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Actor, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::recovery::RecoveryCode;
use crate::domain::throttle::{RECOVERY_ADDRESS, RECOVERY_LOGIN, TooOften};
use crate::store::{StoreError, Work, accounts, recovery, sessions, sign_in};

/// How long the link serves that a code gives, in seconds: its holder is at the browser.
pub const LINK_LIFE: i64 = 15 * 60;

/// No account has this id: a login that does not exist is looked up all the same.
const NOBODY: AccountId = AccountId::new(0);

/// Why a code did not serve.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// There were too many tries for this login or from this address.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// There is no such login, or it is suspended, or the code is not one of its own, or was used: nobody is told which.
    #[error("the login or the code is not right")]
    NotRight,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ThrottleError> for RecoverError {
    fn from(error: ThrottleError) -> Self {
        match error {
            ThrottleError::TooOften(often) => Self::TooOften(often),
            ThrottleError::Store(cause) => Self::Store(cause),
        }
    }
}

/// Uses the code up, ends every session of the person, who is told, and gives the code of a link as
/// [`super::create_link`] makes it. `source` is whom the client's address stands for, `origin` the request; who made it
/// is known afterwards alone.
pub async fn recover(
    context: &Context,
    origin: &Origin,
    source: &str,
    login: &str,
    code: &RecoveryCode,
) -> Result<String, RecoverError> {
    count(context, &RECOVERY_ADDRESS, source).await?;
    let tries = count(context, &RECOVERY_LOGIN, &names::key(login)).await?;
    let found = accounts::find_user(&mut context.store.reader(), login).await?;
    let user = found.map_or(NOBODY, |user| user.id);
    let theirs = Origin {
        actor: Actor::Person(user),
        ..origin.clone()
    };
    let mut work = context.begin(&theirs).await?;
    if !is_right(&mut work, user, code).await? {
        drop(work);
        let is_last = tries.count == RECOVERY_LOGIN.most;
        refused(context, origin, user, is_last).await?;
        return Err(RecoverError::NotRight);
    }
    let link = let_in(context, &mut work, user).await?;
    context.commit(work).await?;
    Ok(link)
}

/// Uses the code up, if it is one of a living user who is not suspended.
async fn is_right(
    work: &mut Work,
    user: AccountId,
    code: &RecoveryCode,
) -> Result<bool, StoreError> {
    let now = work.now();
    let account = accounts::find(work, user).await?;
    let was_there = recovery::use_code(work, user, &code.hash(), now).await?;
    let may = account.is_some_and(|user| user.kind == AccountKind::User && !user.is_suspended());
    Ok(was_there && may)
}

async fn let_in(context: &Context, work: &mut Work, user: AccountId) -> Result<String, StoreError> {
    let now = work.now();
    let link = context.entropy.code();
    let until = now.plus_seconds(LINK_LIFE);
    sign_in::replace_enrolment(work, user, &code_hash(&link), now, until).await?;
    let ended = sessions::delete_of_user(work, user).await?;
    let left = recovery::left(work, user).await?;
    let event = Event::new(Action::RecoveryCodeUse)
        .user(user)
        .with("codes_left", left.count)
        .with("sessions_ended", ended);
    work.audit_and_tell(event, [user]);
    work.audit(Event::new(Action::EnrolmentCreate).user(user));
    Ok(link)
}

/// Writes down a try that failed. The person is told when there were so many that no more are taken for a while.
async fn refused(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    is_last: bool,
) -> Result<(), StoreError> {
    let mut work = context.begin(origin).await?;
    let event = Event::new(Action::RecoveryCodeRefuse);
    match (user == NOBODY, is_last) {
        (true, _) => work.audit(event),
        (false, false) => work.audit(event.user(user)),
        (false, true) => work.audit_and_tell(event.user(user), [user]),
    }
    context.commit(work).await
}
