//! What would have allowed a refused call, and the page that starts it: an edit filled with what was missing, a request
//! made again, a new life. Nothing is told of repositories that the token's user cannot choose anyway.

use std::collections::BTreeMap;

use super::place::PlaceView;
use crate::domain::access::decision::Reason;
use crate::domain::access::rights::Relation;
use crate::domain::catalog::{Catalog, Endpoint, Need, TargetTemplate};
use crate::domain::ids::{AccountId, TokenId};
use crate::store::{Db, StoreError, repositories, rights};
use crate::web::form::Fields;
use crate::web::pages::tokens::LIST;

/// A way on from a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The words of the link.
    pub label: String,
    /// Where it leads; empty where nothing can be pressed.
    pub href: String,
}

/// A call that was refused.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The code of the refusal.
    pub reason: &'a str,
    /// The method, `GIT` for git.
    pub method: &'a str,
    /// The path, or the repository and the operation.
    pub path: &'a str,
}

/// What a call named.
struct Named<'c> {
    endpoint: &'c Endpoint,
    parameters: BTreeMap<String, String>,
}

/// Looks for ways on for one token of a user.
#[derive(Debug, Clone, Copy)]
pub struct Finder<'a> {
    /// What calls need.
    pub catalog: &'static Catalog,
    /// The token.
    pub token: TokenId,
    /// Its user, and the user's login.
    pub user: (AccountId, &'a str),
    /// How it stands everywhere.
    pub places: &'a [PlaceView],
}

