//! What a grant gives and the token's user has lost: a role, a membership, a repository. The grant stays as it is; calls
//! are refused while the user may not do it either. Judged by the very rule of roles that the gate applies.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::rights::{MemberRole, UserStanding, repository_role};
use crate::domain::approval::Ask;
use crate::domain::catalog::{Catalog, LevelRule};
use crate::domain::ids::AccountId;
use crate::domain::role::{LeastRole, OwnerRole, RepositoryRole};
use crate::domain::token::summary;
use crate::store::repositories::{self, Repository};
use crate::store::{Db, StoreError, accounts};
use crate::web::pages::tokens::standing::Place;

/// So many repositories are named in a sentence; more are counted.
const NAMED: usize = 3;

/// What the user is to the owner, and on its repositories.
#[derive(Debug)]
struct Ties {
    standing: UserStanding,
    collaborations: BTreeMap<crate::domain::ids::RepositoryId, RepositoryRole>,
}

/// Sentences for everything that is granted and does not work now; empty where all of it does.
pub async fn find(
    db: &mut impl Db,
    catalog: &Catalog,
    user: AccountId,
    place: &Place,
    given: &Ask,
) -> Result<Vec<String>, StoreError> {
    let ties = ties(db, user, place).await?;
    let listed: Vec<_> = given.selection.listed().collect();
    let found = repositories::list_by_ids(db, &listed).await?;
    let mut hidden = Vec::new();
    let mut small = BTreeMap::<String, BTreeSet<String>>::new();
    for repository in &found {
        let Some(role) = ties.role(place, repository) else {
            hidden.push(repository.full_name());
            continue;
        };
        for words in too_much(catalog, given, role) {
            small
                .entry(words)
                .or_default()
                .insert(repository.full_name());
        }
    }
    let mut sentences = Vec::new();
    if !hidden.is_empty() {
        sentences.push(format!(
            "You cannot see {} any more, so the token cannot either.",
            several(&hidden)
        ));
    }
    for (words, names) in small {
        let names: Vec<_> = names.into_iter().collect();
        sentences.push(format!("{words} on {}.", several(&names)));
    }
    sentences.extend(at_owner(catalog, given, place, &ties));
    Ok(sentences)
}

async fn ties(db: &mut impl Db, user: AccountId, place: &Place) -> Result<Ties, StoreError> {
    let account = &place.account;
    let is_self = account.id == user;
    let membership = accounts::find_role(db, account.id, user).await?;
    let enterprises = accounts::list_enterprises_of(db, user).await?;
    let collaborations = repositories::list_collaborations(db, user).await?;
    Ok(Ties {
        standing: UserStanding {
            is_self,
            membership: membership.filter(|_| !is_self),
            is_in_enterprise: account
                .governed_by()
                .is_some_and(|enterprise| enterprises.contains(&enterprise)),
            collaborator: None,
        },
        collaborations: collaborations.into_iter().collect(),
    })
}

impl Ties {
    fn role(&self, place: &Place, repository: &Repository) -> Option<RepositoryRole> {
        let standing = UserStanding {
            collaborator: self.collaborations.get(&repository.id).copied(),
            ..self.standing
        };
        repository_role(
            repository.visibility,
            place.account.base_permission,
            standing,
        )
    }

    fn owner_role(&self) -> OwnerRole {
        match self.standing.membership {
            _ if self.standing.is_self => OwnerRole::Owner,
            Some(MemberRole::Owner) => OwnerRole::Owner,
            Some(MemberRole::Member) => OwnerRole::Member,
            None => OwnerRole::Anyone,
        }
    }
}

/// The permissions that ask for a greater role than this one.
fn too_much<'a>(
    catalog: &'a Catalog,
    given: &'a Ask,
    role: RepositoryRole,
) -> impl Iterator<Item = String> + 'a {
    rules(catalog, given).filter_map(move |(title, rule)| match rule.least_role {
        LeastRole::Repository(least) if least > role => Some(format!(
            "`{title}` at level {} needs the role {least}; yours is {role}",
            rule.level,
            least = least.as_str(),
            role = role.as_str()
        )),
        _ => None,
    })
}

/// What asks for a greater role in the organization than the user has.
fn at_owner(catalog: &Catalog, given: &Ask, place: &Place, ties: &Ties) -> Vec<String> {
    let login = &place.account.login;
    let role = ties.owner_role();
    rules(catalog, given)
        .filter_map(|(title, rule)| match rule.least_role {
            LeastRole::Organization(least) if least > role => Some(format!(
                "`{title}` at level {} works for {}s of {login} alone, and you are {}.",
                rule.level,
                least.as_str(),
                match role {
                    OwnerRole::Anyone => "no member",
                    OwnerRole::Member => "a member",
                    OwnerRole::Owner => "an owner",
                }
            )),
            _ => None,
        })
        .collect()
}

fn rules<'a>(
    catalog: &'a Catalog,
    given: &'a Ask,
) -> impl Iterator<Item = (&'a str, &'a LevelRule)> {
    given.permissions.iter().filter_map(|(id, level)| {
        let permission = catalog.permission(id);
        let rule = permission.level_covering(level)?;
        Some((permission.title.as_str(), rule))
    })
}

fn several(names: &[String]) -> String {
    if names.len() <= NAMED {
        return summary::join(names);
    }
    let rest = names.len() - NAMED;
    format!("{} and {rest} more", names[..NAMED].join(", "))
}
