//! An owner cuts off every credential of a sort at once: an organization's at itself, an enterprise's in all that it
//! governs. Classic tokens are blocked, fine-grained ones lose their grants.
//!
//! There may be any number of them, so it is done in rounds, each a transaction of its own. One that fails leaves the
//! rounds before it done, and whoever asks again goes on from there.

use std::collections::BTreeMap;

use super::Context;
use super::block_classic::{Blocking, block};
use super::delete_token::end;
use super::membership;
use super::revoke_grant::{Authority, revoke_all};
use crate::domain::access::membership::Asker;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::token::{EndedReason, TokenKind};
use crate::store::credentials::{self, Place};
use crate::store::{StoreError, Work, accounts, members, tokens};

/// The most that one round takes of each sort.
const ROUND: i64 = 200;

/// How often a round that somebody else came before is tried again.
const PATIENCE: usize = 5;

/// What people read as the reason.
const WHY: &str = "an owner cut off all such credentials";

/// What is to be cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose, and where.
    pub place: Place,
    /// Of which kinds; none: nothing.
    pub kinds: Vec<TokenKind>,
    /// Whether the tokens of people whom the enterprise manages end altogether.
    pub ends_managed: bool,
}

/// How much was cut off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CutOff {
    /// Classic tokens that were blocked, once an organization.
    pub blocked: usize,
    /// Grants that were revoked.
    pub revoked: usize,
    /// Tokens that were ended.
    pub ended: usize,
}

impl CutOff {
    const fn is_nothing(self) -> bool {
        self.blocked + self.revoked + self.ended == 0
    }
}

/// Why nothing (more) was cut off.
#[derive(Debug, thiserror::Error)]
pub enum CutOffError {
    /// Only owners do, and whoever asks is none (any more).
    #[error("only owners cut off credentials")]
    NotAnOwner,
    /// Others changed the same grants again and again.
    #[error("the grants change all the time")]
    Moved,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cuts off everything that the wish names, as it stands while this runs.
pub async fn cut_off(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    wish: &Wish,
) -> Result<CutOff, CutOffError> {
    let mut done = CutOff::default();
    let mut tries = 0;
    loop {
        let mut work = context.begin(origin).await?;
        check_right(&mut work, origin, wish.place.scope).await?;
        let Some(round) = round(&mut work, by, wish).await? else {
            tries += 1;
            if tries == PATIENCE {
                return Err(CutOffError::Moved);
            }
            continue;
        };
        context.commit(work).await?;
        if round.is_nothing() {
            return Ok(done);
        }
        done.blocked += round.blocked;
        done.revoked += round.revoked;
        done.ended += round.ended;
    }
}

async fn check_right(
    work: &mut Work,
    origin: &Origin,
    scope: AccountId,
) -> Result<(), CutOffError> {
    members::lock(work, scope).await?;
    match membership::asker(work, origin, scope, scope).await? {
        Asker::Owner | Asker::Operator => Ok(()),
        Asker::Themselves | Asker::Stranger => Err(CutOffError::NotAnOwner),
    }
}

/// One round; none when somebody else changed a grant first, and then nothing must be committed.
async fn round(work: &mut Work, by: AccountId, wish: &Wish) -> Result<Option<CutOff>, StoreError> {
    let mut done = CutOff::default();
    if wish.ends_managed {
        done.ended = end_managed(work, wish).await?;
    }
    if wish.kinds.contains(&TokenKind::FineGrained) {
        match revoke_granted(work, by, wish.place).await? {
            Some(revoked) => done.revoked = revoked,
            None => return Ok(None),
        }
    }
    if wish.kinds.contains(&TokenKind::Classic) {
        done.blocked = block_used(work, wish.place).await?;
    }
    Ok(Some(done))
}

async fn end_managed(work: &mut Work, wish: &Wish) -> Result<usize, StoreError> {
    let ids = credentials::list_managed(work, wish.place, &wish.kinds, ROUND).await?;
    let mut ended = 0;
    for token in tokens::list_by_ids(work, &ids).await? {
        let (reason, action) = (EndedReason::Revoked, Action::TokenRevoke);
        ended += usize::from(end(work, &token, reason, action, WHY).await?);
    }
    Ok(ended)
}

async fn revoke_granted(
    work: &mut Work,
    by: AccountId,
    place: Place,
) -> Result<Option<usize>, StoreError> {
    let found = credentials::list_granted(work, place, ROUND).await?;
    let count = found.len();
    let mut by_owner: BTreeMap<AccountId, Vec<(GrantId, Option<i64>)>> = BTreeMap::new();
    for (grant, owner) in found {
        by_owner.entry(owner).or_default().push((grant, None));
    }
    for (owner, wanted) in by_owner {
        let authority = if owner == place.scope {
            Authority::Owner(owner)
        } else {
            Authority::Enterprise(place.scope)
        };
        let blocked = revoke_all(work, authority, by, &wanted, WHY).await?;
        if !blocked.is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(count))
}

async fn block_used(work: &mut Work, place: Place) -> Result<usize, StoreError> {
    let mut blocked = 0;
    let mut last = None;
    for (token, owner) in credentials::list_used(work, place, ROUND).await? {
        if last
            .as_ref()
            .is_none_or(|account: &accounts::Account| account.id != owner)
        {
            last = accounts::find(work, owner).await?;
        }
        let token = tokens::find(work, token).await?;
        let Some((token, account)) = token.zip(last.as_ref()) else {
            continue;
        };
        let blocking = Blocking {
            token: &token,
            organization: account,
            why: WHY,
        };
        blocked += usize::from(block(work, blocking).await?);
    }
    Ok(blocked)
}
