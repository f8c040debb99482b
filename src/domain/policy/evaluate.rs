//! What the policies in force say of one token at one owner.

use super::exemption::Spared;
use super::layers::{Effective, Source};
use super::setting::{Access, Limit};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;

/// Which policy stands against a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Tokens of this kind do not reach the owner.
    Access(Source),
    /// Its life is longer than allowed.
    Lifetime {
        /// The limit, in days.
        days: u16,
        /// Who set it.
        source: Source,
    },
}

/// The first policy that stands against a token of this life. `spared` says what does not count for it; where a token
/// has no exemption, whether its user owns the enterprise is enough.
pub fn violation(
    policy: &Effective,
    lifetime: Lifetime,
    spared: impl Into<Spared>,
) -> Option<Violation> {
    let spared = spared.into();
    let access = policy.access(spared);
    if access.value == Access::Restrict {
        return Some(Violation::Access(access.source));
    }
    let limit = policy.lifetime(spared);
    match limit.value {
        Limit::Days(days) if limit.value.is_violated_by(lifetime) => Some(Violation::Lifetime {
            days,
            source: limit.source,
        }),
        Limit::Days(_) | Limit::Unlimited => None,
    }
}

/// A token as policies see it at one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// Which of the two models it follows.
    pub kind: TokenKind,
    /// Its whole life.
    pub lifetime: Lifetime,
    /// Whether its user is a member of the owner or of the enterprise above.
    pub is_of_a_member: bool,
    /// What does not count for it.
    pub spared: Spared,
}

/// The first policy that stands against a token at an owner: the one rule of the gate, of pages and of previews.
///
/// A classic token's life is the business only of those its user belongs to.
pub fn stands_against(policy: &Effective, token: &Exposure) -> Option<Violation> {
    let found = violation(policy, token.lifetime, token.spared)?;
    let is_limited = match token.kind {
        TokenKind::FineGrained => true,
        TokenKind::Classic => token.is_of_a_member,
    };
    (is_limited || matches!(found, Violation::Access(_))).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::effective;
    use crate::domain::policy::setting::{
        Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
    };

    fn policy(access: Access, own: Limit, above: Limit, exempts: bool) -> Effective {
        let organization = OrganizationLayer {
            access,
            approval: Approval::Required,
            lifetime: own,
        };
        let enterprise = EnterpriseLayer {
            access: EnterpriseAccess::Delegate,
            approval: EnterpriseApproval::Delegate,
            lifetime: above,
            exempts_administrators: exempts,
        };
        effective(TokenKind::FineGrained, Some(enterprise), Some(organization))
    }

    #[test]
    fn access_comes_before_lifetime() {
        let both = policy(Access::Restrict, Limit::Days(1), Limit::Unlimited, false);
        let found = violation(&both, Lifetime::Unlimited, false);
        assert_eq!(found, Some(Violation::Access(Source::Organization)));
    }

    #[test]
    fn the_least_limit_counts_and_names_who_set_it() {
        let found = |own, above| {
            violation(
                &policy(Access::Allow, own, above, false),
                Lifetime::days(100),
                false,
            )
        };
        let (week, month, open) = (Limit::Days(7), Limit::Days(30), Limit::Unlimited);
        let told = |days, source| Some(Violation::Lifetime { days, source });
        assert_eq!(found(week, month), told(7, Source::Organization));
        assert_eq!(found(month, week), told(7, Source::Enterprise));
        assert_eq!(found(open, week), told(7, Source::Enterprise));
        assert_eq!(found(open, open), None);
        assert_eq!(found(Limit::Days(100), open), None, "exactly the limit");
        assert_eq!(found(Limit::Days(99), open), told(99, Source::Organization));
    }

    #[test]
    fn an_exemption_spares_the_enterprises_owners_its_number_only() {
        let strict = Limit::Days(7);
        let broken = |own, exempts, is_owner| {
            let policy = policy(Access::Allow, own, strict, exempts);
            violation(&policy, Lifetime::Unlimited, is_owner).is_some()
        };
        assert!(!broken(Limit::Unlimited, true, true));
        assert!(broken(Limit::Unlimited, true, false));
        assert!(broken(Limit::Unlimited, false, true));
        assert!(
            broken(Limit::Days(366), true, true),
            "the organization's still counts"
        );
    }
}
