//! The built-in resources, one file each.

pub(super) mod branches;
mod circle;
pub(super) mod collaborators;
pub(super) mod comments;
pub(super) mod commits;
pub(super) mod contents;
pub(super) mod issues;
pub(super) mod organizations;
pub(super) mod refs;
pub(super) mod repositories;
pub(super) mod repository_lists;
pub(super) mod service;
pub(super) mod tags;
pub(super) mod token;
pub(super) mod users;
