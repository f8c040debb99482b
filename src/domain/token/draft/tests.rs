//! Drafts judged: each mistake at its field, and what a plan makes of the rest.

use super::*;
use crate::domain::approval::Activation;
use crate::domain::policy::effective;
use crate::domain::policy::setting::{Limit, OrganizationLayer};
use crate::domain::token::TokenKind;

const NOW: Timestamp = Timestamp::from_micros(1_790_856_000_000_000);
const ACME: AccountId = AccountId::new(10);
const WEB: RepositoryId = RepositoryId::new(100);

fn permissions(wanted: &[(&str, Level)]) -> PermissionSet {
    let mut set = PermissionSet::new();
    for (slug, level) in wanted {
        let found = Catalog::github().find_permission(slug);
        set.insert(found.expect("it is in the catalog").id, *level);
    }
    set
}

fn wish(selection: Selection, wanted: &[(&str, Level)]) -> Wish {
    Wish {
        owner: ACME,
        selection,
        permissions: permissions(wanted),
    }
}

fn web() -> Selection {
    Selection::Selected([WEB].into())
}

fn draft(wishes: Vec<Wish>) -> Draft {
    Draft {
        name: "ci".to_owned(),
        description: String::new(),
        expiration: Expiration::Days(30),
        justification: String::new(),
        wants_rotation: false,
        conditions: Conditions::default(),
        wishes,
    }
}

fn sound() -> Draft {
    draft(vec![wish(web(), &[("issues", Level::Read)])])
}

fn under(access: Access, approval: Approval, lifetime: Limit) -> Effective {
    let layer = OrganizationLayer {
        access,
        approval,
        lifetime,
    };
    effective(TokenKind::FineGrained, None, Some(layer))
}

fn choice(relation: Relation) -> Choice {
    Choice {
        owner: ACME,
        login: "acme".to_owned(),
        relation,
        policy: Some(under(Access::Allow, Approval::Required, Limit::Days(366))),
        spared: Spared::default(),
        choosable: [WEB].into(),
    }
}

fn judge(draft: &Draft, choice: Choice) -> Result<Plan, Vec<Mistake>> {
    plan(Catalog::github(), &Limits::default(), draft, &[choice], NOW)
}

fn fields(draft: &Draft, choice: Choice) -> Vec<Field> {
    let mistakes = judge(draft, choice).expect_err("it has mistakes");
    mistakes.iter().map(|mistake| mistake.field).collect()
}

#[test]
fn a_sound_draft_waits_for_a_member_and_works_at_once_for_an_owner() {
    let waiting = judge(&sound(), choice(Relation::Member)).expect("it is sound");
    assert!(waiting.needs_approval());
    assert_eq!(waiting.lifetime, Lifetime::days(30));
    let own = judge(&sound(), choice(Relation::Owner)).expect("it is sound");
    assert!(!own.needs_approval());
    assert_eq!(
        own.grants[0].beginning,
        Beginning::Active(Activation::ByOwner)
    );
}

#[test]
fn where_no_approval_is_required_only_members_go_on_at_once() {
    let open = |relation| Choice {
        policy: Some(under(
            Access::Allow,
            Approval::NotRequired,
            Limit::Unlimited,
        )),
        ..choice(relation)
    };
    let member = judge(&sound(), open(Relation::Member)).expect("it is sound");
    assert!(!member.needs_approval());
    let outside = judge(&sound(), open(Relation::Collaborator)).expect("it is sound");
    assert!(outside.needs_approval());
}

#[test]
fn every_text_that_does_not_fit_is_a_mistake_at_its_field() {
    let long = "x".repeat(LONGEST_TEXT + 1);
    let table = [
        (
            Draft {
                name: "  ".to_owned(),
                ..sound()
            },
            Field::Name,
        ),
        (
            Draft {
                name: "x".repeat(LONGEST_NAME + 1),
                ..sound()
            },
            Field::Name,
        ),
        (
            Draft {
                name: "a\u{7}b".to_owned(),
                ..sound()
            },
            Field::Name,
        ),
        (
            Draft {
                description: long.clone(),
                ..sound()
            },
            Field::Description,
        ),
        (
            Draft {
                justification: long,
                ..sound()
            },
            Field::Justification,
        ),
        (
            Draft {
                expiration: Expiration::Days(0),
                ..sound()
            },
            Field::Expiration,
        ),
        (
            Draft {
                expiration: Expiration::Days(367),
                ..sound()
            },
            Field::Expiration,
        ),
        (
            Draft {
                wishes: Vec::new(),
                ..sound()
            },
            Field::Owners,
        ),
    ];
    for (draft, field) in table {
        assert_eq!(
            fields(&draft, choice(Relation::Member)),
            [field],
            "{draft:?}"
        );
    }
    let longest = Draft {
        name: "é".repeat(LONGEST_NAME),
        ..sound()
    };
    assert!(
        judge(&longest, choice(Relation::Member)).is_ok(),
        "characters count, not bytes"
    );
}

