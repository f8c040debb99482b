//! One repository: read, create, change, delete.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::organizations::people;
use crate::actions::change_repository::{Edit, change_repository};
use crate::actions::create_repository::{Draft, create_repository};
use crate::actions::delete_repository::delete_repository;
use crate::actions::repositories::RepositoryError;
use crate::api::body::JsonBody;
use crate::api::call::{ApiCall, done, json, ok};
use crate::api::errors::{ApiError, ApiResult, FieldError};
use crate::api::shapes::{Facts, full_repository};
use crate::domain::access::rights::Visibility;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::repository::Mistake;
use crate::domain::role::RepositoryRole;
use crate::git::repository::{FIRST_BRANCH, Repository as GitRepository};
use crate::store::repositories::Repository;
use crate::store::{accounts, issues};

/// What error messages call it.
const RESOURCE: &str = "Repository";

/// The longest text that a field may hold before its own rule is asked, in characters.
const LONGEST_TEXT: usize = 1_024;

/// What is published of a repository's settings and is not kept here: asking for it must not look granted.
const UNSUPPORTED: [&str; 5] = [
    "archived",
    "is_template",
    "gitignore_template",
    "license_template",
    "team_id",
];

/// A repository that the caller may read, with their own role on it.
pub(super) struct Shown {
    pub repository: Arc<Repository>,
    pub role: Option<RepositoryRole>,
}

/// One repository.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let (repository, role) = call.permit.repository()?;
    let shown = Shown {
        repository: Arc::clone(repository),
        role,
    };
    Ok(ok(render_one(&call, shown).await?))
}

/// Creates a repository at the user's own account or at an organization.
pub(in crate::api) async fn create(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let name = body.text("name", LONGEST_TEXT);
    body.require("name", name.is_some());
    let description = body.text("description", LONGEST_TEXT).unwrap_or_default();
    let visibility = read_visibility(&mut body).unwrap_or(Visibility::Public);
    let has_readme = body.flag("auto_init").unwrap_or(false);
    refuse_unsupported(&mut body);
    body.finish()?;
    let draft = Draft {
        name: name.unwrap_or_default(),
        description,
        visibility,
        has_readme,
    };
    let owner = call.permit.account()?.id;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let (context, layout) = (&call.app.context, &call.app.git.layout);
    let created = create_repository(context, layout, &origin, user, owner, &draft).await;
    let shown = administered(created.map_err(refusal)?);
    Ok(created_answer(render_one(&call, shown).await?))
}

fn created_answer(shown: Value) -> Response {
    let location = shown["url"]
        .as_str()
        .and_then(|url| HeaderValue::from_str(url).ok());
    let mut response = json(StatusCode::CREATED, shown);
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Changes what the body states and leaves the rest.
pub(in crate::api) async fn update(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let name = body.text("name", LONGEST_TEXT);
    let description = body
        .states("description")
        .then(|| body.text("description", LONGEST_TEXT).unwrap_or_default());
    let visibility = read_visibility(&mut body);
    let branch = body.text("default_branch", LONGEST_TEXT);
    refuse_unsupported(&mut body);
    let (found, git) = (call.repository()?, call.git()?);
    if let Some(branch) = branch
        && branch != git.default_branch().await?
    {
        let message = "The default branch cannot be changed by API: leave `default_branch` out.";
        body.refuse("default_branch", "custom", message);
    }
    body.finish()?;
    let edit = Edit {
        name,
        description,
        visibility,
    };
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let changed = change_repository(&call.app.context, &origin, user, found.id, None, &edit).await;
    let shown = administered(changed.map_err(refusal)?);
    Ok(ok(render_one(&call, shown).await?))
}

/// Deletes a repository for good.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let id = call.repository()?.id;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let (context, layout) = (&call.app.context, &call.app.git.layout);
    let deleted = delete_repository(context, layout, &origin, user, id, None).await;
    deleted.map_err(refusal)?;
    Ok(done())
}

/// `visibility`, or `private`, which older clients send; both only where they agree.
fn read_visibility(body: &mut JsonBody) -> Option<Visibility> {
    let word = body.word("visibility", &["public", "internal", "private"]);
    let private = body.flag("private");
    let stated = word.and_then(|word| word.parse::<Visibility>().ok());
    match (stated, private) {
        (Some(stated), Some(private)) if private == (stated == Visibility::Public) => {
            let message = format!(
                "`private` is {private} and `visibility` is `{stated}`: send one of the two"
            );
            body.refuse("private", "invalid", message);
            None
        }
        (Some(stated), _) => Some(stated),
        (None, Some(true)) => Some(Visibility::Private),
        (None, Some(false)) => Some(Visibility::Public),
        (None, None) => None,
    }
}

fn refuse_unsupported(body: &mut JsonBody) {
    for field in UNSUPPORTED {
        if body.asks_for(field) {
            body.refuse(
                field,
                "custom",
                format!("`{field}` is not supported here: leave it out"),
            );
        }
    }
}

/// What a repository looks like to whoever just changed it.
fn administered(repository: Repository) -> Shown {
    Shown {
        repository: Arc::new(repository),
        role: Some(RepositoryRole::Admin),
    }
}

/// Why nothing happened, as the API says it.
pub(super) fn refusal(error: RepositoryError) -> ApiError {
    match error {
        RepositoryError::NotFound => ApiError::not_found(),
        RepositoryError::NotAllowed => ApiError::Forbidden(
            "Only an owner of the account or an admin of the repository can do this.".to_owned(),
        ),
        RepositoryError::Moved => ApiError::Conflict(
            "The repository was changed in the same moment: read it again, then send the change again.".to_owned(),
        ),
        RepositoryError::Mistakes(mistakes) => {
            ApiError::Invalid(mistakes.into_iter().map(field_error).collect())
        }
        RepositoryError::Git(error) => error.into(),
        RepositoryError::Folder(error) => {
            tracing::error!(%error, "the folder of the repositories cannot be written");
            ApiError::Internal
        }
        RepositoryError::Store(error) => error.into(),
    }
}

fn field_error(mistake: Mistake) -> FieldError {
    FieldError {
        resource: RESOURCE,
        field: mistake.field.to_string(),
        code: "custom",
        message: mistake.message,
        value: None,
    }
}

async fn render_one(call: &ApiCall, shown: Shown) -> ApiResult<Value> {
    let mut items = render(call, &[shown]).await?;
    items.pop().ok_or_else(ApiError::not_found)
}

/// *Full Repository* of each.
pub(super) async fn render(call: &ApiCall, shown: &[Shown]) -> ApiResult<Vec<Value>> {
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
