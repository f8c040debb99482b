//! What owners except from their policies for one token, and the classic tokens that they block.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::{Exempted, Exemption};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

#[derive(Debug, FromRow)]
struct ExemptionRow {
    token_id: TokenId,
    scope_id: AccountId,
    policy: Exempted,
    until_at: Timestamp,
}

impl ExemptionRow {
    fn exemption(&self) -> Exemption {
        Exemption {
            scope: self.scope_id,
            policy: self.policy,
            until: self.until_at,
        }
    }
}

/// The exemptions of one token, by whomever, that were not taken back.
pub async fn list_of_token(db: &mut impl Db, token: TokenId) -> Result<Vec<Exemption>> {
    let rows: Vec<ExemptionRow> = db
        .query("SELECT token_id, scope_id, policy, until_at FROM exemptions WHERE token_id = $1 AND ended_at IS NULL")
        .bind(token)
        .all()
        .await?;
    Ok(rows.iter().map(ExemptionRow::exemption).collect())
}

/// The exemptions of these tokens, by whomever, that were not taken back.
pub async fn list_of_tokens(
    db: &mut impl Db,
    tokens: impl IntoIterator<Item = TokenId>,
) -> Result<BTreeMap<TokenId, Vec<Exemption>>> {
    let head = "SELECT token_id, scope_id, policy, until_at FROM exemptions WHERE ended_at IS NULL AND token_id IN";
    let rows: Vec<ExemptionRow> = db.composed(Compose::new(head).list(tokens)).all().await?;
    Ok(by_token(&rows))
}

/// The exemptions of every live token of a user and kind, by token.
pub async fn list_of_user(
    db: &mut impl Db,
    user: AccountId,
    kind: TokenKind,
) -> Result<BTreeMap<TokenId, Vec<Exemption>>> {
    let rows: Vec<ExemptionRow> = db
        .query(
            "SELECT e.token_id, e.scope_id, e.policy, e.until_at FROM exemptions e JOIN tokens t ON t.id = e.token_id \
             WHERE t.user_id = $1 AND t.kind = $2 AND t.state = 'live' AND e.ended_at IS NULL",
        )
        .bind(user)
        .bind(kind)
        .all()
        .await?;
    Ok(by_token(&rows))
}

fn by_token(rows: &[ExemptionRow]) -> BTreeMap<TokenId, Vec<Exemption>> {
    let mut found: BTreeMap<TokenId, Vec<Exemption>> = BTreeMap::new();
    for row in rows {
        found.entry(row.token_id).or_default().push(row.exemption());
    }
    found
}

/// The exemptions of every token by the organizations of an enterprise and by itself, or by one organization and its
/// enterprise: what a preview needs, in one statement. Those that end before `at` are left out.
pub async fn list_around(
    db: &mut impl Db,
    scope: AccountId,
    at: Timestamp,
) -> Result<Vec<(TokenId, Exemption)>> {
    let rows: Vec<ExemptionRow> = db
        .query(
            "SELECT token_id, scope_id, policy, until_at FROM exemptions WHERE ended_at IS NULL AND until_at > $2 \
             AND scope_id IN (SELECT a.id FROM accounts a WHERE a.id = $1 OR a.enterprise_id = $1 \
             UNION SELECT o.enterprise_id FROM accounts o WHERE o.id = $1 AND o.enterprise_id IS NOT NULL)",
        )
        .bind(scope)
        .bind(at)
        .all()
        .await?;
    Ok(rows
        .iter()
        .map(|row| (row.token_id, row.exemption()))
        .collect())
}

/// An exemption to be, as an insert needs it.
#[derive(Debug, Clone, Copy)]
pub struct NewExemption<'a> {
    /// Of which token.
    pub token: TokenId,
    /// By which organization or enterprise, what, and until when.
    pub exemption: Exemption,
    /// Why.
    pub reason: &'a str,
    /// By whom; none for the operator.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// Gives an exemption in place of one that the same scope gave the token from the same policy.
pub async fn give(db: &mut impl Db, new: &NewExemption<'_>) -> Result<i64> {
    db.query(
        "UPDATE exemptions SET ended_at = $1, ended_by = $2 WHERE token_id = $3 AND scope_id = $4 AND policy = $5 \
         AND ended_at IS NULL",
    )
    .bind(new.at)
    .bind(new.by)
    .bind(new.token)
    .bind(new.exemption.scope)
    .bind(new.exemption.policy)
    .execute()
    .await?;
    db.query(
        "INSERT INTO exemptions (token_id, scope_id, policy, until_at, reason, given_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
    )
    .bind(new.token)
    .bind(new.exemption.scope)
    .bind(new.exemption.policy)
    .bind(new.exemption.until)
    .bind(new.reason)
    .bind(new.by)
    .bind(new.at)
    .number()
    .await
}

/// Takes an exemption back before its date. False when somebody else was first.
pub async fn take_back(
    db: &mut impl Db,
    id: i64,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE exemptions SET ended_at = $1, ended_by = $2 WHERE id = $3 AND ended_at IS NULL RETURNING id",
    )
    .bind(now)
    .bind(by)
    .bind(id)
    .found()
    .await
}

/// A block of a classic token at an organization.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Block {
    /// Of which token.
    pub token_id: TokenId,
    /// At whom.
    pub owner_id: AccountId,
    /// Its login.
    pub owner_login: String,
    /// Why.
    pub reason: String,
    /// By whom, by login; none for the operator.
    pub blocked_by: Option<String>,
    /// When.
    pub blocked_at: Timestamp,
}

const BLOCKS: &str = "SELECT b.token_id, b.owner_id, o.login AS owner_login, b.reason, u.login AS blocked_by, \
     b.blocked_at FROM token_blocks b JOIN accounts o ON o.id = b.owner_id \
     LEFT JOIN accounts u ON u.id = b.blocked_by";

/// Where a classic token is blocked.
pub async fn list_blocks(db: &mut impl Db, token: TokenId) -> Result<Vec<Block>> {
    let tail = "WHERE b.token_id = $1 ORDER BY o.login_key";
    db.query(super::Statement::join(&[BLOCKS, tail]))
        .bind(token)
        .all()
        .await
}

/// Where the live classic tokens of a user are blocked.
pub async fn list_blocks_of_user(db: &mut impl Db, user: AccountId) -> Result<Vec<Block>> {
    let tail = "JOIN tokens t ON t.id = b.token_id WHERE t.user_id = $1 AND t.state = 'live' \
                ORDER BY b.token_id, o.login_key";
    db.query(super::Statement::join(&[BLOCKS, tail]))
        .bind(user)
        .all()
        .await
}

/// Blocks a classic token at an organization, for good. False when it is blocked there already.
pub async fn block(
    db: &mut impl Db,
    token: TokenId,
    owner: AccountId,
    reason: &str,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "INSERT INTO token_blocks (token_id, owner_id, reason, blocked_by, blocked_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (token_id, owner_id) DO NOTHING RETURNING token_id",
    )
    .bind(token)
    .bind(owner)
    .bind(reason)
    .bind(by)
    .bind(now)
    .found()
    .await
}
