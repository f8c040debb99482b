//! Versions that are saved and not in force yet: until their instant they only say what they will do (DOMAIN §4).

use super::Effective;
use super::evaluate::{Exposure, Violation, stands_against};
use super::layers::{effective, governed_only};
use super::setting::{EnterpriseLayer, OrganizationLayer, Version, in_force};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// Every version that was saved, and not taken back, of the policies that hold at one owner for one kind of token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedVersions {
    /// The enterprise's, where one governs the owner.
    pub above: Option<Vec<Version<EnterpriseLayer>>>,
    /// The owner's own, where it is an organization.
    pub own: Option<Vec<Version<OrganizationLayer>>>,
}

impl SavedVersions {
    /// What is in force at the owner at a moment, if anything governs it.
    pub fn in_force(&self, kind: TokenKind, at: Timestamp) -> Option<Effective> {
        let above = self
            .above
            .as_ref()
            .map(|versions| in_force(versions, at).unwrap_or(EnterpriseLayer::default_for(kind)));
        match &self.own {
            Some(own) => Some(effective(kind, above, in_force(own, at))),
            None => above.map(|layer| governed_only(kind, layer)),
        }
    }

    /// The instants after `now` from which something else may hold, the next one first.
    pub fn instants_ahead(&self, now: Timestamp) -> Vec<Timestamp> {
        let mut ahead: Vec<_> = self.instants().filter(|at| *at > now).collect();
        ahead.sort_unstable();
        ahead.dedup();
        ahead
    }

    /// The instants up to `now` from which something else held, in no order.
    pub fn instants_until(&self, now: Timestamp) -> Vec<Timestamp> {
        self.instants().filter(|at| *at <= now).collect()
    }

    fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let above = self.above.iter().flatten().map(|one| one.effective_at);
        let own = self.own.iter().flatten().map(|one| one.effective_at);
        above.chain(own)
    }
}

/// What will stand against a token that works until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    /// From when.
    pub at: Timestamp,
    /// Which policy.
    pub violation: Violation,
}

/// The first version ahead that will block a token at an owner; `token` says how policies will see the token at a
/// moment, and nothing once it has ended. What ends by itself until then, such as an exemption, is no version's doing.
pub fn violation_ahead(
    saved: &SavedVersions,
    kind: TokenKind,
    now: Timestamp,
    token: impl Fn(Timestamp) -> Option<Exposure>,
) -> Option<Coming> {
    let today = saved.in_force(kind, now);
    let stands = |policy: Option<Effective>, token: &Exposure| {
        policy.and_then(|policy| stands_against(&policy, token))
    };
    saved.instants_ahead(now).into_iter().find_map(|at| {
        let exposure = token(at)?;
        if stands(today, &exposure).is_some() {
            return None;
        }
        let violation = stands(saved.in_force(kind, at), &exposure)?;
        Some(Coming { at, violation })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::setting::{Access, Approval, EnterpriseAccess};
    use crate::domain::policy::{Limit, Source, Spared};
    use crate::domain::token::expiry::Lifetime;

    const FINE: TokenKind = TokenKind::FineGrained;
    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    fn own(
        number: i64,
        in_days: i64,
        access: Access,
        lifetime: Limit,
    ) -> Version<OrganizationLayer> {
        Version {
            version: number,
            effective_at: NOW.plus_days(in_days),
            layer: OrganizationLayer {
                access,
                approval: Approval::Required,
                lifetime,
            },
        }
    }

    fn saved(own: &[Version<OrganizationLayer>]) -> SavedVersions {
        SavedVersions {
            above: None,
            own: Some(own.to_vec()),
        }
    }

    /// A token of so many days that ends so many days from now.
    fn token(days: u16, left: i64) -> impl Fn(Timestamp) -> Option<Exposure> {
        move |at| {
            (at < NOW.plus_days(left)).then_some(Exposure {
                kind: FINE,
                lifetime: Lifetime::days(days),
                is_of_a_member: true,
                spared: Spared::default(),
            })
        }
    }

    #[test]
    fn a_version_ahead_changes_nothing_before_its_instant() {
        let open = own(1, -1, Access::Allow, Limit::Unlimited);
        let strict = own(2, 5, Access::Restrict, Limit::Unlimited);
        let with = saved(&[open, strict]);
        let without = saved(&[open]);
        let instant = NOW.plus_days(5);
        for at in [NOW, instant.plus_micros(-1)] {
            assert_eq!(with.in_force(FINE, at), without.in_force(FINE, at));
        }
        assert_ne!(
            with.in_force(FINE, instant),
            without.in_force(FINE, instant)
        );
        assert_eq!(with.instants_ahead(NOW), [instant]);
        assert_eq!(with.instants_ahead(instant), []);
    }

    #[test]
    fn the_holder_of_a_token_is_told_what_will_block_it_and_from_when() {
        let versions = saved(&[
            own(1, -1, Access::Allow, Limit::Unlimited),
            own(2, 5, Access::Allow, Limit::Days(30)),
        ]);
        let told = |days, left| violation_ahead(&versions, FINE, NOW, token(days, left));
        let coming = Coming {
            at: NOW.plus_days(5),
            violation: Violation::Lifetime {
                days: 30,
                source: Source::Organization,
            },
        };
        assert_eq!(told(31, 20), Some(coming));
        assert_eq!(told(30, 20), None, "exactly the limit is allowed");
        assert_eq!(told(31, 5), None, "it will have ended at that very instant");
    }

    #[test]
    fn what_is_blocked_already_is_no_news() {
        let versions = saved(&[
            own(1, -1, Access::Restrict, Limit::Unlimited),
            own(2, 5, Access::Restrict, Limit::Days(30)),
        ]);
        assert_eq!(violation_ahead(&versions, FINE, NOW, token(31, 20)), None);
    }

    #[test]
    fn the_end_of_an_exemption_is_no_versions_doing() {
        let versions = saved(&[
            own(1, -1, Access::Restrict, Limit::Unlimited),
            own(2, 5, Access::Restrict, Limit::Unlimited),
        ]);
        let spared_until = |at: Timestamp| Exposure {
            spared: Spared {
                organization_access: at < NOW.plus_days(3),
                ..Spared::default()
            },
            ..token(31, 20)(at).expect("it lives")
        };
        assert_eq!(
            violation_ahead(&versions, FINE, NOW, |at| Some(spared_until(at))),
            None
        );
    }

    #[test]
    fn of_two_levels_the_first_to_block_is_told() {
        let mut restricted = EnterpriseLayer::default_for(FINE);
        restricted.access = EnterpriseAccess::Restrict;
        let above = Version {
            version: 1,
            effective_at: NOW.plus_days(9),
            layer: restricted,
        };
        let versions = SavedVersions {
            above: Some(vec![above]),
            own: Some(vec![own(1, 5, Access::Allow, Limit::Days(7))]),
        };
        let told = |days| violation_ahead(&versions, FINE, NOW, token(days, 90)).map(|one| one.at);
        assert_eq!(told(8), Some(NOW.plus_days(5)));
        assert_eq!(told(7), Some(NOW.plus_days(9)));
        let enterprise = SavedVersions {
            own: None,
            ..versions
        };
        let own_resources = violation_ahead(&enterprise, FINE, NOW, token(8, 90));
        let source = Violation::Access(Source::Enterprise);
        assert_eq!(own_resources.map(|one| one.violation), Some(source));
        let free = SavedVersions::default();
        assert_eq!(free.in_force(FINE, NOW), None);
        assert_eq!(violation_ahead(&free, FINE, NOW, token(8, 90)), None);
    }
}
