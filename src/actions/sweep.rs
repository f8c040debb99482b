//! What the passing of time ends: requests of tokens whose life is over, and tokens that nobody uses.

use super::Context;
use super::delete_token::end;
use crate::domain::approval::RequestState;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::token::EndedReason;
use crate::store::{Change, StoreError, accounts, grants, requests, tokens};

/// The most that one round ends: the next round goes on.
const ROUND: i64 = 200;

/// Cancels the requests that wait for tokens whose life is over. How many.
pub async fn cancel_expired(context: &Context, origin: &Origin) -> Result<usize, StoreError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let waiting = requests::list_of_expired(&mut work, now, ROUND).await?;
    let mut cancelled = 0;
    for request in &waiting {
        let why = "the token's life was over";
        if !requests::decide(
            &mut work,
            request.id,
            RequestState::Cancelled,
            None,
            why,
            now,
        )
        .await?
        {
            continue;
        }
        let Some(grant) = grants::find(&mut work, request.grant_id).await? else {
            continue;
        };
        let Some(token) = tokens::find(&mut work, grant.token_id).await? else {
            continue;
        };
        let enterprise = accounts::find(&mut work, request.owner_id)
            .await?
            .and_then(|owner| owner.governed_by());
        let event = Event::new(Action::RequestCancel)
            .user(token.user_id)
            .token(token.id)
            .owner(request.owner_id)
            .enterprise(enterprise)
            .with("user_programmatic_access_name", token.name.as_str())
            .with("user_programmatic_access_request_id", request.id.get())
            .with("reason", why);
        work.audit_and_tell(event, [token.user_id]);
        work.changed(Change::Token(token.id));
        cancelled += 1;
    }
    context.commit(work).await?;
    Ok(cancelled)
}

/// Revokes the tokens that were neither made nor used in the last `days`. How many.
pub async fn revoke_unused(
    context: &Context,
    origin: &Origin,
    days: i64,
) -> Result<usize, StoreError> {
    let mut work = context.begin(origin).await?;
    let since = work.now().plus_days(-days);
    let unused = tokens::list_unused(&mut work, since, ROUND).await?;
    let why = format!("it was not used for {days} days");
    for token in &unused {
        end(
            &mut work,
            token,
            EndedReason::Unused,
            Action::TokenRevoke,
            &why,
        )
        .await?;
    }
    context.commit(work).await?;
    Ok(unused.len())
}
