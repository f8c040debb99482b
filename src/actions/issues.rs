//! Opens and changes issues. The gate has ruled; the origin names the token.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::StoreError;
use crate::store::issues::{self, Issue};
use crate::store::repositories::Repository;

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 256;

/// The longest body, in characters.
pub const LONGEST_BODY: usize = 65_536;

/// Opens an issue, and gives it with its number.
pub async fn open(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    author: AccountId,
    title: &str,
    body: &str,
) -> Result<Issue, StoreError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let number = issues::insert(&mut work, repository.id, author, title, body, now).await?;
    let issue = issues::find(&mut work, repository.id, number)
        .await?
        .ok_or(StoreError::RowNotFound)?;
    work.audit(event(Action::IssueCreate, repository, number));
    context.commit(work).await?;
    Ok(issue)
}

/// What of an issue is to change; none leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// Whether it is closed.
    pub closed: Option<bool>,
}

/// Changes an issue. None when there is no issue with this number.
pub async fn edit(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    number: i64,
    edit: Edit,
) -> Result<Option<Issue>, StoreError> {
    let mut work = context.begin(origin).await?;
    let Some(mut issue) = issues::find(&mut work, repository.id, number).await? else {
        return Ok(None);
    };
    let now = work.now();
    if let Some(title) = edit.title {
        issue.title = title;
    }
    if let Some(body) = edit.body {
        issue.body = body;
    }
    if let Some(closed) = edit.closed {
        issue.closed_at = closed.then(|| issue.closed_at.unwrap_or(now));
        (if closed { "closed" } else { "open" }).clone_into(&mut issue.state);
    }
    issue.updated_at = now;
    issues::update(&mut work, &issue).await?;
    work.audit(event(Action::IssueUpdate, repository, number));
    context.commit(work).await?;
    Ok(Some(issue))
}

fn event(action: Action, repository: &Repository, number: i64) -> Event {
    Event::new(action)
        .owner(repository.owner_id)
        .repository(repository.id)
        .with("number", number)
}
