//! Issues: the smallest resource that makes a token worth having.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement};
use crate::domain::ids::{AccountId, IssueId, RepositoryId};
use crate::domain::time::Timestamp;

/// An issue with its author's login.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Issue {
    /// Which.
    pub id: IssueId,
    /// Its repository.
    pub repository_id: RepositoryId,
    /// Its number within the repository.
    pub number: i64,
    /// Who opened it.
    pub author_id: AccountId,
    /// Their login.
    pub author_login: String,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT i.id, i.repository_id, i.number, i.author_id, u.login AS author_login, i.title, i.body, \
     i.state, i.created_at, i.updated_at, i.closed_at FROM issues i JOIN accounts u ON u.id = i.author_id";

/// Which issues a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateFilter {
    /// Open ones.
    Open,
    /// Closed ones.
    Closed,
    /// Both.
    All,
}

/// One page of a repository's issues, newest first.
pub async fn list(
    db: &mut impl Db,
    repository: RepositoryId,
    filter: StateFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Issue>> {
    let condition = match filter {
        StateFilter::Open => "AND i.state = 'open'",
        StateFilter::Closed => "AND i.state = 'closed'",
        StateFilter::All => "",
    };
    let tail = "ORDER BY i.number DESC LIMIT $2 OFFSET $3";
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE i.repository_id = $1",
        condition,
        tail,
    ]))
    .bind(repository)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// How many issues are open, by repository; those without any are left out.
pub async fn count_open(
    db: &mut impl Db,
    repositories: &[RepositoryId],
) -> Result<BTreeMap<RepositoryId, i64>> {
    if repositories.is_empty() {
        return Ok(BTreeMap::new());
    }
    let compose = Compose::new(
        "SELECT repository_id, COUNT(*) FROM issues WHERE state = 'open' AND repository_id IN",
    )
    .list(repositories.iter().copied())
    .then("GROUP BY repository_id");
    let rows: Vec<(RepositoryId, i64)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
}

/// The issue with this number.
pub async fn find(
    db: &mut impl Db,
    repository: RepositoryId,
    number: i64,
) -> Result<Option<Issue>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE i.repository_id = $1 AND i.number = $2",
    ]))
    .bind(repository)
    .bind(number)
    .optional()
    .await
}

/// Opens an issue under the repository's next number, and gives that number.
pub async fn insert(
    db: &mut impl Db,
    repository: RepositoryId,
    author: AccountId,
    title: &str,
    body: &str,
    now: Timestamp,
) -> Result<i64> {
    let number = db
        .query("UPDATE repositories SET next_number = next_number + 1 WHERE id = $1 RETURNING next_number - 1")
        .bind(repository)
        .number()
        .await?;
    db.query(
        "INSERT INTO issues (repository_id, number, author_id, title, body, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 'open', $6, $6)",
    )
    .bind(repository)
    .bind(number)
    .bind(author)
    .bind(title)
    .bind(body)
    .bind(now)
    .execute()
    .await?;
    Ok(number)
}

/// Writes everything of an issue that can change.
pub async fn update(db: &mut impl Db, issue: &Issue) -> Result<()> {
    db.query("UPDATE issues SET title = $1, body = $2, state = $3, updated_at = $4, closed_at = $5 WHERE id = $6")
        .bind(issue.title.as_str())
        .bind(issue.body.as_str())
        .bind(issue.state.as_str())
        .bind(issue.updated_at)
        .bind(issue.closed_at)
        .bind(issue.id)
        .execute()
        .await
        .map(drop)
}
