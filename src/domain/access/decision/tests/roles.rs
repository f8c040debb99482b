//! Step 8: a token never does what its user may not.

use super::*;

#[test]
fn each_permission_asks_for_its_least_role() {
    let everything = token([grant(ACME).holds(&[
        ("issues", Level::Write),
        ("contents", Level::Write),
        ("administration", Level::Write),
    ])]);
    let table = [
        (ISSUES, RepositoryRole::Read),
        (OPEN_ISSUE, RepositoryRole::Read),
        ("PATCH /repos/{owner}/{repo}/issues", RepositoryRole::Triage),
        (CONTENTS, RepositoryRole::Write),
        (HOOKS, RepositoryRole::Admin),
    ];
    for (key, least) in table {
        for role in RepositoryRole::ALL {
            let answer = ask(key).of(with_role(role)).by(&everything);
            let is_enough = role >= least;
            assert_eq!(answer.is_ok(), is_enough, "{key} as {}", role.as_str());
            assert!(
                is_enough || answer == Err(Reason::MissingRole),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn of_several_held_sets_one_within_the_role_is_enough() {
    let call = ask("PATCH /repos/{owner}/{repo}/issues").of(with_role(RepositoryRole::Triage));
    let contents = ("contents", Level::Write);
    let both = token([grant(ACME).holds(&[contents, ("issues", Level::Write)])]);
    assert_eq!(call.by(&both), allowed(ACME, "issues", Level::Write));
    assert_eq!(
        call.by(&token([grant(ACME).holds(&[contents])])),
        Err(Reason::MissingRole)
    );
}

#[test]
fn a_public_repository_gives_no_more_than_the_users_role_on_it() {
    let held = token([grant(ACME).holds(&[("contents", Level::Write)])]);
    assert_eq!(ask(CONTENTS).of(site()).by(&held), Err(Reason::MissingRole));
    let nobody = RepositoryFacts {
        role: None,
        ..site()
    };
    assert_eq!(ask(CONTENTS).of(nobody).by(&held), Err(Reason::MissingRole));
}

#[test]
fn organization_permissions_ask_for_membership_or_ownership() {
    let held = token([grant(ACME).holds(&[("members", Level::Read), ("tokens", Level::Read)])]);
    let table = [
        (MEMBERS, None, false),
        (MEMBERS, Some(MemberRole::Member), true),
        (MEMBERS, Some(MemberRole::Owner), true),
        (MANAGE, Some(MemberRole::Member), false),
        (MANAGE, Some(MemberRole::Owner), true),
    ];
    for (key, role, is_allowed) in table {
        let call = ask(key).of(Target::Organization(OwnerFacts { role, ..acme() }));
        let expected = (!is_allowed).then_some(Reason::MissingRole);
        assert_eq!(call.by(&held).err(), expected, "{key} {role:?}");
    }
}
