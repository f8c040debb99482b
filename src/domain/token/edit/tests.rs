//! Edits judged: what each does at an owner in each state, and what stands against it.

use super::*;
use crate::domain::ids::RepositoryId;
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::policy::Spared;
use crate::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use crate::domain::policy::{Effective, effective};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Expiration;
use OwnerOutcome as O;

const ACME: AccountId = AccountId::new(10);
const WEB: RepositoryId = RepositoryId::new(100);
const API: RepositoryId = RepositoryId::new(101);
const GONE: RepositoryId = RepositoryId::new(102);

fn permissions(wanted: &[(&str, Level)]) -> PermissionSet {
    let find = |slug: &str| Catalog::github().find_permission(slug);
    let wanted = wanted
        .iter()
        .map(|(slug, level)| (find(slug).expect("it is in the catalog").id, *level));
    wanted.collect()
}

fn some(repositories: &[RepositoryId]) -> Selection {
    Selection::Selected(repositories.iter().copied().collect())
}

fn from(range: &str) -> Conditions {
    Conditions {
        addresses: vec![range.parse().expect("a range")],
        branches: vec![],
    }
}

/// What a grant gives or a request asks for, with what comes by itself.
fn ask(selection: Selection, wanted: &[(&str, Level)]) -> Ask {
    let permissions = with_automatic(Catalog::github(), &selection, &permissions(wanted));
    Ask {
        selection,
        permissions,
        terms: Terms {
            lifetime: Lifetime::days(30),
            allows_rotation: false,
            conditions: Conditions::default(),
        },
    }
}

/// Reading issues of acme/web.
fn held() -> Ask {
    ask(some(&[WEB]), &[("issues", Level::Read)])
}

/// Writing them, in acme/web and acme/api.
fn more() -> Ask {
    ask(some(&[WEB, API]), &[("issues", Level::Write)])
}

fn grant(state: GrantState) -> CurrentGrant {
    CurrentGrant {
        owner: ACME,
        login: "acme".to_owned(),
        relation: Relation::Member,
        state,
        given: None,
        pending: None,
        lost: None,
        was_refused: false,
    }
}

fn active() -> CurrentGrant {
    CurrentGrant {
        given: Some(held()),
        ..grant(GrantState::Active)
    }
}

fn waiting() -> CurrentGrant {
    CurrentGrant {
        pending: Some(held()),
        ..grant(GrantState::None)
    }
}

fn lost(state: GrantState) -> CurrentGrant {
    CurrentGrant {
        lost: Some(held()),
        was_refused: true,
        ..grant(state)
    }
}

fn current(grants: Vec<CurrentGrant>) -> Current {
    Current {
        name: "ci".to_owned(),
        description: String::new(),
        wants_rotation: false,
        conditions: Conditions::default(),
        lifetime: Lifetime::days(30),
        rev: 1,
        grants,
    }
}

/// A form that wishes for this at acme, or for nothing there.
fn form(wish: Option<&Ask>) -> Draft {
    let wishes = wish.map(|ask| Wish {
        owner: ACME,
        selection: ask.selection.clone(),
        permissions: ask.permissions.clone(),
    });
    Draft {
        name: "ci".to_owned(),
        description: String::new(),
        expiration: Expiration::Never,
        justification: String::new(),
        wants_rotation: false,
        conditions: Conditions::default(),
        wishes: wishes.into_iter().collect(),
    }
}

fn under(access: Access, approval: Approval, lifetime: Limit) -> Effective {
    let layer = OrganizationLayer {
        access,
        approval,
        lifetime,
    };
    effective(TokenKind::FineGrained, None, Some(layer))
}

fn choice(relation: Relation, approval: Approval) -> Choice {
    Choice {
        owner: ACME,
        login: "acme".to_owned(),
        relation,
        policy: Some(under(Access::Allow, approval, Limit::Days(366))),
        spared: Spared::default(),
        choosable: [WEB, API].into(),
    }
}

fn member() -> Choice {
    choice(Relation::Member, Approval::Required)
}

fn judge(
    current: &Current,
    draft: &Draft,
    choice: Option<&Choice>,
) -> Result<EditPlan, Vec<Mistake>> {
    let choices: Vec<_> = choice.into_iter().cloned().collect();
    plan_edit(
        Catalog::github(),
        &Limits::default(),
        current,
        draft,
        &choices,
    )
}

fn at_acme(grant: CurrentGrant, wish: Option<&Ask>, choice: &Choice) -> OwnerEdit {
    let plan = judge(&current(vec![grant]), &form(wish), Some(choice)).expect("it is sound");
    plan.owners.into_iter().next().expect("acme is one")
}

