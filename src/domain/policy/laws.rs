//! The laws of policies (DOMAIN §4), held over the whole product of settings.

use super::barrier::barriers;
use super::evaluate::{Exposure, Violation, stands_against};
use super::preview::{Effect, Subject, preview};
use super::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
};
use super::{Effective, Limit, Source, Spared, effective};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;

const LIMITS: [Limit; 4] = [
    Limit::Unlimited,
    Limit::Days(7),
    Limit::Days(30),
    Limit::Days(366),
];

pub(super) const KINDS: [TokenKind; 2] = [TokenKind::FineGrained, TokenKind::Classic];

/// Below, at and just above each limit, and without an end.
fn lives() -> Vec<Lifetime> {
    let around = [7, 30, 366].into_iter().flat_map(|days| {
        let Lifetime::Micros(exact) = Lifetime::days(days) else {
            panic!("days have a length")
        };
        [exact - 1, exact, exact + 1].map(Lifetime::Micros)
    });
    around.chain([Lifetime::Unlimited]).collect()
}

pub(super) fn organizations() -> impl Iterator<Item = Option<OrganizationLayer>> {
    let set = Access::ALL.iter().flat_map(|access| {
        Approval::ALL.iter().flat_map(move |approval| {
            LIMITS.iter().map(move |lifetime| OrganizationLayer {
                access: *access,
                approval: *approval,
                lifetime: *lifetime,
            })
        })
    });
    std::iter::once(None).chain(set.map(Some))
}

pub(super) fn enterprises() -> impl Iterator<Item = Option<EnterpriseLayer>> {
    let set = EnterpriseAccess::ALL.iter().flat_map(|access| {
        EnterpriseApproval::ALL.iter().flat_map(move |approval| {
            LIMITS.iter().flat_map(move |lifetime| {
                [false, true].map(|exempts| EnterpriseLayer {
                    access: *access,
                    approval: *approval,
                    lifetime: *lifetime,
                    exempts_administrators: exempts,
                })
            })
        })
    });
    std::iter::once(None).chain(set.map(Some))
}

/// Every combination of exemptions, for an owner of the enterprise and for anybody else.
fn exemptions() -> impl Iterator<Item = Spared> {
    (0..32_u8).map(|bits| Spared {
        is_enterprise_owner: bits & 1 != 0,
        enterprise_access: bits & 2 != 0,
        enterprise_lifetime: bits & 4 != 0,
        organization_access: bits & 8 != 0,
        organization_lifetime: bits & 16 != 0,
    })
}

/// Every token: kind, life, of a member or not, with every combination of exemptions.
pub(super) fn tokens(kind: TokenKind) -> Vec<Exposure> {
    let mut all = Vec::new();
    for lifetime in lives() {
        for is_of_a_member in [false, true] {
            all.extend(exemptions().map(|spared| Exposure {
                kind,
                lifetime,
                is_of_a_member,
                spared,
            }));
        }
    }
    all
}

/// Asks a question of every pair of layers.
fn everywhere(mut ask: impl FnMut(TokenKind, Option<EnterpriseLayer>, Option<OrganizationLayer>)) {
    for kind in KINDS {
        for above in enterprises() {
            for own in organizations() {
                ask(kind, above, own);
            }
        }
    }
}

fn refuses(policy: &Effective, token: &Exposure) -> bool {
    stands_against(policy, token).is_some()
}

#[test]
fn an_enterprises_restriction_never_makes_anything_more_allowed() {
    everywhere(|kind, above, own| {
        let Some(above) = above else { return };
        let before = effective(kind, Some(above), own);
        let restricted = EnterpriseLayer {
            access: EnterpriseAccess::Restrict,
            ..above
        };
        let shorter = EnterpriseLayer {
            lifetime: above.lifetime.least(Limit::Days(7)),
            ..above
        };
        let without = Spared::default();
        for after in [restricted, shorter].map(|layer| effective(kind, Some(layer), own)) {
            for token in tokens(kind)
                .into_iter()
                .filter(|token| token.spared == without)
            {
                assert!(
                    !refuses(&before, &token) || refuses(&after, &token),
                    "{above:?} {own:?} {token:?}"
                );
            }
        }
    });
}

