//! What an owner reads beside a request or grant before deciding: what it adds, where it stands in the queue, and what
//! was decided before. Every statement is narrowed to one owner: nothing of other owners can come through.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::db::Compose;
use super::grants::CATALOG;
use super::listings::{self, Entry, EntryFilter, Order, Page, Place};
use super::{Db, Result};
use crate::domain::account::AccountKind;
use crate::domain::audit::Action;
use crate::domain::ids::{AccountId, RepositoryId, RequestId, TokenId};
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
    /// The level granted, once it was approved.
    pub granted: Option<Level>,
}

/// What these requests ask for beside what they had, by request.
pub async fn list_additions(
    db: &mut impl Db,
    requests: &[RequestId],
) -> Result<BTreeMap<RequestId, Vec<Addition>>> {
    let head = "SELECT request_id, permission, before, asked, granted FROM request_permissions WHERE catalog =";
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

/// The repositories that a request named and that were not granted.
pub async fn list_dropped_repositories(
    db: &mut impl Db,
    request: RequestId,
) -> Result<Vec<RepositoryId>> {
    let rows: Vec<(RepositoryId,)> = db
        .query(
            "SELECT target_id FROM request_targets WHERE request_id = $1 AND kind = 'repository' \
             AND outcome = 'dropped' ORDER BY target_id",
        )
        .bind(request)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The repositories of an owner with these names in lower case, by name.
pub async fn list_repositories_named(
    db: &mut impl Db,
    owner: AccountId,
    names: &[String],
) -> Result<BTreeMap<String, RepositoryId>> {
    let head = "SELECT name_key, id FROM repositories WHERE deleted_at IS NULL AND owner_id =";
    let compose = Compose::new(head)
        .value(owner)
        .then("AND name_key IN")
        .list(names.iter().map(String::as_str));
    let rows: Vec<(String, RepositoryId)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
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

/// Where a waiting request stands in a list of those that wait at an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// How many wait in all.
    pub waiting: i64,
    /// How many stand before it.
    pub before: i64,
    /// The one that stands just before.
    pub previous: Option<RequestId>,
    /// The one that stands just after.
    pub next: Option<RequestId>,
}

/// Where a place is in the queue of an owner, under a filter and in an order; what stands there need not wait any more.
pub async fn find_queue_place(
    db: &mut impl Db,
    owner: AccountId,
    filter: &EntryFilter,
    order: Order,
    place: &Place,
) -> Result<QueuePlace> {
    let beyond = EntryFilter {
        beyond: Some(place.clone()),
        ..filter.clone()
    };
    let back = order.reversed();
    Ok(QueuePlace {
        waiting: listings::count_requests(db, owner, filter, order).await?,
        before: listings::count_requests(db, owner, &beyond, back).await?,
        previous: find_neighbour(db, owner, &beyond, back).await?,
        next: find_neighbour(db, owner, &beyond, order).await?,
    })
}

async fn find_neighbour(
    db: &mut impl Db,
    owner: AccountId,
    beyond: &EntryFilter,
    order: Order,
) -> Result<Option<RequestId>> {
    let one = Page {
        limit: 1,
        offset: 0,
    };
    let found = listings::list_requests(db, owner, beyond, order, one).await?;
    Ok(found.first().map(Entry::request_id))
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
    /// Of every token of a person but one.
    OtherTokens(AccountId, TokenId),
}

/// What happened to access at an owner, newest first: asked, granted, denied, cancelled, revoked, exempted, blocked.
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
        Action::AccessUpdate,
        Action::AccessRevoke,
        Action::ExemptionGive,
        Action::ExemptionEnd,
        Action::TokenBlock,
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
        HistoryOf::OtherTokens(user, token) => compose
            .then("AND e.user_id =")
            .value(user)
            .then("AND e.token_id <>")
            .value(token),
    };
    db.composed(
        compose
            .then("ORDER BY e.at DESC, e.seq DESC LIMIT")
            .value(limit),
    )
    .all()
    .await
}

/// The requests that wait for one person at one account.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Waiting {
    /// What the account is: an organization, or the person's own.
    pub kind: AccountKind,
    /// The account's login.
    pub login: String,
    /// Its name.
    pub name: String,
    /// How many wait.
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest_at: Timestamp,
}

/// What waits at a user's own account and at the organizations that the user owns, longest waiting first; those where
/// nothing waits are left out.
pub async fn list_waiting(db: &mut impl Db, user: AccountId) -> Result<Vec<Waiting>> {
    db.query(
        "SELECT o.kind, o.login, o.name, COUNT(*) AS count, MIN(r.created_at) AS oldest_at FROM requests r \
         JOIN accounts o ON o.id = r.owner_id WHERE r.state = 'pending' AND o.deleted_at IS NULL \
         AND r.owner_id IN (SELECT CAST($1 AS BIGINT) UNION ALL \
         SELECT m.account_id FROM memberships m WHERE m.user_id = $1 AND m.role = 'owner') \
         GROUP BY o.id, o.kind, o.login, o.name ORDER BY MIN(r.created_at), o.id",
    )
    .bind(user)
    .all()
    .await
}

/// Whether other people's tokens can be a matter of a user's own account: somebody collaborates on its repositories,
/// or asked for something once.
pub async fn has_reviews(db: &mut impl Db, user: AccountId) -> Result<bool> {
    db.query(
        "SELECT g.id FROM grants g WHERE g.owner_id = $1 AND g.relation = 'collaborator' \
         UNION ALL SELECT r.id FROM repositories r JOIN collaborators c ON c.repository_id = r.id \
         WHERE r.owner_id = $1 AND r.deleted_at IS NULL LIMIT 1",
    )
    .bind(user)
    .found()
    .await
}

/// The permissions that tokens used at an owner since a day, by token: each by its published name.
pub async fn list_used_permissions(
    db: &mut impl Db,
    owner: AccountId,
    tokens: &[TokenId],
    since_day: i64,
) -> Result<BTreeMap<TokenId, BTreeSet<String>>> {
    let head = "SELECT DISTINCT token_id, permission FROM use_days WHERE allowed > 0 AND permission <> '' AND owner_id =";
    let compose = Compose::new(head)
        .value(owner)
        .then("AND catalog =")
        .value(CATALOG)
        .then("AND day >=")
        .value(since_day)
        .then("AND token_id IN")
        .list(tokens.iter().copied());
    let mut by_token = BTreeMap::<_, BTreeSet<_>>::new();
    for (token, slug) in db.composed(compose).all::<(TokenId, String)>().await? {
        by_token.entry(token).or_default().insert(slug);
    }
    Ok(by_token)
}
