//! A transaction that changes something, together with what must be written with the change.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Change, Db, Result, Statement, Store, Tx, changes};
use crate::domain::audit::{Event, Origin};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;

/// One change of state in the making.
///
/// It collects audit events, notices and changed subjects while an action writes, and [`Work::commit`] writes them
/// last: the locks of the chain's and the feed's head rows are held for the shortest time.
#[derive(Debug)]
pub struct Work {
    tx: Tx,
    at: Timestamp,
    origin: Origin,
    events: Vec<(Event, Vec<AccountId>)>,
    changes: BTreeSet<Change>,
}

/// What a finished work changed, for this process to drop from memory before anybody is told that it is done.
#[derive(Debug)]
#[must_use = "memory must drop what changed before the change is acknowledged"]
pub struct Committed {
    /// The changed subjects.
    pub changes: Vec<Change>,
}

impl Db for Work {
    fn on(&mut self) -> super::db::On<'_> {
        self.tx.on()
    }
}

impl Work {
    /// Begins a transaction at `now` for what `origin` does. `now` comes from a clock that was raised to
    /// [`super::records::latest`] when the program started, so that one that was set back revives nothing.
    pub async fn begin(store: &Store, now: Timestamp, origin: Origin) -> Result<Self> {
        let tx = store.begin().await?;
        Ok(Self {
            tx,
            at: now,
            origin,
            events: Vec::new(),
            changes: BTreeSet::new(),
        })
    }

    /// The moment of the change.
    pub const fn now(&self) -> Timestamp {
        self.at
    }

    /// Who does it.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Puts an event into the audit log.
    pub fn audit(&mut self, event: Event) {
        self.audit_and_tell(event, []);
    }

    /// Puts an event into the audit log and tells these people of it.
    pub fn audit_and_tell(&mut self, event: Event, people: impl IntoIterator<Item = AccountId>) {
        let event = event.done_by(&self.origin.actor);
        self.events.push((event, people.into_iter().collect()));
    }

    /// Says that memories of this subject are out of date.
    pub fn changed(&mut self, change: Change) {
        self.changes.insert(change);
    }

    /// Writes events, notices and the feed, and commits.
    pub async fn commit(mut self) -> Result<Committed> {
        self.write_events().await?;
        let changes: Vec<_> = self.changes.into_iter().collect();
        changes::write(&mut self.tx, &changes, self.at).await?;
        self.tx.commit().await?;
        Ok(Committed { changes })
    }

    async fn write_events(&mut self) -> Result<()> {
        let count = i64::try_from(self.events.len()).expect("a work has few events");
        if count == 0 {
            return Ok(());
        }
        let (last, mut hash): (i64, Vec<u8>) = self
            .tx
            .query(
                "UPDATE audit_heads SET seq = seq + $1 WHERE chain = 'events' RETURNING seq, hash",
            )
            .bind(count)
            .one()
            .await?;
        let mut seq = last - count + 1;
        for group in self.events.chunks(GROUP) {
            let insert = Statement::rows(INSERT_EVENTS, 16, group.len(), "");
            let mut query = self.tx.query(insert);
            for (event, _) in group {
                hash = link(&hash, seq, self.at, &self.origin, event);
                query = bind_event(query, seq, self.at, &self.origin, event).bind(hash.as_slice());
                seq += 1;
            }
            query.execute().await?;
        }
        self.tx
            .query("UPDATE audit_heads SET hash = $1, last_at = $2 WHERE chain = 'events'")
            .bind(hash)
            .bind(self.at)
            .execute()
            .await?;
        self.write_notices(last - count + 1).await
    }

    async fn write_notices(&mut self, first: i64) -> Result<()> {
        let pairs = (first..)
            .zip(&self.events)
            .flat_map(|(seq, (_, people))| people.iter().map(move |who| (seq, *who)));
        let notices: BTreeSet<_> = pairs.collect();
        if notices.is_empty() {
            return Ok(());
        }
        let notices: Vec<_> = notices.into_iter().collect();
        for group in notices.chunks(GROUP) {
            let insert = Statement::rows(INSERT_NOTICES, 6, group.len(), "");
            let mut query = self.tx.query(insert);
            for (seq, who) in group {
                query = query
                    .bind(*seq)
                    .bind("notice")
                    .bind(*who)
                    .bind("waiting")
                    .bind(0_i64)
                    .bind(self.at);
            }
            query.execute().await?;
        }
        Ok(())
    }
}

/// How many rows one statement writes: databases bound the placeholders of a statement.
const GROUP: usize = 1_000;

const INSERT_EVENTS: &str = "INSERT INTO audit_events (seq, at, action, actor_kind, actor_id, actor_token_id, user_id, owner_id, \
     enterprise_id, token_id, repository_id, address, user_agent, request_id, data, hash) VALUES";

const INSERT_NOTICES: &str =
    "INSERT INTO outbox (event_seq, kind, recipient, state, attempts, next_at) VALUES";

fn bind_event<'c>(
    query: super::db::Query<'c>,
    seq: i64,
    at: Timestamp,
    origin: &Origin,
    event: &Event,
) -> super::db::Query<'c> {
    query
        .bind(seq)
        .bind(at)
        .bind(event.action.as_str())
        .bind(origin.actor.as_str())
        .bind(origin.actor.user())
        .bind(origin.actor.token().map(|(token, _)| token))
        .bind(event.user)
        .bind(event.owner)
        .bind(event.enterprise)
        .bind(event.token)
        .bind(event.repository)
        .bind(origin.address.clone())
        .bind(origin.user_agent.clone())
        .bind(origin.request_id.clone())
        .bind(serde_json::Value::Object(event.data.clone()).to_string())
}

/// The next link of the chain: SHA-256 over the link before and everything the row says, as one JSON array, whose
/// field borders cannot be moved. What was done with a token names it at the end.
fn link(before: &[u8], seq: i64, at: Timestamp, origin: &Origin, event: &Event) -> Vec<u8> {
    let mut row = vec![
        json!(seq),
        json!(at.as_micros()),
        json!(event.action.as_str()),
        json!(origin.actor.as_str()),
        json!(origin.actor.user().map(AccountId::get)),
        json!(event.user.map(AccountId::get)),
        json!(event.owner.map(AccountId::get)),
        json!(event.enterprise.map(AccountId::get)),
        json!(event.token.map(TokenId::get)),
        json!(event.repository.map(RepositoryId::get)),
        json!(origin.address),
        json!(origin.user_agent),
        json!(origin.request_id),
        json!(event.data),
    ];
    row.extend(origin.actor.token().map(|(token, _)| json!(token.get())));
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(Value::Array(row).to_string().as_bytes());
    digest.finalize().to_vec()
}
