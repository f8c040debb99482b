//! Step 6: the owner's policies.

use super::*;
use crate::domain::policy::{Exempted, Exemption};

const OPEN: Limit = Limit::Unlimited;

fn limits(own: Limit, above: Limit, exempts: bool) -> OwnerFacts<'static> {
    under(in_force(Access::Allow, own, above, exempts))
}

fn living(days: Option<i64>) -> TokenFacts {
    TokenFacts {
        expires_at: days.map(|days| NOW.plus_days(days)),
        ..reader()
    }
}

#[test]
fn a_restricted_owner_is_out_of_reach_for_all_but_public_reads() {
    let owner = under(restricted());
    let table = [
        (
            ask(ISSUES).of(of_owner(owner, web())),
            Err(Reason::PolicyAccess),
        ),
        (
            ask("GIT fetch").of(of_owner(owner, web())),
            Err(Reason::PolicyAccess),
        ),
        (
            ask(OPEN_ISSUE).of(of_owner(owner, site())),
            Err(Reason::PolicyAccess),
        ),
        (
            ask(MEMBERS).of(Target::Organization(owner)),
            Err(Reason::PolicyAccess),
        ),
        (
            ask(ISSUES).of(of_owner(owner, site())),
            Ok(Basis::PublicRead),
        ),
        (
            ask("GIT fetch").of(of_owner(owner, site())),
            Ok(Basis::PublicRead),
        ),
    ];
    for (place, (call, expected)) in table.into_iter().enumerate() {
        assert_eq!(call.by(&reader()), expected, "row {place}");
    }
}

#[test]
fn a_restriction_comes_before_what_the_grant_says_and_names_its_source() {
    let waiting = token([grant(ACME).standing(GrantStanding::Pending)]);
    let refusal = ask(ISSUES)
        .of(of_owner(under(restricted()), web()))
        .refusal(&waiting);
    assert_eq!(refusal.reason, Reason::PolicyAccess);
    assert_eq!((refusal.owner, refusal.target), (Some(ACME), Some(0)));
    assert!(refusal.violation.is_some());
}

#[test]
fn a_life_is_compared_whole_with_the_limit() {
    let limited = of_owner(limits(Limit::Days(30), OPEN, false), web());
    let call = ask(ISSUES).of(limited);
    assert!(call.by(&living(Some(29))).is_ok());
    assert!(
        call.by(&living(Some(30))).is_ok(),
        "exactly the limit is allowed"
    );
    assert_eq!(call.by(&living(Some(31))), Err(Reason::PolicyLifetime));
    assert_eq!(
        call.by(&living(None)),
        Err(Reason::PolicyLifetime),
        "no end violates any limit"
    );
    let late = Ask {
        now: NOW.plus_days(30),
        ..call
    };
    assert_eq!(
        late.by(&living(Some(31))),
        Err(Reason::PolicyLifetime),
        "one day is left of 31"
    );
}

#[test]
fn without_a_limit_any_life_goes() {
    let call = ask(ISSUES).of(of_owner(limits(OPEN, OPEN, false), web()));
    assert!(call.by(&living(None)).is_ok());
    assert!(
        ask(ISSUES).of(web()).by(&living(None)).is_ok(),
        "nobody's policies govern the owner"
    );
}

#[test]
fn an_exemption_lifts_the_enterprises_number_only() {
    let long = living(Some(90));
    let exempt = |own, above| OwnerFacts {
        is_enterprise_owner: true,
        ..limits(own, above, true)
    };
    let strict = Limit::Days(30);
    let table = [
        ("the enterprise's, exempt", exempt(OPEN, strict), true),
        ("the organization's, exempt", exempt(strict, OPEN), false),
        ("both, exempt", exempt(strict, strict), false),
        (
            "the enterprise's, nobody is exempt",
            OwnerFacts {
                is_enterprise_owner: true,
                ..limits(OPEN, strict, false)
            },
            false,
        ),
        (
            "the enterprise's, not its owner",
            limits(OPEN, strict, true),
            false,
        ),
    ];
    for (name, owner, is_allowed) in table {
        let answer = ask(ISSUES).of(of_owner(owner, web())).by(&long);
        assert_eq!(answer.is_ok(), is_allowed, "{name}");
    }
}

