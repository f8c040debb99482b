//! The console: pages in HTML, their frame, and the files they use.

pub mod assets;
pub mod chrome;
pub mod filters;
pub mod pages;
