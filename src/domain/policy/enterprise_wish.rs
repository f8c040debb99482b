//! What an enterprise's owner wants to set for its organizations and managed users, and what stands against it: a limit
//! that may interrupt people whose accounts the enterprise owns has to be accepted first.

use super::setting::{EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, Limit};
use super::wish::{LifetimeWish, PolicyMistake};
use crate::domain::token::TokenKind;

/// A wish for one kind of token. What is none stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnterpriseWish {
    /// Whether tokens reach the organizations.
    pub access: Option<EnterpriseAccess>,
    /// Whether owners must approve them (fine-grained only).
    pub approval: Option<EnterpriseApproval>,
    /// The longest life.
    pub lifetime: Option<LifetimeWish>,
    /// Whether the limit spares the enterprise's owners.
    pub exempts_administrators: Option<bool>,
}

/// What saving a wish would set, in place of `own`; or everything that is wrong with it.
pub fn plan_enterprise_policy(
    kind: TokenKind,
    own: EnterpriseLayer,
    wish: EnterpriseWish,
    has_managed_users: bool,
    accepts_risk: bool,
) -> Result<EnterpriseLayer, Vec<PolicyMistake>> {
    let mut mistakes = Vec::new();
    let approval = wish.approval.unwrap_or(own.approval);
    if kind == TokenKind::Classic && approval != own.approval {
        mistakes.push(PolicyMistake::NoApproval);
    }
    let lifetime = wish
        .lifetime
        .map_or(Ok(own.lifetime), |wish| wish.limit(kind));
    let planned = EnterpriseLayer {
        access: wish.access.unwrap_or(own.access),
        approval,
        lifetime: lifetime.unwrap_or(own.lifetime),
        exempts_administrators: wish
            .exempts_administrators
            .unwrap_or(own.exempts_administrators),
    };
    mistakes.extend(lifetime.err());
    if !accepts_risk && may_interrupt(own, planned, has_managed_users) {
        mistakes.push(PolicyMistake::RiskNotAccepted);
    }
    if mistakes.is_empty() {
        Ok(planned)
    } else {
        Err(mistakes)
    }
}

/// Whether a change may stop what managed users do, so that somebody has to accept that: a limit that is new, shorter,
/// or no longer spares the administrators.
pub fn may_interrupt(
    before: EnterpriseLayer,
    after: EnterpriseLayer,
    has_managed_users: bool,
) -> bool {
    let accepted = if before.exempts_administrators {
        Limit::Unlimited
    } else {
        before.lifetime
    };
    has_managed_users && !after.exempts_administrators && after.lifetime.is_shorter_than(accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: TokenKind = TokenKind::FineGrained;
    const OWN: EnterpriseLayer = EnterpriseLayer::default_for(FINE);

    fn limit(days: i64) -> EnterpriseWish {
        EnterpriseWish {
            lifetime: Some(LifetimeWish::Days(days)),
            ..EnterpriseWish::default()
        }
    }

    #[test]
    fn what_is_not_asked_for_stays() {
        let nothing = EnterpriseWish::default();
        assert_eq!(
            plan_enterprise_policy(FINE, OWN, nothing, true, false),
            Ok(OWN)
        );
        let wish = EnterpriseWish {
            access: Some(EnterpriseAccess::Restrict),
            approval: Some(EnterpriseApproval::Require),
            lifetime: Some(LifetimeWish::Unlimited),
            exempts_administrators: Some(true),
        };
        let all = EnterpriseLayer {
            access: EnterpriseAccess::Restrict,
            approval: EnterpriseApproval::Require,
            lifetime: Limit::Unlimited,
            exempts_administrators: true,
        };
        assert_eq!(
            plan_enterprise_policy(FINE, OWN, wish, true, false),
            Ok(all)
        );
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let classic = EnterpriseLayer::default_for(TokenKind::Classic);
        let wish = EnterpriseWish {
            approval: Some(EnterpriseApproval::Require),
            ..limit(367)
        };
        let told = plan_enterprise_policy(TokenKind::Classic, classic, wish, false, false);
        assert_eq!(
            told,
            Err(vec![PolicyMistake::NoApproval, PolicyMistake::NotInRange])
        );
        for days in [i64::MIN, -1, 0, 367, i64::MAX] {
            let told = plan_enterprise_policy(FINE, OWN, limit(days), true, true);
            assert_eq!(told, Err(vec![PolicyMistake::NotInRange]), "{days}");
        }
    }

    #[test]
    fn a_limit_that_may_interrupt_managed_users_has_to_be_accepted() {
        let at = |days| EnterpriseLayer {
            lifetime: Limit::Days(days),
            ..OWN
        };
        let exempt = |layer: EnterpriseLayer| EnterpriseLayer {
            exempts_administrators: true,
            ..layer
        };
        let open = EnterpriseLayer {
            lifetime: Limit::Unlimited,
            ..OWN
        };
        let table = [
            (at(90), at(30), true),
            (at(90), at(90), false),
            (at(90), at(91), false),
            (at(90), open, false),
            (open, at(366), true),
            (open, exempt(at(7)), false),
            (exempt(at(90)), at(90), true),
            (exempt(at(90)), open, false),
            (at(90), exempt(at(90)), false),
        ];
        for (before, after, expected) in table {
            assert_eq!(
                may_interrupt(before, after, true),
                expected,
                "{before:?} {after:?}"
            );
            assert!(!may_interrupt(before, after, false), "nobody is managed");
        }
        let refused = plan_enterprise_policy(FINE, OWN, limit(30), true, false);
        assert_eq!(refused, Err(vec![PolicyMistake::RiskNotAccepted]));
        assert_eq!(
            plan_enterprise_policy(FINE, OWN, limit(30), true, true),
            Ok(at(30))
        );
        assert_eq!(
            plan_enterprise_policy(FINE, OWN, limit(30), false, false),
            Ok(at(30))
        );
    }
}
