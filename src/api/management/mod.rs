//! An owner's management of requests and grants by API, in the published shapes.

pub(super) mod audit_log;
pub(in crate::api) mod credentials;
pub(super) mod filter;
pub(super) mod grants;
pub(super) mod policies;
pub(super) mod requests;
pub(super) mod review;
