//! Tokens and their secrets.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement};
use crate::domain::ids::{AccountId, SecretId, TokenId};
use crate::domain::names;
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::{ConditionKind, Conditions};
use crate::domain::token::expiry::is_over;
use crate::domain::token::secret::SecretHash;
use crate::domain::token::{EndedReason, SecretRole, TokenKind, TokenState};

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// The 22 characters within its string.
    pub identifier: String,
    /// Whose.
    pub user_id: AccountId,
    /// Which of the two models it follows.
    pub kind: TokenKind,
    /// Its name; the note of a classic token.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// Whether it may rotate itself where its grants allow it.
    pub wants_rotation: bool,
    /// Whether it was ended.
    pub state: TokenState,
    /// Why.
    pub ended_reason: Option<EndedReason>,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its version.
    pub rev: i64,
}

impl Token {
    /// Whether its life is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        is_over(self.expires_at, now)
    }

    /// Whether it can still be used, as far as the token itself goes.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.state == TokenState::Live && !self.is_expired(now)
    }
}

const COLUMNS: &str = "SELECT id, identifier, user_id, kind, name, description, starts_at, expires_at, \
     wants_rotation, state, ended_reason, ended_at, created_at, rev FROM tokens";

/// The token with this id, ended or not.
pub async fn find(db: &mut impl Db, id: TokenId) -> Result<Option<Token>> {
    db.query(Statement::join(&[COLUMNS, "WHERE id = $1"]))
        .bind(id)
        .optional()
        .await
}

/// The token with this identifier, ended or not.
pub async fn find_by_identifier(db: &mut impl Db, identifier: &str) -> Result<Option<Token>> {
    db.query(Statement::join(&[COLUMNS, "WHERE identifier = $1"]))
        .bind(identifier)
        .optional()
        .await
}

/// The token one of whose secrets has this hash, ended or not.
pub async fn find_by_secret(db: &mut impl Db, hash: SecretHash) -> Result<Option<Token>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE id = (SELECT token_id FROM secrets WHERE hash = $1)",
    ]))
    .bind(hash)
    .optional()
    .await
}

/// A user's tokens of a kind that were not ended, newest first.
pub async fn list_live(db: &mut impl Db, user: AccountId, kind: TokenKind) -> Result<Vec<Token>> {
    let tail = "WHERE user_id = $1 AND kind = $2 AND state = 'live' ORDER BY id DESC";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(user)
        .bind(kind)
        .all()
        .await
}

/// The tokens with these ids, by id.
pub async fn list_by_ids(db: &mut impl Db, ids: &[TokenId]) -> Result<Vec<Token>> {
    let compose = Compose::new(COLUMNS)
        .then("WHERE id IN")
        .list(ids.iter().copied())
        .then("ORDER BY id");
    db.composed(compose).all().await
}

/// Which tokens the command line lists.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenFilter {
    /// Of this user.
    pub user: Option<AccountId>,
    /// With a grant or request at this owner.
    pub owner: Option<AccountId>,
}

/// Tokens that were not ended, newest first, at most 1,000.
pub async fn list(db: &mut impl Db, filter: TokenFilter) -> Result<Vec<Token>> {
    let compose = Compose::new(COLUMNS)
        .then("WHERE state = 'live'")
        .when(filter.user, |text, user| {
            text.then("AND user_id =").value(user)
        })
        .when(filter.owner, |text, owner| {
            text.then("AND id IN (SELECT token_id FROM grants WHERE owner_id =")
                .value(owner)
                .then(")")
        });
    db.composed(compose.then("ORDER BY id DESC LIMIT 1000"))
        .all()
        .await
}

/// How many tokens of a user still live.
pub async fn count_live(db: &mut impl Db, user: AccountId, now: Timestamp) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM tokens WHERE user_id = $1 AND state = 'live' AND (expires_at > $2 OR expires_at IS NULL)",
    )
    .bind(user)
    .bind(now)
    .number()
    .await
}

