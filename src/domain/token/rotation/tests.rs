//! New lives judged: the end of the old secret, and what a longer life means at each owner.

use super::*;
use crate::domain::access::rights::Relation;
use crate::domain::permission::PermissionSet;
use crate::domain::policy::Spared;
use crate::domain::policy::effective;
use crate::domain::policy::setting::{Access, Approval, OrganizationLayer};
use crate::domain::selection::Selection;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::Conditions;

const NOW: Timestamp = Timestamp::from_micros(1_790_856_000_000_000);
const ACME: AccountId = AccountId::new(10);

fn ask(days: u16) -> Ask {
    Ask {
        selection: Selection::All,
        permissions: PermissionSet::new(),
        terms: Terms {
            lifetime: Lifetime::days(days),
            allows_rotation: false,
            conditions: Conditions::default(),
        },
    }
}

fn grant(state: GrantState) -> CurrentGrant {
    CurrentGrant {
        owner: ACME,
        login: "acme".to_owned(),
        relation: Relation::Member,
        state,
        given: (state == GrantState::Active).then(|| ask(30)),
        pending: None,
        lost: None,
        was_refused: false,
    }
}

fn choice(approval: Approval, lifetime: Limit) -> Choice {
    let layer = OrganizationLayer {
        access: Access::Restrict,
        approval,
        lifetime,
    };
    Choice {
        owner: ACME,
        login: "acme".to_owned(),
        relation: Relation::Member,
        policy: Some(effective(TokenKind::FineGrained, None, Some(layer))),
        spared: Spared::default(),
        choosable: [].into(),
    }
}

fn judge(grant: CurrentGrant, days: u16, choice: &Choice) -> Result<RotationPlan, Vec<Mistake>> {
    let current = Current {
        name: "ci".to_owned(),
        description: String::new(),
        wants_rotation: false,
        conditions: Conditions::default(),
        lifetime: Lifetime::days(30),
        rev: 1,
        grants: vec![grant],
    };
    let life = Expiration::Days(days);
    plan_rotation(
        &current,
        None,
        life,
        None,
        std::slice::from_ref(choice),
        NOW,
    )
}

fn outcome(grant: CurrentGrant, days: u16, approval: Approval) -> RotationOutcome {
    let plan = judge(grant, days, &choice(approval, Limit::Unlimited)).expect("it is sound");
    plan.owners.into_iter().next().expect("acme is one").outcome
}

#[test]
fn the_old_secret_ends_at_the_earliest_of_the_chosen_hours_and_its_former_end() {
    let hours = |hours| Some(Overlap::hours(hours).expect("it fits"));
    let after = |hours: i64| NOW.plus_seconds(hours * 3_600);
    let table = [
        (None, None, None),
        (None, Some(after(10)), None),
        (hours(1), None, Some(after(1))),
        (hours(72), Some(after(10)), Some(after(10))),
        (hours(5), Some(after(10)), Some(after(5))),
        (hours(5), Some(NOW), None),
        (hours(5), Some(after(-1)), None),
    ];
    for (overlap, former, expected) in table {
        assert_eq!(
            old_end(overlap, former, NOW),
            expected,
            "{overlap:?} {former:?}"
        );
    }
}

#[test]
fn an_overlap_is_one_to_seventy_two_hours() {
    for (typed, fits) in [
        ("1", true),
        (" 72 ", true),
        ("0", false),
        ("73", false),
        ("x", false),
    ] {
        assert_eq!(Overlap::parse(typed).is_ok(), fits, "{typed}");
    }
}

#[test]
fn a_life_within_the_approved_one_changes_nothing_and_a_longer_one_waits() {
    use Approval::Required;
    let active = || grant(GrantState::Active);
    assert_eq!(outcome(active(), 30, Required), RotationOutcome::Unchanged);
    assert_eq!(outcome(active(), 7, Required), RotationOutcome::Unchanged);
    let expected = RotationOutcome::Requested {
        asked: ask(60),
        works_until: Some(NOW.plus_days(30)),
    };
    assert_eq!(outcome(active(), 60, Required), expected);
}

#[test]
fn a_longer_life_begins_at_once_where_nobody_decides_and_no_owner_said_no() {
    use Approval::NotRequired;
    let active = grant(GrantState::Active);
    let refused = CurrentGrant {
        was_refused: true,
        ..active.clone()
    };
    assert_eq!(
        outcome(active, 60, NotRequired),
        RotationOutcome::Extended(ask(60))
    );
    let waits = outcome(refused, 60, NotRequired);
    assert!(
        matches!(waits, RotationOutcome::Requested { .. }),
        "{waits:?}"
    );
}

#[test]
fn a_waiting_request_is_made_anew_only_for_a_longer_life_and_nothing_lost_comes_back() {
    use Approval::Required;
    let waiting = CurrentGrant {
        pending: Some(ask(30)),
        ..grant(GrantState::None)
    };
    assert_eq!(
        outcome(waiting.clone(), 30, Required),
        RotationOutcome::Unchanged
    );
    let anew = RotationOutcome::Requested {
        asked: ask(60),
        works_until: None,
    };
    assert_eq!(outcome(waiting, 60, Required), anew);
    for state in [GrantState::None, GrantState::Revoked] {
        let lost = CurrentGrant {
            lost: Some(ask(30)),
            was_refused: true,
            ..grant(state)
        };
        assert_eq!(
            outcome(lost, 366, Required),
            RotationOutcome::Unchanged,
            "{state}"
        );
    }
}

#[test]
fn a_limit_stands_against_a_longer_life_at_its_field_where_the_token_holds_anything() {
    let short = choice(Approval::Required, Limit::Days(7));
    let mistakes = judge(grant(GrantState::Active), 8, &short).expect_err("it is too long");
    assert_eq!(mistakes[0].field, Field::Expiration);
    assert!(
        mistakes[0].message.contains("at most 7 days"),
        "{mistakes:?}"
    );
    assert!(judge(grant(GrantState::Active), 7, &short).is_ok());
    assert!(
        judge(grant(GrantState::Revoked), 366, &short).is_ok(),
        "nothing is held there"
    );
}

#[test]
fn a_token_rotates_itself_where_its_user_and_every_owner_allow_it() {
    let with = |wants_rotation: bool, allowed: &[Option<bool>]| {
        let grants = allowed.iter().map(|allowed| {
            let mut grant = grant(GrantState::Active);
            grant.given = allowed.map(|allows_rotation| {
                let mut given = ask(30);
                given.terms.allows_rotation = allows_rotation;
                given
            });
            grant
        });
        check_self_rotation(&Current {
            name: "ci".to_owned(),
            description: String::new(),
            wants_rotation,
            conditions: Conditions::default(),
            lifetime: Lifetime::days(30),
            rev: 1,
            grants: grants.collect(),
        })
    };
    let at_acme = |times: usize| Err(NoSelfRotation::NotApproved(vec!["acme".to_owned(); times]));
    assert_eq!(with(false, &[Some(true)]), Err(NoSelfRotation::NotWished));
    assert_eq!(with(true, &[]), Ok(()));
    assert_eq!(with(true, &[Some(true), None]), Ok(()));
    assert_eq!(with(true, &[Some(true), Some(false)]), at_acme(1));
    assert_eq!(with(true, &[Some(false), Some(false)]), at_acme(2));
}
