//! Logins and slugs: giving an account another, and keeping back those that were freed (DOMAIN "Names").

use super::db::Compose;
use super::{Db, Result, StoreError};
use crate::domain::account::AccountKind;
use crate::domain::audit::Action;
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::time::Timestamp;

/// Gives an account another login or slug.
pub async fn set_login(db: &mut impl Db, id: AccountId, login: &str) -> Result<()> {
    db.query("UPDATE accounts SET login = $1, login_key = $2 WHERE id = $3")
        .bind(login)
        .bind(names::key(login))
        .bind(id)
        .execute()
        .await
        .map(drop)
}

/// Whether a write failed because another account took the name just before.
pub fn is_taken_meanwhile(error: &StoreError) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Keeps a freed name back until a moment.
pub async fn reserve_name(
    db: &mut impl Db,
    kind: AccountKind,
    login: &str,
    until: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO reserved_names (namespace, parent_id, name_key, until_at) VALUES ($1, 0, $2, $3) \
         ON CONFLICT (namespace, parent_id, name_key) DO UPDATE SET until_at = excluded.until_at",
    )
    .bind(kind.namespace())
    .bind(names::key(login))
    .bind(until)
    .execute()
    .await
    .map(drop)
}

/// Takes a name out of those kept back.
pub async fn release_name(db: &mut impl Db, kind: AccountKind, login: &str) -> Result<()> {
    db.query("DELETE FROM reserved_names WHERE namespace = $1 AND parent_id = 0 AND name_key = $2")
        .bind(kind.namespace())
        .bind(names::key(login))
        .execute()
        .await
        .map(drop)
}

/// Until when a freed name is kept back, if it still is.
pub async fn find_reservation(
    db: &mut impl Db,
    kind: AccountKind,
    login: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = db
        .query(
            "SELECT until_at FROM reserved_names WHERE namespace = $1 AND parent_id = 0 AND name_key = $2 \
             AND until_at > $3",
        )
        .bind(kind.namespace())
        .bind(names::key(login))
        .bind(now)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// What was written down each time an account was renamed, newest first: the data of those events.
pub async fn list_renames(
    db: &mut impl Db,
    kind: AccountKind,
    id: AccountId,
    since: Timestamp,
) -> Result<Vec<String>> {
    let (action, column) = match kind {
        AccountKind::User => (Action::UserRename, "AND user_id ="),
        AccountKind::Organization => (Action::OrganizationRename, "AND owner_id ="),
        AccountKind::Enterprise => (Action::EnterpriseRename, "AND owner_id ="),
    };
    let compose = Compose::new("SELECT data FROM audit_events WHERE action =")
        .value(action.as_str())
        .then(column)
        .value(id)
        .then("AND at >=")
        .value(since)
        .then("ORDER BY at DESC, seq DESC");
    let rows: Vec<(String,)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
