//! What the OAuth addresses answer when they do not do what was asked (RFC 6749 §5.2).

use axum::Json;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::gate::Unavailable;
use crate::store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The form cannot be read, or says something twice.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// Whoever asks did not show that it is a service.
    #[error(
        "show which service asks: its name and secret, by Basic authentication or as `client_id` and `client_secret`"
    )]
    InvalidClient,
    /// It cannot be known now.
    #[error("this cannot be known now; try again in a second")]
    Unavailable,
}

impl From<Unavailable> for OauthError {
    fn from(error: Unavailable) -> Self {
        tracing::error!(%error, "a service's question about a token could not be answered");
        Self::Unavailable
    }
}

impl From<StoreError> for OauthError {
    fn from(error: StoreError) -> Self {
        Unavailable::Store(error).into()
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        };
        let body = Json(json!({"error": code, "error_description": self.to_string()}));
        let mut response = (status, [(CACHE_CONTROL, "no-store")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"Grantry\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
