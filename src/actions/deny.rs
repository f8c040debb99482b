//! An owner refuses what a request asks for. The denial lasts: only a new request can ask again.

use super::Context;
use super::approve::{all_unknown, decide_all};
use super::cases::{self, is_own};
use super::refuse::{Blocked, Obstacle, ReviewError, may_decide, reason, single};
use crate::domain::approval::RequestState;
use crate::domain::approval::decide::check_denial;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::{AccountId, RequestId};
use crate::store::{Change, StoreError, Work, accounts};

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
    single(deny_all(&mut work, owner, by, &[request], why).await?)?;
    Ok(context.commit(work).await?)
}

/// Denies all of them, or says what stands against which; then nothing must be committed.
pub(super) async fn deny_all(
    work: &mut Work,
    owner: AccountId,
    by: AccountId,
    ids: &[RequestId],
    why: &str,
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let Some(owner) = accounts::find(work, owner).await? else {
        return Ok(all_unknown(ids));
    };
    if !may_decide(work, owner.id, by).await? {
        return Ok(all_unknown(ids));
    }
    let found = cases::load(work, &owner, ids).await?;
    let obstacle = |id| match found.get(id) {
        None => Some(Obstacle::NotFound),
        Some(case) if is_own(work.origin(), by, case.token.user_id) => Some(Obstacle::OwnRequest),
        Some(case) => check_denial(case.request.state)
            .err()
            .map(Obstacle::Request),
    };
    let blocked = ids.iter().filter_map(|id| {
        Some(Blocked {
            id: *id,
            why: obstacle(id)?,
        })
    });
    let blocked: Vec<_> = blocked.collect();
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let in_order: Vec<_> = found.keys().copied().collect();
    let blocked = decide_all(work, &in_order, RequestState::Denied, by, why).await?;
    if blocked.is_empty() {
        for case in found.values() {
            let event = case.event(Action::RequestDeny).with("reason", why);
            work.audit_and_tell(event, [case.token.user_id]);
            work.changed(Change::Token(case.token.id));
        }
    }
    Ok(blocked)
}