#[test]
fn each_state_and_wish_has_one_outcome() {
    let widening = CurrentGrant {
        pending: Some(more()),
        ..active()
    };
    let suspended = CurrentGrant {
        pending: Some(held()),
        ..grant(GrantState::Suspended)
    };
    let asked_again = CurrentGrant {
        pending: Some(held()),
        was_refused: true,
        ..grant(GrantState::Revoked)
    };
    let other = ask(some(&[API]), &[("issues", Level::Read)]);
    let less = ask(some(&[WEB]), &[]);
    let public = ask(Selection::Public, &[]);
    let table = [
        (None, Some(held()), O::AddedRequested),
        (None, Some(public.clone()), O::Added),
        (
            Some(grant(GrantState::None)),
            Some(held()),
            O::AddedRequested,
        ),
        (Some(grant(GrantState::None)), None, O::Unchanged),
        (Some(active()), Some(held()), O::Unchanged),
        (Some(active()), Some(less.clone()), O::Narrowed),
        (Some(active()), Some(public), O::Narrowed),
        (Some(active()), Some(more()), O::Requested),
        (Some(active()), Some(other.clone()), O::NarrowedAndRequested),
        (Some(active()), None, O::Removed),
        (Some(widening.clone()), Some(more()), O::Unchanged),
        (Some(widening.clone()), Some(held()), O::Withdrawn),
        (Some(widening.clone()), Some(less), O::Narrowed),
        (Some(widening), None, O::Removed),
        (Some(waiting()), Some(held()), O::Unchanged),
        (Some(waiting()), Some(more()), O::Requested),
        (Some(waiting()), None, O::Removed),
        (Some(suspended.clone()), Some(held()), O::Unchanged),
        (Some(suspended.clone()), Some(more()), O::Requested),
        (Some(suspended), None, O::Removed),
        (Some(lost(GrantState::None)), Some(held()), O::Unchanged),
        (
            Some(lost(GrantState::None)),
            Some(other.clone()),
            O::Requested,
        ),
        (Some(lost(GrantState::None)), None, O::Unchanged),
        (Some(lost(GrantState::Revoked)), Some(held()), O::Unchanged),
        (Some(lost(GrantState::Revoked)), Some(other), O::Requested),
        (Some(lost(GrantState::Revoked)), None, O::Unchanged),
        (Some(asked_again), None, O::Removed),
    ];
    for (grant, wish, expected) in table {
        let said = format!("{grant:?} with {wish:?}");
        let current = current(grant.into_iter().collect());
        let plan = judge(&current, &form(wish.as_ref()), Some(&member())).expect("it is sound");
        let edit = plan.owners.first().expect("acme is one");
        assert_eq!(edit.outcome, expected, "{said}");
        assert_eq!(plan.is_unchanged(), expected == O::Unchanged, "{said}");
    }
}

#[test]
fn a_widening_waits_unless_nobody_has_to_decide_or_an_owner_said_no() {
    use Activation::{ByOwner, ByPolicy};
    use Approval::{NotRequired, Required};
    use Relation::{Collaborator, EnterpriseOwner, Member, Own, Owner, Sister};
    let table = [
        (Own, Required, Some(ByOwner)),
        (Owner, Required, Some(ByOwner)),
        (Member, Required, None),
        (Member, NotRequired, Some(ByPolicy)),
        (Collaborator, NotRequired, None),
        (EnterpriseOwner, Required, Some(ByOwner)),
        (Sister, NotRequired, None),
    ];
    for (relation, approval, expected) in table {
        let asked = beginning(relation, approval, &more());
        let active = CurrentGrant {
            relation,
            ..active()
        };
        let edit = widened(Some(&active), &choice(relation, approval), more());
        assert_eq!(edit.activation, expected, "{relation} {approval} {asked:?}");
        assert_eq!(
            edit.asked.is_none(),
            expected.is_some(),
            "{relation} {approval}"
        );
        let refused = CurrentGrant {
            was_refused: true,
            ..active
        };
        let edit = widened(Some(&refused), &choice(relation, approval), more());
        assert_eq!(
            edit.asked,
            Some(more()),
            "{relation} {approval}: an owner said no"
        );
    }
}

#[test]
fn while_a_widening_waits_of_the_old_rights_those_go_on_that_the_wish_names() {
    let wish = ask(some(&[WEB, API]), &[("contents", Level::Read)]);
    let edit = at_acme(active(), Some(&wish), &member());
    assert_eq!(edit.outcome, O::NarrowedAndRequested);
    assert_eq!(edit.asked, Some(wish));
    assert_eq!(
        edit.at_once,
        Some(ask(some(&[WEB]), &[])),
        "issues were not wished for"
    );
    assert_eq!(edit.before, Some(held()));
}

