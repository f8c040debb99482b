//! Step 7 for fine-grained tokens: the grant, what it reaches, and the sets.

use super::*;

const READ: Level = Level::Read;
const WRITE: Level = Level::Write;

#[test]
fn a_grant_that_does_not_work_says_why() {
    let call = ask(OPEN_ISSUE).of(site());
    assert_eq!(call.by(&token([])), Err(Reason::NoGrant));
    let table = [
        (GrantStanding::Pending, Reason::Pending),
        (GrantStanding::Denied, Reason::Denied),
        (GrantStanding::Revoked, Reason::Revoked),
        (GrantStanding::None, Reason::NoGrant),
    ];
    for (standing, expected) in table {
        let held = grant(ACME).holds(&[("issues", WRITE)]).standing(standing);
        assert_eq!(call.by(&token([held])), Err(expected), "{standing}");
    }
}

#[test]
fn a_grant_ends_with_the_life_it_was_approved_for() {
    let mut token = token([grant(ACME).holds(&[("issues", READ)])]);
    token.grants[0].terms.lifetime = Lifetime::days(7);
    let at = |now| Ask {
        now,
        ..ask(ISSUES).of(web())
    };
    let end = NOW.plus_days(7);
    assert!(at(end.plus_micros(-1)).by(&token).is_ok());
    assert_eq!(at(end).by(&token), Err(Reason::NoGrant));
    token.grants[0].wish = Some(GrantStanding::Pending);
    assert_eq!(
        at(end).by(&token),
        Err(Reason::Pending),
        "a longer life was asked for"
    );
}

#[test]
fn a_repository_of_a_waiting_widening_waits_and_the_rest_goes_on() {
    let wished = Selection::Selected([SITE].into());
    let held = grant(ACME).selected(&[WEB]).holds(&[("issues", WRITE)]);
    let triage = with_role(RepositoryRole::Triage);
    for (wish, expected) in [
        (GrantStanding::Pending, Reason::Pending),
        (GrantStanding::Denied, Reason::Denied),
    ] {
        let token = token([held.clone().wishing(wish, wished.clone())]);
        assert_eq!(ask(OPEN_ISSUE).of(site()).by(&token), Err(expected));
        assert_eq!(
            ask(OPEN_ISSUE).of(triage).by(&token),
            allowed(ACME, "issues", WRITE)
        );
    }
}

#[test]
fn a_public_repository_that_is_not_selected_says_so_and_a_private_one_hides() {
    let elsewhere = token([grant(ACME)
        .selected(&[RepositoryId::new(9)])
        .holds(&[("issues", WRITE)])]);
    assert_eq!(
        ask(OPEN_ISSUE).of(site()).by(&elsewhere),
        Err(Reason::NotSelected)
    );
    assert_eq!(
        ask(OPEN_ISSUE).of(web()).by(&elsewhere),
        Err(Reason::NotFound)
    );
    let emptied = token([grant(ACME).selected(&[]).holds(&[("issues", WRITE)])]);
    assert_eq!(
        ask(OPEN_ISSUE).of(site()).by(&emptied),
        Err(Reason::NotSelected)
    );
}

/// Permissions by slug.
type Held = &'static [(&'static str, Level)];

#[test]
fn any_set_is_enough_and_a_higher_level_includes_a_lower_one() {
    let call = ask("PATCH /repos/{owner}/{repo}/issues").of(with_role(RepositoryRole::Write));
    let table: Vec<(Held, Result<Basis, Reason>)> = vec![
        (&[("issues", WRITE)], allowed(ACME, "issues", WRITE)),
        (&[("contents", WRITE)], allowed(ACME, "contents", WRITE)),
        (
            &[("issues", WRITE), ("contents", WRITE)],
            allowed(ACME, "issues", WRITE),
        ),
        (
            &[("issues", READ), ("contents", READ)],
            Err(Reason::MissingPermission),
        ),
        (&[], Err(Reason::MissingPermission)),
    ];
    for (held, expected) in table {
        assert_eq!(
            call.by(&token([grant(ACME).holds(held)])),
            expected,
            "{held:?}"
        );
    }
    let writer = token([grant(ACME).holds(&[("issues", WRITE)])]);
    assert_eq!(
        ask(ISSUES).of(web()).by(&writer),
        allowed(ACME, "issues", READ)
    );
}

