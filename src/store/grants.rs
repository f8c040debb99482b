//! Grants: what fine-grained tokens may do, one row per token and resource owner.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement, tokens};
use crate::domain::access::rights::Relation;
use crate::domain::approval::{Activation, Ask, GrantState, RevokeCause, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, GrantId, RepositoryId, TokenId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::{ConditionKind, Conditions};
use crate::domain::token::expiry::Lifetime;

/// The name under which permissions of our own catalog are stored; services may bring others.
pub const CATALOG: &str = "github";

/// A grant without what it gives: see [`load_ask`].
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Grant {
    /// Which.
    pub id: GrantId,
    /// Of which token.
    pub token_id: TokenId,
    /// At whom.
    pub owner_id: AccountId,
    /// Its state.
    pub state: GrantState,
    /// The kind of its selection.
    pub selection: SelectionKind,
    /// What made the owner choosable.
    pub relation: Relation,
    /// How it became active.
    pub activation: Option<Activation>,
    /// The longest life in microseconds; none: unlimited.
    pub terms_lifetime: Option<i64>,
    /// Whether the token may rotate itself.
    pub terms_rotation: bool,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When it last became active.
    pub activated_at: Option<Timestamp>,
    /// Why it was revoked.
    pub ended_cause: Option<RevokeCause>,
    /// When it was revoked.
    pub ended_at: Option<Timestamp>,
    /// Who approved or revoked it last.
    pub decided_by: Option<AccountId>,
    /// Why it was revoked, in the owner's words.
    pub reason: String,
    /// Its version.
    pub rev: i64,
}

/// Reads a stored life.
pub fn lifetime(micros: Option<i64>) -> Lifetime {
    micros.map_or(Lifetime::Unlimited, Lifetime::Micros)
}

/// A life as it is stored.
pub const fn lifetime_micros(lifetime: Lifetime) -> Option<i64> {
    match lifetime {
        Lifetime::Micros(micros) => Some(micros),
        Lifetime::Unlimited => None,
    }
}

const COLUMNS: &str = "SELECT id, token_id, owner_id, state, selection, relation, activation, terms_lifetime, \
     terms_rotation, created_at, activated_at, ended_cause, ended_at, decided_by, reason, rev FROM grants";

/// The grant with this id.
pub async fn find(db: &mut impl Db, id: GrantId) -> Result<Option<Grant>> {
    db.query(Statement::join(&[COLUMNS, "WHERE id = $1"]))
        .bind(id)
        .optional()
        .await
}

/// The grants with these ids, by id.
pub async fn list_by_ids(db: &mut impl Db, ids: &[GrantId]) -> Result<Vec<Grant>> {
    let compose = Compose::new(COLUMNS)
        .then("WHERE id IN")
        .list(ids.iter().copied())
        .then("ORDER BY id");
    db.composed(compose).all().await
}

/// The grants of a token, in the order in which they were made.
pub async fn list_of_token(db: &mut impl Db, token: TokenId) -> Result<Vec<Grant>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE token_id = $1 ORDER BY id",
    ]))
    .bind(token)
    .all()
    .await
}

/// What a grant gives. A permission that the catalog does not know any more gives nothing.
pub async fn load_ask(db: &mut impl Db, catalog: &Catalog, grant: &Grant) -> Result<Ask> {
    let permissions: Vec<(String, Level)> = db
        .query(
            "SELECT permission, level FROM grant_permissions WHERE grant_id = $1 AND catalog = $2",
        )
        .bind(grant.id)
        .bind(CATALOG)
        .all()
        .await?;
    let targets: Vec<(RepositoryId,)> = db
        .query("SELECT target_id FROM grant_targets WHERE grant_id = $1 AND kind = 'repository'")
        .bind(grant.id)
        .all()
        .await?;
    let conditions: Vec<(ConditionKind, String)> = db
        .query("SELECT kind, pattern FROM grant_conditions WHERE grant_id = $1")
        .bind(grant.id)
        .all()
        .await?;
    Ok(Ask {
        selection: Selection::from_parts(
            grant.selection,
            targets.into_iter().map(|row| row.0).collect(),
        ),
        permissions: permission_set(catalog, &permissions),
        terms: Terms {
            lifetime: lifetime(grant.terms_lifetime),
            allows_rotation: grant.terms_rotation,
            conditions: tokens::read_conditions(conditions),
        },
    })
}

