//! Lists that join several tables, for pages and the API: requests that wait, grants that work.

mod narrow;

use std::collections::BTreeMap;

use narrow::Parts;
use sqlx::FromRow;

use super::db::Compose;
use super::grants::CATALOG;
use super::{Db, Result};
use crate::domain::approval::GrantStanding;
use crate::domain::ids::{AccountId, GrantId, RequestId, TokenId};
use crate::domain::names;
use crate::domain::permission::Level;
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;

pub use narrow::{Direction, EntryFilter, Key, Order, Page, Place, SortBy};

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

    /// Where it stands in a list that is sorted by this.
    pub fn place(&self, by: SortBy) -> Place {
        let key = match by {
            SortBy::At => Key::Number(self.at.as_micros()),
            SortBy::Person => Key::Text(names::key(&self.user_login)),
            SortBy::Token => Key::Text(names::key(&self.token_name)),
            SortBy::LastUsed => Key::Number(self.last_used_at.map_or(-1, Timestamp::as_micros)),
            SortBy::End => Key::Number(self.expires_at.map_or(i64::MAX, Timestamp::as_micros)),
        };
        Place { key, id: self.id }
    }
}

/// The requests that wait at an owner.
pub async fn list_requests(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    order: Order,
    page: Page,
) -> Result<Vec<Entry>> {
    list(db, REQUESTS, owner, filter, order, page, &Parts::REQUESTS).await
}

/// The grants that work at an owner.
pub async fn list_grants(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    order: Order,
    page: Page,
) -> Result<Vec<Entry>> {
    list(db, GRANTS, owner, filter, order, page, &Parts::GRANTS).await
}

async fn list(
    db: &mut impl Db,
    head: &'static str,
    owner: AccountId,
    filter: &EntryFilter,
    order: Order,
    page: Page,
    parts: &Parts,
) -> Result<Vec<Entry>> {
    let compose = narrow::narrow(Compose::new(head).value(owner), filter, parts);
    let compose = narrow::beyond(compose, filter.beyond.as_ref(), order, parts);
    let compose = narrow::sort(compose, order, parts)
        .then("LIMIT")
        .value(page.limit)
        .then("OFFSET")
        .value(page.offset);
    db.composed(compose).all().await
}

/// How many requests that pass a filter wait at an owner; of those beyond a place only, where the filter has one.
pub async fn count_requests(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    order: Order,
) -> Result<i64> {
    let (head, parts) = (COUNT_REQUESTS, &Parts::REQUESTS);
    let compose = narrow::narrow(Compose::new(head).value(owner), filter, parts);
    let compose = narrow::beyond(compose, filter.beyond.as_ref(), order, parts);
    db.composed(compose).number().await
}

/// How many grants that pass a filter work at an owner.
pub async fn count_grants(db: &mut impl Db, owner: AccountId, filter: &EntryFilter) -> Result<i64> {
    let compose = Compose::new(COUNT_GRANTS).value(owner);
    let compose = narrow::narrow(compose, filter, &Parts::GRANTS);
    db.composed(compose).number().await
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

const COUNT_REQUESTS: &str = "\
SELECT COUNT(*) FROM requests r JOIN grants g ON g.id = r.grant_id JOIN tokens t ON t.id = g.token_id
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

const COUNT_GRANTS: &str = "\
SELECT COUNT(*) FROM grants g JOIN tokens t ON t.id = g.token_id JOIN accounts u ON u.id = t.user_id
LEFT JOIN last_uses l ON l.token_id = t.id AND l.owner_id = g.owner_id
WHERE g.state = 'active' AND t.state = 'live' AND g.owner_id =";

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
