//! Lists that join several tables, for pages and the API: requests that wait, grants that work.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::grants::CATALOG;
use super::{Db, Result};
use crate::domain::approval::GrantStanding;
use crate::domain::ids::{AccountId, GrantId, RepositoryId, RequestId, TokenId};
use crate::domain::permission::Level;
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;

/// What an owner may see of a token, its grant or request, and its user.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Entry {
    /// Of the request or grant.
    pub id: i64,
    /// The grant.
    pub grant_id: GrantId,
    /// The version of the grant.
    pub grant_rev: i64,
    /// The token.
    pub token_id: TokenId,
    /// Its name.
    pub token_name: String,
    /// What it is for.
    pub token_description: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// Its user.
    pub user_id: AccountId,
    /// The user's login.
    pub user_login: String,
    /// The user's name.
    pub user_name: String,
    /// What makes the owner choosable.
    pub relation: crate::domain::access::rights::Relation,
    /// The kind of its selection.
    pub selection: SelectionKind,
    /// Whether the token may rotate itself, or asks to.
    pub allows_rotation: bool,
    /// The justification of a request.
    pub reason: String,
    /// When the request was made, or the grant became active.
    pub at: Timestamp,
    /// When the token was last used at this owner.
    pub last_used_at: Option<Timestamp>,
}

impl Entry {
    /// The entry's id as that of a request.
    pub const fn request_id(&self) -> RequestId {
        RequestId::new(self.id)
    }

    /// Where it stands in a list.
    pub const fn place(&self) -> Place {
        Place {
            at: self.at,
            id: self.id,
        }
    }
}

/// Which entries a list shows. Everything that is none does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Of these users, by login.
    pub users: Option<Vec<String>>,
    /// Naming this repository, or all.
    pub repository: Option<RepositoryId>,
    /// With this permission, at this level or a higher one.
    pub permission: Option<(String, Level)>,
    /// Last used before.
    pub used_before: Option<Timestamp>,
    /// Last used after.
    pub used_after: Option<Timestamp>,
    /// Of these tokens.
    pub tokens: Option<Vec<TokenId>>,
    /// Only the entry with this id.
    pub id: Option<i64>,
    /// Only what comes after this place, in the direction of the list: a page after another one.
    pub beyond: Option<Place>,
}

/// Where an entry stands in a list; entries of the same moment stand by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The moment of the entry.
    pub at: Timestamp,
    /// Its id.
    pub id: i64,
}

/// Oldest or newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Oldest first.
    Ascending,
    /// Newest first.
    #[default]
    Descending,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// How many entries.
    pub limit: i64,
    /// After how many.
    pub offset: i64,
}

const REQUESTS: &str = "\
SELECT r.id, g.id AS grant_id, g.rev AS grant_rev, t.id AS token_id, t.name AS token_name,
       t.description AS token_description, t.starts_at, t.expires_at, u.id AS user_id, u.login AS user_login,
       u.name AS user_name, g.relation, r.selection,
       r.terms_rotation AS allows_rotation, r.reason, r.created_at AS at, l.at AS last_used_at
FROM requests r JOIN grants g ON g.id = r.grant_id JOIN tokens t ON t.id = g.token_id
JOIN accounts u ON u.id = t.user_id
LEFT JOIN last_uses l ON l.token_id = t.id AND l.owner_id = r.owner_id
WHERE r.state = 'pending' AND r.owner_id =";

const GRANTS: &str = "\
SELECT g.id, g.id AS grant_id, g.rev AS grant_rev, t.id AS token_id, t.name AS token_name,
       t.description AS token_description, t.starts_at, t.expires_at, u.id AS user_id, u.login AS user_login,
       u.name AS user_name, g.relation, g.selection,
       g.terms_rotation AS allows_rotation, '' AS reason, g.activated_at AS at, l.at AS last_used_at
FROM grants g JOIN tokens t ON t.id = g.token_id JOIN accounts u ON u.id = t.user_id
LEFT JOIN last_uses l ON l.token_id = t.id AND l.owner_id = g.owner_id
WHERE g.state = 'active' AND t.state = 'live' AND g.owner_id =";

/// The requests that wait at an owner.
pub async fn list_requests(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    direction: Direction,
    page: Page,
) -> Result<Vec<Entry>> {
    let compose = narrow(
        Compose::new(REQUESTS).value(owner),
        filter,
        &Parts::REQUESTS,
    )
    .when(filter.beyond, |text, place| {
        let beyond = match direction {
            Direction::Ascending => "AND (r.created_at, r.id) >",
            Direction::Descending => "AND (r.created_at, r.id) <",
        };
        text.then(beyond).list([place.at.as_micros(), place.id])
    });
    let order = match direction {
        Direction::Ascending => "ORDER BY r.created_at, r.id LIMIT",
        Direction::Descending => "ORDER BY r.created_at DESC, r.id DESC LIMIT",
    };
    db.composed(
        compose
            .then(order)
            .value(page.limit)
            .then("OFFSET")
            .value(page.offset),
    )
    .all()
    .await
}

