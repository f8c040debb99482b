//! Repositories and their collaborators. The bare repositories themselves are files; `git` keeps them.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement};
use crate::domain::access::rights::Visibility;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::domain::role::RepositoryRole;
use crate::domain::time::Timestamp;

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Repository {
    /// Which.
    pub id: RepositoryId,
    /// Its owner.
    pub owner_id: AccountId,
    /// The owner's login.
    pub owner_login: String,
    /// Its name without the owner's.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Who can read it.
    pub visibility: Visibility,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its data last changed.
    pub updated_at: Timestamp,
    /// Its version.
    pub rev: i64,
}

impl Repository {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner_login, self.name)
    }
}

const COLUMNS: &str = "SELECT r.id, r.owner_id, o.login AS owner_login, r.name, r.description, r.visibility, \
     r.created_at, r.updated_at, r.rev FROM repositories r JOIN accounts o ON o.id = r.owner_id";

/// The living repository with this id.
pub async fn find(db: &mut impl Db, id: RepositoryId) -> Result<Option<Repository>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE r.id = $1 AND r.deleted_at IS NULL",
    ]))
    .bind(id)
    .optional()
    .await
}

/// The living repository of an owner with this name.
pub async fn find_named(
    db: &mut impl Db,
    owner: AccountId,
    name: &str,
) -> Result<Option<Repository>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE r.owner_id = $1 AND r.name_key = $2 AND r.deleted_at IS NULL",
    ]))
    .bind(owner)
    .bind(names::key(name))
    .optional()
    .await
}

/// The living repositories with these ids, by owner and name.
pub async fn list_by_ids(db: &mut impl Db, ids: &[RepositoryId]) -> Result<Vec<Repository>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let compose = Compose::new(COLUMNS)
        .then("WHERE r.deleted_at IS NULL AND r.id IN")
        .list(ids.iter().copied());
    db.composed(compose.then("ORDER BY o.login_key, r.name_key"))
        .all()
        .await
}

/// The repositories of an owner after a name, in the order of names: one page of `limit`.
pub async fn list_of_owner(
    db: &mut impl Db,
    owner: AccountId,
    after: &str,
    limit: i64,
) -> Result<Vec<Repository>> {
    let tail = "WHERE r.owner_id = $1 AND r.deleted_at IS NULL AND r.name_key > $2 ORDER BY r.name_key LIMIT $3";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(owner)
        .bind(names::key(after))
        .bind(limit)
        .all()
        .await
}

/// How many public repositories an account owns.
pub async fn count_public(db: &mut impl Db, owner: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM repositories WHERE owner_id = $1 AND visibility = 'public' AND deleted_at IS NULL",
    )
    .bind(owner)
    .number()
    .await
}

/// The repositories that an account can see because of what it is: its own, those of its organizations, those on which
/// it collaborates. One page of `limit` after an id.
pub async fn list_of_user(
    db: &mut impl Db,
    user: AccountId,
    after: RepositoryId,
    limit: i64,
) -> Result<Vec<Repository>> {
    let tail = "WHERE r.deleted_at IS NULL AND r.id > $1 AND (r.owner_id = $2 \
         OR EXISTS (SELECT 1 FROM memberships m WHERE m.account_id = r.owner_id AND m.user_id = $2) \
         OR EXISTS (SELECT 1 FROM collaborators c WHERE c.repository_id = r.id AND c.user_id = $2)) \
         ORDER BY r.id LIMIT $3";
    db.query(Statement::join(&[COLUMNS, tail]))
        .bind(after)
        .bind(user)
        .bind(limit)
        .all()
        .await
}

/// A new repository, as an insert needs it.
#[derive(Debug, Clone)]
pub struct NewRepository<'a> {
    /// Its owner.
    pub owner: AccountId,
    /// Its name.
    pub name: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// Who can read it.
    pub visibility: Visibility,
    /// When.
    pub created_at: Timestamp,
}

/// Enters a repository and gives its id.
pub async fn insert(db: &mut impl Db, new: &NewRepository<'_>) -> Result<RepositoryId> {
    let id = db
        .query(
            "INSERT INTO repositories (owner_id, name, name_key, description, visibility, next_number, created_at, \
             updated_at, rev) VALUES ($1, $2, $3, $4, $5, 1, $6, $6, 1) RETURNING id",
        )
        .bind(new.owner)
        .bind(new.name)
        .bind(names::key(new.name))
        .bind(new.description)
        .bind(new.visibility)
        .bind(new.created_at)
        .number()
        .await?;
    Ok(RepositoryId::new(id))
}

/// Writes the description and visibility, and raises the version.
pub async fn update(db: &mut impl Db, repository: &Repository, now: Timestamp) -> Result<()> {
    db.query("UPDATE repositories SET description = $1, visibility = $2, updated_at = $3, rev = rev + 1 WHERE id = $4")
        .bind(repository.description.as_str())
        .bind(repository.visibility)
        .bind(now)
        .bind(repository.id)
        .execute()
        .await
        .map(drop)
}

/// Whether a freed name is still kept back.
pub async fn is_name_reserved(
    db: &mut impl Db,
    owner: AccountId,
    name: &str,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "SELECT parent_id FROM reserved_names WHERE namespace = 'repository' AND parent_id = $1 AND name_key = $2 \
         AND until_at > $3",
    )
    .bind(owner)
    .bind(names::key(name))
    .bind(now)
    .found()
    .await
}

/// A collaborator on a repository.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Collaborator {
    /// The user.
    pub user_id: AccountId,
    /// The user's login.
    pub login: String,
    /// The role.
    pub role: RepositoryRole,
}

/// The collaborators on a repository, by login.
pub async fn list_collaborators(
    db: &mut impl Db,
    repository: RepositoryId,
) -> Result<Vec<Collaborator>> {
    db.query(
        "SELECT c.user_id, u.login, c.role FROM collaborators c JOIN accounts u ON u.id = c.user_id \
         WHERE c.repository_id = $1 ORDER BY u.login_key",
    )
    .bind(repository)
    .all()
    .await
}

/// Gives a user a role on a repository, or another one.
pub async fn put_collaborator(
    db: &mut impl Db,
    repository: RepositoryId,
    user: AccountId,
    role: RepositoryRole,
    now: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO collaborators (repository_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (repository_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(repository)
    .bind(user)
    .bind(role)
    .bind(now)
    .execute()
    .await
    .map(drop)
}

/// Takes a user's role on a repository away.
pub async fn remove_collaborator(
    db: &mut impl Db,
    repository: RepositoryId,
    user: AccountId,
) -> Result<()> {
    db.query("DELETE FROM collaborators WHERE repository_id = $1 AND user_id = $2")
        .bind(repository)
        .bind(user)
        .execute()
        .await
        .map(drop)
}

/// The roles of a user as a collaborator, by repository.
pub async fn list_collaborations(
    db: &mut impl Db,
    user: AccountId,
) -> Result<Vec<(RepositoryId, RepositoryRole)>> {
    db.query(
        "SELECT c.repository_id, c.role FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
         WHERE c.user_id = $1 AND r.deleted_at IS NULL",
    )
    .bind(user)
    .all()
    .await
}
