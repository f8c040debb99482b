//! The chain of changes.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::{BATCH, Break, Chain, Progress, Report, Walk};
use crate::domain::audit::seal::{Link, Seal};
use crate::domain::time::Timestamp;
use crate::store::{Db, Result};

/// A row as it was chained.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    seq: i64,
    at: i64,
    action: String,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_token_id: Option<i64>,
    user_id: Option<i64>,
    owner_id: Option<i64>,
    enterprise_id: Option<i64>,
    token_id: Option<i64>,
    repository_id: Option<i64>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    data: String,
    hash: Vec<u8>,
}

impl Row {
    /// What its link should be. The rest goes in as the text that is stored, so that no byte of it can be another.
    fn link(&self, before: &[u8]) -> Vec<u8> {
        let fields = [
            json!(self.seq),
            json!(self.at),
            json!(self.action),
            json!(self.actor_kind),
            json!(self.actor_id),
            json!(self.user_id),
            json!(self.owner_id),
            json!(self.enterprise_id),
            json!(self.token_id),
            json!(self.repository_id),
            json!(self.address),
            json!(self.user_agent),
            json!(self.request_id),
        ];
        let mut texts: Vec<_> = fields.iter().map(Value::to_string).collect();
        texts.push(self.data.clone());
        texts.extend(self.actor_token_id.map(|token| token.to_string()));
        Sha256::new()
            .chain_update(before)
            .chain_update(format!("[{}]", texts.join(",")))
            .finalize()
            .to_vec()
    }
}

pub(super) async fn verify(
    db: &mut impl Db,
    head: &Link,
    since: Option<Timestamp>,
    seals: &[Seal],
    report: &mut Report,
    told: &mut (impl FnMut(Progress) + Send),
) -> Result<()> {
    let begin = begin(db, since).await?;
    let mut walk = Walk::new(Chain::Events, begin, seals);
    let all = head.seq - walk.begin;
    loop {
        let rows: Vec<Row> = db
            .query(ROWS)
            .bind(walk.last.seq)
            .bind(head.seq)
            .bind(BATCH)
            .all()
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let computed = row.link(&walk.last.hash);
            // The text goes into the link as it is stored: one that is more than an object says something else.
            if serde_json::from_str::<Map<String, Value>>(&row.data).is_err() {
                let (chain, seq) = (Chain::Events, row.seq);
                report.note(Break::Changed { chain, seq });
            }
            walk.step(row.seq, row.hash, &computed, report);
            report.events += 1;
        }
        told(Progress {
            chain: Chain::Events,
            done: walk.last.seq - walk.begin,
            all,
        });
    }
    walk.end(head, report);
    let outside: Vec<(i64,)> = db.query(OUTSIDE).all().await?;
    for (seq,) in outside {
        let chain = Chain::Events;
        report.note(Break::Changed { chain, seq });
    }
    Ok(())
}

/// Rows that no link leads to, although whoever reads the log would see them.
const OUTSIDE: &str = "SELECT seq FROM audit_events WHERE seq <= 0 \
     OR seq > (SELECT seq FROM audit_heads WHERE chain = 'events') ORDER BY seq LIMIT 10";

const ROWS: &str = "SELECT seq, at, action, actor_kind, actor_id, actor_token_id, user_id, owner_id, enterprise_id, \
     token_id, repository_id, address, user_agent, request_id, data, hash FROM audit_events \
     WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3";

/// The link before the first row of a moment; the beginning where there is none.
async fn begin(db: &mut impl Db, since: Option<Timestamp>) -> Result<Link> {
    let none = Link {
        seq: 0,
        hash: Vec::new(),
    };
    let Some(since) = since else { return Ok(none) };
    let before: Option<(i64, Vec<u8>)> = db
        .query("SELECT seq, hash FROM audit_events WHERE at < $1 ORDER BY seq DESC LIMIT 1")
        .bind(since)
        .optional()
        .await?;
    Ok(before.map_or(none, |(seq, hash)| Link { seq, hash }))
}
