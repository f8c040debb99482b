//! Writes, changes and deletes comments below issues. The gate has ruled on the call; that a comment belongs to its
//! author is asked here, in the transaction of the change.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, CommentId};
use crate::domain::role::RepositoryRole;
use crate::store::comments::{self, Comment, NewComment};
use crate::store::repositories::Repository;
use crate::store::{StoreError, Work, issues};

/// The longest comment, in characters.
pub const LONGEST: usize = 65_536;

/// Who changes a comment, and their own role on its repository.
#[derive(Debug, Clone, Copy)]
pub struct Editor {
    /// The user.
    pub user: AccountId,
    /// Their role; none for somebody who reads what is public.
    pub role: Option<RepositoryRole>,
}

impl Editor {
    /// A comment is its author's; who may push to the repository keeps it tidy.
    fn may_change(self, comment: &Comment) -> bool {
        self.user == comment.author_id || self.role >= Some(RepositoryRole::Write)
    }
}

/// Why a comment stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// There is no such comment in this repository.
    #[error("there is no such comment in this repository")]
    NotFound,
    /// It is somebody else's, and the editor's role is too small.
    #[error("the comment is somebody else's")]
    NotTheirs,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a comment below the issue with this number. None when there is no such issue.
pub async fn comment(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    issue_number: i64,
    author: AccountId,
    body: &str,
) -> Result<Option<Comment>, StoreError> {
    let mut work = context.begin(origin).await?;
    let Some(issue) = issues::find(&mut work, repository.id, issue_number).await? else {
        return Ok(None);
    };
    let new = NewComment {
        repository: repository.id,
        issue: issue.id,
        author,
        body,
        at: work.now(),
    };
    let id = comments::insert(&mut work, &new).await?;
    let written = comments::find(&mut work, repository.id, id).await?;
    let written = written.ok_or(StoreError::RowNotFound)?;
    work.audit(event(Action::CommentCreate, repository, &written));
    context.commit(work).await?;
    Ok(Some(written))
}

/// Puts another text in place of a comment's.
pub async fn edit(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    id: CommentId,
    editor: Editor,
    body: &str,
) -> Result<Comment, CommentError> {
    let mut work = context.begin(origin).await?;
    let mut comment = find_theirs(&mut work, repository, id, editor).await?;
    let now = work.now();
    if !comments::update(&mut work, id, body, now).await? {
        return Err(CommentError::NotFound);
    }
    body.clone_into(&mut comment.body);
    comment.updated_at = now;
    work.audit(event(Action::CommentUpdate, repository, &comment));
    context.commit(work).await?;
    Ok(comment)
}

/// Removes a comment.
pub async fn delete(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    id: CommentId,
    editor: Editor,
) -> Result<(), CommentError> {
    let mut work = context.begin(origin).await?;
    let comment = find_theirs(&mut work, repository, id, editor).await?;
    if !comments::delete(&mut work, id).await? {
        return Err(CommentError::NotFound);
    }
    work.audit(event(Action::CommentDestroy, repository, &comment));
    context.commit(work).await?;
    Ok(())
}

async fn find_theirs(
    work: &mut Work,
    repository: &Repository,
    id: CommentId,
    editor: Editor,
) -> Result<Comment, CommentError> {
    let found = comments::find(work, repository.id, id).await?;
    let comment = found.ok_or(CommentError::NotFound)?;
    if editor.may_change(&comment) {
        Ok(comment)
    } else {
        Err(CommentError::NotTheirs)
    }
}

fn event(action: Action, repository: &Repository, comment: &Comment) -> Event {
    Event::new(action)
        .user(comment.author_id)
        .owner(repository.owner_id)
        .repository(repository.id)
        .with("number", comment.issue_number)
        .with("comment_id", comment.id.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_comment_is_changed_by_its_author_or_by_who_may_push() {
        let comment = Comment {
            id: CommentId::new(1),
            issue_number: 1,
            author_id: AccountId::new(7),
            body: String::new(),
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let table = [
            (7, None, true),
            (7, Some(RepositoryRole::Read), true),
            (8, None, false),
            (8, Some(RepositoryRole::Read), false),
            (8, Some(RepositoryRole::Triage), false),
            (8, Some(RepositoryRole::Write), true),
            (8, Some(RepositoryRole::Admin), true),
        ];
        for (user, role, expected) in table {
            let user = AccountId::new(user);
            let editor = Editor { user, role };
            assert_eq!(editor.may_change(&comment), expected, "{editor:?}");
        }
    }
}
