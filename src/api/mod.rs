//! The REST API under `/api/v3`: JSON over the gate.
//!
//! One table, [`operation::OPERATIONS`], says what is built in. A request's raw path is matched once, against the
//! catalog, and the match that is judged is the one that is served: no second router can read the path another way.
//! A handler runs only with a [`permit::Permit`] in hand, which holds what the names in the path stand for.

pub mod body;
pub mod call;
pub mod description;
pub mod errors;
mod headers;
pub mod limits;
mod management;
pub mod operation;
pub mod paging;
pub mod permit;
pub mod query;
mod resources;
mod shapes;

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::any;
use futures_util::FutureExt as _;

use self::call::ApiCall;
use self::errors::{ApiError, ApiResult};
use self::headers::Seen;
use self::limits::Counting;
use crate::app::App;
use crate::gate::Credential;
use crate::server::meta::RequestMeta;

/// Where the API stands below the base address.
pub const PREFIX: &str = "/api/v3";

/// The API, to be merged: it names its whole addresses, so that the root document is found with a slash at its end too.
pub fn router() -> Router<App> {
    Router::new()
        .route(PREFIX, any(answer))
        .route(&format!("{PREFIX}/"), any(answer))
        .route(&format!("{PREFIX}/{{*path}}"), any(answer))
        .merge(description::router())
}

async fn answer(
    State(app): State<App>,
    meta: RequestMeta,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let mut seen = Seen::nothing();
    let serving = AssertUnwindSafe(serve(&app, &meta, &uri, request, &mut seen));
    let result = serving.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(path = uri.path(), "a handler of the API panicked");
        Err(ApiError::Internal)
    });
    let mut response =
        result.unwrap_or_else(|error| error.answer(&app.config.base_url, seen.token()));
    headers::seal(&mut response, app.context.catalog, &meta, &seen);
    response
}

async fn serve(
    app: &App,
    meta: &RequestMeta,
    uri: &Uri,
    request: Request,
    seen: &mut Seen,
) -> ApiResult {
    let (parts, body) = request.into_parts();
    let presented = permit::presented(&app.config.token_prefix, &parts.headers, uri.query());
    // What cannot be read counts as a stranger's call.
    let text = presented.as_ref().ok().and_then(Option::as_deref);
    let credential = app.gate.authenticate(text).await?;
    let path = judged_path(uri.path());
    count(app, meta, &credential, path, seen)?;
    presented?;
    let line = permit::RequestLine {
        method: parts.method.as_str(),
        path,
    };
    let (operation, permit) = permit::obtain(app, meta, &credential, line, seen).await?;
    let body = match read_body(operation.largest_body(), body).await {
        Err(error) if operation.waits_for_body() => {
            let path = permit.parameter("path");
            permit
                .settle(app, resources::contents::unread(path))
                .await?;
            Err(error)
        }
        other => other,
    }?;
    let call = ApiCall {
        app: app.clone(),
        permit,
        path: path.to_owned(),
        query: query::Query::parse(uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
        standing: seen.standing,
    };
    (operation.handler)(call).await
}

/// Counts a call before anything else is done for it.
fn count(
    app: &App,
    meta: &RequestMeta,
    credential: &Credential,
    path: &str,
    seen: &mut Seen,
) -> ApiResult<()> {
    let counting = if path == limits::OVERVIEW {
        Counting::Looks
    } else {
        Counting::Counts
    };
    let now = app.context.clock.now();
    let counted = app.limiter.count(credential, meta, counting, now);
    seen.standing = counted.map(|(standing, _)| standing);
    limits::check(counted, credential, meta, now)
}

/// The part of a path, as a client would write it, that is matched against the catalog: below the API's prefix, if it has
/// it, and without a query.
fn judged_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    root_listing(below_prefix(path))
}

/// The path below [`PREFIX`]; the root document's is `/`, with or without a slash at its end.
fn below_prefix(path: &str) -> &str {
    match path.strip_prefix(PREFIX) {
        Some("") => "/",
        Some(rest) => rest,
        None => path,
    }
}

/// The path of a repository's root folder without the slash at its end, and every other path as it came.
///
/// Some clients ask for the contents at an empty path and write `/contents/`. Everywhere else an empty segment is a bad path; here
/// it can mean nothing but the root, and this API is the only reader of its own addresses.
fn root_listing(path: &str) -> &str {
    let is_root_of = |repository: &str| {
        let names = repository.split('/').collect::<Vec<_>>();
        matches!(names[..], [owner, name] if !owner.is_empty() && !name.is_empty())
    };
    let repository = path
        .strip_prefix("/repos/")
        .and_then(|rest| rest.strip_suffix("/contents/"));
    if repository.is_some_and(is_root_of) {
        &path[..path.len() - 1]
    } else {
        path
    }
}

async fn read_body(largest: Option<usize>, body: Body) -> ApiResult<bytes::Bytes> {
    let Some(largest) = largest else {
        return Ok(bytes::Bytes::new());
    };
    axum::body::to_bytes(body, largest)
        .await
        .map_err(|_| ApiError::BodyTooLarge(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_behind_contents_is_the_root_folder() {
        for (path, read) in [
            ("/repos/acme/web/contents/", "/repos/acme/web/contents"),
            ("/repos/acme/web/contents", "/repos/acme/web/contents"),
            ("/repos/acme/web/contents//", "/repos/acme/web/contents//"),
            (
                "/repos/acme/web/contents/src/",
                "/repos/acme/web/contents/src/",
            ),
            ("/repos/acme/contents/", "/repos/acme/contents/"),
            ("/repos/acme//contents/", "/repos/acme//contents/"),
            ("/repos//web/contents/", "/repos//web/contents/"),
            ("/repos/acme/web/x/contents/", "/repos/acme/web/x/contents/"),
            ("/repos/acme/web/branches/", "/repos/acme/web/branches/"),
        ] {
            assert_eq!(root_listing(path), read, "{path}");
        }
    }

    #[test]
    fn the_path_is_taken_as_it_came() {
        for (path, below) in [
            ("/api/v3", "/"),
            ("/api/v3/", "/"),
            ("/api/v3/user", "/user"),
            ("/api/v3//user", "//user"),
            ("/api/v3/a%2Fb", "/a%2Fb"),
        ] {
            assert_eq!(below_prefix(path), below, "{path}");
        }
    }
}