/// Permissions by their published names, as a set of the catalog.
pub fn permission_set(catalog: &Catalog, rows: &[(String, Level)]) -> PermissionSet {
    rows.iter()
        .filter_map(|(slug, level)| Some((catalog.find_permission(slug)?.id, *level)))
        .collect()
}

/// A new grant row, as an insert needs it.
#[derive(Debug, Clone)]
pub struct NewGrant<'a> {
    /// Of which token.
    pub token: TokenId,
    /// At whom.
    pub owner: AccountId,
    /// What made the owner choosable.
    pub relation: Relation,
    /// How it begins to work; none while it waits for an owner.
    pub activation: Option<Activation>,
    /// What it gives, or what its first request asks for.
    pub ask: &'a Ask,
    /// When.
    pub at: Timestamp,
}

/// Enters a grant: active with what it gives, or in state `none` and empty while its request waits.
pub async fn insert(db: &mut impl Db, catalog: &Catalog, new: &NewGrant<'_>) -> Result<GrantId> {
    let active = new.activation.is_some();
    let selection = if active {
        new.ask.selection.kind()
    } else {
        SelectionKind::Public
    };
    let id = db
        .query(
            "INSERT INTO grants (token_id, owner_id, state, selection, relation, activation, terms_lifetime, \
             terms_rotation, created_at, activated_at, reason, rev) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 1) RETURNING id",
        )
        .bind(new.token)
        .bind(new.owner)
        .bind(if active { GrantState::Active } else { GrantState::None })
        .bind(selection)
        .bind(new.relation)
        .bind(new.activation)
        .bind(lifetime_micros(new.ask.terms.lifetime))
        .bind(active && new.ask.terms.allows_rotation)
        .bind(new.at)
        .bind(active.then_some(new.at))
        .number()
        .await?;
    let id = GrantId::new(id);
    if active {
        write_ask(db, catalog, id, new.ask).await?;
    }
    Ok(id)
}

/// Writes what a grant gives in place of what it gave.
async fn write_ask(db: &mut impl Db, catalog: &Catalog, grant: GrantId, ask: &Ask) -> Result<()> {
    delete_ask(db, grant).await?;
    let permissions: Vec<_> = ask.permissions.iter().collect();
    if !permissions.is_empty() {
        let insert = "INSERT INTO grant_permissions (grant_id, catalog, permission, level) VALUES";
        let mut query = db.query(Statement::rows(insert, 4, permissions.len(), ""));
        for (permission, level) in permissions {
            query = query
                .bind(grant)
                .bind(CATALOG)
                .bind(catalog.permission(permission).slug.as_str())
                .bind(level);
        }
        query.execute().await?;
    }
    let targets: Vec<_> = ask.selection.listed().collect();
    if !targets.is_empty() {
        let insert = "INSERT INTO grant_targets (grant_id, kind, target_id) VALUES";
        let mut query = db.query(Statement::rows(insert, 3, targets.len(), ""));
        for target in targets {
            query = query.bind(grant).bind("repository").bind(target);
        }
        query.execute().await?;
    }
    write_conditions(db, grant, &ask.terms.conditions).await
}

async fn delete_ask(db: &mut impl Db, grant: GrantId) -> Result<()> {
    for table in [
        "DELETE FROM grant_permissions WHERE grant_id = $1",
        "DELETE FROM grant_targets WHERE grant_id = $1",
        "DELETE FROM grant_conditions WHERE grant_id = $1",
    ] {
        db.query(table).bind(grant).execute().await?;
    }
    Ok(())
}

async fn write_conditions(db: &mut impl Db, grant: GrantId, conditions: &Conditions) -> Result<()> {
    for (kind, pattern) in tokens::condition_rows(conditions) {
        db.query("INSERT INTO grant_conditions (grant_id, kind, pattern) VALUES ($1, $2, $3)")
            .bind(grant)
            .bind(kind)
            .bind(pattern)
            .execute()
            .await?;
    }
    Ok(())
}

