//! An organization's settings pages. Every handler takes an `OrganizationOwner`, or a `Reviewer` where a user's own
//! account has the same page: for anybody else, also a member, the pages do not exist.

pub mod active;
mod blocked;
mod chosen;
mod filters;
pub(in crate::web::pages) mod frame;
mod history;
pub mod members;
mod outcome;
mod paging;
mod phrases;
mod reason;
pub mod repositories;
pub mod requests;
pub mod reviewer;
mod subject;
mod view;
