//! Forms that wait for a confirmation, and the one-time numbers of minting forms.

use super::{Db, Result};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;

/// A form as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingForm {
    /// Where it goes.
    pub path: String,
    /// What it will do, in words: "generate a token".
    pub act: String,
    /// What was typed, form-encoded.
    pub fields: String,
}

/// Keeps a form while its user confirms who they are.
pub async fn insert_draft(
    db: &mut impl Db,
    id_hash: &[u8],
    user: AccountId,
    form: &WaitingForm,
    expires_at: Timestamp,
) -> Result<()> {
    db.query("INSERT INTO form_drafts (id_hash, user_id, path, act, fields, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id_hash)
        .bind(user)
        .bind(&form.path)
        .bind(&form.act)
        .bind(&form.fields)
        .bind(expires_at)
        .execute()
        .await
        .map(drop)
}

/// The form that a user left waiting. It stays until its time is over, so that the back button finds it again.
pub async fn find_draft(
    db: &mut impl Db,
    id_hash: &[u8],
    user: AccountId,
    now: Timestamp,
) -> Result<Option<WaitingForm>> {
    let row: Option<(String, String, String)> = db
        .query("SELECT path, act, fields FROM form_drafts WHERE id_hash = $1 AND user_id = $2 AND expires_at > $3")
        .bind(id_hash)
        .bind(user)
        .bind(now)
        .optional()
        .await?;
    Ok(row.map(|(path, act, fields)| WaitingForm { path, act, fields }))
}

/// Forgets forms whose time is over, and numbers that no open form can carry any more.
pub async fn prune(db: &mut impl Db, now: Timestamp) -> Result<()> {
    db.query("DELETE FROM form_drafts WHERE expires_at <= $1")
        .bind(now)
        .execute()
        .await?;
    db.query("DELETE FROM form_numbers WHERE created_at <= $1")
        .bind(now.plus_days(-2))
        .execute()
        .await
        .map(drop)
}

/// The token that the form with this number made: the number was claimed before.
pub async fn find_number(db: &mut impl Db, user: AccountId, hash: &[u8]) -> Result<TokenId> {
    let row: (TokenId,) = db
        .query("SELECT token_id FROM form_numbers WHERE user_id = $1 AND hash = $2")
        .bind(user)
        .bind(hash)
        .one()
        .await?;
    Ok(row.0)
}

/// Claims the number of a form that makes a token. False when the form was sent before; on PostgreSQL the second of two
/// forms sent at once waits here until the first has made its token.
pub async fn claim_number(
    db: &mut impl Db,
    user: AccountId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let inserted = db
        .query(
            "INSERT INTO form_numbers (user_id, hash, token_id, created_at) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (user_id, hash) DO NOTHING",
        )
        .bind(user)
        .bind(hash)
        .bind(now)
        .execute()
        .await?;
    Ok(inserted > 0)
}

/// Notes which token the form with this number made.
pub async fn note_token(
    db: &mut impl Db,
    user: AccountId,
    hash: &[u8],
    token: TokenId,
) -> Result<()> {
    db.query("UPDATE form_numbers SET token_id = $1 WHERE user_id = $2 AND hash = $3")
        .bind(token)
        .bind(user)
        .bind(hash)
        .execute()
        .await
        .map(drop)
}
