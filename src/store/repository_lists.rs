//! Lists of repositories: narrowed, sorted and cut by the database, so that ten thousand are as quick as ten.

use super::db::Compose;
use super::listings::Page;
use super::reach::like;
use super::repositories::{COLUMNS, Repository};
use super::{Db, Result};
use crate::domain::access::rights::Visibility;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::time::Timestamp;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Owner, then name.
    Name,
    /// When it was created.
    Created,
    /// When it last changed.
    Updated,
}

/// In which order a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: SortBy,
    /// Z to A, newest to oldest.
    pub is_descending: bool,
}

impl Order {
    /// The same list read backwards.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            is_descending: !self.is_descending,
            ..self
        }
    }

    const fn clause(self) -> &'static str {
        match (self.by, self.is_descending) {
            (SortBy::Name, false) => "ORDER BY o.login_key, r.name_key LIMIT",
            (SortBy::Name, true) => "ORDER BY o.login_key DESC, r.name_key DESC LIMIT",
            (SortBy::Created, false) => "ORDER BY r.created_at, r.id LIMIT",
            (SortBy::Created, true) => "ORDER BY r.created_at DESC, r.id DESC LIMIT",
            (SortBy::Updated, false) => "ORDER BY r.updated_at, r.id LIMIT",
            (SortBy::Updated, true) => "ORDER BY r.updated_at DESC, r.id DESC LIMIT",
        }
    }

    /// The same within one owner, for whom an index holds the order.
    const fn clause_of_owner(self) -> &'static str {
        match (self.by, self.is_descending) {
            (SortBy::Name, false) => "ORDER BY r.name_key LIMIT",
            (SortBy::Name, true) => "ORDER BY r.name_key DESC LIMIT",
            _ => self.clause(),
        }
    }
}

/// A place in a list of one owner's repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At this name, in lists by name.
    Name(String),
    /// At this moment and id, in lists by time.
    Moment(Timestamp, i64),
}

/// Which of an owner's repositories a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose name holds this text; all where it is empty.
    pub search: String,
    /// That these people can read.
    pub visibility: Option<Visibility>,
}

/// An owner's repositories beyond a place: one page of `limit`.
pub async fn list_of_owner(
    db: &mut impl Db,
    owner: AccountId,
    filter: &Filter,
    order: Order,
    beyond: Option<&Place>,
    limit: i64,
) -> Result<Vec<Repository>> {
    let compose = narrow(Compose::new(COLUMNS), owner, filter).when(beyond, |text, place| {
        match (place, order.is_descending) {
            (Place::Name(name), false) => text.then("AND r.name_key >").value(name),
            (Place::Name(name), true) => text.then("AND r.name_key <").value(name),
            (Place::Moment(at, id), is_descending) => {
                let beyond = match (order.by, is_descending) {
                    (SortBy::Created, false) => "AND (r.created_at, r.id) >",
                    (SortBy::Created, true) => "AND (r.created_at, r.id) <",
                    (_, false) => "AND (r.updated_at, r.id) >",
                    (_, true) => "AND (r.updated_at, r.id) <",
                };
                text.then(beyond).list([at.as_micros(), *id])
            }
        }
    });
    db.composed(compose.then(order.clause_of_owner()).value(limit))
        .all()
        .await
}

/// How many repositories of an owner a filter finds.
pub async fn count_of_owner(db: &mut impl Db, owner: AccountId, filter: &Filter) -> Result<i64> {
    let compose = Compose::new("SELECT COUNT(*) FROM repositories r");
    db.composed(narrow(compose, owner, filter)).number().await
}

fn narrow(compose: Compose, owner: AccountId, filter: &Filter) -> Compose {
    compose
        .then("WHERE r.deleted_at IS NULL AND r.owner_id =")
        .value(owner)
        .when(filter.visibility, |text, visibility| {
            text.then("AND r.visibility =").value(visibility)
        })
        .when(like(&filter.search), |text, pattern| {
            text.then("AND r.name_key LIKE")
                .value(pattern)
                .then("ESCAPE '!'")
        })
}

/// Which repositories of one owner somebody sees by their visibility alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The owner.
    pub owner: AccountId,
    /// What can be seen there.
    pub visibilities: Vec<Visibility>,
}

/// Which repositories somebody sees: by owner and visibility, but for those that were looked at one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Where all of it belongs to one owner.
    pub owner: Option<AccountId>,
    /// What is seen at each owner.
    pub sights: Vec<Sight>,
    /// Looked at one by one and seen.
    pub shown: Vec<RepositoryId>,
    /// Looked at one by one and not seen.
    pub hidden: Vec<RepositoryId>,
}

/// One page of what is seen.
pub async fn list_seen(
    db: &mut impl Db,
    seen: &Seen,
    order: Order,
    page: Page,
) -> Result<Vec<Repository>> {
    let clause = match seen.owner {
        Some(_) => order.clause_of_owner(),
        None => order.clause(),
    };
    let compose = see(Compose::new(COLUMNS), seen)
        .then(clause)
        .value(page.limit)
        .then("OFFSET")
        .value(page.offset);
    db.composed(compose).all().await
}

/// How many repositories are seen.
pub async fn count_seen(db: &mut impl Db, seen: &Seen) -> Result<i64> {
    let compose = see(Compose::new("SELECT COUNT(*) FROM repositories r"), seen);
    db.composed(compose).number().await
}

fn see(compose: Compose, seen: &Seen) -> Compose {
    let mut compose = compose
        .then("WHERE r.deleted_at IS NULL")
        // Without it no index would hold the order.
        .when(seen.owner, |text, owner| {
            text.then("AND r.owner_id =").value(owner)
        })
        .then("AND (r.id IN")
        .list(seen.shown.iter().copied());
    let apart: Vec<_> = seen.shown.iter().chain(&seen.hidden).copied().collect();
    for sight in &seen.sights {
        compose = compose
            .then("OR r.owner_id =")
            .value(sight.owner)
            .then("AND r.visibility IN")
            .list(sight.visibilities.iter().copied());
        if !apart.is_empty() {
            compose = compose.then("AND r.id NOT IN").list(apart.iter().copied());
        }
    }
    compose.then(")")
}
