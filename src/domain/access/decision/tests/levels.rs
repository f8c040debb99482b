//! Step 6 over the product of what both levels can set, for both kinds of token, all kinds of people and lives at and
//! around the limit: a policy refuses exactly what it stands against, and never a public read.

use super::*;
use crate::domain::policy::evaluate::{Exposure, stands_against};
use crate::domain::policy::setting::{
    EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
};
use crate::domain::policy::{Spared, effective};

const LIMITS: [Limit; 2] = [Limit::Unlimited, Limit::Days(30)];

fn enterprises() -> Vec<Option<EnterpriseLayer>> {
    let mut all = vec![None];
    for access in EnterpriseAccess::ALL {
        for approval in EnterpriseApproval::ALL {
            for lifetime in LIMITS {
                all.extend([false, true].map(|exempts| {
                    Some(EnterpriseLayer {
                        access: *access,
                        approval: *approval,
                        lifetime,
                        exempts_administrators: exempts,
                    })
                }));
            }
        }
    }
    all
}

fn organizations() -> Vec<Option<OrganizationLayer>> {
    let mut all = vec![None];
    for access in Access::ALL {
        for approval in Approval::ALL {
            all.extend(LIMITS.map(|lifetime| {
                Some(OrganizationLayer {
                    access: *access,
                    approval: *approval,
                    lifetime,
                })
            }));
        }
    }
    all
}

/// Members, owners, outside collaborators, people of sister organizations and owners of the enterprise.
fn people() -> Vec<OwnerFacts<'static>> {
    let mut all = Vec::new();
    for role in [None, Some(MemberRole::Member), Some(MemberRole::Owner)] {
        for (is_in_enterprise, is_enterprise_owner) in [(false, false), (true, false), (true, true)]
        {
            all.push(OwnerFacts {
                role,
                is_in_enterprise,
                is_enterprise_owner,
                ..acme()
            });
        }
    }
    all
}

/// Both kinds of token, with a life below, at and above the limit, and without an end.
fn tokens() -> Vec<TokenFacts> {
    let mut all = Vec::new();
    for token in [reader(), classic(&["repo"])] {
        for days in [Some(29), Some(30), Some(31), None] {
            all.push(TokenFacts {
                expires_at: days.map(|days| NOW.plus_days(days)),
                ..token.clone()
            });
        }
    }
    all
}

fn everywhere(mut ask: impl FnMut(OwnerFacts<'static>, &TokenFacts)) {
    let tokens = tokens();
    for above in enterprises() {
        for own in organizations() {
            let policies = Policies {
                fine_grained: effective(TokenKind::FineGrained, above, own),
                classic: effective(TokenKind::Classic, above, own),
            };
            for person in people() {
                let owner = OwnerFacts {
                    policies: Some(policies),
                    ..person
                };
                for token in &tokens {
                    ask(owner, token);
                }
            }
        }
    }
}

#[test]
fn public_reads_stay_under_every_policy_of_both_levels() {
    let calls = [ISSUES, "GIT fetch"].map(ask);
    everywhere(|owner, token| {
        for call in &calls {
            let answer = call.clone().of(of_owner(owner, site())).by(token);
            assert_eq!(answer, Ok(Basis::PublicRead), "{owner:?} {:?}", token.kind);
        }
    });
}

#[test]
fn a_policy_refuses_exactly_what_it_stands_against() {
    let call = ask(ISSUES);
    everywhere(|owner, token| {
        let policies = owner.policies.expect("it was set");
        let policy = match token.kind {
            TokenKind::FineGrained => policies.fine_grained,
            TokenKind::Classic => policies.classic,
        };
        let exposure = Exposure {
            kind: token.kind,
            lifetime: token.lifetime(),
            is_of_a_member: owner.role.is_some() || owner.is_in_enterprise,
            spared: Spared::from(owner.is_enterprise_owner),
        };
        let free = OwnerFacts {
            policies: None,
            ..owner
        };
        let answer = call.clone().of(of_owner(owner, web())).by(token);
        let without = call.clone().of(of_owner(free, web())).by(token);
        if stands_against(&policy, &exposure).is_some() {
            let by_policy = [Err(Reason::PolicyAccess), Err(Reason::PolicyLifetime)];
            assert!(by_policy.contains(&answer), "{owner:?} {answer:?}");
        } else {
            assert_eq!(
                answer, without,
                "what no policy stands against is as without any"
            );
        }
    });
}
