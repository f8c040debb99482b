//! What a request asks for. It is immutable, and it is what its reviewer saw.

use super::Activation;
use crate::domain::access::rights::Relation;
use crate::domain::permission::PermissionSet;
use crate::domain::policy::setting::Approval;
use crate::domain::selection::Selection;
use crate::domain::token::conditions::Conditions;
use crate::domain::token::expiry::Lifetime;

/// The terms under which a grant was approved. They belong to the grant, not to the token: each owner keeps the ones
/// it agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The longest life; the token works at the owner until a life of this length ends.
    pub lifetime: Lifetime,
    /// Whether the token may rotate itself.
    pub allows_rotation: bool,
    /// Where it works.
    pub conditions: Conditions,
}

impl Terms {
    /// Whether a token under `other` may do nothing that these terms do not allow.
    pub fn covers(&self, other: &Self) -> bool {
        self.lifetime >= other.lifetime
            && (self.allows_rotation || !other.allows_rotation)
            && self.conditions.covers(&other.conditions)
    }

    /// The stricter of the two in each respect.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            lifetime: self.lifetime.min(other.lifetime),
            allows_rotation: self.allows_rotation && other.allows_rotation,
            conditions: self.conditions.meet(&other.conditions),
        }
    }
}

/// What a token asks of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which repositories.
    pub selection: Selection,
    /// Which permissions.
    pub permissions: PermissionSet,
    /// Under which terms.
    pub terms: Terms,
}

impl Ask {
    /// Whether whoever has this has all of `other`: the other way round, `other` would be a widening.
    pub fn covers(&self, other: &Self) -> bool {
        self.selection.covers(&other.selection)
            && self.permissions.covers(&other.permissions)
            && self.terms.covers(&other.terms)
    }

    /// What both have: what is left of a grant at once when its user wishes for something else.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            selection: self.selection.meet(&other.selection),
            permissions: self.permissions.meet(&other.permissions),
            terms: self.terms.meet(&other.terms),
        }
    }

    /// Whether both say the same, in whatever order conditions were written.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let sorted = |ask: &Self| ask.terms.conditions.sorted();
        self.selection == other.selection
            && self.permissions == other.permissions
            && self.terms.lifetime == other.terms.lifetime
            && self.terms.allows_rotation == other.terms.allows_rotation
            && sorted(self) == sorted(other)
    }

    /// Whether it asks for nothing that an anonymous visitor does not have.
    pub fn is_only_public_reads(&self) -> bool {
        matches!(self.selection, Selection::Public) && self.permissions.is_empty()
    }
}

/// How a new grant begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It works at once.
    Active(Activation),
    /// It waits for an owner.
    Pending,
}

/// How a new grant begins: approval is needed where the policy in force requires it and the user is no owner; turning
/// approval off frees members only.
pub fn beginning(relation: Relation, approval: Approval, ask: &Ask) -> Beginning {
    match relation {
        Relation::Own | Relation::Owner | Relation::EnterpriseOwner => {
            Beginning::Active(Activation::ByOwner)
        }
        _ if ask.is_only_public_reads() => Beginning::Active(Activation::ByPolicy),
        Relation::Member if approval == Approval::NotRequired => {
            Beginning::Active(Activation::ByPolicy)
        }
        Relation::Member | Relation::Collaborator | Relation::Sister => Beginning::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(selection: Selection) -> Ask {
        let terms = Terms {
            lifetime: Lifetime::days(30),
            allows_rotation: false,
            conditions: Conditions::default(),
        };
        Ask {
            selection,
            permissions: PermissionSet::new(),
            terms,
        }
    }

    #[test]
    fn approval_is_needed_where_the_policy_requires_it_and_the_user_is_no_owner() {
        use Approval::{NotRequired, Required};
        let table = [
            (
                Relation::Own,
                Required,
                Beginning::Active(Activation::ByOwner),
            ),
            (
                Relation::Owner,
                Required,
                Beginning::Active(Activation::ByOwner),
            ),
            (
                Relation::EnterpriseOwner,
                Required,
                Beginning::Active(Activation::ByOwner),
            ),
            (Relation::Member, Required, Beginning::Pending),
            (
                Relation::Member,
                NotRequired,
                Beginning::Active(Activation::ByPolicy),
            ),
            (Relation::Collaborator, Required, Beginning::Pending),
            (Relation::Collaborator, NotRequired, Beginning::Pending),
            (Relation::Sister, NotRequired, Beginning::Pending),
        ];
        for (relation, approval, expected) in table {
            assert_eq!(
                beginning(relation, approval, &ask(Selection::All)),
                expected,
                "{relation} {approval}"
            );
        }
    }

    #[test]
    fn a_grant_that_gives_nothing_but_public_reads_needs_no_approval() {
        for relation in [Relation::Member, Relation::Collaborator, Relation::Sister] {
            let begins = beginning(relation, Approval::Required, &ask(Selection::Public));
            assert_eq!(
                begins,
                Beginning::Active(Activation::ByPolicy),
                "{relation}"
            );
        }
    }
}
