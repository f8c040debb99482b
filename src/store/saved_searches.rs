//! What people look for in a log again and again: theirs alone, one list for each log.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::time::Timestamp;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SavedSearch {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What is looked for.
    pub phrase: String,
}

/// Somebody's searches of a log, by name.
pub async fn list(db: &mut impl Db, user: AccountId, log: AccountId) -> Result<Vec<SavedSearch>> {
    db.query(
        "SELECT id, name, phrase FROM saved_searches WHERE user_id = $1 AND log_id = $2 ORDER BY name_key",
    )
    .bind(user)
    .bind(log)
    .all()
    .await
}

/// Keeps a search; one of the same name is replaced.
pub async fn put(
    db: &mut impl Db,
    user: AccountId,
    log: AccountId,
    name: &str,
    phrase: &str,
    now: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO saved_searches (user_id, log_id, name, name_key, phrase, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, log_id, name_key) \
         DO UPDATE SET name = excluded.name, phrase = excluded.phrase, created_at = excluded.created_at",
    )
    .bind(user)
    .bind(log)
    .bind(name)
    .bind(names::key(name))
    .bind(phrase)
    .bind(now)
    .execute()
    .await
    .map(drop)
}

/// Forgets one of somebody's searches; none where it is not theirs.
pub async fn delete(
    db: &mut impl Db,
    user: AccountId,
    log: AccountId,
    id: i64,
) -> Result<Option<String>> {
    let row: Option<(String,)> = db
        .query("DELETE FROM saved_searches WHERE id = $1 AND user_id = $2 AND log_id = $3 RETURNING name")
        .bind(id)
        .bind(user)
        .bind(log)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}
