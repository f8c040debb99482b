//! Policies that begin later, from the side of whose tokens they will block.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::db::Compose;
use super::subjects::{self, SubjectRow};
use super::{Db, Result, exceptions, policies};
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::Source;
use crate::domain::policy::ahead::{Coming, SavedVersions, violation_ahead};
use crate::domain::policy::evaluate::Violation;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// A token that a policy will block at an owner, although it works there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoonBlocked {
    /// Which.
    pub token_id: TokenId,
    /// Of which kind it is.
    pub token_kind: TokenKind,
    /// The owner at which it will be refused.
    pub owner_id: AccountId,
    /// The owner's login.
    pub owner_login: String,
    /// The name of whoever set the value that will stand against it: the owner's, or its enterprise's.
    pub set_by: String,
    /// From when, and which policy.
    pub coming: Coming,
}

#[derive(Debug, FromRow)]
struct ScopeRow {
    scope_id: AccountId,
    token_kind: TokenKind,
}

/// Every token of a user that a version ahead will block, at each owner, the soonest first. Two short statements where
/// nothing is ahead.
pub async fn list_soon_blocked(
    db: &mut impl Db,
    user: AccountId,
    now: Timestamp,
) -> Result<Vec<SoonBlocked>> {
    let ahead: Vec<ScopeRow> = db
        .query(
            "SELECT DISTINCT scope_id, token_kind FROM policies WHERE effective_at > $1 AND cancelled_at IS NULL",
        )
        .bind(now)
        .all()
        .await?;
    let mut found = Vec::new();
    for kind in TokenKind::ALL {
        let scopes = ahead.iter().filter(|row| row.token_kind == *kind);
        let scopes: BTreeSet<_> = scopes.map(|row| row.scope_id).collect();
        if !scopes.is_empty() {
            found.extend(of_kind(db, user, *kind, &scopes, now).await?);
        }
    }
    found.sort_by_key(|one| (one.coming.at, one.token_id, one.owner_id));
    Ok(found)
}

/// The tokens of one kind, at the owners that these scopes concern.
async fn of_kind(
    db: &mut impl Db,
    user: AccountId,
    kind: TokenKind,
    scopes: &BTreeSet<AccountId>,
    now: Timestamp,
) -> Result<Vec<SoonBlocked>> {
    let mut rows = subjects::list_rows_of_user(db, user, kind, now).await?;
    rows.retain(|row| {
        let above = row.enterprise_id.filter(|above| scopes.contains(above));
        above.is_some() || scopes.contains(&row.owner_id)
    });
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let saved = saved_at(db, &rows, kind).await?;
    let names = names(db, &rows).await?;
    let tokens: BTreeSet<_> = rows.iter().map(|row| row.token_id).collect();
    let exemptions = exceptions::list_of_tokens(db, tokens).await?;
    let found = rows.iter().filter_map(|row| {
        let given = exemptions.get(&row.token_id).map_or(&[][..], Vec::as_slice);
        let exposure = |at| row.exposure(kind, given, at);
        let coming = violation_ahead(saved.get(&row.owner_id)?, kind, now, exposure)?;
        soon_blocked(row, kind, coming, &names)
    });
    Ok(found.collect())
}

fn soon_blocked(
    row: &SubjectRow,
    kind: TokenKind,
    coming: Coming,
    names: &BTreeMap<AccountId, NameRow>,
) -> Option<SoonBlocked> {
    let (Violation::Access(source) | Violation::Lifetime { source, .. }) = coming.violation;
    let set_by = match source {
        Source::Enterprise => row.enterprise_id?,
        Source::Organization | Source::Default => row.owner_id,
    };
    Some(SoonBlocked {
        token_id: row.token_id,
        token_kind: kind,
        owner_id: row.owner_id,
        owner_login: names.get(&row.owner_id)?.login.clone(),
        set_by: names.get(&set_by)?.name.clone(),
        coming,
    })
}

/// What was saved for the owners of these tokens.
async fn saved_at(
    db: &mut impl Db,
    rows: &[SubjectRow],
    kind: TokenKind,
) -> Result<BTreeMap<AccountId, SavedVersions>> {
    let owners: BTreeMap<_, _> = rows.iter().map(|row| (row.owner_id, row)).collect();
    let mut saved = BTreeMap::new();
    for (owner, row) in owners {
        let versions = find_saved(db, row.owner_kind, owner, row.enterprise_id, kind).await?;
        saved.insert(owner, versions);
    }
    Ok(saved)
}

/// Every version that was saved of the policies that hold at an account.
pub async fn find_saved(
    db: &mut impl Db,
    kind: AccountKind,
    account: AccountId,
    governed_by: Option<AccountId>,
    token_kind: TokenKind,
) -> Result<SavedVersions> {
    let above = match governed_by {
        Some(enterprise) => Some(policies::list_versions(db, enterprise, token_kind).await?),
        None => None,
    };
    let own = match kind {
        AccountKind::Organization => Some(policies::list_versions(db, account, token_kind).await?),
        AccountKind::User | AccountKind::Enterprise => None,
    };
    Ok(SavedVersions { above, own })
}

#[derive(Debug, FromRow)]
struct NameRow {
    id: AccountId,
    login: String,
    name: String,
}

async fn names(db: &mut impl Db, rows: &[SubjectRow]) -> Result<BTreeMap<AccountId, NameRow>> {
    let owners = rows.iter().map(|row| row.owner_id);
    let above = rows.iter().filter_map(|row| row.enterprise_id);
    let ids: BTreeSet<_> = owners.chain(above).collect();
    let head = "SELECT id, login, name FROM accounts WHERE id IN";
    let rows: Vec<NameRow> = db.composed(Compose::new(head).list(ids)).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
