//! A guarded service ends a token that was shown to it.

use super::Context;
use super::delete_token::end;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::TokenId;
use crate::domain::token::EndedReason;
use crate::store::{StoreError, tokens};

/// Ends a token for a service, which must have shown that it may learn of it. False when it has ended already.
pub async fn revoke_by_service(
    context: &Context,
    origin: &Origin,
    service: &str,
    token: TokenId,
) -> Result<bool, StoreError> {
    let mut work = context.begin(origin).await?;
    let Some(found) = tokens::find(&mut work, token).await? else {
        return Ok(false);
    };
    let why = format!("revoked by the service {service}");
    let reason = EndedReason::Service;
    let ended = end(&mut work, &found, reason, Action::TokenRevoke, &why).await?;
    context.commit(work).await?;
    Ok(ended)
}
