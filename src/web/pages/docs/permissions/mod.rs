//! `/docs/permissions`: what tokens can be allowed, and which permission each endpoint takes.

mod entry;
mod link;
pub mod list;
pub mod one;

/// Where the permissions are listed.
pub const PATH: &str = "/docs/permissions";