#[test]
fn an_organization_never_loosens_what_its_enterprise_sets() {
    everywhere(|kind, above, own| {
        let open = OrganizationLayer {
            access: Access::Allow,
            approval: Approval::NotRequired,
            lifetime: Limit::Unlimited,
        };
        let widest = effective(kind, above, Some(open));
        let theirs = effective(kind, above, own);
        for token in tokens(kind) {
            assert!(
                !refuses(&widest, &token) || refuses(&theirs, &token),
                "{above:?} {own:?} {token:?}"
            );
        }
    });
}

#[test]
fn an_organizations_exemption_never_lifts_the_enterprises_values_nor_the_other_way_round() {
    everywhere(|kind, above, own| {
        let policy = effective(kind, above, own);
        let enterprise_alone = effective(
            kind,
            above,
            Some(OrganizationLayer {
                access: Access::Allow,
                approval: Approval::NotRequired,
                lifetime: Limit::Unlimited,
            }),
        );
        let organization_alone = effective(kind, None, own);
        let is_delegated = above.is_none_or(|above| above.access == EnterpriseAccess::Delegate);
        for token in tokens(kind) {
            let spared = token.spared;
            if !spared.enterprise_access && !spared.enterprise_lifetime {
                assert!(!refuses(&enterprise_alone, &token) || refuses(&policy, &token));
            }
            if is_delegated && !spared.organization_access && !spared.organization_lifetime {
                assert!(!refuses(&organization_alone, &token) || refuses(&policy, &token));
            }
        }
    });
}

#[test]
fn exemptions_only_ever_allow() {
    everywhere(|kind, above, own| {
        let policy = effective(kind, above, own);
        for token in tokens(kind) {
            let plain = Exposure {
                spared: Spared::default(),
                ..token
            };
            assert!(
                !refuses(&policy, &token) || refuses(&policy, &plain),
                "{above:?} {own:?} {token:?}"
            );
        }
    });
}

#[test]
fn a_classic_tokens_life_is_the_business_only_of_those_its_user_belongs_to() {
    everywhere(|kind, above, own| {
        let policy = effective(kind, above, own);
        let strangers = tokens(kind)
            .into_iter()
            .filter(|token| !token.is_of_a_member);
        for token in strangers.filter(|token| token.kind == TokenKind::Classic) {
            let found = stands_against(&policy, &token);
            assert!(
                !matches!(found, Some(Violation::Lifetime { .. })),
                "{above:?} {own:?} {token:?}"
            );
        }
    });
}

#[test]
fn a_value_never_names_a_source_that_did_not_set_it() {
    everywhere(|kind, above, own| {
        let policy = effective(kind, above, own);
        for token in tokens(kind) {
            let sources = [
                policy.access(token.spared).source,
                policy.lifetime(token.spared).source,
            ];
            if above.is_none() {
                assert!(!sources.contains(&Source::Enterprise));
            }
            if own.is_none() {
                assert!(!sources.contains(&Source::Organization));
            }
        }
    });
}

#[test]
fn a_token_is_refused_exactly_where_it_meets_a_barrier() {
    everywhere(|kind, above, own| {
        let policy = effective(kind, above, own);
        let barriers = barriers(&policy);
        for token in tokens(kind) {
            let is_met = barriers.iter().any(|barrier| barrier.is_met_by(&token));
            assert_eq!(
                is_met,
                refuses(&policy, &token),
                "{above:?} {own:?} {token:?}"
            );
        }
    });
}

#[test]
fn a_preview_names_exactly_what_the_change_blocks_and_frees() {
    let owner = AccountId::new(1);
    let own = |access, lifetime| OrganizationLayer {
        access,
        approval: Approval::Required,
        lifetime,
    };
    let layers = [
        own(Access::Allow, Limit::Unlimited),
        own(Access::Allow, Limit::Days(30)),
        own(Access::Restrict, Limit::Days(7)),
    ];
    let above = EnterpriseLayer {
        access: EnterpriseAccess::Delegate,
        approval: EnterpriseApproval::Delegate,
        lifetime: Limit::Days(366),
        exempts_administrators: true,
    };
    for kind in KINDS {
        for (before, after) in layers
            .iter()
            .flat_map(|one| layers.iter().map(move |two| (*one, *two)))
        {
            let pair = [before, after].map(|layer| effective(kind, Some(above), Some(layer)));
            let subjects = (1..).zip(tokens(kind)).map(|(id, exposure)| Subject {
                token: TokenId::new(id),
                user: AccountId::new(id),
                owner,
                exposure,
                last_used_at: None,
            });
            let found = preview(subjects.clone(), |_| (Some(pair[0]), Some(pair[1])));
            for subject in subjects {
                let [works, will] = pair.map(|policy| !refuses(&policy, &subject.exposure));
                let named = |list: &[super::preview::Touched]| {
                    list.iter().any(|one| one.subject == subject)
                };
                assert_eq!(named(&found.blocked), works && !will, "{subject:?}");
                assert_eq!(named(&found.freed), !works && will, "{subject:?}");
            }
            assert!(
                found
                    .blocked
                    .iter()
                    .all(|one| matches!(one.effect, Effect::Blocked(_)))
            );
        }
    }
}

