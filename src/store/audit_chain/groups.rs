//! The chain of groups of decisions, which may begin late: older groups can have been removed by age.

use sqlx::FromRow;

use super::prune::{find_checkpoint, is_recorded};
use super::{BATCH, Break, Chain, Progress, Report, Walk};
use crate::domain::audit::seal::{Link, Seal};
use crate::domain::time::Timestamp;
use crate::store::decision_groups::{self, Place};
use crate::store::{Db, Result};

#[derive(Debug, FromRow)]
struct Row {
    seq: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    count: i64,
    body: Vec<u8>,
    hash: Vec<u8>,
}

pub(super) async fn verify(
    db: &mut impl Db,
    head: &Link,
    since: Option<Timestamp>,
    seals: &[Seal],
    report: &mut Report,
    told: &mut (impl FnMut(Progress) + Send),
) -> Result<()> {
    let begin = begin(db, since, report).await?;
    let mut walk = Walk::new(Chain::Decisions, begin, seals);
    let all = head.seq - walk.begin;
    loop {
        let rows: Vec<Row> = db
            .query(
                "SELECT seq, first_at, last_at, count, body, hash FROM decision_groups \
                 WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
            )
            .bind(walk.last.seq)
            .bind(head.seq)
            .bind(BATCH)
            .all()
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            compare(db, &row, report).await?;
            let computed = decision_groups::link(&walk.last.hash, row.seq, &row.body);
            walk.step(row.seq, row.hash, &computed, report);
            report.groups += 1;
            report.decisions += row.count;
        }
        told(Progress {
            chain: Chain::Decisions,
            done: walk.last.seq - walk.begin,
            all,
        });
    }
    walk.end(head, report);
    let outside: Vec<(i64,)> = db.query(OUTSIDE).all().await?;
    for (seq,) in outside {
        let chain = Chain::Decisions;
        report.note(Break::Changed { chain, seq });
    }
    Ok(())
}

/// Groups that no link leads to: before what is kept, or behind the end.
const OUTSIDE: &str = "SELECT seq FROM decision_groups WHERE seq <= COALESCE((SELECT seq FROM audit_checkpoints \
     WHERE chain = 'decisions'), 0) OR seq > (SELECT seq FROM audit_heads WHERE chain = 'decisions') \
     ORDER BY seq LIMIT 10";

/// What stands beside the body follows from it, and so do the places by which the group is found.
async fn compare(db: &mut impl Db, row: &Row, report: &mut Report) -> Result<()> {
    let seq = row.seq;
    let entries = decision_groups::unpack(row.last_at, seq, &row.body);
    let first = entries.first().map(|entry| entry.at);
    let last = entries.last().map(|entry| entry.at);
    let is_told = i64::try_from(entries.len()) == Ok(row.count)
        && first == Some(row.first_at)
        && last == Some(row.last_at);
    if !is_told {
        let chain = Chain::Decisions;
        report.note(Break::Changed { chain, seq });
    }
    let places: std::collections::BTreeSet<_> = entries.iter().flat_map(Place::of_entry).collect();
    let places: Vec<_> = places.into_iter().collect();
    let found = decision_groups::count_places(db, seq, row.last_at, &places).await?;
    if usize::try_from(found) != Ok(places.len()) {
        report.note(Break::Hidden { seq });
    }
    Ok(())
}

/// The link before the first group to read: of a moment, or where what was kept begins.
async fn begin(db: &mut impl Db, since: Option<Timestamp>, report: &mut Report) -> Result<Link> {
    let checkpoint = find_checkpoint(db).await?;
    if let Some(checkpoint) = &checkpoint
        && !is_recorded(db, checkpoint).await?
    {
        let seq = checkpoint.link.seq;
        report.note(Break::Unrecorded { seq });
    }
    let kept = checkpoint.map_or(
        Link {
            seq: 0,
            hash: Vec::new(),
        },
        |checkpoint| checkpoint.link,
    );
    let Some(since) = since else { return Ok(kept) };
    let before: Option<(i64, Vec<u8>)> = db
        .query("SELECT seq, hash FROM decision_groups WHERE last_at < $1 ORDER BY seq DESC LIMIT 1")
        .bind(since)
        .optional()
        .await?;
    Ok(before.map_or(kept, |(seq, hash)| Link { seq, hash }))
}
