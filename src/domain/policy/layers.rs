//! What is in force at an organization, each value with where it comes from, so that a page can say so.

use super::exemption::Spared;
use super::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, Limit,
    OrganizationLayer,
};
use crate::domain::token::TokenKind;

words! {
    /// Who set a value that is in force.
    Source {
        /// The enterprise.
        Enterprise = "enterprise",
        /// The organization itself.
        Organization = "organization",
        /// Nobody: it is the default.
        Default = "default",
    }
}

/// A value with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sourced<Value> {
    /// What is in force.
    pub value: Value,
    /// Who set it.
    pub source: Source,
}

/// What is in force at one organization for one kind of token.
///
/// The two lifetimes stay apart because an exemption of administrators lifts the enterprise's number only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// Whether tokens reach it.
    pub access: Sourced<Access>,
    /// What the organization itself says of that: it counts again for a token that the enterprise exempts.
    pub organization_access: Sourced<Access>,
    /// Whether its owners must approve them.
    pub approval: Sourced<Approval>,
    /// The enterprise's limit.
    pub enterprise_lifetime: Limit,
    /// The organization's own limit.
    pub organization_lifetime: Sourced<Limit>,
    /// Whether the enterprise's limit spares its owners.
    pub exempts_administrators: bool,
}

impl Effective {
    /// Whether one token may reach it: an exemption leaves out the value of whoever gave it, and no other.
    pub fn access(&self, spared: Spared) -> Sourced<Access> {
        let is_fixed = self.access.source == Source::Enterprise;
        if is_fixed && !(self.access.value == Access::Restrict && spared.enterprise_access) {
            return self.access;
        }
        let own = self.organization_access;
        match own.value {
            Access::Restrict if spared.organization_access => Sourced {
                value: Access::Allow,
                ..own
            },
            Access::Restrict | Access::Allow => own,
        }
    }

    /// The limit for one token: the least of those set. The enterprise's is left out for its exempt administrators, and
    /// each of the two for tokens that whoever set it exempts.
    pub fn lifetime(&self, spared: impl Into<Spared>) -> Sourced<Limit> {
        let spared = spared.into();
        let is_administrator = self.exempts_administrators && spared.is_enterprise_owner;
        let unless = |is_spared: bool, limit| if is_spared { Limit::Unlimited } else { limit };
        let above = unless(
            is_administrator || spared.enterprise_lifetime,
            self.enterprise_lifetime,
        );
        let own = unless(
            spared.organization_lifetime,
            self.organization_lifetime.value,
        );
        let value = above.least(own);
        let source = if value == own {
            self.organization_lifetime.source
        } else {
            Source::Enterprise
        };
        Sourced { value, source }
    }
}

/// What is in force: `enterprise` is the layer above, where the organization has an enterprise that set one.
pub fn effective(
    kind: TokenKind,
    enterprise: Option<EnterpriseLayer>,
    organization: Option<OrganizationLayer>,
) -> Effective {
    let own_source = if organization.is_some() {
        Source::Organization
    } else {
        Source::Default
    };
    let own = organization.unwrap_or(OrganizationLayer::default_for(kind));
    let delegated = EnterpriseLayer {
        access: EnterpriseAccess::Delegate,
        approval: EnterpriseApproval::Delegate,
        lifetime: Limit::Unlimited,
        exempts_administrators: false,
    };
    let above = enterprise.unwrap_or(delegated);
    Effective {
        access: access(above.access, own.access, own_source),
        organization_access: Sourced {
            value: own.access,
            source: own_source,
        },
        approval: approval(above.approval, own.approval, own_source),
        enterprise_lifetime: above.lifetime,
        organization_lifetime: Sourced {
            value: own.lifetime,
            source: own_source,
        },
        exempts_administrators: above.exempts_administrators,
    }
}

