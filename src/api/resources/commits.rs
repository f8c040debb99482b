//! Commits.

use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::shapes::commit;
use crate::git::error::GitError;

/// Commits from a branch, tag or commit backwards, those that touch a path where one is given.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    call.query
        .refuse(&["author", "committer", "since", "until"])?;
    let start = call.query.one("sha")?;
    let path = call.query.one("path")?.map(|path| path.trim_matches('/'));
    let path = path.filter(|path| !path.is_empty());
    let git = call.git()?;
    let listed = git
        .list_commits(start, path, request.for_git())
        .await
        .map_err(missing)?;
    let full_name = call.repository()?.full_name();
    let items = listed.items.iter();
    let items = items
        .map(|item| commit(call.links(), &full_name, item))
        .collect();
    Ok(paging::page(
        &call,
        request,
        items,
        Rest::HasMore(listed.has_more),
    ))
}

/// One commit, by its id or by a name that leads to it.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let reference = call.permit.parameter("ref");
    let found = call.git()?.find_commit(reference).await.map_err(missing)?;
    Ok(ok(commit(
        call.links(),
        &call.repository()?.full_name(),
        &found,
    )))
}

fn missing(error: GitError) -> ApiError {
    match error {
        GitError::NotFound(name) => {
            ApiError::Unprocessable(format!("No commit found for SHA: {name}"))
        }
        GitError::Empty => ApiError::Conflict("Git Repository is empty.".to_owned()),
        other => other.into(),
    }
}