#[test]
fn all_entries_of_a_set_are_needed() {
    let call = ask("PUT /repos/{owner}/{repo}/both").of(with_role(RepositoryRole::Write));
    let both: &[_] = &[("issues", WRITE), ("contents", WRITE)];
    assert!(call.by(&token([grant(ACME).holds(both)])).is_ok());
    for one in both {
        let token = token([grant(ACME).holds(&[*one])]);
        assert_eq!(call.by(&token), Err(Reason::MissingPermission), "{one:?}");
    }
}

#[test]
fn a_missing_permission_names_what_is_needed_and_what_is_held() {
    let token = token([grant(ACME).holds(&[("issues", READ)])]);
    let refusal = ask(OPEN_ISSUE).of(site()).refusal(&token);
    let id = SMALL.find_permission("issues").expect("it is there").id;
    let need = Need {
        permission: id,
        level: WRITE,
        target: 0,
    };
    assert_eq!(refusal.needed, [vec![need]]);
    assert_eq!(
        refusal.held,
        [super::Held {
            permission: id,
            level: Some(READ)
        }]
    );
    assert_eq!(refusal.owner, Some(ACME));
}

#[test]
fn workflow_files_ask_for_the_larger_set_and_so_does_not_knowing() {
    let plain = token([grant(ACME).holds(&[("contents", WRITE)])]);
    let larger = token([grant(ACME).holds(&[("contents", WRITE), ("workflows", WRITE)])]);
    let writer = with_role(RepositoryRole::Write);
    for key in ["GIT push", CONTENTS] {
        for (workflows, is_enough) in [
            (Workflows::Untouched, true),
            (Workflows::Touched, false),
            (Workflows::Unknown, false),
        ] {
            let call = ask(key).of(writer).touching(workflows);
            assert_eq!(call.by(&plain).is_ok(), is_enough, "{key} {workflows:?}");
            assert!(call.by(&larger).is_ok(), "{key} {workflows:?}");
        }
    }
    let refusal = ask(CONTENTS)
        .of(writer)
        .touching(Workflows::Touched)
        .refusal(&plain);
    assert_eq!(refusal.needed.len(), 1, "only the larger set would do");
    assert_eq!(refusal.needed[0].len(), 2);
}

#[test]
fn each_entry_is_looked_up_at_its_own_target() {
    let key = "POST /repos/{owner}/{repo}/into/{to}/{other}";
    let labs = owner(LABS, "labs", Some(MemberRole::Member));
    let other = of_owner(labs, with_role(RepositoryRole::Admin));
    let call = ask(key).of(web()).of(other);
    let (reads, runs) = (("contents", READ), ("administration", WRITE));
    let table = [
        (
            vec![grant(ACME).holds(&[reads]), grant(LABS).holds(&[runs])],
            allowed(ACME, "contents", READ),
        ),
        (
            vec![grant(ACME).holds(&[runs]), grant(LABS).holds(&[reads])],
            Err(Reason::MissingPermission),
        ),
        (
            vec![grant(ACME).holds(&[reads, runs])],
            Err(Reason::NotFound),
        ),
        (
            vec![
                grant(ACME).holds(&[reads, runs]),
                grant(LABS).standing(GrantStanding::Pending),
            ],
            Err(Reason::Pending),
        ),
    ];
    for (place, (grants, expected)) in table.into_iter().enumerate() {
        assert_eq!(call.by(&token(grants)), expected, "row {place}");
    }
}

#[test]
fn a_grant_from_a_sister_stays_internal_and_read() {
    let held = grant(ACME)
        .relation(Relation::Sister)
        .holds(&[("issues", WRITE)]);
    let internal = RepositoryFacts {
        visibility: Visibility::Internal,
        ..with_role(RepositoryRole::Admin)
    };
    let private = with_role(RepositoryRole::Admin);
    let token = token([held]);
    assert_eq!(
        ask(ISSUES).of(internal).by(&token),
        allowed(ACME, "issues", READ)
    );
    assert_eq!(
        ask(OPEN_ISSUE).of(internal).by(&token),
        Err(Reason::MissingPermission)
    );
    assert_eq!(ask(ISSUES).of(private).by(&token), Err(Reason::NotSelected));
}
