//! The console: pages in HTML, their frame, and the files they use.
//!
//! [`router`] names every address; [`extract`] says who is asking; [`form`] reads what was typed; [`error`] says why
//! something cannot be done. Pages live in [`pages`], one module a page, beside templates of the same name.

pub mod assets;
pub mod browser_name;
pub mod chrome;
pub mod cookie;
pub mod csrf;
pub mod download;
pub mod error;
pub mod extract;
pub mod filters;
pub mod form;
pub mod headers;
pub mod pages;
pub mod passkeys;
pub mod router;
pub mod session;
pub mod site_admin;
pub mod urls;
pub mod usage;
