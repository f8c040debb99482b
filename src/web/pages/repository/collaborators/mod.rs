//! `/{owner}/{repo}/settings/collaborators`: who has a role of their own on a repository.

pub mod list;
pub mod one;

use super::words;
use crate::domain::role::RepositoryRole;

/// The roles as a form offers them: word and what it lets a person do.
fn roles() -> Vec<(&'static str, &'static str)> {
    RepositoryRole::ALL
        .into_iter()
        .map(|role| (role.as_str(), words::can(role)))
        .collect()
}
