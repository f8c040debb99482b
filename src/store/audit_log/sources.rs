//! What a page is merged from: indexes that hold everything it can show, as narrow as the filter allows.

use sqlx::FromRow;

use super::Direction;
use crate::domain::audit::{Action, ActorKind, Doer, Entry, Filter, Key, LogOf, Source, Span};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;
use crate::store::db::Compose;
use crate::store::decision_groups::{Place, unpack};
use crate::store::{Db, Result};

/// How long after a decision its group can have been closed: longer than the database may keep a writer waiting.
const GROUP_LAG: i64 = 60;

/// More actions than this are looked for one by one; each has its own walk.
const MOST_ACTIONS: usize = 24;

/// One index to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// Changes at an owner.
    Owner(AccountId),
    /// Changes at an owner of one kind.
    OwnerAction(AccountId, Action),
    /// Changes in an enterprise.
    Enterprise(AccountId),
    /// Changes in an enterprise of one kind.
    EnterpriseAction(AccountId, Action),
    /// Changes about a person.
    User(AccountId),
    /// Changes by a person.
    Actor(AccountId),
    /// Changes about a token.
    Token(TokenId),
    /// Changes by a token.
    ActorToken(TokenId),
    /// Changes about a repository.
    Repository(RepositoryId),
    /// Groups of decisions.
    Groups(Place),
}

/// The indexes that together hold everything that a page can show.
pub(super) fn choose(log: LogOf, filter: &Filter) -> Vec<Index> {
    let actions = filter.actions();
    let mut indexes = Vec::new();
    if actions.iter().any(|action| action.is_event()) {
        indexes.extend(events(log, filter, &actions));
    }
    if actions.iter().any(|action| action.is_decision()) {
        indexes.push(Index::Groups(place(log, filter)));
    }
    indexes
}

fn events(log: LogOf, filter: &Filter, actions: &[Action]) -> Vec<Index> {
    if let Some(token) = filter.token() {
        return vec![Index::Token(token), Index::ActorToken(token)];
    }
    if let Some(repository) = filter.repository() {
        return vec![Index::Repository(repository)];
    }
    if let Some(user) = filter.user() {
        return vec![Index::User(user)];
    }
    if let Some(actor) = filter.actor() {
        return vec![Index::Actor(actor)];
    }
    let kinds: Vec<_> = actions.iter().filter(|action| action.is_event()).collect();
    let is_few = kinds.len() <= MOST_ACTIONS;
    match log {
        LogOf::Organization(id) if is_few => kinds
            .into_iter()
            .map(|kind| Index::OwnerAction(id, *kind))
            .collect(),
        LogOf::Enterprise(id) if is_few => kinds
            .into_iter()
            .flat_map(|kind| {
                [
                    Index::EnterpriseAction(id, *kind),
                    Index::OwnerAction(id, *kind),
                ]
            })
            .collect(),
        _ => whole(log),
    }
}

fn whole(log: LogOf) -> Vec<Index> {
    match log {
        LogOf::Organization(id) => vec![Index::Owner(id)],
        LogOf::Enterprise(id) => vec![Index::Enterprise(id), Index::Owner(id)],
        LogOf::Person(id) => vec![Index::User(id), Index::Actor(id), Index::Owner(id)],
    }
}

fn place(log: LogOf, filter: &Filter) -> Place {
    let token = filter.token().map(Place::Token);
    let repository = || filter.repository().map(Place::Repository);
    let user = || filter.user().or(filter.actor()).map(Place::Account);
    token
        .or_else(repository)
        .or_else(user)
        .unwrap_or(Place::Account(log.account()))
}

/// What was read of an index.
#[derive(Debug)]
pub(super) struct Read {
    /// The rows' entries.
    pub(super) entries: Vec<Entry>,
    /// The place behind the last row; none where there was no row.
    pub(super) reached: Option<Key>,
    /// Whether there may be more.
    pub(super) has_more: bool,
}

/// Where a walk stands, and what it may not go beyond.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) direction: Direction,
    /// The first place that may be shown, or the one behind which the walk goes on.
    pub(super) from: Option<Key>,
    /// The time in which everything lies.
    pub(super) span: Span,
}

impl Index {
    const fn source(self) -> Source {
        match self {
            Self::Groups(_) => Source::Decision,
            _ => Source::Event,
        }
    }

    /// The next so many rows, as entries. A group in whose middle the place lies is read whole.
    pub(super) async fn read(self, db: &mut impl Db, bounds: Bounds, rows: usize) -> Result<Read> {
        if let Self::Groups(place) = self {
            return read_groups(db, place, bounds, rows).await;
        }
        let changes = self.changes(bounds, limit(rows));
        let found: Vec<EventRow> = db.composed(changes).all().await?;
        Ok(Read {
            reached: found.last().map(|row| Key::event(row.at, row.seq)),
            has_more: found.len() == rows,
            entries: found.into_iter().map(Entry::from).collect(),
        })
    }

