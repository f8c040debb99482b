//! Requests: wishes for grants, kept apart from the grants themselves.

use sqlx::FromRow;

use super::db::Compose;
use super::grants::{CATALOG, lifetime, lifetime_micros};
use super::{Db, Result, Statement, tokens};
use crate::domain::approval::{Ask, Cause, RequestState, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, GrantId, RepositoryId, RequestId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::ConditionKind;

/// A request without what it asks for: see [`load_ask`].
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// For which grant.
    pub grant_id: GrantId,
    /// Of whom.
    pub owner_id: AccountId,
    /// The version of the grant that it was made against.
    pub grant_rev: i64,
    /// Why it exists.
    pub cause: Cause,
    /// Its state.
    pub state: RequestState,
    /// The kind of the selection asked for.
    pub selection: SelectionKind,
    /// The life asked for, in microseconds; none: unlimited.
    pub terms_lifetime: Option<i64>,
    /// Whether the token would rotate itself.
    pub terms_rotation: bool,
    /// The justification.
    pub reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub decision_reason: String,
}

const COLUMNS: &str = "SELECT id, grant_id, owner_id, grant_rev, cause, state, selection, terms_lifetime, \
     terms_rotation, reason, created_at, decided_by, decided_at, decision_reason FROM requests";

/// The request with this id.
pub async fn find(db: &mut impl Db, id: RequestId) -> Result<Option<Request>> {
    db.query(Statement::join(&[COLUMNS, "WHERE id = $1"]))
        .bind(id)
        .optional()
        .await
}

/// The requests with these ids, by id.
pub async fn list_by_ids(db: &mut impl Db, ids: &[RequestId]) -> Result<Vec<Request>> {
    let compose = Compose::new(COLUMNS)
        .then("WHERE id IN")
        .list(ids.iter().copied())
        .then("ORDER BY id");
    db.composed(compose).all().await
}

/// The requests that wait for these grants, by id.
pub async fn list_pending_of(db: &mut impl Db, grants: &[GrantId]) -> Result<Vec<Request>> {
    let compose = Compose::new(COLUMNS)
        .then("WHERE state = 'pending' AND grant_id IN")
        .list(grants.iter().copied())
        .then("ORDER BY id");
    db.composed(compose).all().await
}

/// Every request for a grant, oldest first.
pub async fn list_of_grant(db: &mut impl Db, grant: GrantId) -> Result<Vec<Request>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE grant_id = $1 ORDER BY id",
    ]))
    .bind(grant)
    .all()
    .await
}

/// What a request asks for, whole.
pub async fn load_ask(db: &mut impl Db, catalog: &Catalog, request: &Request) -> Result<Ask> {
    let permissions: Vec<(String, Level)> = db
        .query("SELECT permission, asked FROM request_permissions WHERE request_id = $1 AND catalog = $2")
        .bind(request.id)
        .bind(CATALOG)
        .all()
        .await?;
    let targets: Vec<(RepositoryId,)> = db
        .query(
            "SELECT target_id FROM request_targets WHERE request_id = $1 AND kind = 'repository'",
        )
        .bind(request.id)
        .all()
        .await?;
    let conditions: Vec<(ConditionKind, String)> = db
        .query("SELECT kind, pattern FROM request_conditions WHERE request_id = $1")
        .bind(request.id)
        .all()
        .await?;
    Ok(Ask {
        selection: Selection::from_parts(
            request.selection,
            targets.into_iter().map(|row| row.0).collect(),
        ),
        permissions: super::grants::permission_set(catalog, &permissions),
        terms: Terms {
            lifetime: lifetime(request.terms_lifetime),
            allows_rotation: request.terms_rotation,
            conditions: tokens::read_conditions(conditions),
        },
    })
}

/// A new request, as an insert needs it.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// For which grant.
    pub grant: GrantId,
    /// The version of that grant now.
    pub grant_rev: i64,
    /// Of whom.
    pub owner: AccountId,
    /// Why it exists.
    pub cause: Cause,
    /// What is asked for, whole.
    pub ask: &'a Ask,
    /// What the grant gives already.
    pub before: &'a PermissionSet,
    /// The justification.
    pub reason: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Enters a pending request and gives its id.
