//! The single values of policies that can stand against a token at one owner, each by itself: what lists filter by, and
//! what says of an exemption beforehand whether it is enough.

use super::evaluate::{Exposure, Violation, stands_against};
use super::exemption::{Exempted, Spared};
use super::layers::{Effective, Source};
use super::setting::{Access, Limit};
use crate::domain::token::TokenKind;

/// One value that stands against some tokens, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Who set it.
    pub source: Source,
    /// The longest life that it lets in, in days; none: no token at all.
    pub longest: Option<u16>,
    /// Whether it spares the enterprise's owners.
    pub spares_administrators: bool,
}

impl Bar {
    /// The policy that it belongs to.
    pub const fn policy(&self) -> Exempted {
        match self.longest {
            None => Exempted::Access,
            Some(_) => Exempted::Lifetime,
        }
    }

    /// Whether it is the enterprise's.
    pub fn is_above(&self) -> bool {
        self.source == Source::Enterprise
    }

    /// Whether it stands against a token.
    pub fn stands_against(&self, token: &Exposure) -> bool {
        let spared = token.spared;
        if spared.is_exempt(self.is_above(), self.policy()) {
            return false;
        }
        let Some(days) = self.longest else {
            return true;
        };
        let is_limited = token.kind == TokenKind::FineGrained || token.is_of_a_member;
        let is_administrator = self.spares_administrators && spared.is_enterprise_owner;
        is_limited && !is_administrator && Limit::Days(days).is_violated_by(token.lifetime)
    }
}

/// Every value in force at an owner that can stand against a token of the kind.
pub fn bars(policy: &Effective) -> Vec<Bar> {
    let access = access(policy).map(|source| Bar {
        source,
        longest: None,
        spares_administrators: false,
    });
    let own = policy.organization_lifetime;
    let limits = [
        (policy.enterprise_lifetime, Source::Enterprise),
        (own.value, own.source),
    ];
    let limits = limits
        .into_iter()
        .filter_map(|(limit, source)| match limit {
            Limit::Days(days) => Some(Bar {
                source,
                longest: Some(days),
                spares_administrators: source == Source::Enterprise
                    && policy.exempts_administrators,
            }),
            Limit::Unlimited => None,
        });
    access.chain(limits).collect()
}

/// Whoever restricts access. The owner's own restriction counts for what the enterprise exempts, but not where the
/// enterprise allows everything.
fn access(policy: &Effective) -> impl Iterator<Item = Source> {
    let (whole, own) = (policy.access, policy.organization_access);
    let is_fixed = whole.source == Source::Enterprise;
    let above = (is_fixed && whole.value == Access::Restrict).then_some(Source::Enterprise);
    let is_allowed_above = is_fixed && whole.value == Access::Allow;
    let own = (own.value == Access::Restrict && !is_allowed_above).then_some(own.source);
    above.into_iter().chain(own)
}

/// What would come of an exemption at one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Whether it lifts anything that stands against the token now.
    pub lifts: bool,
    /// What would still stand against it.
    pub remains: Option<Violation>,
}

/// What would come of an exemption by the enterprise, or by the owner itself, at an owner with this policy. One that is
/// in force already is left out of account, as the new one takes its place.
pub fn outlook(
    policy: &Effective,
    token: &Exposure,
    is_above: bool,
    exempted: Exempted,
) -> Outlook {
    let with = |is_exempt| Exposure {
        spared: token.spared.with(is_above, exempted, is_exempt),
        ..*token
    };
    let (before, after) = (with(false), with(true));
    let found = bars(policy);
    let lifts = found
        .iter()
        .any(|bar| bar.stands_against(&before) && !bar.stands_against(&after));
    Outlook {
        lifts,
        remains: stands_against(policy, &after),
    }
}

