//! Sessions of the console. Ids are kept as SHA-256 only; a session that was ended never comes back.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::domain::time::Timestamp;

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SessionRow {
    /// Whose, once somebody signed in.
    pub user_id: Option<AccountId>,
    /// What names it through every change of its id; empty until somebody signs in.
    pub handle: String,
    /// The passkey that its person last proved with; the session ends with it.
    pub passkey_id: Option<PasskeyId>,
    /// Where it was last used from.
    pub address: Option<String>,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// What the session holds, as JSON.
    pub data: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to a few minutes.
    pub last_used_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// Enters a session. False when the id is taken.
pub async fn insert(db: &mut impl Db, id_hash: &[u8], row: &SessionRow) -> Result<bool> {
    db.query(
        "INSERT INTO sessions (id_hash, user_id, handle, passkey_id, address, user_agent, data, created_at, \
         last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (id_hash) DO NOTHING RETURNING 1",
    )
    .bind(id_hash)
    .bind(row.user_id)
    .bind(&row.handle)
    .bind(row.passkey_id)
    .bind(row.address.clone())
    .bind(row.user_agent.clone())
    .bind(&row.data)
    .bind(row.created_at)
    .bind(row.last_used_at)
    .bind(row.expires_at)
    .optional::<(i32,)>()
    .await
    .map(|row| row.is_some())
}

/// Writes a session that still is there. False when it was ended meanwhile.
pub async fn update(db: &mut impl Db, id_hash: &[u8], row: &SessionRow) -> Result<bool> {
    let changed = db
        .query(
            "UPDATE sessions SET user_id = $1, handle = $2, passkey_id = $3, address = $4, user_agent = $5, data = $6, \
             last_used_at = $7, expires_at = $8 WHERE id_hash = $9",
        )
        .bind(row.user_id)
        .bind(&row.handle)
        .bind(row.passkey_id)
        .bind(row.address.clone())
        .bind(row.user_agent.clone())
        .bind(&row.data)
        .bind(row.last_used_at)
        .bind(row.expires_at)
        .bind(id_hash)
        .execute()
        .await?;
    Ok(changed > 0)
}

/// The session with this id. One whose passkey was removed is none, even if it began while that happened.
pub async fn find(db: &mut impl Db, id_hash: &[u8]) -> Result<Option<SessionRow>> {
    db.query(
        "SELECT user_id, handle, passkey_id, address, user_agent, data, created_at, last_used_at, expires_at \
         FROM sessions WHERE id_hash = $1 AND (passkey_id IS NULL OR EXISTS ( \
         SELECT 1 FROM passkeys WHERE passkeys.id = sessions.passkey_id))",
    )
    .bind(id_hash)
    .optional()
    .await
}

/// A session as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnSession {
    /// What names it.
    pub handle: String,
    /// What the passkey that it was last proved with is called.
    pub passkey: Option<String>,
    /// Where it was last used from.
    pub address: Option<String>,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to a few minutes.
    pub last_used_at: Timestamp,
}

/// A user's live sessions, the last used first.
pub async fn list_of_user(
    db: &mut impl Db,
    user: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<OwnSession>> {
    db.query(
        "SELECT s.handle, p.name AS passkey, s.address, s.user_agent, s.created_at, s.last_used_at FROM sessions s \
         LEFT JOIN passkeys p ON p.id = s.passkey_id WHERE s.user_id = $1 AND s.expires_at > $2 \
         AND (s.passkey_id IS NULL OR p.id IS NOT NULL) ORDER BY s.last_used_at DESC, s.handle LIMIT $3",
    )
    .bind(user)
    .bind(now)
    .bind(limit)
    .all()
    .await
}

/// How many live sessions a user has.
pub async fn count_of_user(db: &mut impl Db, user: AccountId, now: Timestamp) -> Result<i64> {
    db.query("SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND expires_at > $2")
        .bind(user)
        .bind(now)
        .number()
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

/// Ends one session of a user. False when there is none of this handle any more.
pub async fn delete_one(db: &mut impl Db, user: AccountId, handle: &str) -> Result<bool> {
    let ended = db
        .query("DELETE FROM sessions WHERE user_id = $1 AND handle = $2")
        .bind(user)
        .bind(handle)
        .execute()
        .await?;
    Ok(ended > 0)
}

/// Ends every session of a user but one; how many there were.
pub async fn delete_others(db: &mut impl Db, user: AccountId, kept: &str) -> Result<u64> {
    db.query("DELETE FROM sessions WHERE user_id = $1 AND handle <> $2")
        .bind(user)
        .bind(kept)
        .execute()
        .await
}

/// Ends the sessions of a user that were proved with a passkey; how many there were.
pub async fn delete_of_passkey(
    db: &mut impl Db,
    user: AccountId,
    passkey: PasskeyId,
) -> Result<u64> {
    db.query("DELETE FROM sessions WHERE user_id = $1 AND passkey_id = $2")
        .bind(user)
        .bind(passkey)
        .execute()
        .await
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
