//! How often strangers tried something: counted in the database, so that it holds over every server process.

use super::{Db, Result};
use crate::domain::throttle::{Throttle, Tries};
use crate::domain::time::Timestamp;

/// Counts one more try, in one statement: of tries at the same moment each sees its own number. A window that is over
/// begins anew.
pub async fn count(
    db: &mut impl Db,
    throttle: &Throttle,
    subject: &[u8],
    now: Timestamp,
) -> Result<Tries> {
    let (count, began_at) = db
        .query(
            "INSERT INTO attempts (kind, subject, began_at, count) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (kind, subject) DO UPDATE SET \
             count = CASE WHEN attempts.began_at <= $4 THEN 1 ELSE attempts.count + 1 END, \
             began_at = CASE WHEN attempts.began_at <= $4 THEN $3 ELSE attempts.began_at END \
             RETURNING count, began_at",
        )
        .bind(throttle.kind)
        .bind(subject)
        .bind(now)
        .bind(throttle.since(now))
        .one()
        .await?;
    Ok(Tries { count, began_at })
}

/// The tries of the window that is open, without one more.
pub async fn find(
    db: &mut impl Db,
    throttle: &Throttle,
    subject: &[u8],
    now: Timestamp,
) -> Result<Option<Tries>> {
    let row: Option<(i64, Timestamp)> = db
        .query("SELECT count, began_at FROM attempts WHERE kind = $1 AND subject = $2 AND began_at > $3")
        .bind(throttle.kind)
        .bind(subject)
        .bind(throttle.since(now))
        .optional()
        .await?;
    Ok(row.map(|(count, began_at)| Tries { count, began_at }))
}

/// Forgets windows that began before this.
pub async fn prune(db: &mut impl Db, before: Timestamp) -> Result<u64> {
    db.query("DELETE FROM attempts WHERE began_at <= $1")
        .bind(before)
        .execute()
        .await
}
