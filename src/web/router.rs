//! The console's addresses, in one table: it builds the router, and the route test walks it.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{self, MethodRouter};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::error::PageError;
use super::{cookie, csrf, error, headers, pages, session};
use crate::app::App;

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anyone,
    /// Whoever is signed in; everybody else is sent to the sign-in page.
    SignedIn,
    /// Owners of the organization in the path; it does not exist for other people.
    OrganizationOwner,
    /// Owners of the enterprise in the path; it does not exist for other people.
    EnterpriseOwner,
    /// Whoever has a role on the repository in the path; it does not exist for other people.
    RepositoryReader,
    /// Admins of the repository in the path; its settings do not exist for other people.
    RepositoryAdmin,
    /// Who runs the installation; it does not exist for other people.
    SiteAdmin,
}

/// One address of the console.
#[derive(Debug, Clone)]
pub struct Route {
    /// The path, as axum writes it.
    pub path: &'static str,
    /// Who may look at it.
    pub get: Option<Access>,
    /// Who may send something to it.
    pub post: Option<Access>,
    handlers: MethodRouter<App>,
}

impl Route {
    /// An address where nothing happens yet.
    pub fn new(path: &'static str) -> Self {
        Self {
            path,
            get: None,
            post: None,
            handlers: MethodRouter::new(),
        }
    }

    /// Shows a page here.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(mut self, access: Access, handler: H) -> Self {
        self.get = Some(access);
        self.handlers = self.handlers.merge(routing::get(handler));
        self
    }

    /// Takes a form here.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(mut self, access: Access, handler: H) -> Self {
        self.post = Some(access);
        self.handlers = self.handlers.merge(routing::post(handler));
        self
    }
}

/// Every address of the console. Page authors add theirs to the area that it belongs to.
pub fn routes() -> Vec<Route> {
    [
        for_anybody(),
        of_a_person(),
        of_an_organization(),
        of_an_enterprise(),
        of_the_installation(),
        of_a_repository(),
    ]
    .concat()
}

/// The doors of the console, and what anybody may read.
#[rustfmt::skip]
fn for_anybody() -> Vec<Route> {
    use Access::{Anyone, SignedIn};
    use pages::{api, docs, sign_in};
    vec![
        Route::new("/docs/api").get(Anyone, api::get),
        Route::new("/docs/permissions").get(Anyone, docs::permissions::list::get),
        Route::new("/docs/permissions/{slug}").get(Anyone, docs::permissions::one::get),
        Route::new("/login").get(Anyone, sign_in::login::get).post(Anyone, sign_in::login::post),
        Route::new("/login/begin").post(Anyone, sign_in::login::begin),
        Route::new("/login/recovery").get(Anyone, sign_in::recovery::get).post(Anyone, sign_in::recovery::post),
        Route::new("/enroll/{code}").get(Anyone, sign_in::enroll::get).post(Anyone, sign_in::enroll::post),
        Route::new("/enroll/{code}/begin").post(Anyone, sign_in::enroll::begin),
        Route::new("/logout").post(SignedIn, sign_in::logout::post),
        Route::new("/sudo").get(SignedIn, sign_in::sudo::get).post(SignedIn, sign_in::sudo::post),
        Route::new("/sudo/begin").post(SignedIn, sign_in::sudo::begin),
    ]
}

