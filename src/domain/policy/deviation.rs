//! Where an organization's own values make a difference: what is in force there beside what would be if it had set
//! nothing.

use super::{Effective, OrganizationLayer};
use super::{EnterpriseLayer, effective};
use crate::domain::token::TokenKind;

/// In which values an organization differs from what its enterprise, or else the default, would give it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deviation {
    /// Whether tokens reach it.
    pub access: bool,
    /// Whether its owners must approve them.
    pub approval: bool,
    /// The longest life.
    pub lifetime: bool,
}

impl Deviation {
    /// Compares what is in force at an organization under this enterprise.
    pub fn of(kind: TokenKind, above: EnterpriseLayer, policy: &Effective) -> Self {
        let untouched: Option<OrganizationLayer> = None;
        let usual = effective(kind, Some(above), untouched);
        Self {
            access: policy.access.value != usual.access.value,
            approval: policy.approval.value != usual.approval.value,
            lifetime: policy.lifetime(false).value != usual.lifetime(false).value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Limit;
    use crate::domain::policy::setting::{Access, Approval, EnterpriseAccess};

    #[test]
    fn only_a_value_that_makes_a_difference_deviates() {
        let kind = TokenKind::FineGrained;
        let above = EnterpriseLayer {
            lifetime: Limit::Days(90),
            ..EnterpriseLayer::default_for(kind)
        };
        let deviates = |above, access, approval, days| {
            let own = OrganizationLayer {
                access,
                approval,
                lifetime: Limit::Days(days),
            };
            Deviation::of(kind, above, &effective(kind, Some(above), Some(own)))
        };
        let (open, required) = (Access::Allow, Approval::Required);
        let same = Deviation::default();
        assert_eq!(
            deviates(above, open, required, 366),
            same,
            "the enterprise's 90 days count"
        );
        assert_eq!(deviates(above, open, required, 90), same);
        assert!(deviates(above, open, required, 30).lifetime);
        assert!(deviates(above, open, Approval::NotRequired, 90).approval);
        assert!(deviates(above, Access::Restrict, required, 90).access);
        let fixed = EnterpriseLayer {
            access: EnterpriseAccess::Allow,
            ..above
        };
        assert_eq!(
            deviates(fixed, Access::Restrict, required, 90),
            same,
            "it is without effect"
        );
    }
}
