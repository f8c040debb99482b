//! Step 5: what is absent and what is hidden are one answer.

use super::*;

fn unseen() -> RepositoryFacts<'static> {
    RepositoryFacts {
        role: None,
        ..web()
    }
}

#[test]
fn a_private_repository_is_hidden_unless_user_and_token_both_know_it() {
    let hidden = Err(Reason::NotFound);
    let table = [
        ("absent", Target::Missing, reader(), hidden),
        ("no role", unseen().into(), reader(), hidden),
        ("no grant", web().into(), token([]), hidden),
        (
            "a grant elsewhere",
            web().into(),
            token([grant(LABS)]),
            hidden,
        ),
        (
            "not named",
            web().into(),
            token([grant(ACME).selected(&[SITE])]),
            hidden,
        ),
        ("public only", web().into(), token([public_only()]), hidden),
        (
            "emptied",
            web().into(),
            token([grant(ACME).selected(&[])]),
            hidden,
        ),
        (
            "named",
            web().into(),
            token([grant(ACME).selected(&[WEB])]),
            Err(Reason::MissingPermission),
        ),
    ];
    for (name, target, token, expected) in table {
        assert_eq!(ask(ISSUES).of(target).by(&token), expected, "{name}");
        assert_eq!(
            ask("GIT fetch").of(target).by(&token),
            expected,
            "{name} by git"
        );
    }
}

fn public_only() -> GrantFacts {
    GrantFacts {
        selection: Selection::Public,
        ..grant(ACME)
    }
}

#[test]
fn a_grant_or_request_in_any_state_makes_a_repository_known_to_its_token() {
    for standing in GrantStanding::ALL
        .iter()
        .filter(|state| **state != GrantStanding::Active)
    {
        let token = token([grant(ACME).selected(&[WEB]).standing(*standing)]);
        let answer = ask(ISSUES).of(web()).by(&token);
        assert!(
            !matches!(answer, Err(Reason::NotFound) | Ok(_)),
            "{standing}: {answer:?}"
        );
    }
    let wished = Selection::Selected([WEB].into());
    let token = token([public_only().wishing(GrantStanding::Pending, wished)]);
    assert_eq!(ask(ISSUES).of(web()).by(&token), Err(Reason::Pending));
}

#[test]
fn hidden_and_absent_refusals_say_the_same() {
    let hidden = ask(ISSUES).of(web()).refusal(&token([]));
    let absent = ask(ISSUES).of(Target::Missing).refusal(&token([]));
    assert_eq!(hidden, absent);
    assert_eq!(
        hidden.owner, None,
        "a hidden repository's owner is not named"
    );
}

#[test]
fn a_grants_conditions_do_not_tell_hidden_from_absent() {
    let mut token = token([grant(ACME).selected(&[SITE])]);
    token.grants[0].terms.conditions.addresses = vec!["192.0.2.0/24".parse().expect("a range")];
    let call = ask(ISSUES).from("198.51.100.1");
    let hidden = call.clone().of(web()).refusal(&token);
    let absent = call.of(Target::Missing).refusal(&token);
    assert_eq!(hidden, absent);
    assert_eq!(hidden.reason, Reason::NotFound);
}

#[test]
fn policies_of_an_owner_do_not_tell_hidden_from_absent() {
    let hidden = of_owner(under(restricted()), web());
    assert_eq!(ask(ISSUES).of(hidden).by(&token([])), Err(Reason::NotFound));
}

#[test]
fn an_organization_is_known_to_a_token_that_asked_it_for_anything() {
    let call = ask(MEMBERS).of(Target::Organization(acme()));
    assert_eq!(call.by(&token([])), Err(Reason::NotFound));
    let table = [
        (GrantStanding::Pending, Reason::Pending),
        (GrantStanding::Denied, Reason::Denied),
        (GrantStanding::Revoked, Reason::Revoked),
        (GrantStanding::None, Reason::NoGrant),
    ];
    for (standing, expected) in table {
        let token = token([grant(ACME).standing(standing)]);
        assert_eq!(call.by(&token), Err(expected), "{standing}");
    }
}

#[test]
fn an_enterprise_is_hidden_from_all_but_its_owners() {
    let key = "GET /enterprises/{enterprise}/people";
    let held = grant(GLOBEX)
        .relation(Relation::EnterpriseOwner)
        .holds(&[("people", Level::Read)]);
    let of = |role| ask(key).of(Target::Enterprise(owner(GLOBEX, "globex", role)));
    assert_eq!(
        of(Some(MemberRole::Owner)).by(&token([held.clone()])),
        allowed(GLOBEX, "people", Level::Read)
    );
    assert_eq!(of(None).by(&token([held])), Err(Reason::NotFound));
    assert_eq!(
        of(Some(MemberRole::Owner)).by(&token([])),
        Err(Reason::NotFound)
    );
}

#[test]
fn anothers_account_is_hidden_where_account_permissions_are_asked_for() {
    let call = |role| ask("GET /user/emails").of(Target::Account(owner(ANA, "ana", role)));
    let held = grant(ANA)
        .relation(Relation::Own)
        .holds(&[("emails", Level::Read)]);
    assert_eq!(
        call(Some(MemberRole::Owner)).by(&token([held.clone()])),
        allowed(ANA, "emails", Level::Read)
    );
    assert_eq!(
        call(Some(MemberRole::Owner)).by(&token([])),
        Err(Reason::NoGrant)
    );
    assert_eq!(call(None).by(&token([held])), Err(Reason::NotFound));
}

#[test]
fn the_second_target_is_hidden_like_the_first() {
    let key = "POST /repos/{owner}/{repo}/into/{to}/{other}";
    let held = grant(ACME).holds(&[("contents", Level::Read), ("administration", Level::Write)]);
    let admin = with_role(RepositoryRole::Admin);
    assert!(
        ask(key)
            .of(web())
            .of(admin)
            .by(&token([held.clone()]))
            .is_ok()
    );
    assert_eq!(
        ask(key)
            .of(web())
            .of(Target::Missing)
            .by(&token([held.clone()])),
        Err(Reason::NotFound)
    );
    assert_eq!(
        ask(key).of(web()).of(unseen()).by(&token([held])),
        Err(Reason::NotFound)
    );
}
