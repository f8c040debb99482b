//! Deletes a repository, for good: it leaves every grant and request, also if its name is used again (DOMAIN §1).

use super::Context;
use super::departure;
use super::repositories::{RepositoryError, administered, take_away};
use crate::actions::end_relation;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::repository::NAME_KEPT_DAYS;
use crate::git::layout::Layout;
use crate::store::{Change, Work, members, repositories};

/// Deletes a repository. `rev` is the version that was shown, where one was.
///
/// The git repository goes after the commit: a crash between the two leaves a folder that no row leads to, which the next
/// tidying removes.
pub async fn delete_repository(
    context: &Context,
    layout: &Layout,
    origin: &Origin,
    by: AccountId,
    id: RepositoryId,
    rev: Option<i64>,
) -> Result<(), RepositoryError> {
    let mut work = context.begin(origin).await?;
    let (found, owner) = administered(&mut work, by, id).await?;
    if rev.is_some_and(|rev| rev != found.rev) {
        return Err(RepositoryError::Moved);
    }
    let now = work.now();
    if !repositories::delete(&mut work, (id, found.rev), now).await? {
        return Err(RepositoryError::Moved);
    }
    let until = now.plus_days(NAME_KEPT_DAYS);
    repositories::keep_name_back(&mut work, owner.id, &found.name, None, until).await?;
    let losers = departure::leave(context, &mut work, &owner, &found).await?;
    let event = Event::new(Action::RepositoryDestroy)
        .owner(owner.id)
        .enterprise(owner.governed_by())
        .repository(id)
        .with("repo", found.full_name())
        .with("visibility", found.visibility.as_str());
    work.audit_and_tell(event, losers);
    end_collaborations(context, &mut work, id).await?;
    work.changed(Change::Repository(id));
    context.commit(work).await?;
    take_away(&layout.repository(id.get()));
    Ok(())
}

/// Nobody collaborates on it any more; for some it was all that tied them to its owner.
async fn end_collaborations(
    context: &Context,
    work: &mut Work,
    id: RepositoryId,
) -> Result<(), RepositoryError> {
    let mut people: Vec<AccountId> = repositories::remove_collaborators(work, id).await?;
    people.sort_unstable();
    for user in people {
        members::lock(work, user).await?;
        end_relation::review(context, work, user).await?;
        work.changed(Change::Account(user));
    }
    Ok(())
}
