//! Gives a person a role on a repository, or another one.

use super::Context;
use super::repositories::{RepositoryError, administered};
use crate::actions::end_relation;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::repository::Field;
use crate::domain::role::RepositoryRole;
use crate::store::accounts::{self, Account};
use crate::store::{Change, Work, members, repositories};

/// Gives the user with this login a role on a repository; the role before is given back, if there was one.
pub async fn set_collaborator(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    repository: RepositoryId,
    login: &str,
    role: RepositoryRole,
) -> Result<Option<RepositoryRole>, RepositoryError> {
    let mut work = context.begin(origin).await?;
    let (found, owner) = administered(&mut work, by, repository).await?;
    let user = find_person(&mut work, &owner, login).await?;
    // Whoever else changes what this person is waits, so that what follows from it is judged once and right.
    members::lock(&mut work, user.id).await?;
    let before = repositories::find_collaborator(&mut work, found.id, user.id).await?;
    if before == Some(role) {
        return Ok(before);
    }
    let now = work.now();
    repositories::put_collaborator(&mut work, found.id, user.id, role, now).await?;
    let event = Event::new(Action::CollaboratorUpdate)
        .user(user.id)
        .owner(owner.id)
        .enterprise(owner.governed_by())
        .repository(found.id)
        .with("repo", found.full_name())
        .with("permission", role.as_str())
        .with("old_permission", before.map(RepositoryRole::as_str));
    work.audit_and_tell(event, [user.id]);
    end_relation::review(context, &mut work, user.id).await?;
    work.changed(Change::Account(user.id));
    work.changed(Change::Repository(found.id));
    context.commit(work).await?;
    Ok(before)
}

/// The living user who can get a role.
async fn find_person(
    work: &mut Work,
    owner: &Account,
    login: &str,
) -> Result<Account, RepositoryError> {
    let refuse = |message: String| RepositoryError::mistake(Field::Person, message);
    if login.is_empty() {
        return Err(refuse("Write the login of the person.".to_owned()));
    }
    let found = accounts::find_login(work, login).await?;
    let shown: String = login.chars().take(40).collect();
    let found =
        found.ok_or_else(|| refuse(format!("There is no person with the login {shown}.")))?;
    if found.kind != AccountKind::User {
        let login = &found.login;
        return Err(refuse(format!(
            "{login} is an organization: roles are given to people."
        )));
    }
    if found.id == owner.id {
        let login = &found.login;
        return Err(refuse(format!(
            "{login} owns this repository, and can do everything here."
        )));
    }
    if found.is_suspended() {
        let login = &found.login;
        return Err(refuse(format!(
            "{login} is suspended. A site administrator can lift that."
        )));
    }
    Ok(found)
}
