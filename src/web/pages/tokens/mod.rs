//! A developer's own fine-grained tokens: the list, a new one, one of them, deleting it.

pub mod delete;
pub mod list;
pub mod new;
pub mod one;
mod standing;

use crate::web::chrome::Nav;

/// The address of the list.
pub const LIST: &str = "/settings/personal-access-tokens";

/// The navigation of a person's own settings; `current` is the page shown.
pub fn nav(current: &str) -> Nav {
    Nav::new("Settings").item("Fine-grained tokens", LIST, current)
}
