//! An organization's settings pages. Every handler takes an `OrganizationOwner`, or a `Reviewer` where a user's own
//! account has the same page: for anybody else, also a member, the pages do not exist.

pub mod active;
pub(in crate::web::pages) mod blocked;
pub(in crate::web::pages) mod chosen;
pub mod classic;
mod exempt;
pub(in crate::web::pages) mod filters;
pub(in crate::web::pages) mod frame;
pub(in crate::web::pages) mod history;
pub mod members;
pub(in crate::web::pages) mod outcome;
mod paging;
pub(in crate::web::pages) mod phrases;
pub(in crate::web::pages) mod reason;
pub mod repositories;
pub mod requests;
pub mod reviewer;
mod subject;
pub(in crate::web::pages) mod view;
