//! Lists of repositories that show exactly what the single look would allow, and stay quick among ten thousand.
//!
//! What a look at a repository is answered depends on its owner, its visibility, the caller's role as a collaborator on it
//! and whether the token names it, and on nothing else of it. So the gate is asked once for each owner and visibility,
//! about a repository that nobody collaborates on and no token lists; those that somebody does are looked at one by one.
//! The database then narrows, sorts and cuts, and what is shown passes the gate once more, item by item.

use std::sync::Arc;

use super::repositories::{Shown, render};
use crate::api::call::ApiCall;
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::domain::access::decision::{Door, Workflows};
use crate::domain::access::rights::Visibility;
use crate::domain::catalog::{Endpoint, Method};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::Branches;
use crate::gate::{Call, Resolved};
use crate::store::accounts;
use crate::store::repositories::{self, Repository};
use crate::store::repository_lists::{Order, Seen, Sight, SortBy, count_seen, list_seen};

/// The repositories of an organization.
pub(in crate::api) async fn of_organization(call: ApiCall) -> ApiResult {
    let visibilities = ["all", "public", "private", "internal", "sources", "forks"];
    let wanted = Wanted::of_type(call.query.word("type", &visibilities)?);
    let order = read_order(&call, "created")?;
    let owner = call.permit.account()?.id;
    of_owner(&call, owner, wanted, order).await
}

/// The repositories that a user owns, of those that the caller may see.
pub(in crate::api) async fn of_user(call: ApiCall) -> ApiResult {
    let kind = call.query.word("type", &["owner", "all", "member"])?;
    let wanted = if kind == "member" {
        Wanted::NOTHING
    } else {
        Wanted::EVERYTHING
    };
    let order = read_order(&call, "full_name")?;
    let owner = call.permit.account()?.id;
    of_owner(&call, owner, wanted, order).await
}

/// The repositories that the user owns, collaborates on, or reaches through an organization.
pub(in crate::api) async fn mine(call: ApiCall) -> ApiResult {
    let visibility = call
        .query
        .word("visibility", &["all", "public", "private"])?;
    let kind = call
        .query
        .word("type", &["all", "owner", "public", "private", "member"])?;
    call.query.refuse(&["affiliation", "since", "before"])?;
    let order = read_order(&call, "full_name")?;
    let user = call.permit.user()?;
    let wanted = Wanted::of_type(visibility).and(Wanted::of_type(kind));
    let mut looker = Looker::new(&call)?;
    let mut db = call.db();
    let mut owners = vec![user];
    owners.extend(
        accounts::list_belongings(&mut db, user)
            .await?
            .iter()
            .map(|belonging| belonging.account_id),
    );
    owners.retain(|owner| match kind {
        "owner" => *owner == user,
        "member" => *owner != user,
        _ => true,
    });
    let collaborations = repositories::list_collaborations(&mut db, user).await?;
    let ids: Vec<_> = collaborations.into_iter().map(|(id, _)| id).collect();
    let mut apart = repositories::list_by_ids(&mut db, &ids).await?;
    apart.retain(|repository| kind != "owner" && repository.owner_id != user);
    for owner in owners {
        looker.look_at(owner, wanted).await?;
    }
    for repository in apart {
        looker.look_apart(repository, wanted).await?;
    }
    answer(&looker, order).await
}

async fn of_owner(call: &ApiCall, owner: AccountId, wanted: Wanted, order: Order) -> ApiResult {
    let mut looker = Looker::new(call)?;
    looker.seen.owner = Some(owner);
    if let Some(user) = call.permit.token().map(|token| token.facts.user) {
        let mut db = call.db();
        let held = repositories::list_collaborations_at(&mut db, user, owner).await?;
        for repository in repositories::list_by_ids(&mut db, &held).await? {
            looker.look_apart(repository, wanted).await?;
        }
    }
    looker.look_at(owner, wanted).await?;
    answer(&looker, order).await
}

async fn answer(looker: &Looker<'_>, order: Order) -> ApiResult {
    let call = looker.call;
    let request = PageRequest::read(&call.query)?;
    let mut db = call.db();
    let total = count_seen(&mut db, &looker.seen).await?;
    let page = request.exactly();
    let found = list_seen(&mut db, &looker.seen, order, page).await?;
    let mut shown = Vec::with_capacity(found.len());
    for repository in found {
        shown.extend(looker.look(Arc::new(repository)).await?);
    }
    let items = render(call, &shown).await?;
    let rest = Rest::Total(usize::try_from(total).unwrap_or(0));
    Ok(paging::page(call, request, items, rest))
}

/// Which visibilities a filter wants.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    public: bool,
    internal: bool,
    private: bool,
}

impl Wanted {
    const EVERYTHING: Self = Self {
        public: true,
        internal: true,
        private: true,
    };
    const NOTHING: Self = Self {
        public: false,
        internal: false,
        private: false,
    };

    /// Those of a `type` or `visibility`. Nothing here is a fork.
    fn of_type(word: &str) -> Self {
        match word {
            "public" => Self {
                public: true,
                ..Self::NOTHING
            },
            "private" => Self {
                public: false,
                ..Self::EVERYTHING
            },
            "internal" => Self {
                internal: true,
                ..Self::NOTHING
            },
            "forks" => Self::NOTHING,
            _ => Self::EVERYTHING,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            public: self.public && other.public,
            internal: self.internal && other.internal,
            private: self.private && other.private,
        }
    }

