//! The console's pages, one module a page.

pub mod home;
pub mod organization;
pub mod sign_in;
pub mod styleguide;
pub mod tokens;
