//! Who can touch a repository, and through what.

use sqlx::FromRow;

use super::db::Compose;
use super::repositories::{Repository, find_collaborator};
use super::{Db, Result, accounts};
use crate::domain::access::rights::{
    BasePermission, MemberRole, UserStanding, Visibility, repository_role,
};
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::role::RepositoryRole;
use crate::domain::time::Timestamp;

/// The role of a user on a repository, by the rule that the gate uses; none when the user may not even know of it.
pub async fn find_role(
    db: &mut impl Db,
    user: AccountId,
    repository: &Repository,
) -> Result<Option<RepositoryRole>> {
    let collaborator = find_collaborator(db, repository.id, user).await?;
    role_with(db, user, repository, collaborator).await
}

/// The role that would be left to a collaborator who is none any more.
pub async fn find_role_without_collaboration(
    db: &mut impl Db,
    user: AccountId,
    repository: &Repository,
) -> Result<Option<RepositoryRole>> {
    role_with(db, user, repository, None).await
}

async fn role_with(
    db: &mut impl Db,
    user: AccountId,
    repository: &Repository,
    collaborator: Option<RepositoryRole>,
) -> Result<Option<RepositoryRole>> {
    let Some(owner) = accounts::find(db, repository.owner_id).await? else {
        return Ok(None);
    };
    let is_self = owner.id == user;
    let membership = accounts::find_role(db, owner.id, user).await?;
    let is_in_enterprise = match owner.governed_by() {
        Some(enterprise) => accounts::list_enterprises_of(db, user)
            .await?
            .contains(&enterprise),
        None => false,
    };
    let standing = UserStanding {
        is_self,
        membership: membership.filter(|_| !is_self),
        is_in_enterprise,
        collaborator,
    };
    Ok(repository_role(
        repository.visibility,
        owner.base_permission,
        standing,
    ))
}

/// Somebody who can touch a repository by name: its owners, members and collaborators. Whoever reads it only because it
/// is public or internal is not among them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Person {
    /// The user.
    pub user_id: AccountId,
    /// The user's login.
    pub login: String,
    /// The user's name.
    pub name: String,
    /// Since when the user is suspended, and so touches nothing.
    pub suspended_at: Option<Timestamp>,
    /// The role in the organization that owns it.
    pub membership: Option<MemberRole>,
    /// The role as a collaborator.
    pub collaborator: Option<RepositoryRole>,
}

impl Person {
    /// The role that all of this gives.
    pub fn role(&self, repository: &Repository, base: BasePermission) -> Option<RepositoryRole> {
        let standing = UserStanding {
            is_self: self.user_id == repository.owner_id,
            membership: self.membership,
            is_in_enterprise: self.membership.is_some(),
            collaborator: self.collaborator,
        };
        repository_role(repository.visibility, base, standing)
    }
}

/// Which people a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// Collaborators alone.
    Collaborators,
    /// Collaborators who have no membership.
    Outside,
    /// Everybody with a role of their own, of their membership or of owning it.
    Everybody,
}

/// Which part of a list of people.
#[derive(Debug, Clone, Copy)]
pub struct PeoplePage<'a> {
    /// Logins and names that hold this text; all where it is empty.
    pub search: &'a str,
    /// After this login.
    pub after: &'a str,
    /// How many.
    pub limit: i64,
    /// Leaving out so many.
    pub offset: i64,
}

/// People who can touch a repository, by login.
pub async fn list_people(
    db: &mut impl Db,
    repository: &Repository,
    base: BasePermission,
    people: People,
    page: PeoplePage<'_>,
) -> Result<Vec<Person>> {
    let compose = Compose::new(
        "SELECT u.id AS user_id, u.login, u.name, u.suspended_at, m.role AS membership, c.role AS collaborator \
         FROM accounts u LEFT JOIN memberships m ON m.user_id = u.id AND m.account_id =",
    )
    .value(repository.owner_id)
    .then("LEFT JOIN collaborators c ON c.user_id = u.id AND c.repository_id =")
    .value(repository.id)
    .then("WHERE u.deleted_at IS NULL AND u.id IN (");
    let compose = among(compose, repository, base, people)
        .then(")")
        .when((people == People::Outside).then_some(()), |text, ()| {
            text.then("AND m.role IS NULL")
        })
        .when(like(page.search), |text, pattern| {
            text.then("AND (u.login_key LIKE")
                .value(&pattern)
                .then("ESCAPE '!' OR LOWER(u.name) LIKE")
                .value(&pattern)
                .then("ESCAPE '!')")
        })
        .then("AND u.login_key >")
        .value(names::key(page.after))
        .then("ORDER BY u.login_key LIMIT")
        .value(page.limit)
        .then("OFFSET")
        .value(page.offset);
    db.composed(compose).all().await
}

/// The ids of those people.
fn among(
    compose: Compose,
    repository: &Repository,
    base: BasePermission,
    people: People,
) -> Compose {
    let compose = compose
        .then("SELECT user_id FROM collaborators WHERE repository_id =")
        .value(repository.id);
    if people != People::Everybody {
        return compose;
    }
    let compose = compose
        .then("UNION SELECT id FROM accounts WHERE kind = 'user' AND id =")
        .value(repository.owner_id)
        .then("UNION SELECT user_id FROM memberships WHERE account_id =")
        .value(repository.owner_id);
    // Members who get nothing by their membership read an internal repository as everybody in the enterprise does.
    let only_owners = base == BasePermission::None && repository.visibility == Visibility::Private;
    if only_owners {
        compose.then("AND role = 'owner'")
    } else {
        compose
    }
}

/// The pattern that finds a text anywhere, ignoring case; none for an empty text.
pub(super) fn like(search: &str) -> Option<String> {
    let search = search.trim();
    (!search.is_empty()).then(|| {
        let escaped = search
            .to_lowercase()
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        format!("%{escaped}%")
    })
}