impl Finder<'_> {
    /// The way on from a refusal, where there is one that the token's user can go.
    pub async fn find(
        &self,
        db: &mut impl Db,
        call: Call<'_>,
    ) -> Result<Option<Remedy>, StoreError> {
        let Ok(reason) = call.reason.parse::<Reason>() else {
            return Ok(None);
        };
        let Some(named) = named(self.catalog, call) else {
            return Ok(None);
        };
        let Some((login, repository)) = self.target(&named) else {
            return Ok(None);
        };
        let place = self.place(&login);
        Ok(match reason {
            Reason::MissingPermission => self.edit(&named, &login, None),
            Reason::NotSelected | Reason::NoGrant | Reason::NotFound => {
                match self.choosable(db, &login, repository.as_deref()).await? {
                    Some(repository) => self.edit(&named, &login, Some(&repository)),
                    None => None,
                }
            }
            Reason::Denied | Reason::Revoked if place.is_some_and(|place| place.may_ask_again) => {
                Some(Remedy {
                    label: format!("Ask {login} again"),
                    href: self.at(&format!("ask-again?{}", pair("owner", &login))),
                })
            }
            Reason::PolicyLifetime => Some(Remedy {
                label: "Regenerate it with a shorter life".to_owned(),
                href: self.at("regenerate"),
            }),
            Reason::NotTargeted => Some(Remedy {
                label: format!("Choose all repositories of {login}"),
                href: self.at(&format!("edit?{}", pair("owner", &login))),
            }),
            _ => None,
        })
    }

    fn place(&self, login: &str) -> Option<&PlaceView> {
        let mut places = self.places.iter();
        places.find(|place| place.login.eq_ignore_ascii_case(login))
    }

    fn at(&self, rest: &str) -> String {
        format!("{LIST}/{}/{rest}", self.token)
    }

    /// The owner and the repository that a call named first.
    fn target(&self, named: &Named<'_>) -> Option<(String, Option<String>)> {
        let parameter = |name: &String| named.parameters.get(name).cloned();
        match named.endpoint.targets.first() {
            Some(TargetTemplate::Repository {
                owner_param,
                name_param,
            }) => Some((parameter(owner_param)?, Some(parameter(name_param)?))),
            Some(
                TargetTemplate::Organization { param }
                | TargetTemplate::Enterprise { param }
                | TargetTemplate::User { param },
            ) => Some((parameter(param)?, None)),
            Some(TargetTemplate::Account { param }) => {
                let login = param.as_ref().and_then(parameter);
                Some((login.unwrap_or_else(|| self.user.1.to_owned()), None))
            }
            None => Some((self.user.1.to_owned(), None)),
        }
    }

    /// The name of a repository that the user may choose at an owner; of an owner without one, empty.
    async fn choosable(
        &self,
        db: &mut impl Db,
        login: &str,
        repository: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let Some(owner) = crate::store::accounts::find_login(db, login).await? else {
            return Ok(None);
        };
        let Some(owner) = rights::find_choosable(db, self.user.0, owner.id).await? else {
            return Ok(None);
        };
        let Some(name) = repository else {
            return Ok(Some(String::new()));
        };
        if owner.relation == Relation::EnterpriseOwner {
            return Ok(None);
        }
        let Some(found) = repositories::find_named(db, owner.id, name).await? else {
            return Ok(None);
        };
        let ids = [found.id];
        let kept =
            rights::filter_selectable(db, self.user.0, owner.id, owner.relation, &ids).await?;
        Ok((!kept.is_empty()).then_some(found.name))
    }

    /// An edit filled with the first set of permissions that would do, and a repository.
    fn edit(&self, named: &Named<'_>, login: &str, repository: Option<&str>) -> Option<Remedy> {
        let sets = named.endpoint.sets.iter().enumerate();
        let mut sets = sets.filter(|(place, _)| Some(*place) != named.endpoint.conditional);
        let needs = sets.next().map_or(&[][..], |(_, set)| set.as_slice());
        let held = self.place(login).and_then(|place| place.wished.as_ref());
        let is_missing = |need: &&Need| {
            let permission = self.catalog.permission(need.permission);
            let is_held =
                held.is_some_and(|ask| ask.permissions.holds(need.permission, need.level));
            !permission.automatic && !is_held
        };
        let mut query = Fields::new([("owner", login)]);
        let mut words = Vec::new();
        for need in needs.iter().filter(is_missing) {
            let permission = self.catalog.permission(need.permission);
            query = query.with(&permission.slug, need.level.as_str());
            words.push(format!("{}: {}", permission.title, need.level));
        }
        if let Some(name) = repository.filter(|name| !name.is_empty()) {
            query = query.with("repository", name);
            words.push(format!("{login}/{name}"));
        }
        if words.is_empty() {
            return None;
        }
        Some(Remedy {
            label: format!("Ask for {}", words.join(", ")),
            href: self.at(&format!("edit?{}", query.encode())),
        })
    }
}

fn named<'c>(catalog: &'c Catalog, call: Call<'_>) -> Option<Named<'c>> {
    if call.method == "GIT" {
        let (name, verb) = call.path.rsplit_once(' ')?;
        let endpoint = match verb {
            "push" => catalog.git_push()?,
            _ => catalog.git_fetch()?,
        };
        return Some(Named {
            parameters: git_parameters(endpoint, name)?,
            endpoint,
        });
    }
    let found = catalog.match_endpoint(call.method, call.path).ok()?;
    let parameters = found.parameters.iter();
    Some(Named {
        parameters: parameters
            .map(|(name, value)| ((*name).to_owned(), value.to_string()))
            .collect(),
        endpoint: catalog.endpoint(found.endpoint),
    })
}

fn git_parameters(endpoint: &Endpoint, full_name: &str) -> Option<BTreeMap<String, String>> {
    let (owner, name) = full_name.split_once('/')?;
    let Some(TargetTemplate::Repository {
        owner_param,
        name_param,
    }) = endpoint.targets.first()
    else {
        return None;
    };
    Some(BTreeMap::from([
        (owner_param.clone(), owner.to_owned()),
        (name_param.clone(), name.to_owned()),
    ]))
}

fn pair(name: &str, text: &str) -> String {
    Fields::new([(name, text)]).encode()
}