/// A person's own pages.
#[rustfmt::skip]
fn of_a_person() -> Vec<Route> {
    use crate::web::extract;
    use Access::{SignedIn};
    use pages::{account, audit, classic, organization as org, repository as repo, tokens, home};
    vec![
        Route::new("/settings/profile").get(SignedIn, account::profile::get).post(SignedIn, account::profile::post),
        Route::new("/settings/security").get(SignedIn, account::security::get),
        Route::new("/settings/security/passkeys/new").get(SignedIn, account::new_passkey::get).post(SignedIn, account::new_passkey::post),
        Route::new("/settings/security/passkeys/new/begin").post(SignedIn, account::new_passkey::begin),
        Route::new("/settings/security/passkeys/{id}").get(SignedIn, account::passkey::get).post(SignedIn, account::passkey::rename),
        Route::new("/settings/security/passkeys/{id}/remove").post(SignedIn, account::passkey::remove),
        Route::new("/settings/security/sessions/end-others").post(SignedIn, account::sessions::end_others),
        Route::new("/settings/security/sessions/{handle}/end").post(SignedIn, account::sessions::end_one),
        Route::new("/settings/security/recovery-codes").post(SignedIn, account::recovery_codes::post),
        Route::new("/settings/personal-access-tokens").get(SignedIn, tokens::list::get),
        Route::new("/settings/personal-access-tokens/new").get(SignedIn, tokens::new::get).post(SignedIn, tokens::new::post),
        Route::new("/settings/personal-access-tokens/{id}").get(SignedIn, tokens::one::get),
        Route::new("/settings/personal-access-tokens/{id}/explain").get(SignedIn, tokens::explain::get),
        Route::new("/settings/personal-access-tokens/{id}/edit").get(SignedIn, tokens::edit::get).post(SignedIn, tokens::edit::post),
        Route::new("/settings/personal-access-tokens/{id}/regenerate").get(SignedIn, tokens::regenerate::get).post(SignedIn, tokens::regenerate::post),
        Route::new("/settings/personal-access-tokens/{id}/ask-again").get(SignedIn, tokens::ask_again::get).post(SignedIn, tokens::ask_again::post),
        Route::new("/settings/personal-access-tokens/{id}/withdraw").post(SignedIn, tokens::withdraw::post),
        Route::new("/settings/personal-access-tokens/{id}/delete").get(SignedIn, tokens::delete::get).post(SignedIn, tokens::delete::post),
        Route::new("/settings/tokens").get(SignedIn, classic::list::get),
        Route::new("/settings/tokens/new").get(SignedIn, classic::new::get).post(SignedIn, classic::new::post),
        Route::new("/settings/tokens/{id}").get(SignedIn, classic::one::get).post(SignedIn, classic::one::post),
        Route::new("/settings/tokens/{id}/regenerate").get(SignedIn, classic::regenerate::get).post(SignedIn, classic::regenerate::post),
        Route::new("/settings/tokens/{id}/delete").get(SignedIn, classic::delete::get).post(SignedIn, classic::delete::post),
        Route::new("/").get(SignedIn, home::get),
        Route::new("/settings/personal-access-token-requests/active").get(SignedIn, org::active::list::get),
        Route::new("/settings/personal-access-token-requests/active/revoke").get(SignedIn, org::active::bulk::get).post(SignedIn, org::active::bulk::post),
        Route::new("/settings/personal-access-token-requests/active/{id}").get(SignedIn, org::active::show::get),
        Route::new("/settings/personal-access-token-requests/active/{id}/revoke").post(SignedIn, org::active::revoke::post),
        Route::new("/settings/personal-access-token-requests").get(SignedIn, org::requests::list::get),
        Route::new("/settings/personal-access-token-requests/review").get(SignedIn, org::requests::bulk::get).post(SignedIn, org::requests::bulk::post),
        Route::new("/settings/personal-access-token-requests/{id}").get(SignedIn, org::requests::show::get),
        Route::new("/settings/personal-access-token-requests/{id}/part").get(SignedIn, org::requests::part::get).post(SignedIn, org::requests::part::post),
        Route::new("/settings/personal-access-token-requests/{id}/approve").post(SignedIn, org::requests::decide::approve),
        Route::new("/settings/personal-access-token-requests/{id}/deny").post(SignedIn, org::requests::decide::deny),
        Route::new("/settings/repositories").get(SignedIn, repo::own::get),
        Route::new("/settings/repositories/new").get(SignedIn, repo::own::get_new).post(SignedIn, repo::own::post_new),
        Route::new("/settings/security-log").get(SignedIn, audit::list::get::<extract::SignedIn>),
        Route::new("/settings/security-log/export").get(SignedIn, audit::export::get::<extract::SignedIn>).post(SignedIn, audit::export::post::<extract::SignedIn>),
        Route::new("/settings/security-log/searches").post(SignedIn, audit::searches::save::<extract::SignedIn>),
        Route::new("/settings/security-log/searches/delete").post(SignedIn, audit::searches::delete::<extract::SignedIn>),
    ]
}

