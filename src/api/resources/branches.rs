//! Branches.

use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::shapes::{branch, short_branch};
use crate::git::error::GitError;

/// Branches by name.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let protected = call.query.word("protected", &["all", "true", "false"])?;
    let mut listed = call.git()?.list_branches(request.for_git()).await?;
    if protected == "true" {
        // None is protected here.
        listed.items.clear();
        listed.has_more = false;
    }
    let full_name = call.repository()?.full_name();
    let items = listed.items.iter();
    let items = items
        .map(|item| short_branch(call.links(), &full_name, item))
        .collect();
    Ok(paging::page(
        &call,
        request,
        items,
        Rest::HasMore(listed.has_more),
    ))
}

/// One branch with its newest commit.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let git = call.git()?;
    let found = git
        .find_branch(call.permit.parameter("branch"))
        .await
        .map_err(missing)?;
    let head = git.find_commit(&found.commit).await?;
    Ok(ok(branch(
        call.links(),
        &call.repository()?.full_name(),
        &found,
        &head,
    )))
}

fn missing(error: GitError) -> ApiError {
    match error {
        GitError::NotFound(_) | GitError::Empty => ApiError::Missing("Branch not found".to_owned()),
        other => other.into(),
    }
}
