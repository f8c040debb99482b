//! A token replaces its own secret (DOMAIN §2). Its life stays as it is; the old secret goes on for a while, until the
//! new one is used. An answer that was lost costs nothing: the old secret rotates again, and the unused new one goes.

use super::Context;
use super::own_token;
use super::regenerate::{put_secret, record_rotation, retire};
use crate::domain::audit::Origin;
use crate::domain::ids::{AccountId, SecretId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::SecretRole;
use crate::domain::token::expiry::is_over;
use crate::domain::token::rotation::{NoSelfRotation, Overlap, check_self_rotation, old_end};
use crate::domain::token::secret::Secret;
use crate::store::{Change, Db, StoreError, tokens};

/// Which secret of which token asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The token's user.
    pub user: AccountId,
    /// The token.
    pub token: TokenId,
    /// The secret that was presented.
    pub secret: SecretId,
}

/// A new secret: the only time it is in the clear.
#[derive(Debug)]
pub struct Rotated {
    /// To show once.
    pub secret: Secret,
    /// When the token's life ends, as before.
    pub expires_at: Option<Timestamp>,
    /// When the old secret stops, should the new one not be used before; none: it has stopped.
    pub old_ends_at: Option<Timestamp>,
}

/// Why the secret was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The token was ended, or changed at the same moment.
    #[error("the token changed meanwhile")]
    Moved,
    /// The secret that asks was replaced, and the one after it was used.
    #[error("the secret was replaced by one that is in use")]
    Replaced,
    /// The token may not do it by itself.
    #[error(transparent)]
    NotAllowed(#[from] NoSelfRotation),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces the secret of the token that asks, and tells its user.
pub async fn rotate(
    context: &Context,
    origin: &Origin,
    asking: Asking,
    overlap: Overlap,
) -> Result<Rotated, RotateError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let own = own_token::load(&mut work, context.catalog, asking.user, asking.token).await?;
    let own = own.filter(|own| own.token.is_usable(now));
    let own = own.ok_or(RotateError::Moved)?;
    check_self_rotation(&own.current)?;
    check_secret(&mut work, asking, now).await?;
    let (version, token) = ((own.token.id, own.token.rev), &own.token);
    if !tokens::renew(&mut work, version, token.starts_at, token.expires_at).await? {
        return Err(RotateError::Moved);
    }
    let end = old_end(Some(overlap), token.expires_at, now);
    let old_ends_at = retire(&mut work, &own, end).await?;
    let secret = put_secret(context, &mut work, &own).await?;
    record_rotation(&mut work, &own, &secret, old_ends_at);
    work.changed(Change::Token(token.id));
    let expires_at = token.expires_at;
    context.commit(work).await?;
    Ok(Rotated {
        secret,
        expires_at,
        old_ends_at,
    })
}

/// The secret in use rotates: the current one, or the one before it while nobody has used the current one.
async fn check_secret(db: &mut impl Db, asking: Asking, now: Timestamp) -> Result<(), RotateError> {
    let found = tokens::find_secret(db, asking.secret).await?;
    let found = found.ok_or(RotateError::Replaced)?;
    let current = tokens::find_current_secret(db, asking.token).await?;
    let is_next_unused = current.is_none_or(|current| current.first_used_at.is_none());
    match found.role {
        SecretRole::Current => Ok(()),
        SecretRole::Overlapping if is_next_unused && !is_over(found.ends_at, now) => Ok(()),
        SecretRole::Overlapping | SecretRole::Retired => Err(RotateError::Replaced),
    }
}
