//! How far the log was given on to each receiver.

use sqlx::FromRow;

use super::audit_log::tail::Place;
use super::{Db, Result};
use crate::domain::audit::seal::Head;
use crate::domain::time::Timestamp;

/// What is given on, and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Stream {
    /// Where to: `url` or `file`.
    pub name: String,
    /// The last change that was taken.
    pub event_seq: i64,
    /// The last group of decisions that was taken.
    pub decision_seq: i64,
    /// When something was last taken.
    pub sent_at: Timestamp,
    /// How often in a row it was not.
    pub failures: i64,
    /// Why not; empty where it works.
    pub problem: String,
}

impl Stream {
    /// Where it goes on, up to a head.
    pub const fn place(&self, head: &Head) -> Place {
        Place {
            event: self.event_seq,
            group: self.decision_seq,
            last_event: head.events.seq,
            last_group: head.decisions.seq,
        }
    }

    /// How many rows wait: changes and groups of decisions.
    pub const fn waiting(&self, head: &Head) -> i64 {
        let events = head.events.seq - self.event_seq;
        events + head.decisions.seq - self.decision_seq
    }
}

/// A stream; a new one begins with the first entry of the log.
pub async fn find_or_begin(db: &mut impl Db, name: &str) -> Result<Stream> {
    db.query(
        "INSERT INTO audit_streams (name, event_seq, decision_seq, sent_at, failures, problem) \
         VALUES ($1, 0, 0, 0, 0, '') ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .execute()
    .await?;
    db.query("SELECT name, event_seq, decision_seq, sent_at, failures, problem FROM audit_streams WHERE name = $1")
        .bind(name)
        .one()
        .await
}

/// Every stream that ever began.
pub async fn list(db: &mut impl Db) -> Result<Vec<Stream>> {
    db.query("SELECT name, event_seq, decision_seq, sent_at, failures, problem FROM audit_streams ORDER BY name")
        .all()
        .await
}

/// Notes that everything up to a place was taken; not where another process was faster.
pub async fn advance(
    db: &mut impl Db,
    stream: &Stream,
    place: &Place,
    now: Timestamp,
) -> Result<bool> {
    let changed = db
        .query(
            "UPDATE audit_streams SET event_seq = $1, decision_seq = $2, sent_at = $3, failures = 0, problem = '' \
             WHERE name = $4 AND event_seq = $5 AND decision_seq = $6",
        )
        .bind(place.event)
        .bind(place.group)
        .bind(now)
        .bind(&stream.name)
        .bind(stream.event_seq)
        .bind(stream.decision_seq)
        .execute()
        .await?;
    Ok(changed > 0)
}

/// Notes that something was not taken.
pub async fn note_failure(db: &mut impl Db, name: &str, problem: &str) -> Result<()> {
    db.query("UPDATE audit_streams SET failures = failures + 1, problem = $1 WHERE name = $2")
        .bind(problem)
        .bind(name)
        .execute()
        .await
        .map(drop)
}