    const fn has(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => self.public,
            Visibility::Internal => self.internal,
            Visibility::Private => self.private,
        }
    }
}

/// Asks the gate what the caller would see.
struct Looker<'a> {
    call: &'a ApiCall,
    single: &'static Endpoint,
    seen: Seen,
}

impl<'a> Looker<'a> {
    fn new(call: &'a ApiCall) -> ApiResult<Self> {
        Ok(Self {
            call,
            single: single_look(call)?,
            seen: Seen::default(),
        })
    }

    /// What can be seen at an owner: by visibility, and one by one what the token lists there.
    async fn look_at(&mut self, owner: AccountId, wanted: Wanted) -> ApiResult<()> {
        for repository in self.listed_at(owner).await? {
            self.look_apart(repository, wanted).await?;
        }
        let mut visibilities = Vec::new();
        for visibility in Visibility::ALL.iter().copied() {
            if wanted.has(visibility) && self.look(sample(owner, visibility)).await?.is_some() {
                visibilities.push(visibility);
            }
        }
        if !visibilities.is_empty() {
            self.seen.sights.push(Sight {
                owner,
                visibilities,
            });
        }
        Ok(())
    }

    /// The repositories that the token, or its latest request, lists by name at an owner.
    async fn listed_at(&self, owner: AccountId) -> ApiResult<Vec<Repository>> {
        let Some(grant) = self
            .call
            .permit
            .token()
            .and_then(|token| token.facts.grant_at(owner))
        else {
            return Ok(Vec::new());
        };
        let wished = grant.wished.iter().flat_map(Selection::listed);
        let mut ids: Vec<_> = grant.selection.listed().chain(wished).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = repositories::list_by_ids(&mut self.call.db(), &ids).await?;
        found.retain(|repository| repository.owner_id == owner);
        Ok(found)
    }

    /// Looks at one repository by itself.
    async fn look_apart(&mut self, repository: Repository, wanted: Wanted) -> ApiResult<()> {
        let (id, visibility) = (repository.id, repository.visibility);
        if self.seen.shown.contains(&id) || self.seen.hidden.contains(&id) {
            return Ok(());
        }
        let is_seen = wanted.has(visibility) && self.look(Arc::new(repository)).await?.is_some();
        if is_seen {
            self.seen.shown.push(id);
        } else {
            self.seen.hidden.push(id);
        }
        Ok(())
    }

    /// The repository with the caller's role on it, if the single look would be allowed.
    async fn look(&self, repository: Arc<Repository>) -> ApiResult<Option<Shown>> {
        let meta = self.call.permit.meta();
        let single = Call {
            endpoint: Some(self.single),
            parameters: &[],
            door: Door::Api,
            is_read: true,
            method: "GET",
            path: &self.call.path,
            client: meta.client,
            request_id: &meta.request_id,
            branches: Branches::None,
            workflows: Workflows::Untouched,
        };
        let credential = self.call.permit.credential();
        let gate = &self.call.app.gate;
        let ruling = gate
            .judge_repository(credential, &single, &repository)
            .await?;
        let role = match ruling.targets.first() {
            Some(Resolved::Repository { role, .. }) if ruling.decision.is_allowed() => *role,
            _ => return Ok(None),
        };
        Ok(Some(Shown { repository, role }))
    }
}

/// A repository like any other of an owner, that nobody collaborates on and no token lists: no row ever has its id.
fn sample(owner: AccountId, visibility: Visibility) -> Arc<Repository> {
    let never = Timestamp::from_micros(0);
    Arc::new(Repository {
        id: RepositoryId::new(0),
        owner_id: owner,
        owner_login: String::new(),
        name: String::new(),
        description: String::new(),
        visibility,
        created_at: never,
        updated_at: never,
        rev: 0,
    })
}

fn single_look(call: &ApiCall) -> ApiResult<&'static Endpoint> {
    let endpoints = call.app.gate.catalog().endpoints().iter();
    let mut endpoints = endpoints.filter(|endpoint| endpoint.method == Method::Get);
    endpoints
        .find(|endpoint| endpoint.template == "/repos/{owner}/{repo}")
        .ok_or(ApiError::Internal)
}

/// Reads `sort` and `direction`; names go up by default, times down.
fn read_order(call: &ApiCall, default: &'static str) -> ApiResult<Order> {
    let given = call.query.one("sort")?.is_some();
    let known = ["created", "updated", "pushed", "full_name"];
    let word = if given {
        call.query.word("sort", &known)?
    } else {
        default
    };
    let by = match word {
        "created" => SortBy::Created,
        "updated" | "pushed" => SortBy::Updated,
        _ => SortBy::Name,
    };
    let directions = if by == SortBy::Name {
        ["asc", "desc"]
    } else {
        ["desc", "asc"]
    };
    let is_descending = call.query.word("direction", &directions)? == "desc";
    Ok(Order { by, is_descending })
}
