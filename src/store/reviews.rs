//! What an owner reads beside a request or grant before deciding: what it adds, where it stands in the queue, and what
//! was decided before. Every statement is narrowed to one owner: nothing of other owners can come through.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::grants::CATALOG;
use super::listings::Place;
use super::{Db, Result};
use crate::domain::audit::Action;
use crate::domain::ids::{AccountId, RequestId, TokenId};
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;

/// One permission that a request asks for, beside what the grant gave when it was made.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Addition {
    /// Of which request.
    pub request_id: RequestId,
    /// The permission's published name.
    pub permission: String,
    /// The level held before.
    pub before: Option<Level>,
    /// The level asked for.
    pub asked: Level,
}

/// What these requests ask for beside what they had, by request.
pub async fn list_additions(
    db: &mut impl Db,
    requests: &[RequestId],
) -> Result<BTreeMap<RequestId, Vec<Addition>>> {
    let head =
        "SELECT request_id, permission, before, asked FROM request_permissions WHERE catalog =";
    let compose = Compose::new(head)
        .value(CATALOG)
        .then("AND request_id IN")
        .list(requests.iter().copied())
        .then("ORDER BY request_id, permission");
    let mut by_request = BTreeMap::<_, Vec<_>>::new();
    for addition in db.composed(compose).all::<Addition>().await? {
        by_request
            .entry(addition.request_id)
            .or_default()
            .push(addition);
    }
    Ok(by_request)
}

/// The first request that each of these people ever made at an owner.
pub async fn list_first_requests(
    db: &mut impl Db,
    owner: AccountId,
    users: &[AccountId],
) -> Result<BTreeMap<AccountId, RequestId>> {
    let head = "SELECT t.user_id, MIN(r.id) FROM requests r JOIN grants g ON g.id = r.grant_id \
                JOIN tokens t ON t.id = g.token_id WHERE r.owner_id =";
    let compose = Compose::new(head)
        .value(owner)
        .then("AND t.user_id IN")
        .list(users.iter().copied())
        .then("GROUP BY t.user_id");
    let rows: Vec<(AccountId, RequestId)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
}

/// Where a waiting request stands among those that wait at an owner, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// How many wait in all.
    pub waiting: i64,
    /// How many came before.
    pub before: i64,
    /// The one that came just before.
    pub previous: Option<RequestId>,
    /// The one that came just after.
    pub next: Option<RequestId>,
}

/// Where a place is in the queue of an owner; the place itself need not wait any more.
pub async fn find_queue_place(
    db: &mut impl Db,
    owner: AccountId,
    place: Place,
) -> Result<QueuePlace> {
    let (waiting, before): (i64, i64) = db
        .query(
            "SELECT COUNT(*), COUNT(CASE WHEN (created_at, id) < ($2, $3) THEN 1 END) FROM requests \
             WHERE owner_id = $1 AND state = 'pending'",
        )
        .bind(owner)
        .bind(place.at)
        .bind(place.id)
        .one()
        .await?;
    let previous = "SELECT id FROM requests WHERE owner_id = $1 AND state = 'pending' \
                    AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT 1";
    let next = "SELECT id FROM requests WHERE owner_id = $1 AND state = 'pending' \
                AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT 1";
    Ok(QueuePlace {
        waiting,
        before,
        previous: find_neighbour(db, previous, owner, place).await?,
        next: find_neighbour(db, next, owner, place).await?,
    })
}

async fn find_neighbour(
    db: &mut impl Db,
    statement: &'static str,
    owner: AccountId,
    place: Place,
) -> Result<Option<RequestId>> {
    let row: Option<(RequestId,)> = db
        .query(statement)
        .bind(owner)
        .bind(place.at)
        .bind(place.id)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// One thing that happened to a token's access at an owner.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Happening {
    /// Its number in the audit log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What, by its published name.
    pub action: String,
    /// The login of who did it; none for the server and the operator.
    pub actor: Option<String>,
    /// What did it: a person, a token, the operator, the server.
    pub actor_kind: String,
    /// The token.
    pub token_id: Option<TokenId>,
    /// Everything else, as JSON.
    pub data: String,
}

/// Whose history at an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOf {
    /// Of one token.
    Token(TokenId),
    /// Of every token of a person.
    User(AccountId),
}

/// What happened to access at an owner, newest first: asked, granted, denied, cancelled, revoked.
pub async fn list_history(
    db: &mut impl Db,
    owner: AccountId,
    of: HistoryOf,
    limit: i64,
) -> Result<Vec<Happening>> {
    let actions = [
        Action::RequestCreate,
        Action::RequestDeny,
        Action::RequestCancel,
        Action::AccessGrant,
        Action::AccessRevoke,
    ];
    let head = "SELECT e.seq, e.at, e.action, a.login AS actor, e.actor_kind,\
                e.token_id, e.data FROM audit_events e \
                LEFT JOIN accounts a ON a.id = e.actor_id WHERE e.owner_id =";
    let compose = Compose::new(head)
        .value(owner)
        .then("AND e.action IN")
        .list(actions.map(Action::as_str));
    let compose = match of {
        HistoryOf::Token(token) => compose.then("AND e.token_id =").value(token),
        HistoryOf::User(user) => compose.then("AND e.user_id =").value(user),
    };
    db.composed(compose.then("ORDER BY e.seq DESC LIMIT").value(limit))
        .all()
        .await
}

/// The requests that wait at one organization.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Waiting {
    /// The organization's login.
    pub login: String,
    /// Its name.
    pub name: String,
    /// How many wait.
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest_at: Timestamp,
}

/// What waits at the organizations that a user owns, longest waiting first; those where nothing waits are left out.
pub async fn list_waiting(db: &mut impl Db, user: AccountId) -> Result<Vec<Waiting>> {
    db.query(
        "SELECT o.login, o.name, COUNT(*) AS count, MIN(r.created_at) AS oldest_at FROM requests r \
         JOIN memberships m ON m.account_id = r.owner_id AND m.user_id = $1 AND m.role = 'owner' \
         JOIN accounts o ON o.id = r.owner_id WHERE r.state = 'pending' AND o.kind = 'organization' \
         AND o.deleted_at IS NULL GROUP BY o.id, o.login, o.name ORDER BY MIN(r.created_at), o.id",
    )
    .bind(user)
    .all()
    .await
}
