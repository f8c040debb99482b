//! What an organization's owner wants to set, and what stands against it: values that the enterprise fixes, and limits
//! wider than the enterprise's.

use super::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, Limit,
    OrganizationLayer,
};
use super::start::StartMistake;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::LONGEST_DAYS;

/// A wish for one kind of token. What is none stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyWish {
    /// Whether tokens reach the organization.
    pub access: Option<Access>,
    /// Whether its owners must approve them (fine-grained only).
    pub approval: Option<Approval>,
    /// The longest life.
    pub lifetime: Option<LifetimeWish>,
}

/// The longest life that an owner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifetimeWish {
    /// What holds before anybody sets anything.
    Default,
    /// No limit of the organization's own.
    Unlimited,
    /// So many days, as typed.
    Days(i64),
}

impl LifetimeWish {
    /// The limit that it stands for.
    pub fn limit(self, kind: TokenKind) -> Result<Limit, PolicyMistake> {
        match self {
            Self::Default => Ok(OrganizationLayer::default_for(kind).lifetime),
            Self::Unlimited => Ok(Limit::Unlimited),
            Self::Days(days) => u16::try_from(days)
                .ok()
                .filter(|days| (1..=LONGEST_DAYS).contains(days))
                .map(Limit::Days)
                .ok_or(PolicyMistake::NotInRange),
        }
    }
}

words! {
    /// A value of a policy, as forms name its field.
    PolicyField {
        /// Access.
        Access = "access",
        /// Approval.
        Approval = "approval",
        /// The longest life.
        Lifetime = "lifetime",
        /// The risk that a shorter life interrupts what managed users do.
        Risk = "risk",
        /// From when it counts.
        Start = "start",
    }
}

/// What is wrong with one value of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyMistake {
    /// The enterprise fixes this value.
    Fixed(PolicyField),
    /// Classic tokens are never subject to approval.
    NoApproval,
    /// No number of days from 1 to 366.
    NotInRange,
    /// A wider limit than the enterprise's.
    Wider {
        /// The enterprise's limit, in days.
        limit: u16,
    },
    /// The limit may interrupt managed users, and nobody accepted that.
    RiskNotAccepted,
    /// The moment from which it is to count.
    Start(StartMistake),
}

impl PolicyMistake {
    /// The field it belongs to.
    pub const fn field(self) -> PolicyField {
        match self {
            Self::Fixed(field) => field,
            Self::NoApproval => PolicyField::Approval,
            Self::NotInRange | Self::Wider { .. } => PolicyField::Lifetime,
            Self::RiskNotAccepted => PolicyField::Risk,
            Self::Start(_) => PolicyField::Start,
        }
    }
}

/// Whether the enterprise leaves a value to its organizations. A limit never is fixed: theirs may be narrower.
pub fn is_delegated(above: Option<&EnterpriseLayer>, field: PolicyField) -> bool {
    above.is_none_or(|above| match field {
        PolicyField::Access => above.access == EnterpriseAccess::Delegate,
        PolicyField::Approval => above.approval == EnterpriseApproval::Delegate,
        PolicyField::Lifetime | PolicyField::Risk | PolicyField::Start => true,
    })
}

/// What saving a wish would set, in place of `own`; or everything that is wrong with it.
pub fn plan_policy(
    kind: TokenKind,
    above: Option<&EnterpriseLayer>,
    own: OrganizationLayer,
    wish: PolicyWish,
) -> Result<OrganizationLayer, Vec<PolicyMistake>> {
    let mut mistakes = Vec::new();
    let access = wish.access.unwrap_or(own.access);
    if access != own.access && !is_delegated(above, PolicyField::Access) {
        mistakes.push(PolicyMistake::Fixed(PolicyField::Access));
    }
    let approval = wish.approval.unwrap_or(own.approval);
    if approval != own.approval {
        mistakes.extend(approval_mistake(kind, above));
    }
    let lifetime = wish.lifetime.map_or(Ok(own.lifetime), |wish| {
        match plan_lifetime(kind, above.map(|above| above.lifetime), wish) {
            // What was set before the enterprise's limit came may be sent as it is.
            Err(PolicyMistake::Wider { .. })
                if own.lifetime != OrganizationLayer::default_for(kind).lifetime
                    && wish.limit(kind) == Ok(own.lifetime) =>
            {
                Ok(own.lifetime)
            }
            planned => planned,
        }
    });
    match lifetime {
        Ok(lifetime) if mistakes.is_empty() => Ok(OrganizationLayer {
            access,
            approval,
            lifetime,
        }),
        Ok(_) => Err(mistakes),
        Err(mistake) => {
            mistakes.push(mistake);
            Err(mistakes)
        }
    }
}

