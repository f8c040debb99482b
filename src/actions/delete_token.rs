//! A user deletes a token. Final: requests that wait are cancelled, and the name is free again.

use super::Context;
use crate::domain::approval::RequestState;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::EndedReason;
use crate::store::{Change, StoreError, Work, accounts, grants, requests, tokens};

/// Deletes a token of this user. False when there is no such token any more.
pub async fn delete_token(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    token: TokenId,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    let found = tokens::find(&mut work, token)
        .await?
        .filter(|found| found.user_id == user);
    let Some(found) = found else { return Ok(false) };
    let ended = end(
        &mut work,
        &found,
        EndedReason::Deleted,
        Action::TokenDestroy,
        "",
    )
    .await?;
    context.commit(work).await?;
    Ok(ended)
}

/// Ends a token within a work: cancels what waits, and writes an event for its user and one for each owner.
pub(super) async fn end(
    work: &mut Work,
    token: &tokens::Token,
    reason: EndedReason,
    action: Action,
    why: &str,
) -> Result<bool, StoreError> {
    let now = work.now();
    if !tokens::end(work, token.id, reason, now).await? {
        return Ok(false);
    }
    let scopes = tokens::list_scopes(work, token.id).await?.join(", ");
    let event = |action| {
        Event::new(action)
            .user(token.user_id)
            .token(token.id)
            .with("user_programmatic_access_name", token.name.as_str())
            .with("token_scopes", scopes.as_str())
            .with("reason", why)
    };
    // Whoever holds a leaked secret, or one that a service was shown, did not end it and must make another.
    let is_ended_by_others = matches!(reason, EndedReason::Leaked | EndedReason::Service);
    let told = is_ended_by_others.then_some(token.user_id);
    work.audit_and_tell(event(action), told);
    for grant in grants::list_of_token(work, token.id).await? {
        let enterprise = accounts::find(work, grant.owner_id)
            .await?
            .and_then(|owner| owner.governed_by());
        let at_owner = |action| event(action).owner(grant.owner_id).enterprise(enterprise);
        if let Some(pending) = requests::find_pending(work, grant.id).await? {
            let (cancelled, overtaken) = (RequestState::Cancelled, "the token was ended");
            // An owner may have decided it at the same moment.
            if requests::decide(work, pending.id, cancelled, None, overtaken, now).await? {
                work.audit(
                    at_owner(Action::RequestCancel)
                        .with("user_programmatic_access_request_id", pending.id.get()),
                );
            }
        }
        work.audit(at_owner(action));
    }
    work.changed(Change::Token(token.id));
    Ok(true)
}
