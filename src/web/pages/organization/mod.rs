//! An organization's settings pages. Every handler takes an `OrganizationOwner`: for anybody else, also a member, the
//! pages do not exist.

pub mod active;
mod frame;
mod history;
mod outcome;
mod paging;
mod phrases;
mod reason;
pub mod requests;

use axum::response::Redirect;

use crate::web::extract::OrganizationOwner;

/// The organization's settings for tokens: leads on to the active tokens.
pub async fn get(owner: OrganizationOwner) -> Redirect {
    Redirect::to(&frame::active_path(&owner.organization.login))
}
