//! Repositories that leave every grant and request for good (DOMAIN §1).

use super::{Db, Result, Statement, requests};
use crate::domain::ids::{AccountId, GrantId, RepositoryId, TokenId};

/// The pending requests at an owner that name a repository, or that widen a grant which does: with the repository gone,
/// neither is what its reviewer saw. By id, so that two departures lock them in one order.
pub async fn list_pending(
    db: &mut impl Db,
    owner: AccountId,
    repository: RepositoryId,
) -> Result<Vec<requests::Request>> {
    let tail = "WHERE r.owner_id = $1 AND r.state = 'pending' AND (EXISTS (SELECT 1 FROM request_targets x \
         WHERE x.request_id = r.id AND x.kind = 'repository' AND x.target_id = $2) \
         OR EXISTS (SELECT 1 FROM grant_targets y \
         WHERE y.grant_id = r.grant_id AND y.kind = 'repository' AND y.target_id = $2)) ORDER BY r.id";
    let head = "SELECT r.id, r.grant_id, r.owner_id, r.grant_rev, r.cause, r.state, r.selection, r.terms_lifetime, \
         r.terms_rotation, r.reason, r.created_at, r.decided_by, r.decided_at, r.decision_reason FROM requests r";
    db.query(Statement::join(&[head, tail]))
        .bind(owner)
        .bind(repository)
        .all()
        .await
}

/// A grant that lost a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Loser {
    /// Which.
    pub grant_id: GrantId,
    /// Of which token.
    pub token_id: TokenId,
    /// Whose token.
    pub user_id: AccountId,
}

/// Takes a repository out of every grant, in whatever state, and raises their versions: what was made against an earlier
/// one is out of date.
pub async fn leave_grants(db: &mut impl Db, repository: RepositoryId) -> Result<Vec<Loser>> {
    let losers: Vec<Loser> = db
        .query(
            "SELECT g.id AS grant_id, g.token_id, t.user_id FROM grant_targets x JOIN grants g ON g.id = x.grant_id \
             JOIN tokens t ON t.id = g.token_id WHERE x.kind = 'repository' AND x.target_id = $1 ORDER BY g.id",
        )
        .bind(repository)
        .all()
        .await?;
    db.query(
        "UPDATE grants SET rev = rev + 1 WHERE id IN \
         (SELECT grant_id FROM grant_targets WHERE kind = 'repository' AND target_id = $1)",
    )
    .bind(repository)
    .execute()
    .await?;
    db.query("DELETE FROM grant_targets WHERE kind = 'repository' AND target_id = $1")
        .bind(repository)
        .execute()
        .await?;
    Ok(losers)
}

/// What a repository would take with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    /// How many working tokens name it one by one; those for all repositories are not counted.
    pub tokens: i64,
    /// How many requests that name it wait.
    pub requests: i64,
}

/// How much names a repository now.
pub async fn count_named(
    db: &mut impl Db,
    owner: AccountId,
    repository: RepositoryId,
) -> Result<Named> {
    db.query(
        "SELECT (SELECT COUNT(*) FROM grant_targets x JOIN grants g ON g.id = x.grant_id \
         JOIN tokens t ON t.id = g.token_id WHERE x.kind = 'repository' AND x.target_id = $1 \
         AND g.state = 'active' AND t.state = 'live') AS tokens, \
         (SELECT COUNT(*) FROM requests r WHERE r.owner_id = $2 AND r.state = 'pending' AND EXISTS \
         (SELECT 1 FROM request_targets x WHERE x.request_id = r.id AND x.kind = 'repository' AND x.target_id = $1)) \
         AS requests",
    )
    .bind(repository)
    .bind(owner)
    .one()
    .await
}
