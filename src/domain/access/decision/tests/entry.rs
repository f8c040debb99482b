//! Steps 0 to 4: without a secret, unknown endpoints, conditions, and what needs no permission.

use super::*;

const USER: Target<'static> = Target::User(AccountFacts {
    id: LABS,
    login: "ben",
});

#[test]
fn without_a_secret_only_public_reads_go_on() {
    let public = Ok(Basis::PublicRead);
    let (hidden, unknown) = (Err(Reason::NotFound), Err(Reason::BadCredentials));
    let table = [
        (ask(ISSUES).of(site()), public),
        (ask(ISSUES).of(site()).at(SERVICE), public),
        (ask("GIT fetch").of(site()), public),
        (ask("GET /meta"), public),
        (ask("GET /users/{username}").of(USER), public),
        (ask("GET /users/{username}").of(USER).at(SERVICE), unknown),
        (ask(ISSUES).of(web()), hidden),
        (ask(ISSUES).of(web()).at(SERVICE), unknown),
        (ask("GIT fetch").of(web()), unknown),
        (ask("GIT fetch").of(Target::Missing), unknown),
        (ask(ISSUES).of(Target::Missing), hidden),
        (ask("GET /user").of(Target::Missing), hidden),
        (ask(OPEN_ISSUE).of(site()), hidden),
        (ask("GIT push").of(site()), unknown),
        (ask("POST /leaks"), Ok(Basis::Free)),
        (ask("POST /leaks").at(SERVICE), unknown),
        (ask(HOOKS).of(site()), hidden),
    ];
    for (place, (call, expected)) in table.into_iter().enumerate() {
        assert_eq!(call.anonymously(), expected, "row {place}");
    }
}

#[test]
fn an_endpoint_that_the_catalog_does_not_know_is_refused() {
    let unknown = |door| Ask {
        endpoint: None,
        ..ask(ISSUES).of(site()).at(door)
    };
    assert_eq!(unknown(Door::Api).by(&reader()), Err(Reason::NotFound));
    assert_eq!(unknown(SERVICE).by(&reader()), Err(Reason::UnknownEndpoint));
    assert_eq!(unknown(Door::Api).anonymously(), Err(Reason::NotFound));
    assert_eq!(unknown(SERVICE).anonymously(), Err(Reason::BadCredentials));
}

#[test]
fn an_endpoint_without_a_set_that_is_not_marked_free_is_refused() {
    let bare: &'static Endpoint = Box::leak(Box::new(Endpoint {
        sets: Vec::new(),
        public_readable: false,
        ..endpoint(ISSUES).clone()
    }));
    let call = |door| Ask {
        endpoint: Some(bare),
        ..ask(ISSUES).of(web()).at(door)
    };
    assert_eq!(call(Door::Api).by(&reader()), Err(Reason::NotFound));
    assert_eq!(call(SERVICE).by(&reader()), Err(Reason::UnknownEndpoint));
}

fn bound(conditions: &Conditions) -> TokenFacts {
    let mut token = reader();
    token.grants[0].terms.conditions = conditions.clone();
    token
}

fn office() -> Conditions {
    Conditions {
        addresses: vec!["192.0.2.0/24".parse().expect("it is a range")],
        branches: Vec::new(),
    }
}

#[test]
fn the_conditions_of_the_grant_at_the_target_count_and_not_the_tokens_own() {
    let inside = ask(ISSUES).of(web()).from("192.0.2.7");
    let outside = ask(ISSUES).of(web()).from("198.51.100.1");
    assert!(inside.by(&bound(&office())).is_ok());
    assert_eq!(outside.by(&bound(&office())), Err(Reason::Condition));
    assert_eq!(
        ask(ISSUES).of(web()).by(&bound(&office())),
        Err(Reason::Condition)
    );
    let loosened_elsewhere = TokenFacts {
        conditions: office(),
        ..reader()
    };
    assert!(outside.by(&loosened_elsewhere).is_ok());
}

#[test]
fn the_tokens_own_conditions_count_where_no_grant_works() {
    let waiting = TokenFacts {
        conditions: office(),
        ..token([grant(ACME).standing(GrantStanding::Pending)])
    };
    let call = ask(ISSUES).of(web());
    assert_eq!(
        call.clone().from("198.51.100.1").by(&waiting),
        Err(Reason::Condition)
    );
    assert_eq!(call.from("192.0.2.7").by(&waiting), Err(Reason::Pending));
}

