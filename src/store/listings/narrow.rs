//! Which part of a list is asked for, and in which order. Every combination is composed of constant fragments, so that
//! a filter that is off leaves no trace in the statement and each order finds its index.

use super::super::db::Compose;
use super::super::{Value, grants::CATALOG};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::names;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;

/// Which entries a list shows. Everything that is none does not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of these users, by login.
    pub users: Option<Vec<String>>,
    /// Of anybody but this user.
    pub others_than: Option<AccountId>,
    /// Of people whose login or name holds this.
    pub person: Option<String>,
    /// Of tokens whose name holds this.
    pub name: Option<String>,
    /// Naming this repository, or all.
    pub repository: Option<RepositoryId>,
    /// With this permission, at this level or a higher one.
    pub permission: Option<(String, Level)>,
    /// With any permission at this level or a higher one.
    pub level: Option<Level>,
    /// Asked, or let in, before.
    pub came_before: Option<Timestamp>,
    /// Asked, or let in, at this moment or after it.
    pub came_after: Option<Timestamp>,
    /// Last used before.
    pub used_before: Option<Timestamp>,
    /// Last used after.
    pub used_after: Option<Timestamp>,
    /// Not used since, although it was there: neither used nor let in at this moment or after it.
    pub unused_since: Option<Timestamp>,
    /// Of these tokens.
    pub tokens: Option<Vec<TokenId>>,
    /// Only the entry with this id.
    pub id: Option<i64>,
    /// Only the entries with these ids.
    pub ids: Option<Vec<i64>>,
    /// Only what comes after this place, in the order of the list: a page after another one.
    pub beyond: Option<Place>,
}

/// Where an entry stands in a list; entries of the same key stand by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the list is sorted by.
    pub key: Key,
    /// Its id.
    pub id: i64,
}

/// What a list is sorted by, of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A moment, in microseconds.
    Number(i64),
    /// A name, in lower case.
    Text(String),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Number(number) => number.into(),
            Key::Text(text) => text.into(),
        }
    }
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// When it was asked, or let in.
    At,
    /// The user's login.
    Person,
    /// The token's name.
    Token,
    /// When it was last used here; what never was comes before everything else.
    LastUsed,
    /// When its life ends; what never does comes after everything else.
    End,
}

impl SortBy {
    /// Whether its keys are texts.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Person | Self::Token)
    }
}

/// In which direction a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Oldest, or A, first.
    Ascending,
    /// Newest, or Z, first.
    #[default]
    Descending,
}

impl Direction {
    /// The other way round.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: SortBy,
    /// In which direction.
    pub direction: Direction,
}

impl Order {
    /// By age.
    pub const fn by_age(direction: Direction) -> Self {
        Self {
            by: SortBy::At,
            direction,
        }
    }

    /// The other way round.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            direction: self.direction.reversed(),
            ..self
        }
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// How many entries.
    pub limit: i64,
    /// After how many.
    pub offset: i64,
}

/// The fragments in which lists of requests and of grants differ.
pub(super) struct Parts {
    id: &'static str,
    at: &'static str,
    only: &'static str,
    only_these: &'static str,
    selection: &'static str,
    targets: &'static str,
    permissions: &'static str,
    level: &'static str,
    came_before: &'static str,
    came_after: &'static str,
}

impl Parts {
    pub(super) const REQUESTS: Self = Self {
        id: "r.id",
        at: "r.created_at",
        only: "AND r.id =",
        only_these: "AND r.id IN",
        selection: "AND (r.selection = 'all' OR EXISTS (",
        targets: "SELECT 1 FROM request_targets x WHERE x.request_id = r.id AND x.kind = 'repository' AND x.target_id =",
        permissions: "AND EXISTS (SELECT 1 FROM request_permissions p WHERE p.request_id = r.id AND p.catalog =",
        level: "AND p.asked IN",
        came_before: "AND r.created_at <",
        came_after: "AND r.created_at >=",
    };
    pub(super) const GRANTS: Self = Self {
        id: "g.id",
        at: "g.activated_at",
        only: "AND g.id =",
        only_these: "AND g.id IN",
        selection: "AND (g.selection = 'all' OR EXISTS (",
        targets: "SELECT 1 FROM grant_targets x WHERE x.grant_id = g.id AND x.kind = 'repository' AND x.target_id =",
        permissions: "AND EXISTS (SELECT 1 FROM grant_permissions p WHERE p.grant_id = g.id AND p.catalog =",
        level: "AND p.level IN",
        came_before: "AND g.activated_at <",
        came_after: "AND g.activated_at >=",
    };

