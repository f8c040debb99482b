//! The operator ends a token, whoever's it is.

use super::Context;
use super::delete_token::end;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::TokenId;
use crate::domain::token::EndedReason;
use crate::store::{StoreError, tokens};

/// Ends a token. False when it has ended already, or never was.
pub async fn revoke_token(
    context: &Context,
    origin: &Origin,
    token: TokenId,
    why: &str,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    let Some(found) = tokens::find(&mut work, token).await? else {
        return Ok(false);
    };
    let ended = end(
        &mut work,
        &found,
        EndedReason::Revoked,
        Action::TokenRevoke,
        why,
    )
    .await?;
    context.commit(work).await?;
    Ok(ended)
}
