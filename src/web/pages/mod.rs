//! The console's pages, one module a page.

pub mod styleguide;