/// The grants that work at an owner.
pub async fn list_grants(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    direction: Direction,
    page: Page,
) -> Result<Vec<Entry>> {
    let compose = narrow(Compose::new(GRANTS).value(owner), filter, &Parts::GRANTS).when(
        filter.beyond,
        |text, place| {
            let beyond = match direction {
                Direction::Ascending => "AND (g.activated_at, g.id) >",
                Direction::Descending => "AND (g.activated_at, g.id) <",
            };
            text.then(beyond).list([place.at.as_micros(), place.id])
        },
    );
    let order = match direction {
        Direction::Ascending => "ORDER BY g.activated_at, g.id LIMIT",
        Direction::Descending => "ORDER BY g.activated_at DESC, g.id DESC LIMIT",
    };
    db.composed(
        compose
            .then(order)
            .value(page.limit)
            .then("OFFSET")
            .value(page.offset),
    )
    .all()
    .await
}

/// How many grants work at an owner.
pub async fn count_grants(db: &mut impl Db, owner: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM grants g JOIN tokens t ON t.id = g.token_id \
         WHERE g.owner_id = $1 AND g.state = 'active' AND t.state = 'live'",
    )
    .bind(owner)
    .number()
    .await
}

/// The fragments in which lists of requests and of grants differ.
struct Parts {
    id: &'static str,
    selection: &'static str,
    targets: &'static str,
    permissions: &'static str,
    level: &'static str,
}

impl Parts {
    const REQUESTS: Self = Self {
        id: "AND r.id =",
        selection: "AND (r.selection = 'all' OR EXISTS (",
        targets: "SELECT 1 FROM request_targets x WHERE x.request_id = r.id AND x.kind = 'repository' AND x.target_id =",
        permissions: "AND EXISTS (SELECT 1 FROM request_permissions p WHERE p.request_id = r.id AND p.permission =",
        level: "AND p.asked IN",
    };
    const GRANTS: Self = Self {
        id: "AND g.id =",
        selection: "AND (g.selection = 'all' OR EXISTS (",
        targets: "SELECT 1 FROM grant_targets x WHERE x.grant_id = g.id AND x.kind = 'repository' AND x.target_id =",
        permissions: "AND EXISTS (SELECT 1 FROM grant_permissions p WHERE p.grant_id = g.id AND p.permission =",
        level: "AND p.level IN",
    };
}

fn narrow(compose: Compose, filter: &EntryFilter, parts: &Parts) -> Compose {
    compose
        .when(filter.id, |text, id| text.then(parts.id).value(id))
        .when(filter.users.as_ref(), |text, users| {
            text.then("AND u.login_key IN")
                .list(users.iter().map(|login| crate::domain::names::key(login)))
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
            let levels = Level::ALL.into_iter().filter(|offered| offered >= level);
            text.then(parts.permissions)
                .value(slug)
                .then(parts.level)
                .list(levels)
                .then(")")
        })
        .when(filter.used_before, |text, at| {
            text.then("AND l.at <").value(at)
        })
        .when(filter.used_after, |text, at| {
            text.then("AND l.at >").value(at)
        })
}

/// Permissions of several requests or grants by id, each by its published name.
pub type PermissionsById = BTreeMap<i64, Vec<(String, Level)>>;

/// What these requests ask for.
pub async fn permissions_of_requests(db: &mut impl Db, ids: &[i64]) -> Result<PermissionsById> {
    let head = "SELECT request_id, permission, asked FROM request_permissions WHERE catalog =";
    permissions(
        db,
        Compose::new(head)
            .value(CATALOG)
            .then("AND request_id IN")
            .list(ids.iter().copied()),
    )
    .await
}

/// What these grants give.
pub async fn permissions_of_grants(db: &mut impl Db, ids: &[i64]) -> Result<PermissionsById> {
    let head = "SELECT grant_id, permission, level FROM grant_permissions WHERE catalog =";
    permissions(
        db,
        Compose::new(head)
            .value(CATALOG)
            .then("AND grant_id IN")
            .list(ids.iter().copied()),
    )
    .await
}

