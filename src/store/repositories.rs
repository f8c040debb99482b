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

pub(super) const COLUMNS: &str = "SELECT r.id, r.owner_id, o.login AS owner_login, r.name, r.description, r.visibility, \
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

/// What a repository says of itself, as a change writes it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// Who can read it.
    pub visibility: Visibility,
}

/// Writes what a living repository says of itself, if its version is still `rev`. False when it moved.
pub async fn change(
    db: &mut impl Db,
    (repository, rev): (RepositoryId, i64),
    said: &Said<'_>,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE repositories SET name = $1, name_key = $2, description = $3, visibility = $4, updated_at = $5, \
         rev = rev + 1 WHERE id = $6 AND rev = $7 AND deleted_at IS NULL RETURNING id",
    )
    .bind(said.name)
    .bind(names::key(said.name))
    .bind(said.description)
    .bind(said.visibility)
    .bind(now)
    .bind(repository)
    .bind(rev)
    .found()
    .await
}

/// Ends a repository, if its version is still `rev`. Its id is never given again. False when it moved.
pub async fn delete(
    db: &mut impl Db,
    (repository, rev): (RepositoryId, i64),
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE repositories SET deleted_at = $1, updated_at = $1, rev = rev + 1 \
         WHERE id = $2 AND rev = $3 AND deleted_at IS NULL RETURNING id",
    )
    .bind(now)
    .bind(repository)
    .bind(rev)
    .found()
    .await
}

/// Which of these ids belong to living repositories.
pub async fn filter_living(db: &mut impl Db, ids: &[RepositoryId]) -> Result<Vec<RepositoryId>> {
    let compose = Compose::new("SELECT id FROM repositories WHERE deleted_at IS NULL AND id IN")
        .list(ids.iter().copied());
    let rows: Vec<(RepositoryId,)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Keeps a freed name back. `freed_by` is a repository that was renamed and may take its name back; none where it was
/// deleted.
pub async fn keep_name_back(
    db: &mut impl Db,
    owner: AccountId,
    name: &str,
    freed_by: Option<RepositoryId>,
    until: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO reserved_names (namespace, parent_id, name_key, until_at, freed_by) \
         VALUES ('repository', $1, $2, $3, $4) ON CONFLICT (namespace, parent_id, name_key) \
         DO UPDATE SET until_at = excluded.until_at, freed_by = excluded.freed_by",
    )
    .bind(owner)
    .bind(names::key(name))
    .bind(until)
    .bind(freed_by)
    .execute()
    .await
    .map(drop)
}

/// Until when a freed name is kept back from everybody but the repository `taker`; none when it can be taken.
pub async fn find_name_kept(
    db: &mut impl Db,
    owner: AccountId,
    name: &str,
    taker: Option<RepositoryId>,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let row: Option<(Timestamp, Option<RepositoryId>)> = db
        .query(
            "SELECT until_at, freed_by FROM reserved_names \
             WHERE namespace = 'repository' AND parent_id = $1 AND name_key = $2 AND until_at > $3",
        )
        .bind(owner)
        .bind(names::key(name))
        .bind(now)
        .optional()
        .await?;
    Ok(row
        .filter(|(_, freed_by)| taker.is_none() || *freed_by != taker)
        .map(|row| row.0))
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

/// The role of a user as a collaborator on a repository.
pub async fn find_collaborator(
    db: &mut impl Db,
    repository: RepositoryId,
    user: AccountId,
) -> Result<Option<RepositoryRole>> {
    let row: Option<(RepositoryRole,)> = db
        .query("SELECT role FROM collaborators WHERE repository_id = $1 AND user_id = $2")
        .bind(repository)
        .bind(user)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Takes everybody's role on a repository away and says whose.
pub async fn remove_collaborators(
    db: &mut impl Db,
    repository: RepositoryId,
) -> Result<Vec<AccountId>> {
    let rows: Vec<(AccountId,)> = db
        .query("DELETE FROM collaborators WHERE repository_id = $1 RETURNING user_id")
        .bind(repository)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
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

/// The living repositories of an owner on which a user collaborates.
pub async fn list_collaborations_at(
    db: &mut impl Db,
    user: AccountId,
    owner: AccountId,
) -> Result<Vec<RepositoryId>> {
    let rows: Vec<(RepositoryId,)> = db
        .query(
            "SELECT c.repository_id FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
             WHERE c.user_id = $1 AND r.owner_id = $2 AND r.deleted_at IS NULL",
        )
        .bind(user)
        .bind(owner)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
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
