//! Since when a policy stands against a token, as its holder reads it.

use super::ahead::SavedVersions;
use super::evaluate::{Exposure, stands_against};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// Since when what was saved stands against a token at an owner without a break; none where it does not stand against it
/// now. `token` says how policies saw it at a moment. Nothing is older than `begun`, the beginning of the token's life;
/// what ended by itself since, such as an exemption, is among `ends`.
pub fn blocked_since(
    saved: &SavedVersions,
    kind: TokenKind,
    (begun, now): (Timestamp, Timestamp),
    ends: impl IntoIterator<Item = Timestamp>,
    token: impl Fn(Timestamp) -> Exposure,
) -> Option<Timestamp> {
    let mut moments = saved.instants_until(now);
    moments.extend(ends.into_iter().filter(|end| *end <= now));
    moments.retain(|moment| *moment > begun);
    moments.push(begun);
    moments.sort_unstable();
    let is_blocked = |at: &&Timestamp| {
        let policy = saved.in_force(kind, **at);
        policy.is_some_and(|policy| stands_against(&policy, &token(**at)).is_some())
    };
    moments.iter().rev().take_while(is_blocked).last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::setting::{
        Access, Approval, EnterpriseAccess, EnterpriseLayer, OrganizationLayer, Version,
    };
    use crate::domain::policy::{Limit, Spared};
    use crate::domain::token::expiry::Lifetime;

    const FINE: TokenKind = TokenKind::FineGrained;
    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
    const BEGUN: Timestamp =
        Timestamp::from_micros(1_790_000_000_000_000 - 50 * 86_400 * 1_000_000);

    fn version(number: i64, days_ago: i64, days: u16) -> Version<OrganizationLayer> {
        Version {
            version: number,
            effective_at: NOW.plus_days(-days_ago),
            layer: OrganizationLayer {
                access: Access::Allow,
                approval: Approval::Required,
                lifetime: Limit::Days(days),
            },
        }
    }

    fn token(_: Timestamp) -> Exposure {
        Exposure {
            kind: FINE,
            lifetime: Lifetime::days(90),
            is_of_a_member: true,
            spared: Spared::default(),
        }
    }

    fn since(versions: &[Version<OrganizationLayer>]) -> Option<i64> {
        let saved = SavedVersions {
            above: None,
            own: Some(versions.to_vec()),
        };
        let found = blocked_since(&saved, FINE, (BEGUN, NOW), [], token)?;
        Some((NOW.as_micros() - found.as_micros()) / (86_400 * 1_000_000))
    }

    #[test]
    fn the_first_of_the_versions_that_block_without_a_break_is_told() {
        type Row<'a> = (&'a str, &'a [Version<OrganizationLayer>], Option<i64>);
        let table: [Row<'_>; 6] = [
            ("at the limit", &[version(1, 20, 90)], None),
            ("above it", &[version(1, 20, 60)], Some(20)),
            (
                "still above",
                &[version(1, 20, 60), version(2, 10, 30)],
                Some(20),
            ),
            (
                "freed between",
                &[version(1, 20, 60), version(2, 10, 90), version(3, 5, 30)],
                Some(5),
            ),
            ("freed", &[version(1, 20, 60), version(2, 10, 90)], None),
            ("before the life began", &[version(1, 70, 60)], Some(50)),
        ];
        for (name, versions, expected) in table {
            assert_eq!(since(versions), expected, "{name}");
        }
    }

    #[test]
    fn a_version_ahead_is_no_matter_yet() {
        assert_eq!(since(&[version(1, 20, 90), version(2, -1, 30)]), None);
    }

    #[test]
    fn an_exemption_that_ended_is_where_it_began() {
        let saved = SavedVersions {
            above: None,
            own: Some(vec![version(1, 20, 60)]),
        };
        let end = NOW.plus_days(-3);
        let spared = |at| Exposure {
            spared: Spared {
                organization_lifetime: at < end,
                ..Spared::default()
            },
            ..token(at)
        };
        let found = blocked_since(&saved, FINE, (BEGUN, NOW), [end], spared);
        assert_eq!(found, Some(end));
    }

    #[test]
    fn both_levels_count() {
        let mut restricted = EnterpriseLayer::default_for(FINE);
        restricted.access = EnterpriseAccess::Restrict;
        let saved = SavedVersions {
            above: Some(vec![Version {
                version: 1,
                effective_at: NOW.plus_days(-7),
                layer: restricted,
            }]),
            own: Some(vec![version(1, 3, 60)]),
        };
        let found = blocked_since(&saved, FINE, (BEGUN, NOW), [], token);
        assert_eq!(found, Some(NOW.plus_days(-7)));
    }
}
