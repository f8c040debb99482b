//! The console's pages, as a browser without scripts sees them.

mod active;
mod admin;
mod blocked_token;
mod docs;
mod explain;
mod home;
mod own_account;
mod queue;
mod requests;
mod token_life;
mod tokens;
pub mod visitor;
