//! Groups of decisions: how they are packed, chained and found again.
//!
//! A group is one row, whose body has a line for each decision; `decision_places` says which tokens, accounts and
//! repositories it is about, so that a log reads only groups that hold something for it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::db::Compose;
use super::records::DecisionRecord;
use super::{Db, Result, Statement};
use crate::domain::audit::{Action, ActorKind, Doer, Entry, Key};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;

/// The body of a group.
pub(super) fn pack(records: &[DecisionRecord]) -> Vec<u8> {
    let lines: Vec<_> = records.iter().map(line).collect();
    lines.join("\n").into_bytes()
}

fn line(record: &DecisionRecord) -> String {
    json!([
        record.at.as_micros(),
        record.token.get(),
        record.owner_number(),
        record.method,
        record.path,
        record.permission,
        record.reason,
        record.address,
        record.request_id,
        record.user.get(),
        record.enterprise.map_or(0, AccountId::get),
        record.repository.map_or(0, RepositoryId::get),
        record.secret.to_base64(),
    ])
    .to_string()
}

/// The next link of the chain: SHA-256 over the link before, the number and the body.
pub fn link(before: &[u8], seq: i64, body: &[u8]) -> Vec<u8> {
    Sha256::new()
        .chain_update(before)
        .chain_update(seq.to_be_bytes())
        .chain_update(body)
        .finalize()
        .to_vec()
}

/// What a group can be looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An owner, an enterprise or the user of a token.
    Account(AccountId),
    /// A repository.
    Repository(RepositoryId),
    /// A token.
    Token(TokenId),
}

impl Place {
    /// As it stands in its columns.
    pub(super) const fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Account(id) => ("account", id.get()),
            Self::Repository(id) => ("repository", id.get()),
            Self::Token(id) => ("token", id.get()),
        }
    }

    fn of(record: &DecisionRecord) -> impl Iterator<Item = Self> {
        let accounts = [Some(record.user), record.owner, record.enterprise];
        let accounts = accounts.into_iter().flatten().map(Self::Account);
        let repository = record.repository.map(Self::Repository);
        accounts
            .chain(repository)
            .chain(Some(Self::Token(record.token)))
    }
}

impl Place {
    /// Where a decision is found, read from what was packed.
    pub(super) fn of_entry(entry: &Entry) -> impl Iterator<Item = Self> + use<> {
        let accounts = [entry.user, entry.owner, entry.enterprise];
        let accounts = accounts.into_iter().flatten().map(Self::Account);
        let repository = entry.repository.map(Self::Repository);
        accounts
            .chain(repository)
            .chain(entry.token.map(Self::Token))
    }
}

/// How many of these places lead to a group.
pub(super) async fn count_places(
    db: &mut impl Db,
    seq: i64,
    at: Timestamp,
    places: &[Place],
) -> Result<i64> {
    let mut found = 0;
    for some in places.chunks(PLACES) {
        let compose = Compose::new("SELECT COUNT(*) FROM decision_places WHERE");
        found += db.composed(any_of(compose, seq, at, some)).number().await?;
    }
    Ok(found)
}

/// Removes these places of a group.
pub(super) async fn delete_places(
    db: &mut impl Db,
    seq: i64,
    at: Timestamp,
    places: BTreeSet<Place>,
) -> Result<()> {
    let places: Vec<_> = places.into_iter().collect();
    for some in places.chunks(PLACES) {
        let compose = Compose::new("DELETE FROM decision_places WHERE");
        db.composed(any_of(compose, seq, at, some))
            .execute()
            .await?;
    }
    Ok(())
}

/// How many places one statement names.
const PLACES: usize = 200;

/// The rows of a group at these places, each by its whole key.
fn any_of(mut compose: Compose, seq: i64, at: Timestamp, places: &[Place]) -> Compose {
    for (number, place) in places.iter().enumerate() {
        let (kind, id) = place.columns();
        compose = compose
            .then(if number == 0 { "kind =" } else { "OR kind =" })
            .value(kind)
            .then("AND subject_id =")
            .value(id)
            .then("AND at =")
            .value(at)
            .then("AND seq =")
            .value(seq);
    }
    compose
}

/// Writes down what a group is about.
pub(super) async fn write_places(
    tx: &mut impl Db,
    seq: i64,
    at: Timestamp,
    records: &[DecisionRecord],
) -> Result<()> {
    let places: BTreeSet<_> = records.iter().flat_map(Place::of).collect();
    let insert = "INSERT INTO decision_places (kind, subject_id, at, seq) VALUES";
    let mut query = tx.query(Statement::rows(insert, 4, places.len(), ""));
    for place in places {
        let (kind, id) = place.columns();
        query = query.bind(kind).bind(id).bind(at).bind(seq);
    }
    query.execute().await.map(drop)
}

