//! The credentials that reach an owner, as those who cut them off need them: classic tokens by their use, fine-grained
//! ones by their grants, and the tokens of the people whom an enterprise manages.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::listings::Page;
use super::{Db, Result};
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::domain::names;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::secret::SecretHash;

/// A classic token that was used at an owner and is not blocked there.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Authorized {
    /// The token.
    pub token_id: TokenId,
    /// Whose, by login.
    pub login: String,
    /// Its note.
    pub name: String,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// When it was first allowed anything there.
    pub first_used_at: Timestamp,
    /// When it was last.
    pub last_used_at: Timestamp,
}

/// The classic tokens that were used at an owner, of one person or of all, oldest first.
pub async fn list_authorized(
    db: &mut impl Db,
    owner: AccountId,
    login: Option<&str>,
    page: Page,
) -> Result<Vec<Authorized>> {
    let compose = Compose::new(
        "SELECT t.id AS token_id, u.login, t.name, t.expires_at, l.at AS last_used_at, \
         COALESCE((SELECT MIN(d.first_at) FROM use_days d WHERE d.token_id = t.id AND d.owner_id = l.owner_id \
         AND d.allowed > 0), l.at) AS first_used_at \
         FROM last_uses l JOIN tokens t ON t.id = l.token_id JOIN accounts u ON u.id = t.user_id \
         WHERE t.kind = 'classic' AND t.state = 'live' AND NOT EXISTS \
         (SELECT 1 FROM token_blocks b WHERE b.token_id = l.token_id AND b.owner_id = l.owner_id) AND l.owner_id =",
    )
    .value(owner)
    .when(login, |text, login| {
        text.then("AND u.login_key =").value(names::key(login))
    })
    .then("ORDER BY t.id LIMIT")
    .value(page.limit)
    .then("OFFSET")
    .value(page.offset);
    db.composed(compose).all().await
}

/// The scopes of these classic tokens, by name.
pub async fn list_scopes(
    db: &mut impl Db,
    tokens: &[TokenId],
) -> Result<BTreeMap<TokenId, Vec<String>>> {
    let compose = Compose::new("SELECT token_id, scope FROM token_scopes WHERE token_id IN")
        .list(tokens.iter().copied())
        .then("ORDER BY token_id, scope");
    let rows: Vec<(TokenId, String)> = db.composed(compose).all().await?;
    let mut by_token: BTreeMap<TokenId, Vec<String>> = BTreeMap::new();
    for (token, scope) in rows {
        by_token.entry(token).or_default().push(scope);
    }
    Ok(by_token)
}

/// Whose credentials, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// An organization, or an enterprise with everything that it governs.
    pub scope: AccountId,
    /// Of this person alone.
    pub user: Option<AccountId>,
}

impl Place {
    fn narrow(self, text: Compose) -> Compose {
        text.then("AND (a.id =")
            .value(self.scope)
            .then("OR a.enterprise_id =")
            .value(self.scope)
            .then(")")
            .when(self.user, |text, user| {
                text.then("AND t.user_id =").value(user)
            })
    }
}

/// The classic tokens that were used there and are not blocked, each with the owner at which; at most `limit`.
pub async fn list_used(
    db: &mut impl Db,
    place: Place,
    limit: i64,
) -> Result<Vec<(TokenId, AccountId)>> {
    let compose = Compose::new(
        "SELECT l.token_id, l.owner_id FROM last_uses l JOIN tokens t ON t.id = l.token_id \
         JOIN accounts a ON a.id = l.owner_id WHERE t.kind = 'classic' AND t.state = 'live' AND a.kind = 'organization' \
         AND NOT EXISTS (SELECT 1 FROM token_blocks b WHERE b.token_id = l.token_id AND b.owner_id = l.owner_id)",
    );
    let compose = place.narrow(compose);
    let tail = compose.then("ORDER BY l.owner_id, l.token_id LIMIT");
    db.composed(tail.value(limit)).all().await
}

/// The grants that work there, or are suspended, each with its owner; at most `limit`.
pub async fn list_granted(
    db: &mut impl Db,
    place: Place,
    limit: i64,
) -> Result<Vec<(GrantId, AccountId)>> {
    let compose = Compose::new(
        "SELECT g.id, g.owner_id FROM grants g JOIN tokens t ON t.id = g.token_id \
         JOIN accounts a ON a.id = g.owner_id WHERE t.state = 'live' AND g.state IN ('active', 'suspended')",
    );
    let compose = place.narrow(compose);
    let tail = compose.then("ORDER BY g.owner_id, g.id LIMIT");
    db.composed(tail.value(limit)).all().await
}

/// The live tokens of these kinds of the people whom an enterprise manages; at most `limit`.
pub async fn list_managed(
    db: &mut impl Db,
    place: Place,
    kinds: &[TokenKind],
    limit: i64,
) -> Result<Vec<TokenId>> {
    let compose = Compose::new(
        "SELECT t.id FROM tokens t JOIN accounts u ON u.id = t.user_id WHERE t.state = 'live' AND u.managed_by =",
    )
    .value(place.scope)
    .then("AND t.kind IN")
    .list(kinds.iter().copied())
    .when(place.user, |text, user| {
        text.then("AND t.user_id =").value(user)
    });
    let tail = compose.then("ORDER BY t.id LIMIT");
    let rows: Vec<(TokenId,)> = db.composed(tail.value(limit)).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The live tokens one of whose secrets has one of these hashes and still counts: current, or within its overlap.
pub async fn list_by_secrets(
    db: &mut impl Db,
    hashes: &[SecretHash],
    now: Timestamp,
) -> Result<Vec<TokenId>> {
    let compose = Compose::new(
        "SELECT DISTINCT t.id FROM secrets s JOIN tokens t ON t.id = s.token_id WHERE s.hash IN",
    )
    .list(hashes.iter().copied())
    .then(
        "AND t.state = 'live' AND (s.role = 'current' OR (s.role = 'overlapping' AND (s.ends_at >",
    )
    .value(now)
    .then("OR s.ends_at IS NULL))) ORDER BY t.id");
    let rows: Vec<(TokenId,)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
