//! What imports of the directory entered: issues, so that none is entered twice, and policies, so that a change made
//! elsewhere since is seen.

use std::collections::BTreeMap;

use super::{Db, Result};

/// Everything that was noted, by what it is about.
pub async fn list(db: &mut impl Db) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> = db
        .query("SELECT object_key, digest FROM imports")
        .all()
        .await?;
    Ok(rows.into_iter().collect())
}

/// Notes what an import entered.
pub async fn put(db: &mut impl Db, object_key: &str, digest: &str) -> Result<()> {
    db.query(
        "INSERT INTO imports (object_key, digest) VALUES ($1, $2) \
         ON CONFLICT (object_key) DO UPDATE SET digest = excluded.digest",
    )
    .bind(object_key)
    .bind(digest)
    .execute()
    .await
    .map(drop)
}
