//! The console, page by page, as a browser without scripts and an authenticator in software see it.

mod account;
mod authenticator;
mod foundation;
mod recovery;
mod sign_in;
mod visitor;