/// Whether a live token of the user has this name.
pub async fn is_name_taken(
    db: &mut impl Db,
    user: AccountId,
    kind: TokenKind,
    name: &str,
) -> Result<bool> {
    db.query("SELECT id FROM tokens WHERE user_id = $1 AND kind = $2 AND name_key = $3 AND state = 'live'")
        .bind(user)
        .bind(kind)
        .bind(names::key(name))
        .found()
        .await
}

/// Whether another live token of the same user and kind has this name.
pub async fn is_name_taken_beside(db: &mut impl Db, token: &Token, name: &str) -> Result<bool> {
    db.query(
        "SELECT id FROM tokens WHERE user_id = $1 AND kind = $2 AND name_key = $3 AND state = 'live' AND id <> $4",
    )
    .bind(token.user_id)
    .bind(token.kind)
    .bind(names::key(name))
    .bind(token.id)
    .found()
    .await
}

/// A new token, as an insert needs it.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// The 22 characters within its string.
    pub identifier: &'a str,
    /// Whose.
    pub user: AccountId,
    /// Which of the two models it follows.
    pub kind: TokenKind,
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// When its life begins: now.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// Whether it may rotate itself.
    pub wants_rotation: bool,
}

/// Enters a token and gives its id.
pub async fn insert(db: &mut impl Db, new: &NewToken<'_>) -> Result<TokenId> {
    let id = db
        .query(
            "INSERT INTO tokens (identifier, user_id, kind, name, name_key, description, starts_at, expires_at, \
             wants_rotation, state, created_at, rev) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'live', $7, 1) RETURNING id",
        )
        .bind(new.identifier)
        .bind(new.user)
        .bind(new.kind)
        .bind(new.name)
        .bind(names::key(new.name))
        .bind(new.description)
        .bind(new.starts_at)
        .bind(new.expires_at)
        .bind(new.wants_rotation)
        .number()
        .await?;
    Ok(TokenId::new(id))
}

/// Ends a token that still lives. False when somebody else was first.
pub async fn end(
    db: &mut impl Db,
    id: TokenId,
    reason: EndedReason,
    now: Timestamp,
) -> Result<bool> {
    let ended = db
        .query(
            "UPDATE tokens SET state = 'ended', ended_reason = $1, ended_at = $2, rev = rev + 1 \
             WHERE id = $3 AND state = 'live' RETURNING id",
        )
        .bind(reason)
        .bind(now)
        .bind(id)
        .found()
        .await?;
    if ended {
        db.query("UPDATE secrets SET role = 'retired' WHERE token_id = $1")
            .bind(id)
            .execute()
            .await?;
    }
    Ok(ended)
}

/// What an edit writes of the token itself.
#[derive(Debug, Clone)]
pub struct Edited<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Whether it may rotate itself.
    pub wants_rotation: bool,
    /// Its own conditions.
    pub conditions: &'a Conditions,
}

/// Writes an edit, if the token lives and its version is still `rev`. False when it moved.
pub async fn edit(
    db: &mut impl Db,
    (id, rev): (TokenId, i64),
    edited: &Edited<'_>,
) -> Result<bool> {
    let swapped = db
        .query(
            "UPDATE tokens SET name = $1, name_key = $2, description = $3, wants_rotation = $4, rev = rev + 1 \
             WHERE id = $5 AND rev = $6 AND state = 'live' RETURNING id",
        )
        .bind(edited.name)
        .bind(names::key(edited.name))
        .bind(edited.description)
        .bind(edited.wants_rotation)
        .bind(id)
        .bind(rev)
        .found()
        .await?;
    if swapped {
        db.query("DELETE FROM token_conditions WHERE token_id = $1")
            .bind(id)
            .execute()
            .await?;
        insert_conditions(db, id, edited.conditions).await?;
    }
    Ok(swapped)
}

