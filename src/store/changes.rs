//! The change feed: what every server process must drop from its memory, numbered in commit order.

use super::{Db, Result, Statement, Tx};
use crate::domain::ids::{AccountId, RepositoryId, ServiceId, TokenId};
use crate::domain::time::Timestamp;

/// Something that is not any more as a memory may hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// A token, its secrets, grants or requests.
    Token(TokenId),
    /// An account: its data, members, policies, or what a user is a member of or a collaborator on.
    Account(AccountId),
    /// A repository.
    Repository(RepositoryId),
    /// A guarded service: its description or its secrets.
    Service(ServiceId),
    /// Something this version does not know: drop everything.
    Unknown,
}

impl Change {
    fn read(kind: &str, id: i64) -> Self {
        match kind {
            "token" => Self::Token(TokenId::new(id)),
            "account" => Self::Account(AccountId::new(id)),
            "repository" => Self::Repository(RepositoryId::new(id)),
            "service" => Self::Service(ServiceId::new(id)),
            _ => Self::Unknown,
        }
    }

    const fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Token(id) => ("token", id.get()),
            Self::Account(id) => ("account", id.get()),
            Self::Repository(id) => ("repository", id.get()),
            Self::Service(id) => ("service", id.get()),
            Self::Unknown => ("unknown", 0),
        }
    }
}

/// Where the feed stands.
pub async fn head(db: &mut impl Db) -> Result<i64> {
    db.query("SELECT seq FROM change_heads WHERE feed = 'changes'")
        .number()
        .await
}

/// What came after `seq`, oldest first, and where the feed then stands.
pub async fn after(db: &mut impl Db, seq: i64) -> Result<(Vec<Change>, i64)> {
    let rows: Vec<(i64, String, i64)> = db
        .query("SELECT seq, kind, subject_id FROM changes WHERE seq > $1 ORDER BY seq, n")
        .bind(seq)
        .all()
        .await?;
    let last = rows.last().map_or(seq, |row| row.0);
    Ok((
        rows.iter()
            .map(|(_, kind, id)| Change::read(kind, *id))
            .collect(),
        last,
    ))
}

/// Writes the changes of one transaction. The head row's lock is held until the commit, so that numbers follow the
/// order of commits and a reader never misses one that commits late.
pub(super) async fn write(tx: &mut Tx, changes: &[Change], at: Timestamp) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let seq = tx
        .query("UPDATE change_heads SET seq = seq + 1 WHERE feed = 'changes' RETURNING seq")
        .number()
        .await?;
    let numbered: Vec<_> = (0_i64..).zip(changes).collect();
    // Databases bound the placeholders of a statement.
    for group in numbered.chunks(1_000) {
        let insert = "INSERT INTO changes (seq, n, kind, subject_id, at) VALUES";
        let mut query = tx.query(Statement::rows(insert, 5, group.len(), ""));
        for (n, change) in group {
            let (kind, id) = change.columns();
            query = query.bind(seq).bind(*n).bind(kind).bind(id).bind(at);
        }
        query.execute().await?;
    }
    Ok(())
}

/// Forgets what every process has long read.
pub async fn prune(db: &mut impl Db, before: Timestamp) -> Result<u64> {
    db.query("DELETE FROM changes WHERE at < $1")
        .bind(before)
        .execute()
        .await
}
