//! What goes wrong, and how it is said: one enum, one exhaustive match, so that every error has the published shape
//! `{"message", "documentation_url", "status"}` with a reason that a program can read.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::domain::access::decision::{Reason, Refusal};
use crate::domain::access::explain::need_word;
use crate::domain::catalog::Catalog;
use crate::domain::ids::TokenId;
use crate::gate::{Gate, Ruling, Unavailable};
use crate::git::error::GitError;
use crate::store::StoreError;

/// What handlers return.
pub type ApiResult<T = Response> = Result<T, ApiError>;

/// One value of a body or query that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// What it belongs to, such as `Issue`.
    pub resource: &'static str,
    /// Its name.
    pub field: String,
    /// The published word: `missing_field`, `invalid` or `custom`.
    pub code: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Which one of a list of ids it is about.
    pub value: Option<i64>,
}

/// Why a call is not answered as asked.
#[derive(Debug)]
pub enum ApiError {
    /// The gate said no.
    Refused(Box<Refused>),
    /// Something inside of what the caller may read does not exist.
    Missing(String),
    /// The request cannot be read in one way only.
    BadRequest(String),
    /// The caller may do this sort of thing, and not this one.
    Forbidden(String),
    /// The resource is in a state in which this cannot be done.
    Conflict(String),
    /// The version that was read is missing, and must be stated.
    PreconditionRequired(String),
    /// It changed since it was read.
    PreconditionFailed(String),
    /// The body is larger than the operation takes, in bytes.
    BodyTooLarge(usize),
    /// Values of the body or query cannot be used.
    Invalid(Vec<FieldError>),
    /// The request can be read, and its meaning cannot be carried out.
    Unprocessable(String),
    /// The caller has made too many calls.
    TooMany {
        /// How many fit, and when it goes on.
        message: String,
        /// After how many seconds it goes on.
        retry_after: i64,
    },
    /// It cannot be known now; asking again soon may help.
    Unavailable,
    /// Our fault. The cause is in the log, never in the answer.
    Internal,
}

/// A refusal of the gate, ready to be said.
#[derive(Debug)]
pub struct Refused {
    reason: Reason,
    message: String,
    details: Map<String, Value>,
}

impl Refused {
    /// The code, the sentence, and what is needed and held, as fields.
    pub fn fields(self) -> Map<String, Value> {
        let mut fields = self.details;
        fields.insert("reason".to_owned(), self.reason.as_str().into());
        fields.insert("message".to_owned(), self.message.into());
        fields
    }

    /// What a ruling says; `refusal` is its decision.
    pub fn new(gate: &Gate, ruling: &Ruling, refusal: &Refusal) -> Self {
        Self {
            reason: refusal.reason,
            message: ruling.sentence(gate),
            details: details(gate.catalog(), refusal),
        }
    }
}

/// The sets of which any one would do, and what is held of them.
fn details(catalog: &Catalog, refusal: &Refusal) -> Map<String, Value> {
    let mut details = Map::new();
    if !refusal.needed.is_empty() {
        let set =
            |set: &Vec<_>| -> Value { set.iter().map(|need| need_word(catalog, need)).collect() };
        details.insert(
            "needed".to_owned(),
            refusal.needed.iter().map(set).collect(),
        );
    }
    if !refusal.held.is_empty() {
        let held = refusal.held.iter().map(|held| {
            let slug = &catalog.permission(held.permission).slug;
            let level = held.level.map_or("none", |level| level.as_str());
            format!("{slug}={level}")
        });
        details.insert("held".to_owned(), held.collect());
    }
    if refusal.reason == Reason::MissingScope {
        let scopes = refusal
            .scopes
            .iter()
            .map(|scope| catalog.scope(scope).name.clone());
        details.insert("scopes".to_owned(), scopes.collect());
    }
    details
}

impl ApiError {
    /// A resource that is not there: the same words as for one that is hidden.
    pub fn not_found() -> Self {
        Self::Missing("Not Found".to_owned())
    }