#[test]
fn an_address_condition_of_the_token_refuses_public_reads_too() {
    let bound = TokenFacts {
        conditions: office(),
        ..reader()
    };
    let call = ask(ISSUES).of(site());
    assert_eq!(
        call.clone().from("198.51.100.1").by(&bound),
        Err(Reason::Condition)
    );
    assert_eq!(call.from("192.0.2.7").by(&bound), Ok(Basis::PublicRead));
}

#[test]
fn a_grants_conditions_do_not_touch_public_reads() {
    let call = ask(ISSUES).of(site()).from("198.51.100.1");
    assert_eq!(call.by(&bound(&office())), Ok(Basis::PublicRead));
}

#[test]
fn a_branch_condition_asks_for_branches_that_can_be_told() {
    static RELEASE: LazyLock<[String; 1]> = LazyLock::new(|| ["release/1".to_owned()]);
    static MAIN: LazyLock<[String; 1]> = LazyLock::new(|| ["main".to_owned()]);
    let mut token = token([grant(ACME).holds(&[("contents", Level::Write)])]);
    token.grants[0].terms.conditions.branches = vec!["release/*".to_owned()];
    let push = ask("GIT push").of(with_role(RepositoryRole::Write));
    assert!(
        push.clone()
            .to(Branches::Known(&*RELEASE))
            .by(&token)
            .is_ok()
    );
    for branches in [Branches::Known(&*MAIN), Branches::Unknown] {
        let pushed = push.clone().to(branches);
        assert_eq!(pushed.by(&token), Err(Reason::Condition), "{branches:?}");
    }
}

#[test]
fn public_resources_are_readable_in_every_standing_and_under_every_policy() {
    for standing in GrantStanding::ALL {
        let restricted = of_owner(under(restricted()), site());
        let token = token([grant(ACME).standing(*standing)]);
        let read = ask(ISSUES).of(restricted).by(&token);
        assert_eq!(read, Ok(Basis::PublicRead), "{standing}");
    }
    assert_eq!(ask(ISSUES).of(site()).by(&token([])), Ok(Basis::PublicRead));
}

#[test]
fn what_is_free_is_free_only_where_nothing_private_is_named() {
    let nobody = token([]);
    let refused = Err(Reason::MissingPermission);
    let table = [
        (ask("GET /user").of(Target::Account(own())), Ok(Basis::Free)),
        (
            ask("POST /user/star").of(Target::Account(own())),
            Ok(Basis::Free),
        ),
        (
            ask("GET /users/{username}").of(USER).at(SERVICE),
            Ok(Basis::Free),
        ),
        (
            ask("GET /orgs/{org}").of(Target::Organization(acme())),
            Ok(Basis::PublicRead),
        ),
        (
            ask("GET /users/{username}").of(Target::Missing),
            Err(Reason::NotFound),
        ),
    ];
    for (place, (call, expected)) in table.into_iter().enumerate() {
        assert_eq!(call.by(&nobody), expected, "row {place}");
    }
    let at_a_door = ask("GET /orgs/{org}")
        .of(Target::Organization(acme()))
        .at(SERVICE);
    assert_eq!(at_a_door.by(&reader()), refused);
}

#[test]
fn a_free_route_that_names_a_repository_reads_with_metadata_and_never_writes() {
    let held = token([grant(ACME).holds(&[("metadata", Level::Read)])]);
    let (read, write) = (
        ask("GET /repos/{owner}/{repo}/badge").of(web()),
        ask("POST /repos/{owner}/{repo}/badge").of(web()),
    );
    assert_eq!(read.by(&held), allowed(ACME, "metadata", Level::Read));
    assert_eq!(
        read.by(&token([grant(ACME)])),
        Err(Reason::MissingPermission)
    );
    assert_eq!(write.by(&held), Err(Reason::MissingPermission));
    assert!(read.by(&classic(&["repo"])).is_ok());
    assert_eq!(write.by(&classic(&["repo"])), Err(Reason::MissingScope));
}
