//! What every settings page of an enterprise has around it: addresses, trail and side navigation.

use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::extract::EnterpriseOwner;
use crate::web::pages::audit;

/// What the enterprise sets for tokens at its organizations.
pub fn policy_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/personal-access-tokens")
}

/// Its organizations.
pub fn organizations_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/organizations")
}

/// Everybody who belongs to it.
pub fn people_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/people")
}

/// Every token that reaches what it governs.
pub fn tokens_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/tokens")
}

/// The tokens that it spares a policy.
pub fn exemptions_path(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/personal-access-tokens/exemptions")
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
    let slug = &enterprise.login;
    let nav = Nav::new(&enterprise.name)
        .item("Token policy", policy_path(slug), current)
        .item("Organizations", organizations_path(slug), current)
        .item("People", people_path(slug), current)
        .item("Tokens", tokens_path(slug), current)
        .item("Exemptions", exemptions_path(slug), current)
        .item("Audit log", audit::of_enterprise(slug), current);
    (owner.signed_in.chrome(title).trail(whole), nav)
}
