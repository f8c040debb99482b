//! An owner takes a grant back. It lasts: no editing by the user attaches it again.

use super::Context;
use super::refuse::{ReviewError, reason};
use crate::domain::approval::decide::{DecideError, check_revocation};
use crate::domain::approval::{RequestState, RevokeCause};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, GrantId};
use crate::store::{Change, accounts, grants, requests, tokens};

/// Revokes a grant at an owner, with a reason that its user will read. A widening that waits is cancelled with it.
pub async fn revoke_grant(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    grant: GrantId,
    by: AccountId,
    why: &str,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    let found = grants::find(&mut work, grant)
        .await?
        .filter(|found| found.owner_id == owner);
    let found = found.ok_or(ReviewError::NotFound)?;
    check_revocation(found.state).map_err(ReviewError::Grant)?;
    let token = tokens::find(&mut work, found.token_id)
        .await?
        .ok_or(ReviewError::NotFound)?;
    let now = work.now();
    let enterprise = accounts::find(&mut work, owner)
        .await?
        .and_then(|owner| owner.governed_by());
    let event = |action| {
        Event::new(action)
            .user(token.user_id)
            .token(token.id)
            .owner(owner)
            .enterprise(enterprise)
            .with("user_programmatic_access_name", token.name.as_str())
    };
    // The request before its grant, as an approval takes them: the other way round the two could lock each other out.
    if let Some(pending) = requests::find_pending(&mut work, grant).await? {
        let overtaken = "the grant was revoked";
        if !requests::decide(
            &mut work,
            pending.id,
            RequestState::Cancelled,
            Some(by),
            overtaken,
            now,
        )
        .await?
        {
            return Err(ReviewError::Request(DecideError::Moved));
        }
        work.audit(
            event(Action::RequestCancel)
                .with("request_id", pending.id.get())
                .with("reason", overtaken),
        );
    }
    if !grants::revoke(
        &mut work,
        (grant, found.rev),
        RevokeCause::Owner,
        Some(by),
        why,
        now,
    )
    .await?
    {
        let state = grants::find(&mut work, grant)
            .await?
            .map(|grant| grant.state);
        return Err(match state.map(check_revocation) {
            Some(Err(error)) => ReviewError::Grant(error),
            _ => ReviewError::Request(DecideError::Moved),
        });
    }
    work.audit_and_tell(
        event(Action::AccessRevoke).with("reason", why),
        [token.user_id],
    );
    work.changed(Change::Token(token.id));
    Ok(context.commit(work).await?)
}
