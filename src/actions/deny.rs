//! An owner refuses what a request asks for. The denial lasts: only a new request can ask again.

use super::Context;
use super::approve::{load, overtaken, refuse_own};
use super::refuse::{ReviewError, reason};
use crate::domain::approval::RequestState;
use crate::domain::approval::decide::check_denial;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, RequestId};
use crate::store::{Change, requests};

/// Denies a request at an owner, with a reason that its user will read.
pub async fn deny(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    request: RequestId,
    by: AccountId,
    why: &str,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    let case = load(&mut work, owner, request).await?;
    refuse_own(origin, by, case.token.user_id)?;
    check_denial(case.request.state).map_err(ReviewError::Request)?;
    let now = work.now();
    if !requests::decide(&mut work, request, RequestState::Denied, Some(by), why, now).await? {
        return Err(overtaken(&mut work, request).await?);
    }
    let event = Event::new(Action::RequestDeny)
        .user(case.token.user_id)
        .token(case.token.id)
        .owner(owner)
        .enterprise(case.enterprise)
        .with("user_programmatic_access_name", case.token.name.as_str())
        .with("request_id", request.get())
        .with("reason", why);
    work.audit_and_tell(event, [case.token.user_id]);
    work.changed(Change::Token(case.token.id));
    Ok(context.commit(work).await?)
}