/// An organization's settings.
#[rustfmt::skip]
fn of_an_organization() -> Vec<Route> {
    use crate::web::extract;
    use Access::{OrganizationOwner, SignedIn};
    use pages::{audit, exemptions, organization as org, policy};
    vec![
        Route::new("/organizations/{org}/settings/personal-access-tokens").get(OrganizationOwner, policy::show::get).post(OrganizationOwner, policy::show::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/preview").get(OrganizationOwner, policy::preview::get).post(OrganizationOwner, policy::preview::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/preview/export").get(OrganizationOwner, policy::export::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/take-back").post(OrganizationOwner, policy::cancel::post),
        Route::new("/organizations/{org}/settings/members").get(OrganizationOwner, org::members::list::get),
        Route::new("/organizations/{org}/settings/members/add").get(OrganizationOwner, org::members::add::get).post(OrganizationOwner, org::members::add::post),
        Route::new("/organizations/{org}/settings/members/base-permission").get(OrganizationOwner, org::members::base::get).post(OrganizationOwner, org::members::base::post),
        Route::new("/organizations/{org}/settings/members/leave").get(SignedIn, org::members::leave::get).post(SignedIn, org::members::leave::post),
        Route::new("/organizations/{org}/settings/members/{id}").get(OrganizationOwner, org::members::one::get),
        Route::new("/organizations/{org}/settings/members/{id}/role").post(OrganizationOwner, org::members::one::change_role),
        Route::new("/organizations/{org}/settings/members/{id}/remove").post(OrganizationOwner, org::members::one::remove),
        Route::new("/organizations/{org}/settings/personal-access-tokens/active").get(OrganizationOwner, org::active::list::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/active/revoke").get(OrganizationOwner, org::active::bulk::get).post(OrganizationOwner, org::active::bulk::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/active/{id}").get(OrganizationOwner, org::active::show::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/active/{id}/revoke").post(OrganizationOwner, org::active::revoke::post),
        Route::new("/organizations/{org}/settings/personal-access-token-requests").get(OrganizationOwner, org::requests::list::get),
        Route::new("/organizations/{org}/settings/personal-access-token-requests/review").get(OrganizationOwner, org::requests::bulk::get).post(OrganizationOwner, org::requests::bulk::post),
        Route::new("/organizations/{org}/settings/personal-access-token-requests/{id}").get(OrganizationOwner, org::requests::show::get),
        Route::new("/organizations/{org}/settings/personal-access-token-requests/{id}/part").get(OrganizationOwner, org::requests::part::get).post(OrganizationOwner, org::requests::part::post),
        Route::new("/organizations/{org}/settings/personal-access-token-requests/{id}/approve").post(OrganizationOwner, org::requests::decide::approve),
        Route::new("/organizations/{org}/settings/personal-access-token-requests/{id}/deny").post(OrganizationOwner, org::requests::decide::deny),
        Route::new("/organizations/{org}/settings/personal-access-tokens/classic").get(OrganizationOwner, org::classic::list::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/classic/block").get(OrganizationOwner, org::classic::bulk::get).post(OrganizationOwner, org::classic::bulk::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/classic/{id}").get(OrganizationOwner, org::classic::show::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/classic/{id}/block").post(OrganizationOwner, org::classic::block::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/exemptions").get(OrganizationOwner, exemptions::list::get),
        Route::new("/organizations/{org}/settings/personal-access-tokens/exemptions/new").get(OrganizationOwner, exemptions::new::get).post(OrganizationOwner, exemptions::new::post),
        Route::new("/organizations/{org}/settings/personal-access-tokens/exemptions/{id}").get(OrganizationOwner, exemptions::one::get).post(OrganizationOwner, exemptions::one::post),
        Route::new("/organizations/{org}/settings/repositories").get(OrganizationOwner, org::repositories::get),
        Route::new("/organizations/{org}/settings/repositories/new").get(OrganizationOwner, org::repositories::get_new).post(OrganizationOwner, org::repositories::post_new),
        Route::new("/organizations/{org}/settings/audit-log").get(OrganizationOwner, audit::list::get::<extract::OrganizationOwner>),
        Route::new("/organizations/{org}/settings/audit-log/export").get(OrganizationOwner, audit::export::get::<extract::OrganizationOwner>).post(OrganizationOwner, audit::export::post::<extract::OrganizationOwner>),
        Route::new("/organizations/{org}/settings/audit-log/searches").post(OrganizationOwner, audit::searches::save::<extract::OrganizationOwner>),
        Route::new("/organizations/{org}/settings/audit-log/searches/delete").post(OrganizationOwner, audit::searches::delete::<extract::OrganizationOwner>),
    ]
}

/// An enterprise's settings.
#[rustfmt::skip]
fn of_an_enterprise() -> Vec<Route> {
    use crate::web::extract;
    use Access::{EnterpriseOwner};
    use pages::{audit, enterprise, exemptions, policy};
    vec![
        Route::new("/enterprises/{slug}/settings/personal-access-tokens").get(EnterpriseOwner, policy::show::get).post(EnterpriseOwner, policy::show::post),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/preview").get(EnterpriseOwner, policy::preview::get).post(EnterpriseOwner, policy::preview::post),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/preview/export").get(EnterpriseOwner, policy::export::get),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/take-back").post(EnterpriseOwner, policy::cancel::post),
        Route::new("/enterprises/{slug}/settings/organizations").get(EnterpriseOwner, enterprise::organizations::get),
        Route::new("/enterprises/{slug}/settings/people").get(EnterpriseOwner, enterprise::people::list::get),
        Route::new("/enterprises/{slug}/settings/people/{id}").get(EnterpriseOwner, enterprise::people::one::get),
        Route::new("/enterprises/{slug}/settings/tokens").get(EnterpriseOwner, enterprise::tokens::list::get),
        Route::new("/enterprises/{slug}/settings/tokens/export").get(EnterpriseOwner, enterprise::tokens::export::get),
        Route::new("/enterprises/{slug}/settings/tokens/revoke").get(EnterpriseOwner, enterprise::tokens::bulk::get).post(EnterpriseOwner, enterprise::tokens::bulk::post),
        Route::new("/enterprises/{slug}/settings/tokens/{id}").get(EnterpriseOwner, enterprise::tokens::show::get),
        Route::new("/enterprises/{slug}/settings/tokens/{id}/revoke").post(EnterpriseOwner, enterprise::tokens::revoke::post),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/exemptions").get(EnterpriseOwner, exemptions::list::get),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/exemptions/new").get(EnterpriseOwner, exemptions::new::get).post(EnterpriseOwner, exemptions::new::post),
        Route::new("/enterprises/{slug}/settings/personal-access-tokens/exemptions/{id}").get(EnterpriseOwner, exemptions::one::get).post(EnterpriseOwner, exemptions::one::post),
        Route::new("/enterprises/{slug}/settings/audit-log").get(EnterpriseOwner, audit::list::get::<extract::EnterpriseOwner>),
        Route::new("/enterprises/{slug}/settings/audit-log/export").get(EnterpriseOwner, audit::export::get::<extract::EnterpriseOwner>).post(EnterpriseOwner, audit::export::post::<extract::EnterpriseOwner>),
        Route::new("/enterprises/{slug}/settings/audit-log/searches").post(EnterpriseOwner, audit::searches::save::<extract::EnterpriseOwner>),
        Route::new("/enterprises/{slug}/settings/audit-log/searches/delete").post(EnterpriseOwner, audit::searches::delete::<extract::EnterpriseOwner>),
    ]
}

