//! What every settings page of an organization has around it: addresses, trail and side navigation.

use super::reviewer::{Paths, Reviewer};
use crate::app::App;
use crate::store::accounts::Account;
use crate::store::requests;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::PageResult;
use crate::web::extract::{OrganizationOwner, SignedIn};
use crate::web::pages::{audit, tokens};

/// What the organization allows of tokens.
pub fn policy_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-tokens")
}

/// The organization's people.
pub fn people_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/members")
}

/// The requests that wait.
pub fn requests_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-token-requests")
}

/// The tokens that work.
pub fn active_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-tokens/active")
}

/// The classic tokens that came to it.
pub fn classic_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-tokens/classic")
}

/// The tokens that it spares a policy.
pub fn exemptions_path(organization: &str) -> String {
    format!("/organizations/{organization}/settings/personal-access-tokens/exemptions")
}

/// The repositories that it owns.
pub fn repositories_path(organization: &str) -> String {
    crate::web::pages::repository::of_organization(organization)
}

/// The frame of a page, with the navigation beside it; `current` is the address of the list that it belongs to.
pub async fn around(
    app: &App,
    owner: &OrganizationOwner,
    title: &str,
    current: &str,
    trail: Vec<Crumb>,
) -> PageResult<(Chrome, Nav)> {
    let nav = nav(app, &owner.organization, current).await?;
    let chrome = chrome(&owner.signed_in, title, &owner.organization.name, trail);
    Ok((chrome, nav))
}

/// The frame of a page for reviewers, of an organization or of the person's own account.
pub async fn around_reviewer(
    app: &App,
    reviewer: &Reviewer,
    title: &str,
    current: &str,
    trail: Vec<Crumb>,
) -> PageResult<(Chrome, Nav)> {
    let owner = &reviewer.owner;
    let nav = if reviewer.is_own_account() {
        let mut nav = tokens::nav(current);
        if !nav
            .items
            .iter()
            .any(|item| item.href == reviewer.paths.requests)
        {
            nav = nav.item(
                "Requests for my repositories",
                &reviewer.paths.requests,
                current,
            );
        }
        nav.item("Tokens at my repositories", &reviewer.paths.active, current)
    } else {
        nav(app, owner, current).await?
    };
    Ok((chrome(&reviewer.signed_in, title, &owner.name, trail), nav))
}

fn chrome(signed_in: &SignedIn, title: &str, owner: &str, trail: Vec<Crumb>) -> Chrome {
    let mut whole = vec![Crumb::text(owner), Crumb::text("Settings")];
    whole.extend(trail);
    signed_in.chrome(title).trail(whole)
}

async fn nav(app: &App, organization: &Account, current: &str) -> PageResult<Nav> {
    let mut db = app.context.store.reader();
    let (waiting, _) = requests::count_pending(&mut db, organization.id).await?;
    let (paths, login) = (Paths::of(organization), &organization.login);
    Ok(Nav::new(&organization.name)
        .item("Token policy", policy_path(login), current)
        .item("Pending requests", paths.requests, current)
        .count(u32::try_from(waiting).unwrap_or(u32::MAX))
        .item("Active tokens", paths.active, current)
        .item("Classic tokens here", classic_path(login), current)
        .item("Exemptions", exemptions_path(login), current)
        .item("People", people_path(login), current)
        .item("Repositories", repositories_path(login), current)
        .item("Audit log", audit::of_organization(login), current))
}
