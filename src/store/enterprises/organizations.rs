//! An enterprise's organizations: a page at a time, with counts for the whole page at once.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::{Page, with_search};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::db::Compose;
use crate::store::{Db, Result};

/// An organization of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Organization {
    /// Which.
    pub id: AccountId,
    /// Its login.
    pub login: String,
    /// Its name.
    pub name: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// Which organizations a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// Whose login or name holds this; all where it is empty.
    pub search: String,
    /// Which part, in which order.
    pub page: Page,
}

const ORGANIZATIONS: &str = "SELECT a.id, a.login, a.name, a.created_at FROM accounts a \
     WHERE a.kind = 'organization' AND a.deleted_at IS NULL AND a.enterprise_id =";

/// One page of an enterprise's organizations.
pub async fn list_organizations(
    db: &mut impl Db,
    enterprise: AccountId,
    filter: &OrganizationFilter,
) -> Result<Vec<Organization>> {
    let compose = Compose::new(ORGANIZATIONS).value(enterprise);
    let compose = filter.page.cut(with_search(compose, &filter.search));
    db.composed(compose).all().await
}

/// The organization of an enterprise with this login.
pub async fn find_organization(
    db: &mut impl Db,
    enterprise: AccountId,
    login: &str,
) -> Result<Option<Organization>> {
    let compose = Compose::new(ORGANIZATIONS)
        .value(enterprise)
        .then("AND a.login_key =")
        .value(crate::domain::names::key(login));
    db.composed(compose).optional().await
}

/// The logins and names of an enterprise's organizations, by login: for a filter to choose from, at most `limit`.
pub async fn list_organization_names(
    db: &mut impl Db,
    enterprise: AccountId,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    db.query(
        "SELECT a.login, a.name FROM accounts a WHERE a.kind = 'organization' AND a.deleted_at IS NULL \
         AND a.enterprise_id = $1 ORDER BY a.login_key LIMIT $2",
    )
    .bind(enterprise)
    .bind(limit)
    .all()
    .await
}

/// How many organizations an enterprise has.
pub async fn count_organizations(db: &mut impl Db, enterprise: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM accounts WHERE kind = 'organization' AND deleted_at IS NULL AND enterprise_id = $1",
    )
    .bind(enterprise)
    .number()
    .await
}

/// A version of an organization's policy that is saved and not in force yet.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Ahead {
    /// Of which organization.
    pub organization: AccountId,
    /// For which kind of token.
    pub kind: TokenKind,
    /// From when it counts.
    pub effective_at: Timestamp,
}

/// The next version ahead of each of these organizations and each kind of token.
pub async fn list_ahead(
    db: &mut impl Db,
    organizations: &[AccountId],
    now: Timestamp,
) -> Result<Vec<Ahead>> {
    let head = "SELECT scope_id AS organization, token_kind AS kind, MIN(effective_at) AS effective_at FROM policies \
                WHERE cancelled_at IS NULL AND effective_at >";
    let compose = Compose::new(head)
        .value(now)
        .then("AND scope_id IN")
        .list(organizations.iter().copied())
        .then("GROUP BY scope_id, token_kind");
    db.composed(compose).all().await
}

/// How many members and owners each of these organizations has.
pub async fn count_people(
    db: &mut impl Db,
    organizations: &[AccountId],
) -> Result<BTreeMap<AccountId, i64>> {
    let head = "SELECT m.account_id, COUNT(*) FROM memberships m JOIN accounts u ON u.id = m.user_id \
                WHERE u.deleted_at IS NULL AND m.account_id IN";
    let compose = Compose::new(head)
        .list(organizations.iter().copied())
        .then("GROUP BY m.account_id");
    let rows: Vec<(AccountId, i64)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
}

/// How many tokens reach an organization.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Fine-grained ones that work there.
    pub fine_grained: i64,
    /// Classic ones that were used there lately and are not blocked there.
    pub classic: i64,
}

/// How many living tokens reach each of these organizations; classic ones count from their last use `since` on.
pub async fn count_tokens(
    db: &mut impl Db,
    organizations: &[AccountId],
    since: Timestamp,
    now: Timestamp,
) -> Result<BTreeMap<AccountId, TokenCounts>> {
    let fine_grained = Compose::new(
        "SELECT g.owner_id, 'fine_grained', COUNT(*) FROM grants g JOIN tokens t ON t.id = g.token_id \
         WHERE g.state = 'active' AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at >",
    )
    .value(now)
    .then(") AND g.owner_id IN")
    .list(organizations.iter().copied());
    let compose = fine_grained
        .then(
            "GROUP BY g.owner_id UNION ALL SELECT l.owner_id, t.kind, COUNT(*) FROM last_uses l \
             JOIN tokens t ON t.id = l.token_id WHERE t.kind = 'classic' AND t.state = 'live' AND l.at >=",
        )
        .value(since)
        .then("AND (t.expires_at IS NULL OR t.expires_at >")
        .value(now)
        .then(
            ") AND NOT EXISTS (SELECT 1 FROM token_blocks b WHERE b.token_id = t.id AND b.owner_id = l.owner_id) \
             AND l.owner_id IN",
        )
        .list(organizations.iter().copied())
        .then("GROUP BY l.owner_id, t.kind");
    let rows: Vec<(AccountId, TokenKind, i64)> = db.composed(compose).all().await?;
    let mut counts: BTreeMap<AccountId, TokenCounts> = BTreeMap::new();
    for (organization, kind, count) in rows {
        let found = counts.entry(organization).or_default();
        match kind {
            TokenKind::FineGrained => found.fine_grained = count,
            TokenKind::Classic => found.classic = count,
        }
    }
    Ok(counts)
}