/// Who and what there is in the installation, and how it does.
#[rustfmt::skip]
fn of_the_installation() -> Vec<Route> {
    use Access::SiteAdmin;
    use pages::admin;
    vec![
        Route::new("/admin/users").get(SiteAdmin, admin::list::users),
        Route::new("/admin/users/new").get(SiteAdmin, admin::new::user).post(SiteAdmin, admin::new::post_user),
        Route::new("/admin/users/{id}").get(SiteAdmin, admin::user::get).post(SiteAdmin, admin::user::post),
        Route::new("/admin/organizations").get(SiteAdmin, admin::list::organizations),
        Route::new("/admin/organizations/new").get(SiteAdmin, admin::new::organization).post(SiteAdmin, admin::new::post_organization),
        Route::new("/admin/organizations/{id}").get(SiteAdmin, admin::organization::get).post(SiteAdmin, admin::organization::post),
        Route::new("/admin/enterprises").get(SiteAdmin, admin::list::enterprises),
        Route::new("/admin/enterprises/new").get(SiteAdmin, admin::new::enterprise).post(SiteAdmin, admin::new::post_enterprise),
        Route::new("/admin/enterprises/{id}").get(SiteAdmin, admin::enterprise::get).post(SiteAdmin, admin::enterprise::post),
        Route::new("/admin/services").get(SiteAdmin, admin::services::list::get),
        Route::new("/admin/services/new").get(SiteAdmin, admin::services::new::get).post(SiteAdmin, admin::services::new::post),
        Route::new("/admin/services/{id}").get(SiteAdmin, admin::services::one::get).post(SiteAdmin, admin::services::one::post),
        Route::new("/admin/health").get(SiteAdmin, admin::health::get),
    ]
}

