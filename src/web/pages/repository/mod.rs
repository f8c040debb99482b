//! A repository's pages, and the lists that lead to them.
//!
//! Whoever has a role on a repository sees it; to anybody else it does not exist. Its settings are for its admins.

pub mod access_tokens;
pub mod collaborators;
mod frame;
pub mod list;
pub mod new;
mod outcome;
pub mod overview;
pub mod own;
mod paging;
pub mod settings;
mod visitor;
mod words;

pub use frame::{OWN, of_organization};
pub use visitor::{RepositoryAdmin, RepositoryVisitor};
