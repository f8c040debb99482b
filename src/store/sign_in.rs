//! Passkeys, their ceremonies, and the links with which a person registers the first.

use sqlx::FromRow;

use super::{Db, Result, Work};
use crate::domain::ids::{AccountId, PasskeyId};
use crate::domain::time::Timestamp;

/// A registered passkey.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PasskeyRow {
    /// Which.
    pub id: PasskeyId,
    /// Whose.
    pub user_id: AccountId,
    /// What its holder calls it.
    pub name: String,
    /// The public key and counters, as JSON.
    pub passkey: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A user's passkeys, oldest first.
pub async fn list_passkeys(db: &mut impl Db, user: AccountId) -> Result<Vec<PasskeyRow>> {
    db.query(
        "SELECT id, user_id, name, passkey, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY id",
    )
    .bind(user)
    .all()
    .await
}

/// The passkey with this credential id.
pub async fn find_passkey(db: &mut impl Db, credential_id: &[u8]) -> Result<Option<PasskeyRow>> {
    db.query("SELECT id, user_id, name, passkey, created_at, last_used_at FROM passkeys WHERE credential_id = $1")
        .bind(credential_id)
        .optional()
        .await
}

/// One passkey of a user.
pub async fn find_own_passkey(
    db: &mut impl Db,
    user: AccountId,
    id: PasskeyId,
) -> Result<Option<PasskeyRow>> {
    db.query(
        "SELECT id, user_id, name, passkey, created_at, last_used_at FROM passkeys WHERE id = $1 AND user_id = $2",
    )
    .bind(id)
    .bind(user)
    .optional()
    .await
}

/// How many passkeys a user has, with the user's row held until the commit: of two who add or remove at once, the
/// second counts what the first has left.
pub async fn hold_and_count_passkeys(work: &mut Work, user: AccountId) -> Result<i64> {
    work.query("UPDATE accounts SET passkey_handle = passkey_handle WHERE id = $1")
        .bind(user)
        .execute()
        .await?;
    work.query("SELECT COUNT(*) FROM passkeys WHERE user_id = $1")
        .bind(user)
        .number()
        .await
}

/// Enters a passkey and gives its id. None when its credential id is known already, whoever holds it.
pub async fn insert_passkey(
    db: &mut impl Db,
    user: AccountId,
    credential_id: &[u8],
    name: &str,
    passkey: &str,
    now: Timestamp,
) -> Result<Option<PasskeyId>> {
    let row: Option<(PasskeyId,)> = db
        .query(
        "INSERT INTO passkeys (user_id, credential_id, name, passkey, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (credential_id) DO NOTHING RETURNING id",
    )
    .bind(user)
    .bind(credential_id)
    .bind(name)
    .bind(passkey)
    .bind(now)
    .optional()
    .await?;
    Ok(row.map(|row| row.0))
}

/// Gives a passkey of a user another name. False when the user has none of this id.
pub async fn rename_passkey(
    db: &mut impl Db,
    user: AccountId,
    id: PasskeyId,
    name: &str,
) -> Result<bool> {
    db.query("UPDATE passkeys SET name = $1 WHERE id = $2 AND user_id = $3 RETURNING id")
        .bind(name)
        .bind(id)
        .bind(user)
        .found()
        .await
}

/// Notes a use, and the counters that the use moved. False when the passkey was removed meanwhile.
pub async fn touch_passkey(
    db: &mut impl Db,
    id: PasskeyId,
    passkey: &str,
    now: Timestamp,
) -> Result<bool> {
    db.query("UPDATE passkeys SET passkey = $1, last_used_at = $2 WHERE id = $3 RETURNING id")
        .bind(passkey)
        .bind(now)
        .bind(id)
        .found()
        .await
}

/// Removes one passkey of a user. False when the user has none of this id.
pub async fn remove_passkey(db: &mut impl Db, user: AccountId, id: PasskeyId) -> Result<bool> {
    db.query("DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING id")
        .bind(id)
        .bind(user)
        .found()
        .await
}

/// Keeps the server's half of a ceremony.
pub async fn insert_ceremony(
    db: &mut impl Db,
    id_hash: &[u8],
    purpose: &str,
    user: Option<AccountId>,
    state: &str,
    expires_at: Timestamp,
) -> Result<()> {
    db.query("INSERT INTO ceremonies (id_hash, purpose, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id_hash)
        .bind(purpose)
        .bind(user)
        .bind(state)
        .bind(expires_at)
        .execute()
        .await
        .map(drop)
}

/// Takes a ceremony out: it serves once. Gives whose it is and its state, if its time is not over.
pub async fn take_ceremony(
    db: &mut impl Db,
    id_hash: &[u8],
    purpose: &str,
    now: Timestamp,
) -> Result<Option<(Option<AccountId>, String)>> {
    let row: Option<(Option<AccountId>, String, Timestamp)> = db
        .query("DELETE FROM ceremonies WHERE id_hash = $1 AND purpose = $2 RETURNING user_id, state, expires_at")
        .bind(id_hash)
        .bind(purpose)
        .optional()
        .await?;
    Ok(row
        .filter(|row| row.2 > now)
        .map(|(user, state, _)| (user, state)))
}

/// Forgets ceremonies whose time is over.
pub async fn prune_ceremonies(db: &mut impl Db, now: Timestamp) -> Result<u64> {
    db.query("DELETE FROM ceremonies WHERE expires_at <= $1")
        .bind(now)
        .execute()
        .await
}

/// A link with which a person registers a passkey.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Enrolment {
    /// Which.
    pub id: i64,
    /// Whose.
    pub user_id: AccountId,
    /// Until when it serves.
    pub expires_at: Timestamp,
    /// When it was used up.
    pub used_at: Option<Timestamp>,
}

/// The enrolment with this code.
pub async fn find_enrolment(db: &mut impl Db, code_hash: &[u8]) -> Result<Option<Enrolment>> {
    db.query("SELECT id, user_id, expires_at, used_at FROM enrolments WHERE code_hash = $1")
        .bind(code_hash)
        .optional()
        .await
}

/// Makes the one live enrolment of a user; an earlier one that was not used serves no more.
pub async fn replace_enrolment(
    db: &mut impl Db,
    user: AccountId,
    code_hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    db.query("DELETE FROM enrolments WHERE user_id = $1 AND used_at IS NULL")
        .bind(user)
        .execute()
        .await?;
    db.query("INSERT INTO enrolments (code_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(code_hash)
        .bind(user)
        .bind(now)
        .bind(expires_at)
        .execute()
        .await
        .map(drop)
}

/// Uses an enrolment up. False when it was used before, or its time is over.
pub async fn use_enrolment(db: &mut impl Db, id: i64, now: Timestamp) -> Result<bool> {
    db.query("UPDATE enrolments SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1 RETURNING id")
        .bind(now)
        .bind(id)
        .found()
        .await
}
