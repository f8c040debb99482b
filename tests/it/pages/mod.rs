//! The console's pages, as a browser without scripts sees them.

mod active;
mod home;
mod requests;
mod tokens;
mod visitor;
