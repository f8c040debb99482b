//! Repositories: one, and lists that show exactly what the single look would allow.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::organizations::people;
use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest};
use crate::api::shapes::{Facts, full_repository};
use crate::domain::access::decision::{Door, Workflows};
use crate::domain::access::rights::Visibility;
use crate::domain::catalog::{Endpoint, Method};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::role::RepositoryRole;
use crate::domain::token::conditions::Branches;
use crate::gate::{Call, Resolved};
use crate::git::repository::{FIRST_BRANCH, Repository as GitRepository};
use crate::store::accounts;
use crate::store::issues;
use crate::store::repositories::{self, Repository};

/// How many rows of a list are loaded at once.
const CHUNK: i64 = 500;

/// A repository that the caller may read, with their own role on it.
struct Shown {
    repository: Arc<Repository>,
    role: Option<RepositoryRole>,
}

/// One repository.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let (repository, role) = call.permit.repository()?;
    let shown = Shown {
        repository: Arc::clone(repository),
        role,
    };
    let mut items = render(&call, &[shown]).await?;
    Ok(ok(items.pop().ok_or_else(ApiError::not_found)?))
}

/// The repositories of an organization.
pub(in crate::api) async fn of_organization(call: ApiCall) -> ApiResult {
    let visibilities = ["all", "public", "private", "internal", "sources", "forks"];
    let wanted = call.query.word("type", &visibilities)?;
    let sorting = Sorting::read(&call, "created")?;
    let owner = call.permit.account()?.id;
    let found = all_of_owner(&call, owner).await?;
    let found = found
        .into_iter()
        .filter(|repository| is_wanted(repository, wanted));
    answer(&call, found.collect(), sorting).await
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
    let sorting = Sorting::read(&call, "full_name")?;
    let user = call.permit.user()?;
    let found = all_of_user(&call, user).await?;
    let found = found.into_iter().filter(|repository| {
        let fits = match kind {
            "owner" => repository.owner_id == user,
            "member" => repository.owner_id != user,
            word => is_wanted(repository, word),
        };
        fits && is_wanted(repository, visibility)
    });
    answer(&call, found.collect(), sorting).await
}

/// Whether a repository belongs to a list of this `type` or `visibility`. Nothing here is a fork.
fn is_wanted(repository: &Repository, word: &str) -> bool {
    match word {
        "public" => repository.visibility == Visibility::Public,
        "private" => repository.visibility != Visibility::Public,
        "internal" => repository.visibility == Visibility::Internal,
        "forks" => false,
        _ => true,
    }
}

/// Every repository of an owner, by name.
pub(in crate::api) async fn all_of_owner(
    call: &ApiCall,
    owner: AccountId,
) -> ApiResult<Vec<Repository>> {
    let mut all: Vec<Repository> = Vec::new();
    loop {
        let after = all.last().map_or("", |last| last.name.as_str());
        let chunk = repositories::list_of_owner(&mut call.db(), owner, after, CHUNK).await?;
        if chunk.is_empty() {
            return Ok(all);
        }
        all.extend(chunk);
    }
}

async fn all_of_user(call: &ApiCall, user: AccountId) -> ApiResult<Vec<Repository>> {
    let mut all: Vec<Repository> = Vec::new();
    loop {
        let after = all.last().map_or(RepositoryId::new(0), |last| last.id);
        let chunk = repositories::list_of_user(&mut call.db(), user, after, CHUNK).await?;
        if chunk.is_empty() {
            return Ok(all);
        }
        all.extend(chunk);
    }
}

/// In which order a list comes.
#[derive(Debug, Clone, Copy)]
struct Sorting {
    by: &'static str,
    is_descending: bool,
}

impl Sorting {
    /// Reads `sort` and `direction`; names go up by default, times down.
    fn read(call: &ApiCall, default: &'static str) -> ApiResult<Self> {
        let given = call.query.one("sort")?.is_some();
        let known = ["created", "updated", "pushed", "full_name"];
        let by = if given {
            call.query.word("sort", &known)?
        } else {
            default
        };
        let directions = if by == "full_name" {
            ["asc", "desc"]
        } else {
            ["desc", "asc"]
        };
        let is_descending = call.query.word("direction", &directions)? == "desc";
        Ok(Self { by, is_descending })
    }

