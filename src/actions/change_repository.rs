//! Changes what a repository says of itself: its name, its description, who can read it.

use super::Context;
use super::repositories::{RepositoryError, administered, check_free, name_taken};
use crate::domain::access::rights::Visibility;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::repository::{
    Mistake, NAME_KEPT_DAYS, check_description, check_name, check_visibility,
};
use crate::store::accounts::Account;
use crate::store::repositories::{self, Repository, Said};
use crate::store::{Change, StoreError, Work};

/// What is to be changed; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// The new name. The old one is kept back for 90 days, from everybody but this repository.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// Who can read it from now on.
    pub visibility: Option<Visibility>,
}

/// Changes a repository and gives it as it is then. `rev` is the version that was shown, where one was.
pub async fn change_repository(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    id: RepositoryId,
    rev: Option<i64>,
    edit: &Edit,
) -> Result<Repository, RepositoryError> {
    let mut work = context.begin(origin).await?;
    let (before, owner) = administered(&mut work, by, id).await?;
    if rev.is_some_and(|rev| rev != before.rev) {
        return Err(RepositoryError::Moved);
    }
    let mistakes = judge(&mut work, &owner, &before, edit).await?;
    if !mistakes.is_empty() {
        return Err(RepositoryError::Mistakes(mistakes));
    }
    let after = edited(&before, edit);
    let written = write(&mut work, &before, &after).await;
    if !written.map_err(|error| name_taken(error, &owner, &after.name))? {
        return Err(RepositoryError::Moved);
    }
    audit(&mut work, &owner, &before, &after);
    work.changed(Change::Repository(id));
    let after = repositories::find(&mut work, id).await?;
    let after = after.ok_or(StoreError::RowNotFound)?;
    context.commit(work).await?;
    Ok(after)
}

async fn judge(
    work: &mut Work,
    owner: &Account,
    before: &Repository,
    edit: &Edit,
) -> Result<Vec<Mistake>, StoreError> {
    let name = match edit.name.as_deref().filter(|name| *name != before.name) {
        None => None,
        Some(name) => match check_name(name) {
            None => check_free(work, owner, name, Some(before.id)).await?,
            wrong => wrong,
        },
    };
    let has_enterprise = owner.governed_by().is_some();
    let description = edit.description.as_deref().and_then(check_description);
    let visibility = edit
        .visibility
        .and_then(|wanted| check_visibility(&owner.login, has_enterprise, wanted));
    Ok([name, description, visibility]
        .into_iter()
        .flatten()
        .collect())
}

fn edited(before: &Repository, edit: &Edit) -> Repository {
    let mut after = before.clone();
    if let Some(name) = &edit.name {
        after.name.clone_from(name);
    }
    if let Some(description) = &edit.description {
        after.description.clone_from(description);
    }
    after.visibility = edit.visibility.unwrap_or(before.visibility);
    after
}

/// Writes the change; a name that another spelling of itself replaces is not freed by it.
async fn write(
    work: &mut Work,
    before: &Repository,
    after: &Repository,
) -> Result<bool, StoreError> {
    let now = work.now();
    let said = Said {
        name: &after.name,
        description: &after.description,
        visibility: after.visibility,
    };
    if !repositories::change(work, (before.id, before.rev), &said, now).await? {
        return Ok(false);
    }
    if !before.name.eq_ignore_ascii_case(&after.name) {
        let until = now.plus_days(NAME_KEPT_DAYS);
        let (owner, name) = (before.owner_id, before.name.as_str());
        repositories::keep_name_back(work, owner, name, Some(before.id), until).await?;
    }
    Ok(true)
}

fn audit(work: &mut Work, owner: &Account, before: &Repository, after: &Repository) {
    let event = |action| {
        Event::new(action)
            .owner(owner.id)
            .enterprise(owner.governed_by())
            .repository(after.id)
            .with("repo", after.full_name())
    };
    if before.name != after.name {
        work.audit(event(Action::RepositoryRename).with("old_name", before.name.as_str()));
    }
    if before.visibility != after.visibility {
        let changed = event(Action::RepositoryAccess)
            .with("visibility", after.visibility.as_str())
            .with("previous_visibility", before.visibility.as_str());
        work.audit(changed);
    }
    if before.description != after.description {
        work.audit(event(Action::RepositoryUpdate).with("visibility", after.visibility.as_str()));
    }
}
