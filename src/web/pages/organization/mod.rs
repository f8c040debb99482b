//! An organization's settings pages. Every handler takes an `OrganizationOwner`, or a `Reviewer` where a user's own
//! account has the same page: for anybody else, also a member, the pages do not exist.

pub mod active;
mod blocked;
mod chosen;
mod filters;
pub(in crate::web::pages) mod frame;
mod history;
mod outcome;
mod paging;
mod phrases;
mod reason;
pub mod requests;
pub mod reviewer;
mod subject;
mod view;

use axum::response::Redirect;

use crate::web::extract::OrganizationOwner;

/// The organization's settings for tokens: leads on to the active tokens.
pub async fn get(owner: OrganizationOwner) -> Redirect {
    Redirect::to(&frame::active_path(&owner.organization.login))
}