    fn sort(self, items: &mut [Shown]) {
        let name = |item: &Shown| item.repository.full_name().to_ascii_lowercase();
        match self.by {
            "created" => items.sort_by_key(|item| (item.repository.created_at, item.repository.id)),
            "updated" | "pushed" => {
                items.sort_by_key(|item| (item.repository.updated_at, item.repository.id));
            }
            _ => items.sort_by_key(name),
        }
        if self.is_descending {
            items.reverse();
        }
    }
}

async fn answer(call: &ApiCall, found: Vec<Repository>, sorting: Sorting) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let mut shown = allowed(call, found).await?;
    sorting.sort(&mut shown);
    let (shown, rest) = request.cut(shown);
    let items = render(call, &shown).await?;
    Ok(paging::page(call, request, items, rest))
}

/// Those that the same caller could read one by one.
async fn allowed(call: &ApiCall, found: Vec<Repository>) -> ApiResult<Vec<Shown>> {
    let endpoint = single_look(call)?;
    let meta = call.permit.meta();
    let single = Call {
        endpoint: Some(endpoint),
        parameters: &[],
        door: Door::Api,
        is_read: true,
        method: "GET",
        path: &call.path,
        client: meta.client,
        request_id: &meta.request_id,
        branches: Branches::None,
        workflows: Workflows::Untouched,
    };
    let mut shown = Vec::new();
    for repository in found {
        let repository = Arc::new(repository);
        let ruling = call
            .app
            .gate
            .judge_repository(call.permit.credential(), &single, &repository)
            .await?;
        if ruling.decision.is_allowed()
            && let Some(Resolved::Repository { role, .. }) = ruling.targets.first()
        {
            shown.push(Shown {
                repository,
                role: *role,
            });
        }
    }
    Ok(shown)
}

fn single_look(call: &ApiCall) -> ApiResult<&'static Endpoint> {
    let endpoints = call.app.gate.catalog().endpoints().iter();
    let mut endpoints = endpoints.filter(|endpoint| endpoint.method == Method::Get);
    endpoints
        .find(|endpoint| endpoint.template == "/repos/{owner}/{repo}")
        .ok_or(ApiError::Internal)
}

async fn render(call: &ApiCall, shown: &[Shown]) -> ApiResult<Vec<Value>> {
    let owners = people(call, shown.iter().map(|item| item.repository.owner_id)).await?;
    let ids: Vec<_> = shown.iter().map(|item| item.repository.id).collect();
    let open = issues::count_open(&mut call.db(), &ids).await?;
    let branches = try_join_all(ids.iter().map(|id| default_branch(call, *id))).await?;
    let items = shown.iter().zip(&branches).filter_map(|(item, branch)| {
        let facts = Facts {
            owner: owners.get(&item.repository.owner_id)?,
            default_branch: branch,
            open_issues: open.get(&item.repository.id).copied().unwrap_or(0),
            role: item.role,
            is_signed_in: call.permit.token().is_some(),
        };
        Some(full_repository(call.links(), &item.repository, &facts))
    });
    Ok(items.collect())
}

async fn default_branch(call: &ApiCall, id: RepositoryId) -> ApiResult<String> {
    let repository = GitRepository::at(call.app.git.layout.repository(id.get()));
    match repository.default_branch().await {
        Ok(name) => Ok(name),
        Err(error) => {
            // A list must not fail because one repository's files are damaged.
            tracing::error!(%error, repository = id.get(), "a default branch could not be read");
            Ok(FIRST_BRANCH.to_owned())
        }
    }
}

/// The owners of repositories, for shapes that hold only their ids.
pub(in crate::api) async fn owners_of(
    call: &ApiCall,
    found: &[Repository],
) -> ApiResult<HashMap<AccountId, accounts::Account>> {
    people(call, found.iter().map(|repository| repository.owner_id)).await
}
