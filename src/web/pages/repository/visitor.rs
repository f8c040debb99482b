//! Who stands before a repository: a value that a handler holds, so that no page of it is shown without the right.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::frame;
use crate::app::App;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::role::RepositoryRole;
use crate::git::repository::Repository as GitRepository;
use crate::store::accounts::{self, Account};
use crate::store::reach;
use crate::store::repositories::{self, Repository};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::SignedIn;

/// A signed-in person with a role on the repository `{owner}/{repo}` in the path.
#[derive(Debug, Clone)]
pub struct RepositoryVisitor {
    /// The person.
    pub signed_in: SignedIn,
    /// Who owns the repository.
    pub owner: Account,
    /// The repository.
    pub repository: Repository,
    /// The person's role on it, by whatever gives the highest.
    pub role: RepositoryRole,
    /// The person's role in the organization that owns it.
    pub membership: Option<MemberRole>,
}

impl RepositoryVisitor {
    /// Whether the person is, or owns, the account that owns the repository: sees which tokens reach it.
    pub fn owns_it(&self) -> bool {
        self.owner.id == self.signed_in.user.id || self.membership == Some(MemberRole::Owner)
    }

    /// Whether the person administers it.
    pub fn is_admin(&self) -> bool {
        self.role == RepositoryRole::Admin
    }

    /// The bare repository behind it.
    pub fn git(&self, app: &App) -> GitRepository {
        GitRepository::at(app.git.layout.repository(self.repository.id.get()))
    }
}

impl FromRequestParts<App> for RepositoryVisitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let (owner, name) = names(app, parts).await.map_err(PageError::into_response)?;
        if let Some(name) = name.strip_suffix(".git") {
            // What is cloned from, opened in a browser.
            return Err(Redirect::to(&frame::path(&owner, name)).into_response());
        }
        let found = find(app, signed_in, &owner, &name).await;
        found.map_err(PageError::into_response)
    }
}

async fn names(app: &App, parts: &mut Parts) -> PageResult<(String, String)> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| PageError::NotFound)?;
    let value = |wanted: &str| {
        let found = params.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.to_owned())
    };
    value("owner").zip(value("repo")).ok_or(PageError::NotFound)
}

/// Hidden and absent are one answer.
async fn find(
    app: &App,
    signed_in: SignedIn,
    owner: &str,
    name: &str,
) -> PageResult<RepositoryVisitor> {
    let mut db = app.context.store.reader();
    let owner = accounts::find_login(&mut db, owner).await?;
    let owner = owner
        .filter(|owner| owner.kind != AccountKind::Enterprise)
        .ok_or(PageError::NotFound)?;
    let repository = repositories::find_named(&mut db, owner.id, name).await?;
    let repository = repository.ok_or(PageError::NotFound)?;
    let user = signed_in.user.id;
    let role = reach::find_role(&mut db, user, &repository).await?;
    let membership = accounts::find_role(&mut db, owner.id, user).await?;
    Ok(RepositoryVisitor {
        role: role.ok_or(PageError::NotFound)?,
        signed_in,
        owner,
        repository,
        membership,
    })
}

/// A signed-in admin of the repository in the path. To anybody else its settings do not exist.
#[derive(Debug, Clone)]
pub struct RepositoryAdmin(pub RepositoryVisitor);

impl FromRequestParts<App> for RepositoryAdmin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = RepositoryVisitor::from_request_parts(parts, app).await?;
        if visitor.is_admin() {
            Ok(Self(visitor))
        } else {
            Err(PageError::NotFound.into_response())
        }
    }
}
