//! A developer's own fine-grained tokens: the list, a new one, one of them, deleting it.

pub mod delete;
pub mod list;
pub mod new;
pub mod one;
mod standing;

/// The address of the list.
pub const LIST: &str = "/settings/personal-access-tokens";

pub use super::settings::nav;
