//! An owner blocks a classic token at their organization, for good (DOMAIN §2.5).

use std::collections::BTreeSet;

use super::Context;
use super::membership;
use super::refuse::{ReviewError, reason};
use super::review_many::MOST;
use crate::domain::access::membership::Asker;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::{TokenKind, TokenState};
use crate::store::accounts::{self, Account};
use crate::store::tokens::{self, Token};
use crate::store::{Change, StoreError, Work, exceptions, members, records};

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

/// What stands against blocking one of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// No such token was ever used at the organization, or it ended.
    NotFound,
    /// Somebody was first.
    AlreadyBlocked,
}

/// Why several were not blocked; then none was.
#[derive(Debug, thiserror::Error)]
pub enum BlockManyError {
    /// These stand against it.
    #[error("some of them cannot be blocked")]
    Several(Vec<(TokenId, Obstacle)>),
    /// So many were chosen: none, or more than fit.
    #[error("{0} are chosen; 1 to {MOST} can be blocked at once")]
    Count(usize),
    /// What stands against blocking any.
    #[error(transparent)]
    Any(#[from] BlockError),
}

impl From<StoreError> for BlockManyError {
    fn from(error: StoreError) -> Self {
        Self::Any(error.into())
    }
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
    let account = owned(&mut work, origin, organization).await?;
    match block_one(&mut work, &account, token, why).await? {
        None => Ok(context.commit(work).await?),
        Some(Obstacle::NotFound) => Err(BlockError::NotFound),
        Some(Obstacle::AlreadyBlocked) => Err(BlockError::AlreadyBlocked),
    }
}

/// Blocks up to [`MOST`] tokens there: all of them or none.
pub async fn block_many(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    tokens: &[TokenId],
    why: &str,
) -> Result<(), BlockManyError> {
    let why = reason(why).map_err(too_long)?;
    let chosen: BTreeSet<_> = tokens.iter().copied().collect();
    if chosen.is_empty() || chosen.len() > MOST {
        return Err(BlockManyError::Count(chosen.len()));
    }
    let mut work = context.begin(origin).await?;
    let account = owned(&mut work, origin, organization).await?;
    let mut stand = Vec::new();
    for token in chosen {
        let obstacle = block_one(&mut work, &account, token, why).await?;
        stand.extend(obstacle.map(|obstacle| (token, obstacle)));
    }
    if !stand.is_empty() {
        return Err(BlockManyError::Several(stand));
    }
    Ok(context.commit(work).await?)
}

/// The organization, if whoever asks owns it.
async fn owned(
    work: &mut Work,
    origin: &Origin,
    organization: AccountId,
) -> Result<Account, BlockError> {
    members::lock(work, organization).await?;
    let account = accounts::find(work, organization)
        .await?
        .ok_or(BlockError::NotFound)?;
    match membership::asker(work, origin, organization, organization).await? {
        Asker::Owner | Asker::Operator => Ok(account),
        Asker::Themselves | Asker::Stranger => Err(BlockError::NotAnOwner),
    }
}

/// Blocks one; or says what stands against it.
async fn block_one(
    work: &mut Work,
    organization: &Account,
    token: TokenId,
    why: &str,
) -> Result<Option<Obstacle>, StoreError> {
    let found = tokens::find(work, token)
        .await?
        .filter(|found| found.kind == TokenKind::Classic && found.state == TokenState::Live);
    let Some(found) = found else {
        return Ok(Some(Obstacle::NotFound));
    };
    if !records::was_used_at(work, token, organization.id).await? {
        return Ok(Some(Obstacle::NotFound));
    }
    let blocking = Blocking {
        token: &found,
        organization,
        why,
    };
    let is_new = block(work, blocking).await?;
    Ok((!is_new).then_some(Obstacle::AlreadyBlocked))
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