/// A repository and its settings. They come last: their addresses begin with any name.
#[rustfmt::skip]
fn of_a_repository() -> Vec<Route> {
    use Access::{RepositoryAdmin, RepositoryReader};
    use pages::repository as repo;
    vec![
        Route::new("/{owner}/{repo}").get(RepositoryReader, repo::overview::get),
        Route::new("/{owner}/{repo}/settings").get(RepositoryAdmin, repo::settings::get).post(RepositoryAdmin, repo::settings::post),
        Route::new("/{owner}/{repo}/settings/collaborators").get(RepositoryAdmin, repo::collaborators::list::get).post(RepositoryAdmin, repo::collaborators::list::post),
        Route::new("/{owner}/{repo}/settings/collaborators/{login}").get(RepositoryAdmin, repo::collaborators::one::get).post(RepositoryAdmin, repo::collaborators::one::post),
        Route::new("/{owner}/{repo}/settings/collaborators/{login}/remove").post(RepositoryAdmin, repo::collaborators::one::remove),
        Route::new("/{owner}/{repo}/settings/access-tokens").get(RepositoryAdmin, repo::access_tokens::get),
    ]
}

/// The console: its addresses behind its layers. Whatever else is asked for is a page that does not exist.
pub fn router(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, route.handlers);
    }
    if app.config.demo {
        router = router.route("/styleguide", routing::get(pages::styleguide::get));
    }
    // From the outside in.
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), error::render))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), cookie::mend_removal))
        .layer(origin_check(&app.config.base_url))
        .layer(session::layer(app))
        .layer(from_fn_with_state(app.clone(), error::seat));
    router
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::MethodNotAllowed)
        .layer(layers)
}

type Refuse = fn(ProtectionError) -> Response;

/// Refuses what another site sends, by the headers that browsers put on it.
fn origin_check(base_url: &str) -> CsrfLayer<Refuse> {
    let refuse: Refuse = |_| csrf::refusal().into_response();
    CsrfLayer::new()
        .add_trusted_origin(base_url)
        .expect("the configuration takes no address that is no origin")
        .with_rejection_response(refuse)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that the layer calls"
)]
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    PageError::internal(format!("panicked: {text}")).into_response()
}
