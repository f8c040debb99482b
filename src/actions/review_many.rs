//! An owner decides many requests, or takes many grants back, at once: all of them or none (DOMAIN §3).
//!
//! What is decided is what was shown: each comes with the version of its grant that the page showed, and one that moved
//! since stands against all.

use std::collections::BTreeMap;

use super::Context;
use super::approve::{Wanted, approve_all};
use super::cases::Desk;
use super::deny::deny_all;
use super::refuse::{Blocked, ReviewError, reason};
use super::revoke_grant::{Authority, revoke_all};
use crate::domain::approval::part::Part;
use crate::domain::audit::Origin;
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::store::StoreError;

/// The most that are decided at once.
pub const MOST: usize = 100;

/// A request or grant as it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<Id> {
    /// Which.
    pub id: Id,
    /// The version of the grant that was shown; none where nothing was, as by API.
    pub rev: Option<i64>,
}

/// Why many were not decided; then none was.
#[derive(Debug, thiserror::Error)]
pub enum ManyError<Id> {
    /// These stand against it.
    #[error("some of them cannot be decided as asked")]
    Blocked(Vec<Blocked<Id>>),
    /// So many were chosen: none, or more than fit.
    #[error("{0} are chosen; 1 to {MOST} can be decided at once")]
    Count(usize),
    /// The reason is too long.
    #[error(transparent)]
    Reason(ReviewError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Approves the whole of each of these requests.
pub async fn approve_many(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    by: AccountId,
    chosen: &[Shown<RequestId>],
    why: &str,
) -> Result<(), ManyError<RequestId>> {
    let (chosen, why) = (once(chosen)?, reason(why).map_err(ManyError::Reason)?);
    let wanted: Vec<_> = chosen
        .iter()
        .map(|one| Wanted {
            request: one.id,
            shown: one.rev,
            part: &Part::Whole,
        })
        .collect();
    let mut work = context.begin(origin).await?;
    none_blocked(approve_all(context, &mut work, owner, by, &wanted, why).await?)?;
    Ok(context.commit(work).await?)
}

/// Denies each of these requests.
pub async fn deny_many(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    by: AccountId,
    chosen: &[Shown<RequestId>],
    why: &str,
) -> Result<(), ManyError<RequestId>> {
    let (chosen, why) = (once(chosen)?, reason(why).map_err(ManyError::Reason)?);
    let ids: Vec<_> = chosen.iter().map(|one| one.id).collect();
    let mut work = context.begin(origin).await?;
    none_blocked(deny_all(&mut work, owner, by, &ids, why).await?)?;
    Ok(context.commit(work).await?)
}

/// Revokes each of these grants.
pub async fn revoke_many(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    by: AccountId,
    chosen: &[Shown<GrantId>],
    why: &str,
) -> Result<(), ManyError<GrantId>> {
    revoke_many_by(context, origin, Authority::Owner(owner), by, chosen, why).await
}

/// Revokes each of these grants by an authority that may be over more than one account.
pub async fn revoke_many_by(
    context: &Context,
    origin: &Origin,
    authority: Authority,
    by: AccountId,
    chosen: &[Shown<GrantId>],
    why: &str,
) -> Result<(), ManyError<GrantId>> {
    let (chosen, why) = (once(chosen)?, reason(why).map_err(ManyError::Reason)?);
    let wanted: Vec<_> = chosen.iter().map(|one| (one.id, one.rev)).collect();
    let mut work = context.begin(origin).await?;
    none_blocked(revoke_all(&mut work, authority, by, &wanted, why).await?)?;
    Ok(context.commit(work).await?)
}

/// What would stand against approving these requests now, without doing anything.
pub async fn foresee(
    context: &Context,
    owner: AccountId,
    chosen: &[Shown<RequestId>],
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let ids: Vec<_> = chosen.iter().map(|one| one.id).collect();
    let (mut db, now) = (context.store.reader(), context.clock.now());
    let desk = Desk::lay(&mut db, owner, &ids, now).await?;
    let Some(desk) = desk else {
        return Ok(super::approve::all_unknown(&ids));
    };
    let blocked = chosen.iter().filter_map(|one| {
        let why = desk.obstacle(one.id, one.rev)?;
        Some(Blocked { id: one.id, why })
    });
    Ok(blocked.collect())
}

/// Each once, in the order of their ids, and no more than fit.
fn once<Id: Ord + Copy>(chosen: &[Shown<Id>]) -> Result<Vec<Shown<Id>>, ManyError<Id>> {
    let by_id: BTreeMap<Id, Shown<Id>> = chosen.iter().map(|one| (one.id, *one)).collect();
    if by_id.is_empty() || by_id.len() > MOST {
        return Err(ManyError::Count(by_id.len()));
    }
    Ok(by_id.into_values().collect())
}

fn none_blocked<Id>(blocked: Vec<Blocked<Id>>) -> Result<(), ManyError<Id>> {
    if blocked.is_empty() {
        Ok(())
    } else {
        Err(ManyError::Blocked(blocked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_counts_once_and_up_to_a_hundred() {
        let shown = |numbers: std::ops::Range<i64>| -> Vec<Shown<i64>> {
            numbers.map(|id| Shown { id, rev: Some(1) }).collect()
        };
        assert!(matches!(once(&shown(0..0)), Err(ManyError::Count(0))));
        assert!(matches!(once(&shown(0..101)), Err(ManyError::Count(101))));
        let twice = [shown(0..100), shown(0..100)].concat();
        assert_eq!(once(&twice).map(|chosen| chosen.len()).ok(), Some(100));
    }
}