    /// One value that cannot be used.
    pub fn invalid(resource: &'static str, field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            resource,
            field: field.to_owned(),
            code: "invalid",
            message: message.into(),
            value: None,
        }])
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refused) => {
                StatusCode::from_u16(refused.reason.status()).unwrap_or(StatusCode::FORBIDDEN)
            }
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::PreconditionRequired(_) => StatusCode::PRECONDITION_REQUIRED,
            Self::PreconditionFailed(_) => StatusCode::PRECONDITION_FAILED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer. `token` is the one that asked, where it may be named.
    pub fn answer(self, base_url: &str, token: Option<TokenId>) -> Response {
        let status = self.status();
        let wait = match self {
            Self::Unavailable => Some(1),
            Self::TooMany { retry_after, .. } => Some(retry_after),
            _ => None,
        };
        let mut body = Map::new();
        body.insert("message".to_owned(), self.message().into());
        body.insert(
            "documentation_url".to_owned(),
            format!("{base_url}{}", super::PREFIX).into(),
        );
        body.insert("status".to_owned(), status.as_str().into());
        if let Some(token) = token {
            body.insert("token_id".to_owned(), token.get().into());
        }
        self.add_details(&mut body);
        let mut response = (status, Json(Value::Object(body))).into_response();
        if let Some(seconds) = wait {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// What went wrong, in a sentence.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Refused(refused) => refused.message.clone(),
            Self::Missing(text)
            | Self::BadRequest(text)
            | Self::Forbidden(text)
            | Self::Conflict(text)
            | Self::PreconditionRequired(text)
            | Self::PreconditionFailed(text)
            | Self::Unprocessable(text) => text.clone(),
            Self::TooMany { message, .. } => message.clone(),
            Self::BodyTooLarge(most) => format!("The body has more than {most} bytes, the most that is read here."),
            Self::Invalid(_) => "Validation Failed".to_owned(),
            Self::Unavailable => "The server cannot decide this now; nothing was changed. Try again in a second.".to_owned(),
            Self::Internal => "The server failed; its operator finds the cause in the log under this answer's request id.".to_owned(),
        }
    }

    fn add_details(self, body: &mut Map<String, Value>) {
        match self {
            Self::Refused(refused) => {
                body.insert("reason".to_owned(), refused.reason.as_str().into());
                body.extend(refused.details);
            }
            Self::Missing(_) => {
                body.insert("reason".to_owned(), Reason::NotFound.as_str().into());
            }
            Self::Invalid(errors) => {
                body.insert("errors".to_owned(), errors.iter().map(field_json).collect());
            }
            Self::BadRequest(_)
            | Self::Forbidden(_)
            | Self::Conflict(_)
            | Self::PreconditionRequired(_)
            | Self::PreconditionFailed(_)
            | Self::BodyTooLarge(_)
            | Self::Unprocessable(_)
            | Self::TooMany { .. }
            | Self::Unavailable
            | Self::Internal => {}
        }
    }
}

fn field_json(error: &FieldError) -> Value {
    let mut shape = json!({
        "resource": error.resource,
        "field": error.field,
        "code": error.code,
        "message": error.message,
    });
    if let Some(value) = error.value {
        shape["value"] = value.into();
    }
    shape
}

impl From<Unavailable> for ApiError {
    fn from(error: Unavailable) -> Self {
        tracing::error!(%error, "a call could not be decided");
        Self::Unavailable
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database failed during a call");
        Self::Internal
    }
}

impl From<GitError> for ApiError {
    fn from(error: GitError) -> Self {
        match error {
            GitError::NotFound(_) => Self::not_found(),
            GitError::Empty => Self::Missing("This repository is empty.".to_owned()),
            GitError::TooLarge(limit) => Self::Forbidden(format!(
                "The requested blob is too large to fetch via the API, which returns blobs of up to {limit} bytes: \
                 clone the repository with git."
            )),
            GitError::Unwritable(why) => Self::Unprocessable(why),
            GitError::Failed(why) => {
                tracing::error!(why, "git failed during a call");
                Self::Internal
            }
        }
    }
}
