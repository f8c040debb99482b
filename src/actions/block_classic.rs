//! An owner blocks a classic token at their organization, for good (DOMAIN §2.5).

use super::Context;
use super::membership;
use super::refuse::{ReviewError, reason};
use crate::domain::access::membership::Asker;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::{TokenKind, TokenState};
use crate::store::accounts::{self, Account};
use crate::store::tokens::{self, Token};
use crate::store::{Change, StoreError, Work, exceptions, records};

/// Why a classic token was not blocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// No such token was ever used at the organization.
    #[error("no such token was used here")]
    NotFound,
    /// Only owners block, and whoever asks is none (any more).
    #[error("only owners block tokens")]
    NotAnOwner,
    /// Somebody was first.
    #[error("the token is blocked here already")]
    AlreadyBlocked,
    /// The reason has so many characters.
    #[error("the reason has {0} characters")]
    ReasonTooLong(usize),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Blocks the token there, with a reason that its user reads. Elsewhere it goes on working.
pub async fn block_classic(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    token: TokenId,
    why: &str,
) -> Result<(), BlockError> {
    let why = reason(why).map_err(too_long)?;
    let mut work = context.begin(origin).await?;
    let account = accounts::find(&mut work, organization)
        .await?
        .ok_or(BlockError::NotFound)?;
    match membership::asker(&mut work, origin, organization, organization).await? {
        Asker::Owner | Asker::Operator => {}
        Asker::Themselves | Asker::Stranger => return Err(BlockError::NotAnOwner),
    }
    let found = tokens::find(&mut work, token)
        .await?
        .filter(|found| found.kind == TokenKind::Classic && found.state == TokenState::Live)
        .ok_or(BlockError::NotFound)?;
    if !records::was_used_at(&mut work, token, organization).await? {
        return Err(BlockError::NotFound);
    }
    let blocking = Blocking {
        token: &found,
        organization: &account,
        why,
    };
    if !block(&mut work, blocking).await? {
        return Err(BlockError::AlreadyBlocked);
    }
    Ok(context.commit(work).await?)
}

/// Which token is blocked where, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocking<'a> {
    pub token: &'a Token,
    pub organization: &'a Account,
    pub why: &'a str,
}

/// Blocks one token within a work, and tells its user. False when it is blocked there already.
pub(super) async fn block(work: &mut Work, blocking: Blocking<'_>) -> Result<bool, StoreError> {
    let Blocking {
        token,
        organization,
        why,
    } = blocking;
    let (by, now) = (work.origin().actor.user(), work.now());
    if !exceptions::block(work, token.id, organization.id, why, by, now).await? {
        return Ok(false);
    }
    let event = Event::new(Action::TokenBlock)
        .user(token.user_id)
        .token(token.id)
        .owner(organization.id)
        .enterprise(organization.governed_by())
        .with("user_programmatic_access_name", token.name.as_str())
        .with("programmatic_access_type", TokenKind::Classic.title())
        .with("reason", why);
    work.audit_and_tell(event, [token.user_id]);
    work.changed(Change::Token(token.id));
    Ok(true)
}

fn too_long(error: ReviewError) -> BlockError {
    match error {
        ReviewError::ReasonTooLong(length) => BlockError::ReasonTooLong(length),
        ReviewError::Store(error) => BlockError::Store(error),
        _ => BlockError::NotFound,
    }
}