/// What holds at an account that only an enterprise governs: nothing of an organization's own narrows it.
pub fn governed_only(token_kind: TokenKind, layer: EnterpriseLayer) -> Effective {
    let own = OrganizationLayer {
        access: Access::Allow,
        approval: Approval::NotRequired,
        lifetime: Limit::Unlimited,
    };
    effective(token_kind, Some(layer), Some(own))
}

fn access(above: EnterpriseAccess, own: Access, own_source: Source) -> Sourced<Access> {
    let fixed = |value| Sourced {
        value,
        source: Source::Enterprise,
    };
    match above {
        EnterpriseAccess::Delegate => Sourced {
            value: own,
            source: own_source,
        },
        EnterpriseAccess::Restrict => fixed(Access::Restrict),
        EnterpriseAccess::Allow => fixed(Access::Allow),
    }
}

fn approval(above: EnterpriseApproval, own: Approval, own_source: Source) -> Sourced<Approval> {
    let fixed = |value| Sourced {
        value,
        source: Source::Enterprise,
    };
    match above {
        EnterpriseApproval::Delegate => Sourced {
            value: own,
            source: own_source,
        },
        EnterpriseApproval::Require => fixed(Approval::Required),
        EnterpriseApproval::Disable => fixed(Approval::NotRequired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above(
        access: EnterpriseAccess,
        approval: EnterpriseApproval,
        lifetime: Limit,
    ) -> EnterpriseLayer {
        EnterpriseLayer {
            access,
            approval,
            lifetime,
            exempts_administrators: false,
        }
    }

    #[test]
    fn an_enterprise_value_wins_and_delegation_leaves_the_organizations() {
        let own = OrganizationLayer {
            access: Access::Allow,
            approval: Approval::NotRequired,
            lifetime: Limit::Days(90),
        };
        let strict = above(
            EnterpriseAccess::Restrict,
            EnterpriseApproval::Require,
            Limit::Days(30),
        );
        let in_force = effective(TokenKind::FineGrained, Some(strict), Some(own));
        assert_eq!(
            in_force.access,
            Sourced {
                value: Access::Restrict,
                source: Source::Enterprise
            }
        );
        assert_eq!(
            in_force.approval,
            Sourced {
                value: Approval::Required,
                source: Source::Enterprise
            }
        );
        assert_eq!(
            in_force.lifetime(false),
            Sourced {
                value: Limit::Days(30),
                source: Source::Enterprise
            }
        );

        let open = above(
            EnterpriseAccess::Delegate,
            EnterpriseApproval::Delegate,
            Limit::Unlimited,
        );
        let in_force = effective(TokenKind::FineGrained, Some(open), Some(own));
        assert_eq!(
            in_force.access,
            Sourced {
                value: Access::Allow,
                source: Source::Organization
            }
        );
        assert_eq!(in_force.approval.value, Approval::NotRequired);
        assert_eq!(
            in_force.lifetime(false),
            Sourced {
                value: Limit::Days(90),
                source: Source::Organization
            }
        );
    }

    #[test]
    fn an_exemption_lifts_the_enterprises_number_only() {
        let mut strict = above(
            EnterpriseAccess::Delegate,
            EnterpriseApproval::Delegate,
            Limit::Days(30),
        );
        strict.exempts_administrators = true;
        let in_force = effective(TokenKind::FineGrained, Some(strict), None);
        assert_eq!(in_force.lifetime(false).value, Limit::Days(30));
        assert_eq!(
            in_force.lifetime(true),
            Sourced {
                value: Limit::Days(366),
                source: Source::Default
            }
        );
    }

    #[test]
    fn without_anything_set_approval_is_required_and_classic_tokens_may_live_for_ever() {
        let fine = effective(TokenKind::FineGrained, None, None);
        assert_eq!(
            fine.approval,
            Sourced {
                value: Approval::Required,
                source: Source::Default
            }
        );
        assert_eq!(fine.lifetime(false).value, Limit::Days(366));
        assert_eq!(
            effective(TokenKind::Classic, None, None)
                .lifetime(false)
                .value,
            Limit::Unlimited
        );
    }
}
