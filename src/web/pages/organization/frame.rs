//! What every settings page of an organization has around it: addresses, trail and side navigation.

use crate::app::App;
use crate::domain::ids::{GrantId, RequestId};
use crate::store::accounts::Account;
use crate::store::requests;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::PageResult;
use crate::web::extract::OrganizationOwner;

/// The requests that wait.
pub fn requests_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-token-requests")
}

/// One request.
pub fn request_path(organization: &str, id: RequestId) -> String {
    format!("{}/{id}", requests_path(organization))
}

/// The tokens that work.
pub fn active_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-tokens/active")
}

/// One token that works.
pub fn grant_path(organization: &str, id: GrantId) -> String {
    format!("{}/{id}", active_path(organization))
}

/// The frame of a page, with the navigation beside it; `current` is the address of the list that it belongs to.
pub async fn around(
    app: &App,
    owner: &OrganizationOwner,
    title: &str,
    current: &str,
    trail: Vec<Crumb>,
) -> PageResult<(Chrome, Nav)> {
    let mut whole = vec![
        Crumb::text(&owner.organization.name),
        Crumb::text("Settings"),
    ];
    whole.extend(trail);
    let chrome = owner.signed_in.chrome(title).trail(whole);
    Ok((chrome, nav(app, &owner.organization, current).await?))
}

async fn nav(app: &App, organization: &Account, current: &str) -> PageResult<Nav> {
    let mut db = app.context.store.reader();
    let (waiting, _) = requests::count_pending(&mut db, organization.id).await?;
    let login = &organization.login;
    Ok(Nav::new(&organization.name)
        .item("Pending requests", requests_path(login), current)
        .count(u32::try_from(waiting).unwrap_or(u32::MAX))
        .item("Active tokens", active_path(login), current))
}
