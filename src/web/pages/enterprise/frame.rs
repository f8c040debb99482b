//! What every settings page of an enterprise has around it: addresses, trail and side navigation.

use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::extract::EnterpriseOwner;

/// What the enterprise sets for tokens at its organizations.
pub fn policy_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/personal-access-tokens")
}

/// The frame of a page, with the navigation beside it; `current` is the address of the list that it belongs to.
pub fn around(
    owner: &EnterpriseOwner,
    title: &str,
    current: &str,
    trail: Vec<Crumb>,
) -> (Chrome, Nav) {
    let enterprise = &owner.enterprise;
    let mut whole = vec![Crumb::text(&enterprise.name), Crumb::text("Settings")];
    whole.extend(trail);
    let nav =
        Nav::new(&enterprise.name).item("Token policy", policy_path(&enterprise.login), current);
    (owner.signed_in.chrome(title).trail(whole), nav)
}
