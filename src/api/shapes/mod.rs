//! The published JSON shapes, filled with what is true here. Every address in them is one of ours.

mod access;
mod comment;
mod commit;
mod contents;
mod credential;
mod issue;
mod links;
mod organization;
mod policy;
mod repository;
mod token;
mod user;

pub(super) use access::{Row, grant, request};
pub(super) use comment::comment;
pub(super) use commit::{branch, commit, git_commit, git_ref, short_branch, tag};
pub(super) use contents::{Place, contents, written};
pub(super) use credential::{authorization, usage};
pub(super) use issue::{About, Standing, issue};
pub(super) use links::Links;
pub(super) use organization::{organization, simple_organization};
pub(super) use policy::{exemption, policy, policy_preview};
pub(super) use repository::{Facts, collaborator, full_repository, minimal_repository};
pub(super) use token::{Described, token};
pub(super) use user::{public_user, simple_user};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A name for the same thing that is unique across kinds, as `node_id` is.
fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    STANDARD.encode(format!("{kind}:{id}"))
}