/// Makes a reviewed grant active with what it gives from now on, if its version is still `rev`. False when it moved.
pub async fn activate(
    db: &mut impl Db,
    catalog: &Catalog,
    version: (GrantId, i64),
    ask: &Ask,
    by: AccountId,
    now: Timestamp,
) -> Result<bool> {
    let swapped = activate_row(db, version, ask, by, now).await?;
    if swapped {
        write_ask(db, catalog, version.0, ask).await?;
    }
    Ok(swapped)
}

/// The row's half of [`activate`]: whoever calls it writes what the grant gives in the same transaction.
pub async fn activate_row(
    db: &mut impl Db,
    (grant, rev): (GrantId, i64),
    ask: &Ask,
    by: AccountId,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE grants SET state = 'active', selection = $1, activation = 'reviewed', terms_lifetime = $2, \
         terms_rotation = $3, activated_at = $4, ended_cause = NULL, ended_at = NULL, decided_by = $5, reason = '', \
         rev = rev + 1 WHERE id = $6 AND rev = $7 RETURNING id",
    )
    .bind(ask.selection.kind())
    .bind(lifetime_micros(ask.terms.lifetime))
    .bind(ask.terms.allows_rotation)
    .bind(now)
    .bind(by)
    .bind(grant)
    .bind(rev)
    .found()
    .await
}

/// Takes a working grant back, if its version is still `rev`. What it gave stays stored, so that owners see what was
/// revoked and the token still learns why. False when it moved.
pub async fn revoke(
    db: &mut impl Db,
    (grant, rev): (GrantId, i64),
    cause: RevokeCause,
    by: Option<AccountId>,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE grants SET state = 'revoked', ended_cause = $1, ended_at = $2, decided_by = $3, reason = $4, \
         rev = rev + 1 WHERE id = $5 AND rev = $6 AND state IN ('active', 'suspended') RETURNING id",
    )
    .bind(cause)
    .bind(now)
    .bind(by)
    .bind(reason)
    .bind(grant)
    .bind(rev)
    .found()
    .await
}

/// Lets a working grant give something else without a review, if its version is still `rev`; how it once became active
/// stays. False when it moved.
pub async fn change(
    db: &mut impl Db,
    catalog: &Catalog,
    (grant, rev): (GrantId, i64),
    ask: &Ask,
) -> Result<bool> {
    let swapped = db
        .query(
            "UPDATE grants SET selection = $1, terms_lifetime = $2, terms_rotation = $3, rev = rev + 1 \
             WHERE id = $4 AND rev = $5 AND state = 'active' RETURNING id",
        )
        .bind(ask.selection.kind())
        .bind(lifetime_micros(ask.terms.lifetime))
        .bind(ask.terms.allows_rotation)
        .bind(grant)
        .bind(rev)
        .found()
        .await?;
    if swapped {
        write_ask(db, catalog, grant, ask).await?;
    }
    Ok(swapped)
}

/// How a grant begins to give something without a review.
#[derive(Debug, Clone, Copy)]
pub struct Unreviewed<'a> {
    /// What makes the owner choosable.
    pub relation: Relation,
    /// Why nobody has to decide.
    pub activation: Activation,
    /// What it gives from now on.
    pub ask: &'a Ask,
    /// When.
    pub at: Timestamp,
}

/// Lets a grant that was not revoked give something without a review, if its version is still `rev`. False when it
/// moved.
pub async fn begin(
    db: &mut impl Db,
    catalog: &Catalog,
    (grant, rev): (GrantId, i64),
    new: Unreviewed<'_>,
) -> Result<bool> {
    let swapped = db
        .query(
            "UPDATE grants SET state = 'active', selection = $1, relation = $2, activation = $3, terms_lifetime = $4, \
             terms_rotation = $5, activated_at = $6, ended_cause = NULL, ended_at = NULL, rev = rev + 1 \
             WHERE id = $7 AND rev = $8 AND state <> 'revoked' RETURNING id",
        )
        .bind(new.ask.selection.kind())
        .bind(new.relation)
        .bind(new.activation)
        .bind(lifetime_micros(new.ask.terms.lifetime))
        .bind(new.ask.terms.allows_rotation)
        .bind(new.at)
        .bind(grant)
        .bind(rev)
        .found()
        .await?;
    if swapped {
        write_ask(db, catalog, grant, new.ask).await?;
    }
    Ok(swapped)
}

