//! Classic tokens: scopes in place of grants.

use super::*;

#[test]
fn scopes_include_their_children_and_public_ones_stay_public() {
    let write = with_role(RepositoryRole::Triage);
    let public = RepositoryFacts {
        visibility: Visibility::Public,
        ..write
    };
    let table: [(&[&str], RepositoryFacts<'static>, Option<Reason>); 6] = [
        (&["repo"], write, None),
        (&["repo"], public, None),
        (&["public_repo"], public, None),
        (&["public_repo"], write, Some(Reason::NotFound)),
        (&["workflow"], write, Some(Reason::NotFound)),
        (&[], public, Some(Reason::MissingScope)),
    ];
    for (scopes, repository, expected) in table {
        let answer = ask(OPEN_ISSUE).of(repository).by(&classic(scopes));
        assert_eq!(answer.err(), expected, "{scopes:?}");
    }
    assert_eq!(
        ask(ISSUES).of(public).by(&classic(&[])),
        Ok(Basis::PublicRead)
    );
}

#[test]
fn a_missing_scope_names_those_that_would_do() {
    let call = ask(MEMBERS).of(Target::Organization(acme()));
    let refusal = call.refusal(&classic(&["repo"]));
    assert_eq!(refusal.reason, Reason::MissingScope);
    assert_eq!(
        refusal.scopes,
        SMALL.scope_set(&["read:org"]).expect("it is there")
    );
    assert!(
        call.by(&classic(&["admin:org"])).is_ok(),
        "a parent includes its children"
    );
}

#[test]
fn a_classic_token_never_exceeds_its_users_role() {
    let call = |role| ask(HOOKS).of(with_role(role));
    assert!(call(RepositoryRole::Admin).by(&classic(&["repo"])).is_ok());
    assert_eq!(
        call(RepositoryRole::Maintain).by(&classic(&["repo"])),
        Err(Reason::MissingRole)
    );
    let unseen = RepositoryFacts {
        role: None,
        ..web()
    };
    assert_eq!(
        ask(ISSUES).of(unseen).by(&classic(&["repo"])),
        Err(Reason::NotFound)
    );
}

#[test]
fn workflow_files_ask_a_classic_token_for_the_workflow_scope() {
    let push = |workflows| {
        ask("GIT push")
            .of(with_role(RepositoryRole::Write))
            .touching(workflows)
    };
    assert!(push(Workflows::Untouched).by(&classic(&["repo"])).is_ok());
    assert_eq!(
        push(Workflows::Touched).by(&classic(&["repo"])),
        Err(Reason::MissingScope)
    );
    assert!(
        push(Workflows::Touched)
            .by(&classic(&["repo", "workflow"]))
            .is_ok()
    );
}

#[test]
fn grantrys_own_management_takes_fine_grained_tokens_only() {
    let owner = Target::Organization(OwnerFacts {
        role: Some(MemberRole::Owner),
        ..acme()
    });
    let all: Vec<_> = SMALL
        .scopes()
        .iter()
        .map(|scope| scope.name.as_str())
        .collect();
    let refusal = ask(MANAGE).of(owner).refusal(&classic(&all));
    assert_eq!(refusal.reason, Reason::MissingScope);
    assert!(refusal.scopes.is_empty(), "no scope would do");
}

#[test]
fn the_embedded_catalog_refuses_classic_tokens_its_own_management() {
    let catalog = Catalog::github();
    let own: Vec<_> = catalog
        .endpoints()
        .iter()
        .filter(|endpoint| endpoint.template.contains("/personal-access-token"))
        .collect();
    assert!(!own.is_empty());
    for endpoint in own {
        let needs = endpoint.sets.iter().flatten();
        let scopes = needs.map(|need| catalog.scopes_for(need.permission, need.level, false));
        let mut scopes = scopes.map(|usual| endpoint.scopes.unwrap_or(usual));
        assert!(scopes.all(ScopeSet::is_empty), "{}", endpoint.template);
    }
}
