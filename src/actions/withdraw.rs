//! A user takes a request back before anybody decided on it. What the grant gives already goes on.

use super::Context;
use super::own_token;
use crate::domain::approval::RequestState;
use crate::domain::approval::decide::{DecideError, check_denial};
use crate::domain::audit::Origin;
use crate::domain::ids::{AccountId, RequestId};
use crate::store::{Change, StoreError, grants, requests};

/// Why nothing was withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// The user has made no such request.
    #[error("there is no such request")]
    NotFound,
    /// Somebody decided it first, or it was withdrawn before.
    #[error("the request is {0} already")]
    Decided(RequestState),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Withdraws a waiting request of this user.
pub async fn withdraw(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    request: RequestId,
) -> Result<(), WithdrawError> {
    let mut work = context.begin(origin).await?;
    let found = requests::find(&mut work, request).await?;
    let found = found.ok_or(WithdrawError::NotFound)?;
    let grant = grants::find(&mut work, found.grant_id).await?;
    let grant = grant.ok_or(WithdrawError::NotFound)?;
    let own = own_token::load(&mut work, context.catalog, user, grant.token_id).await?;
    let own = own.ok_or(WithdrawError::NotFound)?;
    if let Err(DecideError::AlreadyDecided(state)) = check_denial(found.state) {
        return Err(WithdrawError::Decided(state));
    }
    let part = own.at(found.owner_id).map(|(_, part)| part);
    let part = part.ok_or(WithdrawError::NotFound)?;
    let waits = part.pending.as_ref().map(|pending| pending.id) == Some(request);
    if !(waits && own_token::cancel(&mut work, &own, part, "the user withdrew it").await?) {
        let now = requests::find(&mut work, request).await?;
        let state = now.map_or(RequestState::Cancelled, |request| request.state);
        return Err(WithdrawError::Decided(state));
    }
    work.changed(Change::Token(own.token.id));
    Ok(context.commit(work).await?)
}
