//! What a handler gets: the app, its permit, and what came with the request.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header::ACCEPT};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::Value;

use super::body::JsonBody;
use super::errors::ApiResult;
use super::permit::Permit;
use super::query::Query;
use super::shapes::Links;
use crate::app::App;
use crate::domain::rate::Standing;
use crate::git::repository::Repository as GitRepository;
use crate::store::db::Reader;
use crate::store::repositories::Repository;

/// One permitted call.
#[derive(Debug)]
pub struct ApiCall {
    /// Everything shared.
    pub app: App,
    /// The right to do it.
    pub permit: Permit,
    /// The path below the API's prefix, as it came.
    pub path: String,
    /// The query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for operations that take none.
    pub body: Bytes,
    /// How many calls the caller has left; none where they are not limited.
    pub standing: Option<Standing>,
}

impl ApiCall {
    /// Something to read with.
    pub fn db(&self) -> Reader {
        self.app.context.store.reader()
    }

    /// Writes addresses.
    pub fn links(&self) -> Links<'_> {
        Links::new(&self.app.config.base_url)
    }

    /// The repository that the path names.
    pub fn repository(&self) -> ApiResult<Arc<Repository>> {
        self.permit
            .repository()
            .map(|(repository, _)| Arc::clone(repository))
    }

    /// The git side of the repository that the path names.
    pub fn git(&self) -> ApiResult<GitRepository> {
        let id = self.permit.repository()?.0.id;
        Ok(GitRepository::at(self.app.git.layout.repository(id.get())))
    }

    /// Reads the body as a JSON object.
    pub fn json(&self, resource: &'static str) -> ApiResult<JsonBody> {
        JsonBody::read(resource, &self.body)
    }

    /// Whether the client asks for a file's bytes instead of JSON.
    pub fn wants_raw(&self) -> bool {
        let accepted = self.headers.get_all(ACCEPT).iter();
        let mut accepted = accepted.filter_map(|value| value.to_str().ok());
        accepted.any(|value| value.contains("application/vnd.github") && value.contains(".raw"))
    }
}

/// A successful answer.
pub(super) fn json(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// `200` with a body.
pub(super) fn ok(body: Value) -> Response {
    json(StatusCode::OK, body)
}

/// `202`: taken on.
pub(super) fn accepted(body: Value) -> Response {
    json(StatusCode::ACCEPTED, body)
}

/// `204`: done, nothing to say.
pub(super) fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
