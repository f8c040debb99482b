//! What the database says of itself. The few statements that only one of the databases understands stand here.

use std::fmt::Write as _;

use std::collections::BTreeMap;

use sqlx::migrate::Migrator;

use super::{Db, Reader, Result, Store, StoreError};
use crate::domain::time::Timestamp;

/// How the tables stand to the migrations that this program holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// How many migrations the program holds.
    pub known: usize,
    /// How many of them are not in the database.
    pub missing: usize,
    /// How many are in the database that the program does not hold.
    pub unknown: usize,
    /// Whether one was cut off, or has another text.
    pub is_broken: bool,
}

impl Steps {
    /// Whether the tables are those that this program expects.
    pub const fn is_complete(&self) -> bool {
        self.missing == 0 && self.unknown == 0 && !self.is_broken
    }
}

/// Compares the tables with the migrations.
pub async fn find_steps(store: &Store) -> Result<Steps> {
    let migrator = store.migrator();
    let applied: Vec<(i64, bool, Vec<u8>)> = match store
        .reader()
        .query("SELECT version, success, checksum FROM _sqlx_migrations")
        .all()
        .await
    {
        Ok(rows) => rows,
        Err(error) if is_missing_table(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(compare(&migrator, &applied))
}

fn compare(migrator: &Migrator, applied: &[(i64, bool, Vec<u8>)]) -> Steps {
    let known: BTreeMap<_, _> = migrator
        .iter()
        .map(|step| (step.version, step.checksum.as_ref()))
        .collect();
    let found = applied.iter().filter(|step| known.contains_key(&step.0));
    let is_whole = |step: &&(i64, bool, Vec<u8>)| step.1 && known[&step.0] == step.2.as_slice();
    Steps {
        known: known.len(),
        missing: known.len() - found.clone().count(),
        unknown: applied.len() - found.clone().count(),
        is_broken: !found.clone().all(|step| is_whole(&step)),
    }
}

fn is_missing_table(error: &StoreError) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("42P01") || error.message().contains("no such table")
    })
}

/// How much the database holds, in bytes.
pub async fn find_size(store: &Store, db: &mut Reader) -> Result<i64> {
    let statement = match store {
        Store::Sqlite(_) => {
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        }
        Store::Postgres(_) => "SELECT pg_database_size(current_database())",
    };
    db.query(statement).number().await
}

/// What the database finds damaged in itself, at most a few findings. PostgreSQL checks its pages as it reads them, so
/// there is nothing to ask.
pub async fn find_damage(store: &Store) -> Result<Vec<String>> {
    if matches!(store, Store::Postgres(_)) {
        return Ok(Vec::new());
    }
    let mut db = store.reader();
    let found: Vec<(String,)> = db.query("PRAGMA quick_check(5)").all().await?;
    let orphans = "SELECT COUNT(*) FROM pragma_foreign_key_check()";
    let orphans = db.query(orphans).number().await?;
    let mut damage: Vec<_> = found
        .into_iter()
        .map(|row| row.0)
        .filter(|row| row != "ok")
        .collect();
    if orphans > 0 {
        damage.push(format!("{orphans} rows refer to rows that are not there"));
    }
    Ok(damage)
}

/// The head of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// How many events there are.
    pub events: i64,
    /// The beginning of the last link, in hexadecimal.
    pub hash: String,
    /// When the last event or decision was recorded.
    pub last_at: Timestamp,
    /// Whether both chains end where their heads say.
    pub fits: bool,
}

/// Reads the head, and whether the log ends there.
pub async fn find_log_head(db: &mut impl Db) -> Result<LogHead> {
    let heads = "SELECT h.seq, h.hash, h.last_at, CASE WHEN h.seq = COALESCE(e.seq, 0) AND \
         (e.seq IS NULL OR e.hash = h.hash) THEN 1 ELSE 0 END FROM audit_heads h";
    let events = "LEFT JOIN audit_events e ON e.seq = (SELECT MAX(seq) FROM audit_events) WHERE h.chain = 'events'";
    let groups = "LEFT JOIN decision_groups e ON e.seq = (SELECT MAX(seq) FROM decision_groups) \
                  WHERE h.chain = 'decisions'";
    let events = super::Statement::join(&[heads, events]);
    let groups = super::Statement::join(&[heads, groups]);
    let (seq, hash, event_at, event_fits): (i64, Vec<u8>, Timestamp, i32) =
        db.query(events).one().await?;
    let (_, _, group_at, group_fits): (i64, Vec<u8>, Timestamp, i32) =
        db.query(groups).one().await?;
    let mut head = String::with_capacity(16);
    for byte in hash.iter().take(8) {
        write!(head, "{byte:02x}").expect("a string takes text");
    }
    Ok(LogHead {
        events: seq,
        hash: head,
        last_at: event_at.max(group_at),
        fits: event_fits == 1 && group_fits == 1,
    })
}

/// How many site administrators there are who are not suspended, and how many of them have a passkey.
pub async fn count_site_admins(db: &mut impl Db) -> Result<(i64, i64)> {
    db.query(
        "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = a.id) THEN 1 END) \
         FROM accounts a WHERE a.site_admin = $1 AND a.suspended_at IS NULL AND a.deleted_at IS NULL",
    )
    .bind(true)
    .one()
    .await
}
