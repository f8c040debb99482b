//! Recovery codes: kept as SHA-256, each used once, a new set in place of the former.

use super::{Db, Result, Statement};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

/// What is left of a user's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodesLeft {
    /// How many can still be used.
    pub count: i64,
    /// When the set was made; none when there is no set.
    pub made_at: Option<Timestamp>,
}

/// Enters a new set of codes; what is left of the former works no more.
pub async fn replace_codes(
    db: &mut impl Db,
    user: AccountId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<()> {
    delete_codes(db, user).await?;
    let insert = "INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES";
    let mut query = db.query(Statement::rows(insert, 3, hashes.len(), ""));
    for hash in hashes {
        query = query.bind(user).bind(hash.as_slice()).bind(now);
    }
    query.execute().await.map(drop)
}

/// Takes every code of a user away; how many could still be used.
pub async fn delete_codes(db: &mut impl Db, user: AccountId) -> Result<i64> {
    let left = left(db, user).await?;
    db.query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user)
        .execute()
        .await?;
    Ok(left.count)
}

/// Uses a code up. False when the user has none of this hash, or it was used before.
pub async fn use_code(
    db: &mut impl Db,
    user: AccountId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL \
         RETURNING user_id",
    )
    .bind(now)
    .bind(user)
    .bind(hash)
    .found()
    .await
}

/// What is left of a user's codes.
pub async fn left(db: &mut impl Db, user: AccountId) -> Result<CodesLeft> {
    let (count, made_at): (i64, Option<Timestamp>) = db
        .query(
            "SELECT COUNT(CASE WHEN used_at IS NULL THEN 1 END), MAX(created_at) FROM recovery_codes WHERE user_id = $1",
        )
        .bind(user)
        .one()
        .await?;
    Ok(CodesLeft { count, made_at })
}
