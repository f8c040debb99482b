//! Decisions that are older than they must be kept. The chain then begins at a checkpoint: the number and link of the
//! last group that was removed, which an event of the other chain repeats, so that nobody can make one unseen.

use std::collections::BTreeSet;

use super::BATCH;
use crate::domain::audit::seal::{Link, hex};
use crate::domain::audit::{Action, Event};
use crate::domain::time::Timestamp;
use crate::store::decision_groups::{self, Place};
use crate::store::{Db, Result, Work};

/// Where the chain of decisions begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last group that was removed.
    pub link: Link,
    /// When.
    pub at: Timestamp,
}

/// The checkpoint; none where nothing was ever removed.
pub async fn find_checkpoint(db: &mut impl Db) -> Result<Option<Checkpoint>> {
    let row: Option<(i64, Vec<u8>, Timestamp)> = db
        .query("SELECT seq, hash, at FROM audit_checkpoints WHERE chain = 'decisions'")
        .optional()
        .await?;
    Ok(row.map(|(seq, hash, at)| Checkpoint {
        link: Link { seq, hash },
        at,
    }))
}

/// Whether an event says that this very checkpoint was made.
pub(super) async fn is_recorded(db: &mut impl Db, checkpoint: &Checkpoint) -> Result<bool> {
    let event = event(&checkpoint.link);
    let data = serde_json::Value::Object(event.data).to_string();
    db.query("SELECT seq FROM audit_events WHERE action = $1 AND at = $2 AND data = $3 LIMIT 1")
        .bind(event.action.as_str())
        .bind(checkpoint.at)
        .bind(data)
        .found()
        .await
}

fn event(link: &Link) -> Event {
    Event::new(Action::LogPrune)
        .with("up_to_group", link.seq)
        .with("hash", hex(&link.hash))
}

/// Removes a batch of groups that ended before a moment, the oldest first; how many there were. The newest group stays
/// in any case: the chain goes on from it.
pub async fn prune(work: &mut Work, before: Timestamp) -> Result<usize> {
    let begin = find_checkpoint(work).await?;
    let begin = begin.map_or(0, |checkpoint| checkpoint.link.seq);
    let rows: Vec<(i64, Timestamp, Vec<u8>, Vec<u8>)> = work
        .query(
            "SELECT g.seq, g.last_at, g.body, g.hash FROM decision_groups g \
             JOIN audit_heads h ON h.chain = 'decisions' \
             WHERE g.seq > $1 AND g.seq < h.seq ORDER BY g.seq LIMIT $2",
        )
        .bind(begin)
        .bind(BATCH)
        .all()
        .await?;
    // Only from the beginning on: a chain has no holes.
    let old: Vec<_> = rows.into_iter().take_while(|row| row.1 < before).collect();
    let Some((seq, _, _, hash)) = old.last() else {
        return Ok(0);
    };
    let link = Link {
        seq: *seq,
        hash: hash.clone(),
    };
    for (seq, at, body, _) in &old {
        let entries = decision_groups::unpack(*at, *seq, body);
        let places: BTreeSet<_> = entries.iter().flat_map(Place::of_entry).collect();
        decision_groups::delete_places(work, *seq, *at, places).await?;
    }
    work.query("DELETE FROM decision_groups WHERE seq > $1 AND seq <= $2")
        .bind(begin)
        .bind(link.seq)
        .execute()
        .await?;
    let now = work.now();
    work.query(
        "INSERT INTO audit_checkpoints (chain, seq, hash, at) VALUES ('decisions', $1, $2, $3) \
         ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at",
    )
    .bind(link.seq)
    .bind(link.hash.as_slice())
    .bind(now)
    .execute()
    .await?;
    work.audit(event(&link));
    Ok(old.len())
}