#[test]
fn a_classic_life_is_the_business_of_those_its_user_belongs_to() {
    let limited = limits(Limit::Days(30), OPEN, false);
    let outside = OwnerFacts {
        role: None,
        ..limited
    };
    let sister = OwnerFacts {
        is_in_enterprise: true,
        ..outside
    };
    let token = classic(&["repo"]);
    let call = |owner| ask(ISSUES).of(of_owner(owner, web()));
    assert_eq!(call(limited).by(&token), Err(Reason::PolicyLifetime));
    assert_eq!(call(sister).by(&token), Err(Reason::PolicyLifetime));
    assert!(call(outside).by(&token).is_ok());
    let restricted = OwnerFacts {
        role: None,
        ..under(restricted())
    };
    assert_eq!(
        call(restricted).by(&token),
        Err(Reason::PolicyAccess),
        "access is everybody's"
    );
}

#[test]
fn each_kind_of_token_has_its_own_policies() {
    let only_classic = Policies {
        fine_grained: in_force(Access::Allow, OPEN, OPEN, false).fine_grained,
        ..restricted()
    };
    let call = ask(ISSUES).of(of_owner(under(only_classic), web()));
    assert!(call.by(&reader()).is_ok());
    assert_eq!(call.by(&classic(&["repo"])), Err(Reason::PolicyAccess));
}

#[test]
fn a_blocked_classic_token_is_refused_here_and_works_elsewhere() {
    let blocked = TokenFacts {
        blocked_at: vec![ACME],
        ..classic(&["repo"])
    };
    assert_eq!(ask(ISSUES).of(web()).by(&blocked), Err(Reason::BlockedHere));
    assert!(ask(ISSUES).of(web()).by(&classic(&["repo"])).is_ok());
    assert_eq!(ask(ISSUES).of(site()).by(&blocked), Ok(Basis::PublicRead));
    let elsewhere = TokenFacts {
        blocked_at: vec![AccountId::new(99)],
        ..blocked
    };
    assert!(ask(ISSUES).of(web()).by(&elsewhere).is_ok());
}

#[test]
fn an_exempt_token_is_spared_until_its_date_by_whoever_gave_it() {
    let restricted = of_owner(
        OwnerFacts {
            enterprise: Some(GLOBEX),
            ..under(restricted())
        },
        web(),
    );
    let exempt = |scope, until| TokenFacts {
        exemptions: vec![Exemption {
            scope,
            policy: Exempted::Access,
            until,
        }],
        ..reader()
    };
    let later = NOW.plus_seconds(1);
    assert_eq!(
        ask(ISSUES).of(restricted).by(&reader()),
        Err(Reason::PolicyAccess)
    );
    assert!(ask(ISSUES).of(restricted).by(&exempt(ACME, later)).is_ok());
    assert_eq!(
        ask(ISSUES).of(restricted).by(&exempt(ACME, NOW)),
        Err(Reason::PolicyAccess),
        "its time is over"
    );
    assert_eq!(
        ask(ISSUES).of(restricted).by(&exempt(GLOBEX, later)),
        Err(Reason::PolicyAccess),
        "the restriction is the organization's own"
    );
}

#[test]
fn the_policies_of_every_target_count() {
    let key = "POST /repos/{owner}/{repo}/into/{to}/{other}";
    let held = grant(ACME).holds(&[("contents", Level::Read), ("administration", Level::Write)]);
    let second = of_owner(under(restricted()), with_role(RepositoryRole::Admin));
    let refusal = ask(key).of(web()).of(second).refusal(&token([held]));
    assert_eq!(
        (refusal.reason, refusal.target),
        (Reason::PolicyAccess, Some(1))
    );
}
