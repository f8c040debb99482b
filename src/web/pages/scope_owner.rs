//! Who sets policies and exempts tokens: an owner of the organization, or of the enterprise, in the address. Both have
//! the same pages, each for what it sets itself.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::domain::account::AccountKind;
use crate::store::accounts::Account;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::{EnterpriseOwner, OrganizationOwner, SignedIn};
use crate::web::pages::{enterprise, organization};

/// A signed-in owner of whatever sets the policy: the witness that every handler of these pages holds.
#[derive(Debug, Clone)]
pub enum ScopeOwner {
    /// Of an organization.
    Organization(OrganizationOwner),
    /// Of an enterprise.
    Enterprise(EnterpriseOwner),
}

impl FromRequestParts<App> for ScopeOwner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| PageError::NotFound.into_response())?;
        if params.iter().any(|(name, _)| name == "org") {
            return OrganizationOwner::from_request_parts(parts, app)
                .await
                .map(Self::Organization);
        }
        EnterpriseOwner::from_request_parts(parts, app)
            .await
            .map(Self::Enterprise)
    }
}

impl ScopeOwner {
    /// The person.
    pub const fn signed_in(&self) -> &SignedIn {
        match self {
            Self::Organization(owner) => &owner.signed_in,
            Self::Enterprise(owner) => &owner.signed_in,
        }
    }

    /// Whose policy it is about.
    pub const fn account(&self) -> &Account {
        match self {
            Self::Organization(owner) => &owner.organization,
            Self::Enterprise(owner) => &owner.enterprise,
        }
    }

    /// What it is called in sentences.
    pub fn name(&self) -> &str {
        &self.account().name
    }

    /// Whether it is an enterprise.
    pub fn is_above(&self) -> bool {
        self.account().kind == AccountKind::Enterprise
    }

    /// The frame of a page, with the navigation beside it; `current` is the address of the list that it belongs to.
    pub async fn around(
        &self,
        app: &App,
        title: &str,
        current: &str,
        trail: Vec<Crumb>,
    ) -> PageResult<(Chrome, Nav)> {
        match self {
            Self::Organization(owner) => {
                organization::frame::around(app, owner, title, current, trail).await
            }
            Self::Enterprise(owner) => Ok(enterprise::frame::around(owner, title, current, trail)),
        }
    }
}
