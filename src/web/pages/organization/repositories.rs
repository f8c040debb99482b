//! `/organizations/{org}/settings/repositories`: an organization's repositories, and a new one.

use axum::extract::State;

use super::frame;
use crate::app::App;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::PageResult;
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Form, QueryFields};
use crate::web::pages::repository::list::{self, Setting};
use crate::web::pages::repository::new::{self, Desk};

/// Lists the organization's repositories.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let path = frame::repositories_path(&owner.organization.login);
    let trail = vec![Crumb::text("Repositories")];
    let (chrome, nav) = frame::around(&app, &owner, "Repositories", &path, trail).await?;
    let setting = Setting {
        owner: &owner.organization,
        chrome,
        nav,
        lead: format!("Those that {} owns.", owner.organization.name),
        now: owner.signed_in.now(),
    };
    list::show(&app, setting, &query).await
}

async fn around(app: &App, owner: &OrganizationOwner) -> PageResult<(Chrome, Nav)> {
    let path = frame::repositories_path(&owner.organization.login);
    let trail = vec![Crumb::link("Repositories", &path), Crumb::text("New")];
    frame::around(app, owner, "New repository", &path, trail).await
}

/// Shows the form for a new one.
pub async fn get_new(State(app): State<App>, owner: OrganizationOwner) -> PageResult {
    let desk = Desk {
        signed_in: &owner.signed_in,
        owner: &owner.organization,
        frame: around(&app, &owner).await?,
    };
    new::show(&app, desk).await
}

/// Creates it.
pub async fn post_new(
    State(app): State<App>,
    owner: OrganizationOwner,
    Form(fields): Form,
) -> PageResult {
    let desk = Desk {
        signed_in: &owner.signed_in,
        owner: &owner.organization,
        frame: around(&app, &owner).await?,
    };
    new::create(&app, desk, &fields).await
}
