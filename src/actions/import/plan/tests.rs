//! Plans as facts: what a file means against what is there.

use std::collections::BTreeMap;

use super::*;
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::Layer;
use crate::domain::policy::setting::{Limit, OrganizationLayer};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts::Account;

fn account(id: i64, kind: AccountKind, login: &str) -> Account {
    Account {
        id: AccountId::new(id),
        kind,
        login: login.to_owned(),
        name: login.to_owned(),
        email: None,
        passkey_handle: None,
        enterprise_id: None,
        managed_by: None,
        base_permission: BasePermission::Read,
        site_admin: false,
        suspended_at: None,
        created_at: Timestamp::from_micros(0),
        rev: 1,
    }
}

/// Olga owns acme, ana is a member of it, ben of nothing.
fn state() -> State {
    let mut state = State::default();
    for (id, login) in [(1, "olga"), (2, "ana"), (3, "ben")] {
        let user = account(id, AccountKind::User, login);
        state.logins.insert(login.to_owned(), user);
    }
    let acme = account(10, AccountKind::Organization, "acme");
    state.logins.insert("acme".to_owned(), acme);
    let roles = [("olga", MemberRole::Owner), ("ana", MemberRole::Member)];
    let roles = roles.map(|(login, role)| (login.to_owned(), role));
    state
        .members
        .insert(AccountId::new(10), BTreeMap::from(roles));
    state
}

fn planned(text: &str, state: &State) -> Vec<String> {
    let directory = Directory::parse(text).expect("the text can be read");
    let plan = plan(&directory, state, false).expect("the plan has no mistakes");
    plan.steps.iter().map(ToString::to_string).collect()
}

fn refused(text: &str, state: &State) -> String {
    let directory = Directory::parse(text).expect("the text can be read");
    let mistakes = plan(&directory, state, false).expect_err("the plan has mistakes");
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn what_is_there_already_is_no_step() {
    let text = "[[users]]\nlogin = \"Ana\"\n[[organizations]]\nlogin = \"acme\"\nowners = [\"olga\"]\nmembers = [\"ana\"]\n";
    assert_eq!(planned(text, &state()), Vec::<String>::new());
}

#[test]
fn a_stated_list_is_the_whole_list_and_an_absent_one_changes_nothing() {
    let members = "[[organizations]]\nlogin = \"acme\"\nmembers = [\"ben\"]\n";
    assert_eq!(
        planned(members, &state()),
        [
            "organization `acme`: `ben` joins as member",
            "organization `acme`: `ana` leaves"
        ]
    );
    let nothing = "[[organizations]]\nlogin = \"acme\"\n";
    assert_eq!(planned(nothing, &state()), Vec::<String>::new());
}

#[test]
fn an_owner_whom_only_the_members_name_is_demoted() {
    let text = "[[organizations]]\nlogin = \"acme\"\nowners = [\"ana\"]\nmembers = [\"olga\"]\n";
    assert_eq!(
        planned(text, &state()),
        [
            "organization `acme`: `ana` is owner, was member",
            "organization `acme`: `olga` is member, was owner"
        ]
    );
}

#[test]
fn mistakes_against_the_database_are_named_together() {
    let text = "\
[[users]]
login = \"acme\"
[[users]]
login = \"settings\"
[[organizations]]
login = \"labs\"
members = [\"ana\", \"ana\", \"zoe\"]
enterprise = \"globex\"
[[repositories]]
owner = \"nobody\"
name = \"web\"
[[repositories]]
owner = \"acme\"
name = \"web.git\"
[[repositories]]
owner = \"acme\"
name = \"inner\"
visibility = \"internal\"
[[issues]]
repository = \"acme/nothing\"
author = \"ana\"
title = \"x\"
";
    let found = refused(text, &state());
    for expected in [
        "line 2, [[users]] number 1, key `login`: `acme` is already the login of another kind of account (organization)",
        "line 4, [[users]] number 2, key `login`: `settings` is kept for addresses",
        "line 6, [[organizations]] number 1, key `login`: organization `labs` would have no owner",
        "line 7, [[organizations]] number 1, key `members`: `ana` is named twice",
        "line 7, [[organizations]] number 1, key `members`: there is no user `zoe`",
        "line 8, [[organizations]] number 1, key `enterprise`: there is no enterprise `globex`",
        "line 10, [[repositories]] number 1, key `owner`: there is no user or organization `nobody`",
        "line 14, [[repositories]] number 2, key `name`: `web.git` cannot be used",
        "line 18, [[repositories]] number 3, key `visibility`: `acme` is in no enterprise",
        "line 20, [[issues]] number 1, key `repository`: there is no repository `acme/nothing`",
    ] {
        assert!(found.contains(expected), "{expected} is not in\n{found}");
    }
}

fn layer(days: u16) -> Layer {
    Layer::Organization(OrganizationLayer {
        lifetime: Limit::Days(days),
        ..OrganizationLayer::default_for(TokenKind::FineGrained)
    })
}

const NINETY: &str =
    "[[organizations]]\nlogin = \"acme\"\npolicy.fine_grained = { max_lifetime_days = 90 }\n";

#[test]
fn a_policy_changed_elsewhere_is_left_unless_told_otherwise() {
    let directory = Directory::parse(NINETY).expect("the text can be read");
    let mut state = state();
    let acme = AccountId::new(10);
    state.policies.insert((acme, "fine_grained"), layer(30));
    let noted = policy_key(acme, TokenKind::FineGrained);
    state.imports.insert(noted.clone(), layer(60).digest());
    let left = plan(&directory, &state, false).expect("it has no mistakes");
    assert!(left.steps.is_empty());
    assert!(left.left[0].contains("was changed elsewhere"), "{left:?}");
    let taken = plan(&directory, &state, true).expect("it has no mistakes");
    assert_eq!(taken.steps.len(), 1);
    state.imports.insert(noted, layer(30).digest());
    let own = plan(&directory, &state, false).expect("it has no mistakes");
    assert!(own.left.is_empty() && own.steps.len() == 1);
}

#[test]
fn a_number_wider_than_the_enterprises_is_refused_with_the_limit_and_none_is_not() {
    let text = |days: &str| {
        format!(
            "[[enterprises]]\nslug = \"globex\"\nowners = [\"olga\"]\npolicy.fine_grained = {{ max_lifetime_days = 60 }}\n\
             [[organizations]]\nlogin = \"acme\"\nenterprise = \"globex\"\n\
             policy.fine_grained = {{ max_lifetime_days = {days} }}\n"
        )
    };
    let found = refused(&text("61"), &state());
    assert!(
        found.contains("61 days is more than enterprise `globex` allows: write 60 or less"),
        "{found}"
    );
    assert!(!planned(&text("60"), &state()).is_empty());
    assert!(!planned(&text("\"none\""), &state()).is_empty());
}
