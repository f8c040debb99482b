//! Sessions of the console. Ids are kept as SHA-256 only; a session that was ended never comes back.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SessionRow {
    /// Whose, once somebody signed in.
    pub user_id: Option<AccountId>,
    /// What the session holds, as JSON.
    pub data: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// Enters a session. False when the id is taken.
pub async fn insert(db: &mut impl Db, id_hash: &[u8], row: &SessionRow) -> Result<bool> {
    db.query(
        "INSERT INTO sessions (id_hash, user_id, data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id_hash) DO NOTHING RETURNING 1",
    )
    .bind(id_hash)
    .bind(row.user_id)
    .bind(&row.data)
    .bind(row.created_at)
    .bind(row.expires_at)
    .optional::<(i32,)>()
    .await
    .map(|row| row.is_some())
}

/// Writes a session that still is there. False when it was ended meanwhile.
pub async fn update(
    db: &mut impl Db,
    id_hash: &[u8],
    user: Option<AccountId>,
    data: &str,
    expires_at: Timestamp,
) -> Result<bool> {
    let changed = db
        .query("UPDATE sessions SET user_id = $1, data = $2, expires_at = $3 WHERE id_hash = $4")
        .bind(user)
        .bind(data)
        .bind(expires_at)
        .bind(id_hash)
        .execute()
        .await?;
    Ok(changed > 0)
}

/// The session with this id.
pub async fn find(db: &mut impl Db, id_hash: &[u8]) -> Result<Option<SessionRow>> {
    db.query("SELECT user_id, data, created_at, expires_at FROM sessions WHERE id_hash = $1")
        .bind(id_hash)
        .optional()
        .await
}

/// Ends a session.
pub async fn delete(db: &mut impl Db, id_hash: &[u8]) -> Result<()> {
    db.query("DELETE FROM sessions WHERE id_hash = $1")
        .bind(id_hash)
        .execute()
        .await
        .map(drop)
}

/// Ends every session of a user.
pub async fn delete_of_user(db: &mut impl Db, user: AccountId) -> Result<u64> {
    db.query("DELETE FROM sessions WHERE user_id = $1")
        .bind(user)
        .execute()
        .await
}

/// Forgets sessions whose time is over.
pub async fn prune(db: &mut impl Db, now: Timestamp) -> Result<u64> {
    db.query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(now)
        .execute()
        .await
}
