//! Where the exemptions of an organization or enterprise are.

use crate::web::pages::scope_owner::ScopeOwner;
use crate::web::pages::{enterprise, organization};

/// The list of exemptions.
pub fn list_path(owner: &ScopeOwner) -> String {
    match owner {
        ScopeOwner::Organization(owner) => {
            organization::frame::exemptions_path(&owner.organization.login)
        }
        ScopeOwner::Enterprise(owner) => {
            enterprise::frame::exemptions_path(&owner.enterprise.login)
        }
    }
}
