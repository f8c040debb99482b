//! Takes a person's role on a repository away.

use super::Context;
use super::repositories::{RepositoryError, administered};
use crate::actions::end_relation;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::store::{Change, members, repositories};

/// Takes the role of a collaborator away. False when the person had none. What their tokens held at the owner ends when
/// this role was all that tied them to it.
pub async fn remove_collaborator(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    repository: RepositoryId,
    user: AccountId,
) -> Result<bool, RepositoryError> {
    let mut work = context.begin(origin).await?;
    let (found, owner) = administered(&mut work, by, repository).await?;
    // Whoever else changes what this person is waits, so that what follows from it is judged once and right.
    members::lock(&mut work, user).await?;
    let before = repositories::find_collaborator(&mut work, found.id, user).await?;
    let Some(before) = before else {
        return Ok(false);
    };
    repositories::remove_collaborator(&mut work, found.id, user).await?;
    let event = Event::new(Action::CollaboratorRemove)
        .user(user)
        .owner(owner.id)
        .enterprise(owner.governed_by())
        .repository(found.id)
        .with("repo", found.full_name())
        .with("old_permission", before.as_str());
    work.audit_and_tell(event, [user]);
    end_relation::review(context, &mut work, user).await?;
    work.changed(Change::Account(user));
    work.changed(Change::Repository(found.id));
    context.commit(work).await?;
    Ok(true)
}