/// Takes the next version of a grant for a request that is made against it, if its version is still `rev`: whoever
/// changes the grant at the same moment then finds that it moved. False when it moved.
pub async fn hold(
    db: &mut impl Db,
    (grant, rev): (GrantId, i64),
    relation: Relation,
) -> Result<bool> {
    db.query(
        "UPDATE grants SET relation = $1, rev = rev + 1 WHERE id = $2 AND rev = $3 RETURNING id",
    )
    .bind(relation)
    .bind(grant)
    .bind(rev)
    .found()
    .await
}

/// Empties a grant, if its version is still `rev`: one that its user takes out of the token remembers that as `cause`;
/// one that only gives way to another request forgets that it ever worked. False when it moved.
pub async fn clear(
    db: &mut impl Db,
    grant: &Grant,
    cause: Option<RevokeCause>,
    now: Timestamp,
) -> Result<bool> {
    let swapped = db
        .query(
            "UPDATE grants SET state = 'none', selection = 'public', terms_rotation = $1, activated_at = $2, \
             ended_cause = $3, ended_at = $4, rev = rev + 1 \
             WHERE id = $5 AND rev = $6 AND state IN ('active', 'suspended') RETURNING id",
        )
        .bind(false)
        .bind(cause.and(grant.activated_at))
        .bind(cause)
        .bind(cause.map(|_| now))
        .bind(grant.id)
        .bind(grant.rev)
        .found()
        .await?;
    if swapped {
        delete_ask(db, grant.id).await?;
    }
    Ok(swapped)
}

/// Lets a grant wait for a review that its user's demotion calls for, if its version is still `rev`; from now on it
/// remembers another relation. False when it moved.
pub async fn suspend(
    db: &mut impl Db,
    (grant, rev): (GrantId, i64),
    relation: Relation,
) -> Result<bool> {
    db.query(
        "UPDATE grants SET state = 'suspended', relation = $1, rev = rev + 1 \
         WHERE id = $2 AND rev = $3 AND state = 'active' RETURNING id",
    )
    .bind(relation)
    .bind(grant)
    .bind(rev)
    .found()
    .await
}

/// Lets a grant remember another relation; what waits for it stays as good as before.
pub async fn set_relation(db: &mut impl Db, grant: GrantId, relation: Relation) -> Result<()> {
    db.query("UPDATE grants SET relation = $1 WHERE id = $2")
        .bind(relation)
        .bind(grant)
        .execute()
        .await
        .map(drop)
}

/// The grants of a user's live tokens that were not revoked, at any owner.
pub async fn list_working_of_user(db: &mut impl Db, user: AccountId) -> Result<Vec<Grant>> {
    let tail = "WHERE state IN ('none', 'active', 'suspended') \
         AND token_id IN (SELECT id FROM tokens WHERE user_id = $1 AND state = 'live') ORDER BY id";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(user)
        .all()
        .await
}

/// The users whose live tokens hold anything at an owner.
pub async fn list_users_at(db: &mut impl Db, owner: AccountId) -> Result<Vec<AccountId>> {
    let rows: Vec<(AccountId,)> = db
        .query(
            "SELECT DISTINCT t.user_id FROM grants g JOIN tokens t ON t.id = g.token_id \
             WHERE g.owner_id = $1 AND g.state IN ('none', 'active', 'suspended') AND t.state = 'live'",
        )
        .bind(owner)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The working grants of a user's live tokens at an owner, with their relation: what ends when the relation does.
pub async fn list_working(
    db: &mut impl Db,
    user: AccountId,
    owner: AccountId,
) -> Result<Vec<Grant>> {
    let tail = "WHERE owner_id = $1 AND state IN ('none', 'active', 'suspended') \
         AND token_id IN (SELECT id FROM tokens WHERE user_id = $2 AND state = 'live') ORDER BY id";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(owner)
        .bind(user)
        .all()
        .await
}