pub async fn insert(
    db: &mut impl Db,
    catalog: &Catalog,
    new: &NewRequest<'_>,
) -> Result<RequestId> {
    let id = db
        .query(
            "INSERT INTO requests (grant_id, owner_id, grant_rev, cause, state, selection, terms_lifetime, \
             terms_rotation, reason, created_at, decision_reason) \
             VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, '') RETURNING id",
        )
        .bind(new.grant)
        .bind(new.owner)
        .bind(new.grant_rev)
        .bind(new.cause)
        .bind(new.ask.selection.kind())
        .bind(lifetime_micros(new.ask.terms.lifetime))
        .bind(new.ask.terms.allows_rotation)
        .bind(new.reason)
        .bind(new.at)
        .number()
        .await?;
    let id = RequestId::new(id);
    insert_parts(db, catalog, id, new).await?;
    Ok(id)
}

async fn insert_parts(
    db: &mut impl Db,
    catalog: &Catalog,
    id: RequestId,
    new: &NewRequest<'_>,
) -> Result<()> {
    let permissions: Vec<_> = new.ask.permissions.iter().collect();
    if !permissions.is_empty() {
        let insert = "INSERT INTO request_permissions (request_id, catalog, permission, before, asked) VALUES";
        let mut query = db.query(Statement::rows(insert, 5, permissions.len(), ""));
        for (permission, level) in permissions {
            let slug = catalog.permission(permission).slug.as_str();
            query = query
                .bind(id)
                .bind(CATALOG)
                .bind(slug)
                .bind(new.before.level_of(permission))
                .bind(level);
        }
        query.execute().await?;
    }
    let targets: Vec<_> = new.ask.selection.listed().collect();
    if !targets.is_empty() {
        let insert = "INSERT INTO request_targets (request_id, kind, target_id, outcome) VALUES";
        let mut query = db.query(Statement::rows(insert, 4, targets.len(), ""));
        for target in targets {
            query = query.bind(id).bind("repository").bind(target).bind("asked");
        }
        query.execute().await?;
    }
    for (kind, pattern) in tokens::condition_rows(&new.ask.terms.conditions) {
        db.query("INSERT INTO request_conditions (request_id, kind, pattern) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(kind)
            .bind(pattern)
            .execute()
            .await?;
    }
    Ok(())
}

/// Moves a pending request to its end. False when somebody else was first.
pub async fn decide(
    db: &mut impl Db,
    id: RequestId,
    state: RequestState,
    by: Option<AccountId>,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE requests SET state = $1, decided_by = $2, decided_at = $3, decision_reason = $4 \
         WHERE id = $5 AND state = 'pending' RETURNING id",
    )
    .bind(state)
    .bind(by)
    .bind(now)
    .bind(reason)
    .bind(id)
    .found()
    .await
}

/// The pending request for a grant.
pub async fn find_pending(db: &mut impl Db, grant: GrantId) -> Result<Option<Request>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE grant_id = $1 AND state = 'pending'",
    ]))
    .bind(grant)
    .optional()
    .await
}

/// The last request for a grant, whatever became of it.
pub async fn find_latest(db: &mut impl Db, grant: GrantId) -> Result<Option<Request>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE grant_id = $1 ORDER BY id DESC LIMIT 1",
    ]))
    .bind(grant)
    .optional()
    .await
}

/// What an owner said last about a grant: approved or denied. None while nobody has decided anything.
pub async fn find_last_word(db: &mut impl Db, grant: GrantId) -> Result<Option<RequestState>> {
    let row: Option<(RequestState,)> = db
        .query(
            "SELECT state FROM requests WHERE grant_id = $1 AND state IN ('approved', 'denied') \
             ORDER BY id DESC LIMIT 1",
        )
        .bind(grant)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// How many requests wait at an owner, and since when the oldest does.
pub async fn count_pending(db: &mut impl Db, owner: AccountId) -> Result<(i64, Option<Timestamp>)> {
    db.query(
        "SELECT COUNT(*), MIN(created_at) FROM requests WHERE owner_id = $1 AND state = 'pending'",
    )
    .bind(owner)
    .one()
    .await
}

/// How many requests wait for a user: at the user's own account, and at the organizations that the user owns.
pub async fn count_pending_for_owner(db: &mut impl Db, user: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM requests WHERE state = 'pending' AND owner_id IN (SELECT CAST($1 AS BIGINT) \
         UNION ALL SELECT account_id FROM memberships WHERE user_id = $1 AND role = 'owner')",
    )
    .bind(user)
    .number()
    .await
}

/// Pending requests of tokens whose life is over, oldest first.
pub async fn list_of_expired(db: &mut impl Db, now: Timestamp, limit: i64) -> Result<Vec<Request>> {
    let tail = "WHERE state = 'pending' AND grant_id IN (SELECT g.id FROM grants g \
         JOIN tokens t ON t.id = g.token_id WHERE t.expires_at <= $1) ORDER BY id LIMIT $2";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(now)
        .bind(limit)
        .all()
        .await
}