/// Gives a token a new life, if it lives and its version is still `rev`. False when it moved.
pub async fn renew(
    db: &mut impl Db,
    (id, rev): (TokenId, i64),
    starts_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<bool> {
    db.query(
        "UPDATE tokens SET starts_at = $1, expires_at = $2, rev = rev + 1 \
         WHERE id = $3 AND rev = $4 AND state = 'live' RETURNING id",
    )
    .bind(starts_at)
    .bind(expires_at)
    .bind(id)
    .bind(rev)
    .found()
    .await
}

/// A secret of a token.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SecretRow {
    /// Which.
    pub id: SecretId,
    /// What it is to its token.
    pub role: SecretRole,
    /// When it was made.
    pub created_at: Timestamp,
    /// When an overlap ends.
    pub ends_at: Option<Timestamp>,
    /// When it was first used.
    pub first_used_at: Option<Timestamp>,
}

/// The secret to use now.
pub async fn find_current_secret(db: &mut impl Db, token: TokenId) -> Result<Option<SecretRow>> {
    db.query(
        "SELECT id, role, created_at, ends_at, first_used_at FROM secrets WHERE token_id = $1 AND role = 'current'",
    )
    .bind(token)
    .optional()
    .await
}

/// One secret.
pub async fn find_secret(db: &mut impl Db, secret: SecretId) -> Result<Option<SecretRow>> {
    db.query("SELECT id, role, created_at, ends_at, first_used_at FROM secrets WHERE id = $1")
        .bind(secret)
        .optional()
        .await
}

/// Enters the current secret of a token.
pub async fn insert_secret(
    db: &mut impl Db,
    token: TokenId,
    hash: SecretHash,
    now: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO secrets (token_id, hash, role, created_at) VALUES ($1, $2, 'current', $3)",
    )
    .bind(token)
    .bind(hash)
    .bind(now)
    .execute()
    .await
    .map(drop)
}

/// Retires the current secret if it was never used, so that another can take its place. False when it was used.
pub async fn retire_unused_secret(db: &mut impl Db, token: TokenId) -> Result<bool> {
    db.query(
        "UPDATE secrets SET role = 'retired' WHERE token_id = $1 AND role = 'current' AND first_used_at IS NULL \
         RETURNING id",
    )
    .bind(token)
    .found()
    .await
}

/// The secret before the current one, while it goes on beside it.
pub async fn find_overlapping_secret(
    db: &mut impl Db,
    token: TokenId,
    now: Timestamp,
) -> Result<Option<SecretRow>> {
    db.query(
        "SELECT id, role, created_at, ends_at, first_used_at FROM secrets \
         WHERE token_id = $1 AND role = 'overlapping' AND (ends_at > $2 OR ends_at IS NULL) ORDER BY id DESC LIMIT 1",
    )
    .bind(token)
    .bind(now)
    .optional()
    .await
}

/// Retires every secret of a token but, until `ends_at`, one that goes on beside the next.
pub async fn retire_secrets(
    db: &mut impl Db,
    token: TokenId,
    kept: Option<(SecretId, Timestamp)>,
) -> Result<()> {
    db.query("UPDATE secrets SET role = 'retired' WHERE token_id = $1")
        .bind(token)
        .execute()
        .await?;
    let Some((secret, ends_at)) = kept else {
        return Ok(());
    };
    db.query("UPDATE secrets SET role = 'overlapping', ends_at = $1 WHERE id = $2")
        .bind(ends_at)
        .bind(secret)
        .execute()
        .await
        .map(drop)
}

/// Notes the first use of a secret. False when it was used before.
pub(super) async fn note_first_use(
    db: &mut impl Db,
    secret: SecretId,
    at: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE secrets SET first_used_at = $1 WHERE id = $2 AND first_used_at IS NULL RETURNING id",
    )
    .bind(at)
    .bind(secret)
    .found()
    .await
}

/// Retires whatever goes on beside a secret, if that secret is the current one: the use of an older one ends nothing.
/// False when nothing went on.
pub(super) async fn retire_overlapping(db: &mut impl Db, secret: SecretId) -> Result<bool> {
    db.query(
        "UPDATE secrets SET role = 'retired' WHERE role = 'overlapping' AND token_id = \
         (SELECT c.token_id FROM secrets c WHERE c.id = $1 AND c.role = 'current') RETURNING id",
    )
    .bind(secret)
    .found()
    .await
}

