//! The whole log in the order in which it was written, for those who take all of it: exports and streams.
//!
//! Each chain is followed by its own number, which nothing can come in before; a batch holds changes, then decisions.

use sqlx::FromRow;

use super::sources::EventRow;
use crate::domain::audit::Entry;
use crate::domain::audit::seal::Head;
use crate::domain::time::Timestamp;
use crate::store::db::Compose;
use crate::store::decision_groups::unpack;
use crate::store::{Db, Result};

/// How many changes one batch holds.
const CHANGES: i64 = 500;

/// How many groups of decisions one batch holds.
const GROUPS: i64 = 20;

/// How far somebody has read, and how far they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The last change that was read.
    pub event: i64,
    /// The last group that was read.
    pub group: i64,
    /// Up to which change.
    pub last_event: i64,
    /// Up to which group.
    pub last_group: i64,
}

impl Place {
    /// The beginning, or the first row of a moment, up to a head.
    pub async fn since(db: &mut impl Db, since: Option<Timestamp>, head: &Head) -> Result<Self> {
        let (mut event, mut group) = (0, 0);
        if let Some(since) = since {
            event = before(db, "SELECT MAX(seq) FROM audit_events WHERE at < $1", since).await?;
            let groups = "SELECT MAX(seq) FROM decision_groups WHERE last_at < $1";
            group = before(db, groups, since).await?;
        }
        Ok(Self {
            event,
            group,
            last_event: head.events.seq,
            last_group: head.decisions.seq,
        })
    }
}

async fn before(db: &mut impl Db, statement: &'static str, since: Timestamp) -> Result<i64> {
    let row: (Option<i64>,) = db.query(statement).bind(since).one().await?;
    Ok(row.0.unwrap_or(0))
}

/// The next entries, and the place behind them; none at the end.
pub async fn next(db: &mut impl Db, place: &mut Place) -> Result<Vec<Entry>> {
    let changes = changes(db, *place).await?;
    if let Some(last) = changes.last() {
        place.event = last.key.seq;
        return Ok(changes);
    }
    let groups: Vec<GroupRow> = db
        .query(
            "SELECT seq, last_at, body FROM decision_groups WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
        )
        .bind(place.group)
        .bind(place.last_group)
        .bind(GROUPS)
        .all()
        .await?;
    place.group = groups.last().map_or(place.group, |group| group.seq);
    let entries = groups.iter();
    Ok(entries
        .flat_map(|group| unpack(group.last_at, group.seq, &group.body))
        .collect())
}

async fn changes(db: &mut impl Db, place: Place) -> Result<Vec<Entry>> {
    let compose = Compose::new(super::sources::EVENTS)
        .then("seq >")
        .value(place.event)
        .then("AND seq <=")
        .value(place.last_event)
        .then("ORDER BY seq LIMIT")
        .value(CHANGES);
    let rows: Vec<EventRow> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

#[derive(Debug, FromRow)]
struct GroupRow {
    seq: i64,
    last_at: Timestamp,
    body: Vec<u8>,
}