/// The readable tables: what a token of 90 days may do under each pair of settings, and who decides on approval. A
/// classic token of somebody who belongs here is treated as a fine-grained one.
#[test]
fn what_is_in_force_reads_like_this() {
    let tables = format!("{}\n{}", lives_and_access(), approvals());
    let reviewed = include_str!("laws.txt");
    assert!(
        tables == reviewed,
        "what is in force changed; review it, then keep it in laws.txt:\n{tables}"
    );
}

const NAMED_LIMITS: [(&str, Limit); 3] = [
    ("none", Limit::Unlimited),
    ("30 d", Limit::Days(30)),
    ("90 d", Limit::Days(90)),
];

fn lives_and_access() -> String {
    let mut table = line(
        ("enterprise", "organization"),
        ("90 days", "classic, of an outside collaborator"),
    );
    for above in EnterpriseAccess::ALL {
        for (limit_above, lifetime) in NAMED_LIMITS {
            for own in Access::ALL {
                for (limit_own, own_lifetime) in NAMED_LIMITS {
                    let above_layer = EnterpriseLayer {
                        access: *above,
                        approval: EnterpriseApproval::Delegate,
                        lifetime,
                        exempts_administrators: false,
                    };
                    let own_layer = OrganizationLayer {
                        access: *own,
                        approval: Approval::Required,
                        lifetime: own_lifetime,
                    };
                    let told = |kind, is_of_a_member| {
                        let policy = effective(kind, Some(above_layer), Some(own_layer));
                        verdict(&policy, kind, is_of_a_member)
                    };
                    let [fine, classic] = KINDS.map(|kind| told(kind, true));
                    assert_eq!(fine, classic, "{above_layer:?} {own_layer:?}");
                    let names = (
                        format!("{above}, {limit_above}"),
                        format!("{own}, {limit_own}"),
                    );
                    let outside = told(TokenKind::Classic, false);
                    table += &line((&names.0, &names.1), (&fine, &outside));
                }
            }
        }
    }
    table
}

/// What a token of 90 days may do, or which policy stands against it.
fn verdict(policy: &Effective, kind: TokenKind, is_of_a_member: bool) -> String {
    let token = Exposure {
        kind,
        lifetime: Lifetime::days(90),
        is_of_a_member,
        spared: Spared::default(),
    };
    match stands_against(policy, &token) {
        None => "works".to_owned(),
        Some(Violation::Access(source)) => format!("access, by the {source}"),
        Some(Violation::Lifetime { days, source }) => {
            format!("at most {days} days, by the {source}")
        }
    }
}

fn approvals() -> String {
    let mut table = line(("enterprise", "organization"), ("approval", "decided by"));
    let own = |approval| OrganizationLayer {
        approval,
        ..OrganizationLayer::default_for(TokenKind::FineGrained)
    };
    for above in EnterpriseApproval::ALL {
        let layer = EnterpriseLayer {
            approval: *above,
            ..EnterpriseLayer::default_for(TokenKind::FineGrained)
        };
        let set = Approval::ALL.iter().map(|approval| Some(own(*approval)));
        for own in [None].into_iter().chain(set) {
            let policy = effective(TokenKind::FineGrained, Some(layer), own);
            let theirs = own.map_or("nothing", |own| own.approval.as_str());
            let value = policy.approval.value.as_str();
            table += &line(
                (above.as_str(), theirs),
                (value, policy.approval.source.as_str()),
            );
        }
    }
    table
}

fn line(settings: (&str, &str), results: (&str, &str)) -> String {
    let (one, two) = settings;
    let (three, four) = results;
    format!("{one:<20} {two:<20} {three:<36} {four}\n")
}