    const fn key(&self, by: SortBy) -> &'static str {
        match by {
            SortBy::At => self.at,
            SortBy::Person => "u.login_key",
            SortBy::Token => "t.name_key",
            SortBy::LastUsed => "COALESCE(l.at, -1)",
            SortBy::End => "COALESCE(t.expires_at, 9223372036854775807)",
        }
    }
}

/// Adds what a filter says.
pub(super) fn narrow(compose: Compose, filter: &EntryFilter, parts: &Parts) -> Compose {
    let compose = compose
        .when(filter.id, |text, id| text.then(parts.only).value(id))
        .when(filter.ids.as_ref(), |text, ids| {
            text.then(parts.only_these).list(ids.iter().copied())
        })
        .when(filter.tokens.as_ref(), |text, tokens| {
            text.then("AND t.id IN").list(tokens.iter().copied())
        })
        .when(filter.repository, |text, repository| {
            text.then(parts.selection)
                .then(parts.targets)
                .value(repository)
                .then("))")
        })
        .when(filter.permission.as_ref(), |text, (slug, level)| {
            let text = text.then(parts.permissions).value(CATALOG);
            let text = text.then("AND p.permission =").value(slug);
            text.then(parts.level).list(at_least(*level)).then(")")
        })
        .when(filter.level, |text, level| {
            let text = text.then(parts.permissions).value(CATALOG);
            text.then(parts.level).list(at_least(level)).then(")")
        });
    in_time(with_names(compose, filter), filter, parts)
}

fn at_least(level: Level) -> impl Iterator<Item = Level> {
    Level::ALL
        .into_iter()
        .filter(move |offered| *offered >= level)
}

fn with_names(compose: Compose, filter: &EntryFilter) -> Compose {
    compose
        .when(filter.users.as_ref(), |text, users| {
            text.then("AND u.login_key IN")
                .list(users.iter().map(|login| names::key(login)))
        })
        .when(filter.others_than, |text, user| {
            text.then("AND u.id <>").value(user)
        })
        .when(filter.person.as_ref(), |text, person| {
            let pattern = pattern(person);
            text.then("AND (u.login_key LIKE")
                .value(pattern.clone())
                .then("ESCAPE '!' OR LOWER(u.name) LIKE")
                .value(pattern)
                .then("ESCAPE '!')")
        })
        .when(filter.name.as_ref(), |text, name| {
            text.then("AND t.name_key LIKE")
                .value(pattern(name))
                .then("ESCAPE '!'")
        })
}

/// Everything that holds this text, as `LIKE … ESCAPE '!'` has it.
fn pattern(text: &str) -> String {
    let escaped = names::key(text)
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

fn in_time(compose: Compose, filter: &EntryFilter, parts: &Parts) -> Compose {
    compose
        .when(filter.came_before, |text, at| {
            text.then(parts.came_before).value(at)
        })
        .when(filter.came_after, |text, at| {
            text.then(parts.came_after).value(at)
        })
        .when(filter.used_before, |text, at| {
            text.then("AND l.at <").value(at)
        })
        .when(filter.used_after, |text, at| {
            text.then("AND l.at >").value(at)
        })
        .when(filter.unused_since, |text, at| {
            text.then(parts.came_before)
                .value(at)
                .then("AND (l.at IS NULL OR l.at <")
                .value(at)
                .then(")")
        })
}

/// Adds that only what comes after a place is wanted.
pub(super) fn beyond(
    compose: Compose,
    place: Option<&Place>,
    order: Order,
    parts: &Parts,
) -> Compose {
    compose.when(place, |text, place| {
        let beyond = match order.direction {
            Direction::Ascending => ") >",
            Direction::Descending => ") <",
        };
        text.then("AND (")
            .then(parts.key(order.by))
            .then(",")
            .then(parts.id)
            .then(beyond)
            .list([Value::from(place.key.clone()), place.id.into()])
    })
}

/// Adds the order.
pub(super) fn sort(compose: Compose, order: Order, parts: &Parts) -> Compose {
    let direction = match order.direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    compose
        .then("ORDER BY")
        .then(parts.key(order.by))
        .then(direction)
        .then(",")
        .then(parts.id)
        .then(direction)
}