#[test]
fn each_way_to_have_more_is_a_widening_and_each_way_to_have_less_a_narrowing() {
    type Change = fn(&mut Draft);
    let address = from("10.0.0.0/8");
    let mut bound = active();
    bound.given.as_mut().expect("it works").terms.conditions = address.clone();
    let token = Current {
        conditions: address,
        ..current(vec![bound])
    };
    let table: [(&str, Change, O); 8] = [
        (
            "a level",
            |form| form.wishes[0].permissions = more().permissions,
            O::Requested,
        ),
        (
            "a repository",
            |form| form.wishes[0].selection = some(&[WEB, API]),
            O::Requested,
        ),
        (
            "all",
            |form| form.wishes[0].selection = Selection::All,
            O::Requested,
        ),
        (
            "a condition gone",
            |form| form.conditions = Conditions::default(),
            O::Requested,
        ),
        (
            "a wider range",
            |form| form.conditions = from("0.0.0.0/0"),
            O::Requested,
        ),
        (
            "another range",
            |form| form.conditions = from("192.0.2.0/24"),
            O::NarrowedAndRequested,
        ),
        (
            "a smaller range",
            |form| form.conditions = from("10.1.0.0/16"),
            O::Narrowed,
        ),
        (
            "self-rotation",
            |form| form.wants_rotation = true,
            O::Requested,
        ),
    ];
    for (said, change, expected) in table {
        let mut form = Draft {
            conditions: from("10.0.0.0/8"),
            ..form(Some(&held()))
        };
        change(&mut form);
        let plan = judge(&token, &form, Some(&member())).expect("it is sound");
        let edit = &plan.owners[0];
        assert_eq!(edit.outcome, expected, "{said}");
        let before = edit.before.as_ref().expect("it works");
        let left = edit.at_once.as_ref().expect("it goes on");
        assert!(
            before.covers(left),
            "{said}: nothing is given before an owner decides"
        );
    }
}

#[test]
fn nothing_stands_against_a_narrowing() {
    let mut token = current(vec![active()]);
    token.lifetime = Lifetime::Unlimited;
    let mut wide = active();
    wide.given = Some(ask(some(&[WEB, GONE]), &[("issues", Level::Write)]));
    let restricted = Choice {
        policy: Some(under(Access::Restrict, Approval::Required, Limit::Days(1))),
        choosable: [].into(),
        ..member()
    };
    for choice in [Some(&restricted), None] {
        for wish in [held(), ask(some(&[GONE]), &[]), ask(Selection::Public, &[])] {
            let token = current(vec![wide.clone()]);
            let plan = judge(&token, &form(Some(&wish)), choice).expect("it only loses");
            assert_eq!(plan.owners[0].outcome, O::Narrowed);
            assert_eq!(plan.owners[0].at_once, Some(wish));
        }
        let removal = judge(&token, &form(None), choice).expect("it only loses");
        assert_eq!(removal.owners[0].outcome, O::Removed);
    }
}

#[test]
fn what_stands_against_a_widening_is_said_at_its_field() {
    let with_policy = |access, lifetime| Choice {
        policy: Some(under(access, Approval::Required, lifetime)),
        ..member()
    };
    let restricted = with_policy(Access::Restrict, Limit::Days(366));
    let short = with_policy(Access::Allow, Limit::Days(7));
    let foreign = ask(some(&[WEB, GONE]), &[("issues", Level::Read)]);
    let account = ask(
        some(&[WEB]),
        &[("issues", Level::Read), ("gists", Level::Write)],
    );
    let table = [
        (more(), Some(restricted), Field::Owners),
        (more(), Some(short), Field::Permissions(ACME)),
        (more(), None, Field::Owners),
        (foreign, Some(member()), Field::Repositories(ACME)),
        (account, Some(member()), Field::Permissions(ACME)),
        (
            ask(some(&[]), &[]),
            Some(member()),
            Field::Repositories(ACME),
        ),
        (
            ask(Selection::Public, &[("issues", Level::Read)]),
            Some(member()),
            Field::Permissions(ACME),
        ),
    ];
    for (wish, choice, expected) in table {
        let mistakes = judge(
            &current(vec![active()]),
            &form(Some(&wish)),
            choice.as_ref(),
        );
        let mistakes = mistakes.expect_err("something stands against it");
        let fields: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        assert_eq!(fields, [expected], "{mistakes:?}");
    }
}

#[test]
fn what_the_form_leaves_as_it_is_asks_for_nothing_again() {
    // The token's own condition was taken off and its life made longer; acme denied both, so its grant keeps its terms.
    let mut kept = active();
    kept.was_refused = true;
    kept.given.as_mut().expect("it works").terms.conditions = from("10.0.0.0/8");
    let token = Current {
        lifetime: Lifetime::days(90),
        ..current(vec![kept])
    };
    let renamed = Draft {
        name: "nightly".to_owned(),
        ..form(Some(&held()))
    };
    let plan = judge(&token, &renamed, Some(&member())).expect("it is sound");
    assert_eq!(plan.owners[0].outcome, O::Unchanged);
    assert!(plan.name_changed && !plan.terms_changed && !plan.asks());
}

#[test]
fn a_grant_from_a_sister_organization_stays_read_only_until_the_owner_is_chosen_anew() {
    let sister = CurrentGrant {
        relation: Relation::Sister,
        ..active()
    };
    let mistakes = judge(
        &current(vec![sister]),
        &form(Some(&more())),
        Some(&member()),
    );
    let fields: Vec<_> = mistakes
        .expect_err("it would write")
        .iter()
        .map(|mistake| mistake.field)
        .collect();
    assert_eq!(fields, [Field::Permissions(ACME)]);
    let again = at_acme(grant(GrantState::None), Some(&more()), &member());
    assert_eq!(
        (again.outcome, again.relation),
        (O::AddedRequested, Relation::Member)
    );
}
