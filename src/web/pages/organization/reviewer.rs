//! Who decides about other people's tokens at an account: an owner of the organization in the address, or the user
//! whose own account it is. Both have the same pages at addresses of their own.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::{GrantId, RequestId};
use crate::store::accounts::Account;
use crate::store::listings::EntryFilter;
use crate::web::error::PageError;
use crate::web::extract::{OrganizationOwner, SignedIn};

/// A signed-in person who may decide requests at an account and take grants back there: the witness that every handler
/// of these pages holds.
#[derive(Debug, Clone)]
pub struct Reviewer {
    /// The person.
    pub signed_in: SignedIn,
    /// The resource owner.
    pub owner: Account,
    /// Where its pages are.
    pub paths: Paths,
}

impl FromRequestParts<App> for Reviewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        use axum::response::IntoResponse as _;
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| PageError::NotFound.into_response())?;
        if params.iter().any(|(name, _)| name == "org") {
            let found = OrganizationOwner::from_request_parts(parts, app).await?;
            return Ok(Self::new(found.signed_in, found.organization));
        }
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let owner = signed_in.user.clone();
        Ok(Self::new(signed_in, owner))
    }
}

impl Reviewer {
    fn new(signed_in: SignedIn, owner: Account) -> Self {
        Self {
            signed_in,
            paths: Paths::of(&owner),
            owner,
        }
    }

    /// Whether the account is the person's own.
    pub fn is_own_account(&self) -> bool {
        self.owner.kind == AccountKind::User
    }

    /// A filter of what works at the account: at one's own, one's own tokens are no matter of review.
    pub fn of_others(&self, filter: EntryFilter) -> EntryFilter {
        EntryFilter {
            others_than: self.is_own_account().then_some(self.owner.id),
            ..filter
        }
    }

    /// What the account is called in sentences: an organization by its name, a user by the login.
    pub fn name(&self) -> &str {
        if self.is_own_account() {
            &self.owner.login
        } else {
            &self.owner.name
        }
    }
}

/// The addresses of an account's pages for reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The requests that wait.
    pub requests: String,
    /// The tokens that work.
    pub active: String,
}

impl Paths {
    /// The addresses at an account.
    pub fn of(owner: &Account) -> Self {
        let login = &owner.login;
        if owner.kind == AccountKind::User {
            return Self {
                requests: "/settings/personal-access-token-requests".to_owned(),
                active: "/settings/personal-access-token-requests/active".to_owned(),
            };
        }
        let settings = format!("/organizations/{login}/settings");
        Self {
            requests: format!("{settings}/personal-access-token-requests"),
            active: format!("{settings}/personal-access-tokens/active"),
        }
    }

    /// One request.
    pub fn request(&self, id: RequestId) -> String {
        format!("{}/{id}", self.requests)
    }

    /// One token that works.
    pub fn grant(&self, id: GrantId) -> String {
        format!("{}/{id}", self.active)
    }
}
