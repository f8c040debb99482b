//! Presented strings that were no token of ours: counted by day, since there is nobody to record them for.

use super::{Db, Result};
use crate::domain::time::Timestamp;

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Strings that are not of our form, or whose checksum is wrong.
    pub malformed: i64,
    /// Strings of our form that belong to no token.
    pub unknown: i64,
}

impl Unknown {
    /// Whether there is nothing to count.
    pub const fn is_empty(self) -> bool {
        self.malformed == 0 && self.unknown == 0
    }
}

/// Adds to the counts of the day.
pub async fn add(db: &mut impl Db, counts: Unknown, now: Timestamp) -> Result<()> {
    for (reason, count) in [("malformed", counts.malformed), ("unknown", counts.unknown)] {
        if count == 0 {
            continue;
        }
        db.query(
            "INSERT INTO unknown_secrets (day, reason, count) VALUES ($1, $2, $3) \
             ON CONFLICT (day, reason) DO UPDATE SET count = unknown_secrets.count + excluded.count",
        )
        .bind(now.day_number())
        .bind(reason)
        .bind(count)
        .execute()
        .await?;
    }
    Ok(())
}

/// The counts since a day, that day included.
pub async fn count_since(db: &mut impl Db, day: i64) -> Result<Unknown> {
    let rows: Vec<(String, i64)> = db
        .query(
            "SELECT reason, CAST(SUM(count) AS BIGINT) FROM unknown_secrets WHERE day >= $1 GROUP BY reason",
        )
        .bind(day)
        .all()
        .await?;
    let of = |reason: &str| {
        let found = rows.iter().find(|(known, _)| known == reason);
        found.map_or(0, |(_, count)| *count)
    };
    Ok(Unknown {
        malformed: of("malformed"),
        unknown: of("unknown"),
    })
}

/// Forgets days before this one.
pub async fn prune(db: &mut impl Db, before_day: i64) -> Result<u64> {
    db.query("DELETE FROM unknown_secrets WHERE day < $1")
        .bind(before_day)
        .execute()
        .await
}
