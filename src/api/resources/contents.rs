//! Files and folders: reading them, and writing a file as a commit.

mod write;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

pub(in crate::api) use write::{LARGEST_BODY, delete, put, unread};

use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::shapes::{Place, contents};
use crate::git::contents::{Contents, File};
use crate::git::error::GitError;

/// The largest file that is given or taken, in bytes: larger ones are for git.
const LARGEST_FILE: u32 = 10 * 1024 * 1024;
/// What stands at a path, or in the root.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let path = call.permit.parameter("path");
    let asked = call.query.one("ref")?;
    let git = call.git()?;
    let commit = git.resolve(asked).await.map_err(missing)?;
    let found = git
        .contents(Some(&commit), path, LARGEST_FILE.into())
        .await?;
    if let (true, Contents::File(file)) = (call.wants_raw(), &found) {
        return Ok(raw(file));
    }
    let reference = match asked {
        Some(asked) => asked.to_owned(),
        None => git.default_branch().await?,
    };
    let full_name = call.repository()?.full_name();
    let place = Place {
        full_name: &full_name,
        path,
        reference: &reference,
    };
    Ok(ok(contents(call.links(), place, &found)))
}

/// The bytes alone, under a type that no browser runs.
fn raw(file: &File) -> Response {
    let mut response = file.bytes.clone().into_response();
    let kind = HeaderValue::from_static("application/vnd.github.raw+json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn missing(error: GitError) -> ApiError {
    match error {
        GitError::NotFound(name) => {
            ApiError::Missing(format!("No commit found for the ref {name}"))
        }
        other => other.into(),
    }
}