/// The decisions of a group in their order. A line that cannot be read is left out: finding those is what checking the
/// chain is for.
pub(super) fn unpack(at: Timestamp, seq: i64, body: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(body);
    let entries = (0..).zip(text.lines()).filter_map(|(number, line)| {
        let fields: Vec<Value> = serde_json::from_str(line).ok()?;
        entry(Key::decision(at, seq, number), &fields)
    });
    entries.collect()
}

fn entry(key: Key, fields: &[Value]) -> Option<Entry> {
    let number = |place: usize| fields.get(place).and_then(Value::as_i64);
    let some = |place: usize| number(place).filter(|number| *number != 0);
    let text = |place: usize| fields.get(place).and_then(Value::as_str).unwrap_or("");
    let (method, path, reason) = (text(3), text(4), fields.get(6)?.as_str());
    let token = TokenId::new(number(1)?);
    let user = some(9).map(AccountId::new);
    let mut data = Map::new();
    for (name, value) in [
        ("method", method),
        ("path", path),
        ("permission", text(5)),
        ("reason", reason.unwrap_or("")),
        ("hashed_token", text(12)),
    ] {
        if !value.is_empty() {
            data.insert(name.to_owned(), value.into());
        }
    }
    let action = Action::of_decision(method, path, reason.is_none());
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(Entry {
        key,
        at: Timestamp::from_micros(number(0)?),
        action: action.as_str().to_owned(),
        actor: Doer {
            kind: ActorKind::Token,
            user,
            token: Some(token),
        },
        user,
        owner: some(2).map(AccountId::new),
        enterprise: some(10).map(AccountId::new),
        token: Some(token),
        repository: some(11).map(RepositoryId::new),
        address: filled(text(7)),
        user_agent: None,
        request_id: filled(text(8)),
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::secret::SecretHash;

    fn record(method: &str, path: &str, reason: Option<&'static str>) -> DecisionRecord {
        DecisionRecord {
            at: Timestamp::from_micros(5),
            token: TokenId::new(1),
            first_use_of: None,
            secret: SecretHash::from_bytes([7; 32]),
            user: AccountId::new(2),
            owner: Some(AccountId::new(3)),
            enterprise: None,
            repository: Some(RepositoryId::new(4)),
            method: method.to_owned(),
            path: path.to_owned(),
            permission: "issues:read".to_owned(),
            reason,
            message: String::new(),
            address: "192.0.2.1".to_owned(),
            request_id: "r".to_owned(),
        }
    }

    #[test]
    fn what_was_packed_is_read_again() {
        let records = [
            record("GET", "/repos/acme/web/issues", None),
            record("GIT", "acme/web push", Some("missing_permission")),
        ];
        let entries = unpack(Timestamp::from_micros(9), 7, &pack(&records));
        let [first, second] = &entries[..] else {
            panic!("two lines: {entries:?}");
        };
        assert_eq!(first.key, Key::decision(Timestamp::from_micros(9), 7, 0));
        assert_eq!(
            (first.action.as_str(), first.at.as_micros()),
            ("api.request", 5)
        );
        assert_eq!(first.actor.token, Some(TokenId::new(1)));
        assert_eq!(
            (first.user, first.enterprise),
            (Some(AccountId::new(2)), None)
        );
        assert_eq!(first.text("reason"), None);
        assert_eq!(second.action, "git.push_refused");
        assert_eq!(second.text("reason"), Some("missing_permission"));
        assert_eq!(second.text("hashed_token").map(str::len), Some(44));
    }

    #[test]
    fn a_line_that_cannot_be_read_hides_no_other() {
        let mut body = b"nonsense\n[1]\n".to_vec();
        body.extend(pack(&[record("GET", "/user", None)]));
        let entries = unpack(Timestamp::from_micros(9), 7, &body);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].key.line, 2);
    }

    #[test]
    fn a_group_is_found_by_everything_that_it_is_about() {
        let places: BTreeSet<_> = Place::of(&record("GET", "/user", None)).collect();
        let columns: Vec<_> = places.into_iter().map(Place::columns).collect();
        assert_eq!(
            columns,
            [
                ("account", 2),
                ("account", 3),
                ("repository", 4),
                ("token", 1)
            ]
        );
    }
}