    fn changes(self, bounds: Bounds, limit: i64) -> Compose {
        let text = Compose::new(EVENTS);
        let text = match self {
            Self::Owner(id) => text.then("owner_id =").value(id),
            Self::OwnerAction(id, action) => text
                .then("owner_id =")
                .value(id)
                .then("AND action =")
                .value(action.as_str()),
            Self::Enterprise(id) => text.then("enterprise_id =").value(id),
            Self::EnterpriseAction(id, action) => text
                .then("enterprise_id =")
                .value(id)
                .then("AND action =")
                .value(action.as_str()),
            Self::User(id) => text.then("user_id =").value(id),
            Self::Actor(id) => text.then("actor_id =").value(id),
            Self::Token(id) => text.then("token_id =").value(id),
            Self::ActorToken(id) => text.then("actor_token_id =").value(id),
            Self::Repository(id) => text.then("repository_id =").value(id),
            Self::Groups(_) => text.then("1 = 0"),
        };
        bounds
            .onto(text, self.source(), &Columns::EVENT)
            .value(limit)
    }
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

async fn read_groups(db: &mut impl Db, place: Place, bounds: Bounds, rows: usize) -> Result<Read> {
    let groups = groups(place, bounds, limit(rows));
    let groups: Vec<GroupRow> = db.composed(groups).all().await?;
    let entries = groups.iter().flat_map(|group| {
        let mut lines = unpack(group.at, group.seq, &group.body);
        if bounds.direction == Direction::Older {
            lines.reverse();
        }
        lines
    });
    Ok(Read {
        entries: entries.collect(),
        reached: groups.last().map(|group| bounds.behind(group)),
        has_more: groups.len() == rows,
    })
}

fn groups(place: Place, bounds: Bounds, limit: i64) -> Compose {
    let (kind, id) = place.columns();
    let text = Compose::new(
        "SELECT p.at, p.seq, g.body FROM decision_places p JOIN decision_groups g ON g.seq = p.seq WHERE p.kind =",
    )
    .value(kind)
    .then("AND p.subject_id =")
    .value(id);
    bounds
        .onto(text, Source::Decision, &Columns::PLACE)
        .value(limit)
}

/// The fragments in which bounds are written over the columns of one index.
struct Columns {
    at_most: &'static str,
    at_least: &'static str,
    not_before: &'static str,
    before: &'static str,
    down: &'static str,
    up: &'static str,
}

impl Columns {
    const EVENT: Self = Self {
        at_most: "AND (at, seq) <= (",
        at_least: "AND (at, seq) >= (",
        not_before: "AND at >=",
        before: "AND at <",
        down: "ORDER BY at DESC, seq DESC LIMIT",
        up: "ORDER BY at, seq LIMIT",
    };
    const PLACE: Self = Self {
        at_most: "AND (p.at, p.seq) <= (",
        at_least: "AND (p.at, p.seq) >= (",
        not_before: "AND p.at >=",
        before: "AND p.at <",
        down: "ORDER BY p.at DESC, p.seq DESC LIMIT",
        up: "ORDER BY p.at, p.seq LIMIT",
    };
}

impl Bounds {
    /// Writes the bounds behind a condition, each end once: a second one would be looked at row by row.
    fn onto(self, text: Compose, source: Source, columns: &Columns) -> Compose {
        let lag = match source {
            Source::Event => 0,
            Source::Decision => GROUP_LAG,
        };
        let until = self.span.until.map(|until| until.plus_seconds(lag));
        match self.direction {
            Direction::Older => {
                let end = until.map(|until| (until.plus_micros(-1), i64::MAX));
                let start = self.start(source).into_iter().chain(end).min();
                text.when(start, |text, (at, seq)| {
                    pair(text.then(columns.at_most), at, seq)
                })
                .when(self.span.from, |text, from| {
                    text.then(columns.not_before).value(from)
                })
                .then(columns.down)
            }
            Direction::Newer => {
                let begin = self.span.from.map(|from| (from, i64::MIN));
                let start = self.start(source).into_iter().chain(begin).max();
                text.when(start, |text, (at, seq)| {
                    pair(text.then(columns.at_least), at, seq)
                })
                .when(until, |text, until| text.then(columns.before).value(until))
                .then(columns.up)
            }
        }
    }

