//! How much of an organization's life its policies touch: the numbers beside the choices of the policy page.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::time::{DAY, Timestamp};

/// How much of an organization's life a policy for one kind of token touches now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Reach {
    /// Tokens that work there.
    pub tokens: i64,
    /// Of how many people.
    pub people: i64,
    /// Fine-grained ones among them that no owner reviewed and whose user is no owner.
    pub unreviewed: i64,
    /// Those among them that live longer than the limit.
    pub too_long: i64,
}

/// The fine-grained tokens that work at an organization; `longest` is the limit in days, if there is one.
pub async fn count_reach(
    db: &mut impl Db,
    organization: AccountId,
    longest: Option<i64>,
    now: Timestamp,
) -> Result<Reach> {
    db.query(
        "SELECT COUNT(*) AS tokens, COUNT(DISTINCT t.user_id) AS people, \
         COUNT(CASE WHEN g.activation <> 'reviewed' AND g.relation <> 'owner' THEN 1 END) AS unreviewed, \
         COUNT(CASE WHEN t.expires_at IS NULL OR t.expires_at - t.starts_at > $2 THEN 1 END) AS too_long \
         FROM grants g JOIN tokens t ON t.id = g.token_id WHERE g.owner_id = $1 AND g.state = 'active' \
         AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at > $3)",
    )
    .bind(organization)
    .bind(longest.map_or(i64::MAX, |days| days * DAY))
    .bind(now)
    .one()
    .await
    .map(|reach: Reach| without_limit(reach, longest))
}

/// A token that works at an organization although no owner reviewed it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unreviewed {
    /// Its grant there.
    pub grant_id: GrantId,
    /// Its name.
    pub token: String,
    /// Its user's login.
    pub login: String,
}

/// The tokens that [`count_reach`] counts as unreviewed, the newest access first: the first `limit`.
pub async fn list_unreviewed(
    db: &mut impl Db,
    organization: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Unreviewed>> {
    db.query(
        "SELECT g.id AS grant_id, t.name AS token, u.login FROM grants g JOIN tokens t ON t.id = g.token_id \
         JOIN accounts u ON u.id = t.user_id WHERE g.owner_id = $1 AND g.state = 'active' \
         AND g.activation <> 'reviewed' AND g.relation <> 'owner' AND t.state = 'live' \
         AND (t.expires_at IS NULL OR t.expires_at > $2) ORDER BY g.activated_at DESC, g.id DESC LIMIT $3",
    )
    .bind(organization)
    .bind(now)
    .bind(limit)
    .all()
    .await
}

/// The classic tokens of an organization's people that were used there.
pub async fn count_classic_reach(
    db: &mut impl Db,
    organization: AccountId,
    longest: Option<i64>,
    now: Timestamp,
) -> Result<Reach> {
    db.query(
        "SELECT COUNT(*) AS tokens, COUNT(DISTINCT t.user_id) AS people, CAST(0 AS BIGINT) AS unreviewed, \
         COUNT(CASE WHEN t.expires_at IS NULL OR t.expires_at - t.starts_at > $2 THEN 1 END) AS too_long \
         FROM tokens t JOIN last_uses l ON l.token_id = t.id AND l.owner_id = $1 \
         WHERE t.kind = 'classic' AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at > $3) \
         AND t.user_id IN (SELECT m.user_id FROM memberships m WHERE m.account_id = $1 \
             UNION SELECT c.user_id FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
             WHERE r.owner_id = $1 AND r.deleted_at IS NULL)",
    )
    .bind(organization)
    .bind(longest.map_or(i64::MAX, |days| days * DAY))
    .bind(now)
    .one()
    .await
    .map(|reach: Reach| without_limit(reach, longest))
}

/// Without a limit no life is too long, not even one without an end.
fn without_limit(reach: Reach, longest: Option<i64>) -> Reach {
    Reach {
        too_long: if longest.is_some() { reach.too_long } else { 0 },
        ..reach
    }
}