/// Whether an organization's own exemption means nothing for a token: where the enterprise decides on access, the
/// organization's value does not count.
pub fn is_decided_above(policy: &Effective, spared: Spared, exempted: Exempted) -> bool {
    exempted == Exempted::Access && policy.access(spared).source == Source::Enterprise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::setting::{
        Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
    };
    use crate::domain::policy::{Effective, effective};
    use crate::domain::token::expiry::Lifetime;

    const LIMITS: [Limit; 3] = [Limit::Unlimited, Limit::Days(30), Limit::Days(90)];

    fn policy(
        kind: TokenKind,
        (above, own): (EnterpriseAccess, Access),
        (most, own_most): (Limit, Limit),
    ) -> Effective {
        let enterprise = EnterpriseLayer {
            access: above,
            approval: EnterpriseApproval::Delegate,
            lifetime: most,
            exempts_administrators: true,
        };
        let organization = OrganizationLayer {
            access: own,
            approval: Approval::Required,
            lifetime: own_most,
        };
        effective(kind, Some(enterprise), Some(organization))
    }

    fn policies() -> Vec<(TokenKind, Effective)> {
        let mut all = Vec::new();
        for &kind in TokenKind::ALL {
            for (&above, &own) in EnterpriseAccess::ALL
                .iter()
                .flat_map(|above| Access::ALL.iter().map(move |own| (above, own)))
            {
                for (most, own_most) in LIMITS
                    .iter()
                    .flat_map(|most| LIMITS.iter().map(move |own| (*most, *own)))
                {
                    all.push((kind, policy(kind, (above, own), (most, own_most))));
                }
            }
        }
        all
    }

    fn exposures(kind: TokenKind) -> impl Iterator<Item = Exposure> {
        let lives = [
            Lifetime::days(30),
            Lifetime::days(60),
            Lifetime::days(90),
            Lifetime::Unlimited,
        ];
        (0..64_u32).flat_map(move |bits| {
            let has = move |bit: u32| bits & (1 << bit) != 0;
            lives.into_iter().map(move |lifetime| Exposure {
                kind,
                lifetime,
                is_of_a_member: has(5),
                spared: Spared {
                    is_enterprise_owner: has(0),
                    enterprise_access: has(1),
                    enterprise_lifetime: has(2),
                    organization_access: has(3),
                    organization_lifetime: has(4),
                },
            })
        })
    }

    #[test]
    fn a_bar_stands_against_a_token_exactly_where_a_policy_does() {
        for (kind, policy) in policies() {
            let found = bars(&policy);
            for token in exposures(kind) {
                let barred = found.iter().any(|bar| bar.stands_against(&token));
                let violation = stands_against(&policy, &token);
                assert_eq!(barred, violation.is_some(), "{policy:?} {token:?}");
            }
        }
    }

    #[test]
    fn an_outlook_is_what_the_exemption_then_does() {
        for (kind, policy) in policies() {
            for token in exposures(kind) {
                for (is_above, exempted) in [true, false]
                    .into_iter()
                    .flat_map(|above| Exempted::ALL.iter().map(move |policy| (above, *policy)))
                {
                    let told = outlook(&policy, &token, is_above, exempted);
                    let given = Exposure {
                        spared: token.spared.with(is_above, exempted, true),
                        ..token
                    };
                    assert_eq!(told.remains, stands_against(&policy, &given));
                    if stands_against(&policy, &token) != told.remains {
                        assert!(told.lifts, "{policy:?} {token:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_lifts_what_the_other_sets() {
        let kind = TokenKind::FineGrained;
        let token = Exposure {
            kind,
            lifetime: Lifetime::days(60),
            is_of_a_member: true,
            spared: Spared::default(),
        };
        let above = policy(
            kind,
            (EnterpriseAccess::Restrict, Access::Allow),
            (Limit::Days(30), Limit::Unlimited),
        );
        for &exempted in Exempted::ALL {
            let told = outlook(&above, &token, false, exempted);
            assert!(!told.lifts && told.remains.is_some(), "{exempted}");
        }
        assert!(is_decided_above(&above, token.spared, Exempted::Access));
        assert!(!is_decided_above(&above, token.spared, Exempted::Lifetime));
        let exempt = token.spared.with(true, Exempted::Access, true);
        assert!(!is_decided_above(&above, exempt, Exempted::Access));
    }
}
