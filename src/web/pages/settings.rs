//! What the pages of a person's own settings share.

use super::account::{profile, security};
use super::{audit, classic, repository, tokens};
use crate::web::chrome::Nav;

/// The navigation of a person's own settings; `current` is the address of the page shown.
pub fn nav(current: &str) -> Nav {
    Nav::new("Settings")
        .item("Profile", profile::PATH, current)
        .item("Passkeys and sessions", security::PATH, current)
        .item("Fine-grained tokens", tokens::LIST, current)
        .item("Classic tokens", classic::LIST, current)
        .item("Repositories", repository::OWN, current)
        .item("Security log", audit::OWN, current)
}