/// The conditions of a token.
pub async fn load_conditions(db: &mut impl Db, token: TokenId) -> Result<Conditions> {
    let rows: Vec<(ConditionKind, String)> = db
        .query(
            "SELECT kind, pattern FROM token_conditions WHERE token_id = $1 ORDER BY kind, pattern",
        )
        .bind(token)
        .all()
        .await?;
    Ok(read_conditions(rows))
}

/// Enters the conditions of a token.
pub async fn insert_conditions(
    db: &mut impl Db,
    token: TokenId,
    conditions: &Conditions,
) -> Result<()> {
    for (kind, pattern) in condition_rows(conditions) {
        db.query("INSERT INTO token_conditions (token_id, kind, pattern) VALUES ($1, $2, $3)")
            .bind(token)
            .bind(kind)
            .bind(pattern)
            .execute()
            .await?;
    }
    Ok(())
}

/// The rows in which conditions are stored.
pub(super) fn condition_rows(
    conditions: &Conditions,
) -> impl Iterator<Item = (ConditionKind, String)> + '_ {
    let addresses = conditions
        .addresses
        .iter()
        .map(|range| (ConditionKind::Address, range.to_string()));
    let branches = conditions
        .branches
        .iter()
        .map(|pattern| (ConditionKind::Branch, pattern.clone()));
    addresses.chain(branches)
}

/// Reads stored conditions. A range that cannot be read would silently widen: it becomes one that nothing is in.
pub(super) fn read_conditions(
    rows: impl IntoIterator<Item = (ConditionKind, String)>,
) -> Conditions {
    let mut conditions = Conditions::default();
    for (kind, pattern) in rows {
        match kind {
            ConditionKind::Address => {
                let nowhere = ipnet::IpNet::from(std::net::IpAddr::from([0, 0, 0, 0]));
                conditions
                    .addresses
                    .push(pattern.parse().unwrap_or(nowhere));
            }
            ConditionKind::Branch => conditions.branches.push(pattern),
        }
    }
    conditions
}

/// Enters the scopes of a classic token, by name.
pub async fn insert_scopes(db: &mut impl Db, token: TokenId, scopes: &[&str]) -> Result<()> {
    for scope in scopes {
        db.query("INSERT INTO token_scopes (token_id, scope) VALUES ($1, $2)")
            .bind(token)
            .bind(*scope)
            .execute()
            .await?;
    }
    Ok(())
}

/// Gives a classic token these scopes in place of those that it has.
pub async fn replace_scopes(db: &mut impl Db, token: TokenId, scopes: &[&str]) -> Result<()> {
    db.query("DELETE FROM token_scopes WHERE token_id = $1")
        .bind(token)
        .execute()
        .await?;
    insert_scopes(db, token, scopes).await
}

/// The scopes of a classic token, by name.
pub async fn list_scopes(db: &mut impl Db, token: TokenId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query("SELECT scope FROM token_scopes WHERE token_id = $1 ORDER BY scope")
        .bind(token)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// When a token was last allowed anything, at any owner or at one.
pub async fn find_last_use(
    db: &mut impl Db,
    token: TokenId,
    owner: Option<AccountId>,
) -> Result<Option<Timestamp>> {
    let compose = Compose::new("SELECT at FROM last_uses WHERE token_id =")
        .value(token)
        .when(owner, |text, owner| {
            text.then("AND owner_id =").value(owner)
        })
        .then("ORDER BY at DESC LIMIT 1");
    let row: Option<(Timestamp,)> = db.composed(compose).optional().await?;
    Ok(row.map(|row| row.0))
}

/// Live tokens that were neither made, regenerated nor used since a moment.
pub async fn list_unused(db: &mut impl Db, since: Timestamp, limit: i64) -> Result<Vec<Token>> {
    let tail = "WHERE state = 'live' AND starts_at < $1 AND NOT EXISTS (SELECT 1 FROM last_uses l \
         WHERE l.token_id = tokens.id AND l.at >= $1) ORDER BY id LIMIT $2";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(since)
        .bind(limit)
        .all()
        .await
}