fn approval_mistake(kind: TokenKind, above: Option<&EnterpriseLayer>) -> Option<PolicyMistake> {
    if kind == TokenKind::Classic {
        return Some(PolicyMistake::NoApproval);
    }
    (!is_delegated(above, PolicyField::Approval))
        .then_some(PolicyMistake::Fixed(PolicyField::Approval))
}

/// Only a number can be wider than the enterprise's limit: no limit of one's own, and the default, leave it as it is.
fn plan_lifetime(
    kind: TokenKind,
    above: Option<Limit>,
    wish: LifetimeWish,
) -> Result<Limit, PolicyMistake> {
    let limit = wish.limit(kind)?;
    match (wish, above) {
        (LifetimeWish::Days(_), Some(Limit::Days(most)))
            if Limit::Days(most).is_shorter_than(limit) =>
        {
            Err(PolicyMistake::Wider { limit: most })
        }
        _ => Ok(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: EnterpriseLayer = EnterpriseLayer {
        access: EnterpriseAccess::Delegate,
        approval: EnterpriseApproval::Delegate,
        lifetime: Limit::Days(90),
        exempts_administrators: false,
    };
    const OWN: OrganizationLayer = OrganizationLayer::default_for(TokenKind::FineGrained);
    const FINE: TokenKind = TokenKind::FineGrained;

    fn lifetime(wish: LifetimeWish) -> PolicyWish {
        PolicyWish {
            lifetime: Some(wish),
            ..PolicyWish::default()
        }
    }

    #[test]
    fn what_is_not_asked_for_stays() {
        let own = OrganizationLayer {
            access: Access::Restrict,
            approval: Approval::NotRequired,
            lifetime: Limit::Days(7),
        };
        assert_eq!(plan_policy(FINE, None, own, PolicyWish::default()), Ok(own));
        let opened = plan_policy(
            FINE,
            None,
            own,
            PolicyWish {
                access: Some(Access::Allow),
                ..PolicyWish::default()
            },
        );
        assert_eq!(
            opened,
            Ok(OrganizationLayer {
                access: Access::Allow,
                ..own
            })
        );
    }

    #[test]
    fn only_a_number_can_be_wider_than_the_enterprises_limit() {
        let saved = |wish| {
            plan_policy(FINE, Some(&FREE), OWN, lifetime(wish)).map(|planned| planned.lifetime)
        };
        let wider = Err(vec![PolicyMistake::Wider { limit: 90 }]);
        let table = [
            (LifetimeWish::Days(90), Ok(Limit::Days(90))),
            (LifetimeWish::Days(1), Ok(Limit::Days(1))),
            (LifetimeWish::Days(91), wider.clone()),
            (LifetimeWish::Days(366), wider),
            (LifetimeWish::Default, Ok(Limit::Days(366))),
            (LifetimeWish::Unlimited, Ok(Limit::Unlimited)),
        ];
        for (wish, expected) in table {
            assert_eq!(saved(wish), expected, "{wish:?}");
        }
    }

    #[test]
    fn a_limit_is_a_number_of_days_up_to_a_year() {
        for days in [i64::MIN, -1, 0, 367, 70_000] {
            let planned = plan_policy(FINE, None, OWN, lifetime(LifetimeWish::Days(days)));
            assert_eq!(planned, Err(vec![PolicyMistake::NotInRange]), "{days}");
        }
        let classic = OrganizationLayer::default_for(TokenKind::Classic);
        let planned = plan_policy(
            TokenKind::Classic,
            None,
            classic,
            lifetime(LifetimeWish::Default),
        );
        assert_eq!(planned, Ok(classic), "classic tokens have none by default");
    }

    #[test]
    fn what_the_enterprise_fixes_cannot_be_changed_but_may_be_sent_as_it_is() {
        let strict = EnterpriseLayer {
            access: EnterpriseAccess::Allow,
            approval: EnterpriseApproval::Require,
            ..FREE
        };
        let wish = PolicyWish {
            access: Some(Access::Restrict),
            approval: Some(Approval::NotRequired),
            lifetime: Some(LifetimeWish::Days(0)),
        };
        assert_eq!(
            plan_policy(FINE, Some(&strict), OWN, wish),
            Err(vec![
                PolicyMistake::Fixed(PolicyField::Access),
                PolicyMistake::Fixed(PolicyField::Approval),
                PolicyMistake::NotInRange,
            ])
        );
        let same = PolicyWish {
            access: Some(OWN.access),
            approval: Some(OWN.approval),
            lifetime: None,
        };
        assert_eq!(plan_policy(FINE, Some(&strict), OWN, same), Ok(OWN));
    }

    #[test]
    fn classic_tokens_know_no_approval() {
        let own = OrganizationLayer::default_for(TokenKind::Classic);
        let wish = PolicyWish {
            approval: Some(Approval::NotRequired),
            ..PolicyWish::default()
        };
        let planned = plan_policy(TokenKind::Classic, None, own, wish);
        assert_eq!(planned, Err(vec![PolicyMistake::NoApproval]));
    }
}