    /// Where the walk begins in an index. In another chain than the place's, everything of its moment lies on one side;
    /// a group in whose middle the place lies is read again.
    fn start(self, source: Source) -> Option<(Timestamp, i64)> {
        let from = self.from?;
        let is_amid = match self.direction {
            Direction::Older => from.source == Source::Decision && from.line > 0,
            Direction::Newer => from.source == Source::Decision && from.line < i64::MAX,
        };
        let next = match self.direction {
            Direction::Older => from.seq.saturating_sub(1),
            Direction::Newer => from.seq.saturating_add(1),
        };
        let seq = match (source, from.source) {
            (Source::Event, Source::Decision) => i64::MAX,
            (Source::Decision, Source::Event) => i64::MIN,
            _ if is_amid => from.seq,
            _ => next,
        };
        Some((from.at, seq))
    }

    /// The place behind a whole group.
    const fn behind(self, group: &GroupRow) -> Key {
        let line = match self.direction {
            Direction::Older => 0,
            Direction::Newer => i64::MAX,
        };
        Key::decision(group.at, group.seq, line)
    }
}

fn pair(text: Compose, at: Timestamp, seq: i64) -> Compose {
    text.value(at).then(",").value(seq).then(")")
}

pub(super) const EVENTS: &str = "SELECT seq, at, action, actor_kind, actor_id, actor_token_id, user_id, owner_id, enterprise_id, \
     token_id, repository_id, address, user_agent, request_id, data FROM audit_events WHERE";

#[derive(Debug, FromRow)]
struct GroupRow {
    at: Timestamp,
    seq: i64,
    body: Vec<u8>,
}

/// A change as it stands in its row.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(in crate::store) struct EventRow {
    pub(in crate::store) seq: i64,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) action: String,
    pub(in crate::store) actor_kind: ActorKind,
    pub(in crate::store) actor_id: Option<AccountId>,
    pub(in crate::store) actor_token_id: Option<TokenId>,
    pub(in crate::store) user_id: Option<AccountId>,
    pub(in crate::store) owner_id: Option<AccountId>,
    pub(in crate::store) enterprise_id: Option<AccountId>,
    pub(in crate::store) token_id: Option<TokenId>,
    pub(in crate::store) repository_id: Option<RepositoryId>,
    pub(in crate::store) address: Option<String>,
    pub(in crate::store) user_agent: Option<String>,
    pub(in crate::store) request_id: Option<String>,
    pub(in crate::store) data: String,
}

impl From<EventRow> for Entry {
    fn from(row: EventRow) -> Self {
        Self {
            key: Key::event(row.at, row.seq),
            at: row.at,
            action: row.action,
            actor: Doer {
                kind: row.actor_kind,
                user: row.actor_id,
                token: row.actor_token_id,
            },
            user: row.user_id,
            owner: row.owner_id,
            enterprise: row.enterprise_id,
            token: row.token_id,
            repository: row.repository_id,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
            data: serde_json::from_str(&row.data).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{Known, Phrase};

    const ACME: LogOf = LogOf::Organization(AccountId::new(3));

    fn chosen(log: LogOf, text: &str) -> Vec<Index> {
        let known = Known {
            accounts: [("ana".to_owned(), AccountId::new(1))].into(),
            repositories: [("acme/web".to_owned(), RepositoryId::new(6))].into(),
            tokens: std::collections::HashMap::new(),
        };
        let phrase = Phrase::parse(text).expect("it is read");
        choose(log, &Filter::of(&phrase, &known))
    }

    #[test]
    fn the_most_telling_term_chooses_the_index() {
        let (acme, ana, token) = (AccountId::new(3), AccountId::new(1), TokenId::new(9));
        let table = [
            (
                "",
                vec![Index::Owner(acme), Index::Groups(Place::Account(acme))],
            ),
            (
                "token_id:9 user:ana",
                vec![
                    Index::Token(token),
                    Index::ActorToken(token),
                    Index::Groups(Place::Token(token)),
                ],
            ),
            ("user:ana action:org", vec![Index::User(ana)]),
            (
                "actor:ana",
                vec![Index::Actor(ana), Index::Groups(Place::Account(ana))],
            ),
            (
                "action:repo.create",
                vec![Index::OwnerAction(acme, Action::RepositoryCreate)],
            ),
            ("action:api", vec![Index::Groups(Place::Account(acme))]),
        ];
        for (text, expected) in table {
            assert_eq!(chosen(ACME, text), expected, "{text}");
        }
    }

    #[test]
    fn an_enterprise_and_a_person_have_more_than_one_index() {
        let id = AccountId::new(4);
        assert_eq!(
            chosen(LogOf::Enterprise(id), "-action:api -action:git"),
            [Index::Enterprise(id), Index::Owner(id)]
        );
        assert_eq!(chosen(LogOf::Person(id), "").len(), 4);
    }
}
