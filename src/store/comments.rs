//! What people say below an issue.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement};
use crate::domain::ids::{AccountId, CommentId, IssueId, RepositoryId};
use crate::domain::time::Timestamp;

/// A comment, with the number of its issue, which addresses name.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Comment {
    /// Which.
    pub id: CommentId,
    /// The number of its issue within the repository.
    pub issue_number: i64,
    /// Who wrote it.
    pub author_id: AccountId,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "SELECT c.id, i.number AS issue_number, c.author_id, c.body, c.created_at, c.updated_at \
     FROM comments c JOIN issues i ON i.id = c.issue_id";

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Only those that changed at this moment or later.
    pub since: Option<Timestamp>,
    /// The most rows.
    pub limit: i64,
    /// How many rows come before.
    pub offset: i64,
}

/// In which order the comments of a whole repository come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By the last change instead of by age.
    pub is_by_update: bool,
    /// The newest first.
    pub is_descending: bool,
}

impl Order {
    const fn clause(self) -> &'static str {
        match (self.is_by_update, self.is_descending) {
            (false, false) => "ORDER BY c.id LIMIT",
            (false, true) => "ORDER BY c.id DESC LIMIT",
            (true, false) => "ORDER BY c.updated_at, c.id LIMIT",
            (true, true) => "ORDER BY c.updated_at DESC, c.id DESC LIMIT",
        }
    }
}

/// The comments below an issue, oldest first.
pub async fn list_of_issue(db: &mut impl Db, issue: IssueId, part: Part) -> Result<Vec<Comment>> {
    let order = Order {
        is_by_update: false,
        is_descending: false,
    };
    let from = Compose::new(COLUMNS)
        .then("WHERE c.issue_id =")
        .value(issue);
    db.composed(page(from, order, part)).all().await
}

/// The comments below all issues of a repository.
pub async fn list_of_repository(
    db: &mut impl Db,
    repository: RepositoryId,
    order: Order,
    part: Part,
) -> Result<Vec<Comment>> {
    let from = Compose::new(COLUMNS)
        .then("WHERE c.repository_id =")
        .value(repository);
    db.composed(page(from, order, part)).all().await
}

fn page(from: Compose, order: Order, part: Part) -> Compose {
    from.when(part.since, |text, since| {
        text.then("AND c.updated_at >=").value(since)
    })
    .then(order.clause())
    .value(part.limit)
    .then("OFFSET")
    .value(part.offset)
}

/// How many comments stand below each of these issues; those without any are left out.
pub async fn count(db: &mut impl Db, issues: &[IssueId]) -> Result<BTreeMap<IssueId, i64>> {
    if issues.is_empty() {
        return Ok(BTreeMap::new());
    }
    let compose = Compose::new("SELECT issue_id, COUNT(*) FROM comments WHERE issue_id IN")
        .list(issues.iter().copied())
        .then("GROUP BY issue_id");
    let rows: Vec<(IssueId, i64)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
}

/// The comment with this id, where it belongs to this repository.
pub async fn find(
    db: &mut impl Db,
    repository: RepositoryId,
    id: CommentId,
) -> Result<Option<Comment>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE c.id = $1 AND c.repository_id = $2",
    ]))
    .bind(id)
    .bind(repository)
    .optional()
    .await
}

/// A new comment, as an insert needs it.
#[derive(Debug, Clone, Copy)]
pub struct NewComment<'a> {
    /// The repository of its issue.
    pub repository: RepositoryId,
    /// Its issue.
    pub issue: IssueId,
    /// Who writes it.
    pub author: AccountId,
    /// The text.
    pub body: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Enters a comment and gives its id. The issue counts as changed.
pub async fn insert(db: &mut impl Db, new: &NewComment<'_>) -> Result<CommentId> {
    let id = db
        .query(
            "INSERT INTO comments (repository_id, issue_id, author_id, body, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
        )
        .bind(new.repository)
        .bind(new.issue)
        .bind(new.author)
        .bind(new.body)
        .bind(new.at)
        .number()
        .await?;
    db.query("UPDATE issues SET updated_at = $1 WHERE id = $2")
        .bind(new.at)
        .bind(new.issue)
        .execute()
        .await?;
    Ok(CommentId::new(id))
}

/// Writes a comment's text. False when it is gone.
pub async fn update(db: &mut impl Db, id: CommentId, body: &str, now: Timestamp) -> Result<bool> {
    db.query("UPDATE comments SET body = $1, updated_at = $2 WHERE id = $3 RETURNING id")
        .bind(body)
        .bind(now)
        .bind(id)
        .found()
        .await
}

/// Removes a comment. False when it is gone already.
pub async fn delete(db: &mut impl Db, id: CommentId) -> Result<bool> {
    db.query("DELETE FROM comments WHERE id = $1 RETURNING id")
        .bind(id)
        .found()
        .await
}