async fn permissions(db: &mut impl Db, compose: Compose) -> Result<PermissionsById> {
    let rows: Vec<(i64, String, Level)> = db.composed(compose).all().await?;
    let mut by_id = PermissionsById::new();
    for (id, slug, level) in rows {
        by_id.entry(id).or_default().push((slug, level));
    }
    Ok(by_id)
}

/// The names of the repositories that several requests or grants list, by id.
pub type RepositoriesById = BTreeMap<i64, Vec<String>>;

/// The repositories that these requests list.
pub async fn repositories_of_requests(db: &mut impl Db, ids: &[i64]) -> Result<RepositoriesById> {
    let head = "SELECT x.request_id, p.name FROM request_targets x JOIN repositories p ON p.id = x.target_id \
                WHERE x.kind = 'repository' AND p.deleted_at IS NULL AND x.request_id IN";
    repositories(db, Compose::new(head).list(ids.iter().copied())).await
}

/// The repositories that these grants list.
pub async fn repositories_of_grants(db: &mut impl Db, ids: &[i64]) -> Result<RepositoriesById> {
    let head = "SELECT x.grant_id, p.name FROM grant_targets x JOIN repositories p ON p.id = x.target_id \
                WHERE x.kind = 'repository' AND p.deleted_at IS NULL AND x.grant_id IN";
    repositories(db, Compose::new(head).list(ids.iter().copied())).await
}

async fn repositories(db: &mut impl Db, compose: Compose) -> Result<RepositoriesById> {
    let rows: Vec<(i64, String)> = db
        .composed(compose.then("ORDER BY p.name_key"))
        .all()
        .await?;
    let mut by_id = RepositoriesById::new();
    for (id, name) in rows {
        by_id.entry(id).or_default().push(name);
    }
    Ok(by_id)
}

/// A grant of one of a user's tokens, as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnGrant {
    /// Which.
    pub id: GrantId,
    /// Of which token.
    pub token_id: TokenId,
    /// At whom.
    pub owner_id: AccountId,
    /// The owner's login.
    pub owner_login: String,
    /// The state of the grant.
    pub state: crate::domain::approval::GrantState,
    /// The state of its latest request.
    pub request_state: Option<crate::domain::approval::RequestState>,
    /// The kind of its selection, or of the one asked for.
    pub selection: SelectionKind,
    /// How many repositories it lists.
    pub listed: i64,
    /// The reason of the latest decision.
    pub reason: String,
}

impl OwnGrant {
    /// How it stands.
    pub fn standing(&self) -> GrantStanding {
        GrantStanding::of(self.state, self.request_state)
    }
}

/// Every grant of a user's live tokens, by token and owner.
pub async fn list_own_grants(db: &mut impl Db, user: AccountId) -> Result<Vec<OwnGrant>> {
    db.query(
        "SELECT g.id, g.token_id, g.owner_id, o.login AS owner_login, g.state, r.state AS request_state, \
         CASE WHEN g.state = 'none' THEN COALESCE(r.selection, g.selection) ELSE g.selection END AS selection, \
         CASE WHEN g.state = 'none' THEN (SELECT COUNT(*) FROM request_targets x WHERE x.request_id = r.id) \
         ELSE (SELECT COUNT(*) FROM grant_targets x WHERE x.grant_id = g.id) END AS listed, \
         CASE WHEN g.state = 'revoked' THEN g.reason ELSE COALESCE(r.decision_reason, '') END AS reason \
         FROM grants g JOIN tokens t ON t.id = g.token_id JOIN accounts o ON o.id = g.owner_id \
         LEFT JOIN requests r ON r.id = (SELECT MAX(l.id) FROM requests l WHERE l.grant_id = g.id) \
         WHERE t.user_id = $1 AND t.state = 'live' ORDER BY g.token_id, o.login_key",
    )
    .bind(user)
    .all()
    .await
}

/// The levels that a user's live tokens hold, by grant; of a grant that never worked, those asked for last.
pub async fn list_own_levels(db: &mut impl Db, user: AccountId) -> Result<Vec<(GrantId, Level)>> {
    db.query(
        "SELECT g.id, p.level FROM grants g JOIN tokens t ON t.id = g.token_id \
         JOIN grant_permissions p ON p.grant_id = g.id WHERE t.user_id = $1 AND t.state = 'live' \
         UNION SELECT g.id, q.asked FROM grants g JOIN tokens t ON t.id = g.token_id JOIN request_permissions q \
         ON q.request_id = (SELECT MAX(r.id) FROM requests r WHERE r.grant_id = g.id) \
         WHERE t.user_id = $1 AND t.state = 'live' AND g.state = 'none'",
    )
    .bind(user)
    .all()
    .await
}
