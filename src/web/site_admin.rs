//! Who runs the installation, as a value that the pages under `/admin` hold.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};

use super::error::PageError;
use super::extract::SignedIn;
use crate::app::App;

/// A signed-in site administrator. To anybody else the pages do not exist. It is a right to the installation and its
/// directory alone: no resource is reached through it, no token is seen, no request decided.
#[derive(Debug, Clone)]
pub struct SiteAdmin {
    /// The person.
    pub signed_in: SignedIn,
}

impl FromRequestParts<App> for SiteAdmin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if signed_in.user.site_admin {
            Ok(Self { signed_in })
        } else {
            Err(PageError::NotFound.into_response())
        }
    }
}