#[test]
fn an_owner_is_chosen_once_and_only_if_it_can_be() {
    let twice = draft(vec![sound().wishes[0].clone(), sound().wishes[0].clone()]);
    assert_eq!(fields(&twice, choice(Relation::Member)), [Field::Owners]);
    let elsewhere = Choice {
        owner: AccountId::new(99),
        ..choice(Relation::Member)
    };
    assert_eq!(fields(&sound(), elsewhere), [Field::Owners]);
}

#[test]
fn every_mistake_is_told_in_the_order_of_the_form() {
    let bad = Draft {
        name: String::new(),
        expiration: Expiration::Days(0),
        ..draft(vec![wish(
            Selection::Selected(BTreeSet::new()),
            &[("members", Level::Write)],
        )])
    };
    let expected = [
        Field::Name,
        Field::Repositories(ACME),
        Field::Permissions(ACME),
        Field::Expiration,
    ];
    assert_eq!(fields(&bad, choice(Relation::Collaborator)), expected);
}

#[test]
fn repositories_are_some_that_can_be_chosen() {
    let at = Field::Repositories(ACME);
    let many = (1..=501).map(RepositoryId::new).collect();
    let foreign = Selection::Selected([RepositoryId::new(9)].into());
    for selection in [
        Selection::Selected(BTreeSet::new()),
        Selection::Selected(many),
        foreign,
    ] {
        let bad = draft(vec![wish(selection, &[])]);
        assert_eq!(fields(&bad, choice(Relation::Member)), [at]);
    }
    for selection in [Selection::All, Selection::Public] {
        let broad = draft(vec![wish(selection, &[])]);
        assert_eq!(fields(&broad, choice(Relation::Collaborator)), [at]);
        assert!(judge(&broad, choice(Relation::Member)).is_ok());
    }
}

#[test]
fn permissions_are_those_that_the_relation_and_the_selection_offer() {
    let at = [Field::Permissions(ACME)];
    let organization = draft(vec![wish(web(), &[("members", Level::Read)])]);
    assert!(judge(&organization, choice(Relation::Member)).is_ok());
    for relation in [Relation::Collaborator, Relation::Sister] {
        assert_eq!(fields(&organization, choice(relation)), at, "{relation}");
    }
    let writing = draft(vec![wish(web(), &[("issues", Level::Write)])]);
    assert_eq!(fields(&writing, choice(Relation::Sister)), at);
    let public = draft(vec![wish(Selection::Public, &[("issues", Level::Read)])]);
    assert_eq!(fields(&public, choice(Relation::Member)), at);
    let unknown_level = draft(vec![wish(web(), &[("metadata", Level::Admin)])]);
    assert_eq!(fields(&unknown_level, choice(Relation::Member)), at);
}

#[test]
fn metadata_comes_by_itself_with_named_repositories_and_not_with_public_ones() {
    let metadata = Catalog::github()
        .find_permission("metadata")
        .expect("it is there")
        .id;
    for (selection, comes) in [
        (web(), true),
        (Selection::All, true),
        (Selection::Public, false),
    ] {
        let plan = judge(&draft(vec![wish(selection, &[])]), choice(Relation::Member))
            .expect("it is sound");
        assert_eq!(
            plan.grants[0].ask.permissions.holds(metadata, Level::Read),
            comes
        );
    }
}

#[test]
fn the_owners_policy_stands_against_the_draft() {
    let limited = |access, limit| Choice {
        policy: Some(under(access, Approval::Required, limit)),
        ..choice(Relation::Owner)
    };
    let unlimited = Limit::Unlimited;
    assert_eq!(
        fields(&sound(), limited(Access::Restrict, unlimited)),
        [Field::Owners]
    );
    assert_eq!(
        fields(&sound(), limited(Access::Allow, Limit::Days(29))),
        [Field::Expiration]
    );
    assert!(judge(&sound(), limited(Access::Allow, Limit::Days(30))).is_ok());
    let endless = Draft {
        expiration: Expiration::Never,
        ..sound()
    };
    assert_eq!(
        fields(&endless, limited(Access::Allow, Limit::Days(366))),
        [Field::Expiration]
    );
    assert!(judge(&endless, limited(Access::Allow, unlimited)).is_ok());
}
