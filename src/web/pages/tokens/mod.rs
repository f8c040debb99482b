//! A developer's own fine-grained tokens: the list, a new one, one of them, and everything that can be done to it.

pub mod ask_again;
pub mod delete;
pub mod dependents;
pub mod edit;
pub mod explain;
pub mod form;
pub mod list;
pub mod new;
pub mod one;
pub mod regenerate;
pub mod standing;
pub mod withdraw;

pub use super::settings::nav;

use crate::web::form::Fields;

/// The address of the list.
pub const LIST: &str = "/settings/personal-access-tokens";

/// A form as the hidden fields of the page on which it is checked.
fn hidden(fields: &Fields) -> Vec<(String, String)> {
    let kept = fields.without(&["csrf", "step", "draft"]);
    let pairs = kept.pairs();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
