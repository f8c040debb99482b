//! Who sets a policy: an owner of the organization, or of the enterprise, in the address.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::domain::policy::wish::PolicyMistake;
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::{EnterpriseOwner, OrganizationOwner, SignedIn};
use crate::web::form::Fields;
use crate::web::pages::{enterprise, organization};

/// The witness that every handler of these pages holds.
#[derive(Debug, Clone)]
pub enum PolicyOwner {
    /// Of an organization.
    Organization(OrganizationOwner),
    /// Of an enterprise.
    Enterprise(EnterpriseOwner),
}

impl FromRequestParts<App> for PolicyOwner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| PageError::NotFound.into_response())?;
        if params.iter().any(|(name, _)| name == "org") {
            let owner = OrganizationOwner::from_request_parts(parts, app).await?;
            return Ok(Self::Organization(owner));
        }
        let owner = EnterpriseOwner::from_request_parts(parts, app).await?;
        Ok(Self::Enterprise(owner))
    }
}

impl PolicyOwner {
    /// The person.
    pub const fn signed_in(&self) -> &SignedIn {
        match self {
            Self::Organization(owner) => &owner.signed_in,
            Self::Enterprise(owner) => &owner.signed_in,
        }
    }

    /// The organization or enterprise.
    pub const fn scope(&self) -> &Account {
        match self {
            Self::Organization(owner) => &owner.organization,
            Self::Enterprise(owner) => &owner.enterprise,
        }
    }

    /// Where the policy is.
    pub fn path(&self) -> String {
        match self {
            Self::Organization(owner) => {
                organization::frame::policy_path(&owner.organization.login)
            }
            Self::Enterprise(owner) => enterprise::frame::policy_path(&owner.enterprise.login),
        }
    }

    /// Where the policy for one kind of token is.
    pub fn tab(&self, kind: TokenKind) -> String {
        match kind {
            TokenKind::FineGrained => self.path(),
            TokenKind::Classic => format!("{}?tab=classic", self.path()),
        }
    }

    /// Where a change is previewed; the fields say which.
    pub fn preview(&self, fields: &Fields) -> String {
        format!("{}/preview?{}", self.path(), fields.encode())
    }

    /// The way back from a page that cannot be shown.
    pub fn back(&self, kind: TokenKind) -> (String, String) {
        let words = format!("Open the policy of {} again", self.scope().name);
        (words, self.tab(kind))
    }

    /// Nothing where the person is confirmed; otherwise the way to the passkey, with the form kept for `path`.
    pub async fn confirm(&self, app: &App, path: &str, fields: &Fields) -> Option<Response> {
        let act = format!("change what {} allows of tokens", self.scope().name);
        self.signed_in().ask_first(app, &act, path, fields).await
    }

    /// The frame of a page, with the navigation beside it.
    pub async fn around(
        &self,
        app: &App,
        title: &str,
        trail: Vec<Crumb>,
    ) -> PageResult<(Chrome, Nav)> {
        let list = self.path();
        match self {
            Self::Organization(owner) => {
                organization::frame::around(app, owner, title, &list, trail).await
            }
            Self::Enterprise(owner) => Ok(enterprise::frame::around(owner, title, &list, trail)),
        }
    }

    /// The name of the enterprise above an organization; empty where there is none.
    pub async fn enterprise(&self, app: &App) -> PageResult<String> {
        let Some(id) = self.scope().enterprise_id else {
            return Ok(String::new());
        };
        let found = accounts::find(&mut app.context.store.reader(), id).await?;
        Ok(found.map(|account| account.name).unwrap_or_default())
    }

    /// Mistakes as their fields show them.
    pub async fn messages(
        &self,
        app: &App,
        mistakes: &[PolicyMistake],
    ) -> PageResult<Vec<(&'static str, String)>> {
        let enterprise = self.enterprise(app).await?;
        let messages = mistakes.iter();
        Ok(messages
            .map(|mistake| super::form::message(*mistake, &enterprise))
            .collect())
    }
}
