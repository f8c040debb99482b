//! What each endpoint of our own asks of a classic token, read like the paragraph that decides it.

use grantry::api::operation::is_served;
use grantry::domain::catalog::{Catalog, Endpoint, Method};
use grantry::domain::scope::ScopeSet;

use super::ISSUES;
use crate::world::World;

/// The scopes of which any one is enough: on what is private, and on a public repository.
fn accepted(endpoint: &Endpoint, is_public: bool) -> Vec<&'static str> {
    let catalog = Catalog::github();
    let needs = endpoint.sets.iter().enumerate();
    let needs = needs.filter(|(place, _)| Some(*place) != endpoint.conditional);
    let of_needs = needs.flat_map(|(_, set)| set).flat_map(|need| {
        let scopes = catalog.scopes_for(need.permission, need.level, is_public);
        scopes.iter().collect::<Vec<_>>()
    });
    let scopes: ScopeSet = endpoint.scopes.unwrap_or_else(|| of_needs.collect());
    let names = scopes
        .iter()
        .map(|scope| catalog.scope(scope).name.as_str());
    names.collect()
}

/// The scopes that the rules name: on what is private, and those that are enough besides on a public repository.
fn named(endpoint: &Endpoint) -> (&'static [&'static str], &'static [&'static str]) {
    let line = format!("{} {}", endpoint.method.as_str(), endpoint.template);
    let reads = line.starts_with("GET");
    let is = |part: &str| endpoint.template.contains(part);
    if is("/personal-access-token") || is("/credential-authorizations") || is("-policy") {
        return (&[], &[]);
    }
    if line == "DELETE /repos/{owner}/{repo}" {
        return (&["delete_repo"], &[]);
    }
    if is("/audit-log") {
        return (&["read:audit_log"], &[]);
    }
    match (is("/orgs/{org}"), is("/enterprises/"), is("/hooks"), reads) {
        (true, _, true, _) => (&["admin:org_hook"], &[]),
        (_, _, true, true) => (&["repo", "read:repo_hook"], &[]),
        (_, _, true, false) => (&["repo", "write:repo_hook"], &[]),
        (_, true, _, true) => (&["read:enterprise"], &[]),
        (_, true, _, false) => (&["admin:enterprise"], &[]),
        (true, _, _, true) if !is("/repos") => (&["read:org"], &[]),
        (true, _, _, false) if !is("/repos") => (&["admin:org"], &[]),
        _ => (&["repo"], &["public_repo"]),
    }
}

#[test]
fn every_endpoint_of_our_own_asks_a_classic_token_for_the_scope_that_the_rules_name() {
    let ours = |endpoint: &&Endpoint| is_served(endpoint) || endpoint.method == Method::Git;
    for endpoint in Catalog::github().endpoints().iter().filter(ours) {
        let line = format!("{} {}", endpoint.method.as_str(), endpoint.template);
        if endpoint.sets.is_empty() {
            assert!(endpoint.is_free(), "{line} asks for nothing");
            continue;
        }
        let (private, public) = named(endpoint);
        assert_eq!(accepted(endpoint, false), private, "{line}");
        // Running a repository is nothing that one may do everywhere: it takes the whole scope.
        let is_run = accepted(endpoint, true) == private;
        let enough: Vec<_> = private.iter().chain(public).copied().collect();
        assert!(is_run || accepted(endpoint, true) == enough, "{line}");
    }
}

#[test]
fn a_push_that_touches_workflows_asks_for_the_workflow_scope_too() {
    let catalog = Catalog::github();
    let push = catalog.git_push().expect("it is there");
    assert_eq!(accepted(push, false), ["repo"]);
    let larger = push.conditional.expect("it has a larger set");
    let scopes = push.sets[larger].iter().map(|need| {
        let accepted = catalog.scopes_for(need.permission, need.level, false);
        let names = accepted
            .iter()
            .map(|scope| catalog.scope(scope).name.as_str());
        names.collect::<Vec<_>>()
    });
    assert_eq!(scopes.collect::<Vec<_>>(), [["repo"], ["workflow"]]);
}

on_every_database! {
    async fn a_classic_answer_says_which_scopes_are_held_and_accepted(world: &World) {
        let minted = world.classic("headers", &["repo", "read:org"]).await;
        let secret = minted.secret.reveal();
        let table = [
            ("GET", ISSUES, 200, "repo"),
            ("GET", "/orgs/acme/members", 200, "read:org"),
            ("GET", "/user", 200, ""),
            ("DELETE", "/repos/acme/web", 403, "delete_repo"),
            ("GET", "/orgs/acme/personal-access-tokens", 403, ""),
            ("GET", "/repos/acme/nothing/issues", 404, "repo"),
        ];
        for (method, path, status, accepted) in table {
            let answer = world.http(method, path, secret, None).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.header("x-oauth-scopes"), "repo, read:org", "{method} {path}");
            assert_eq!(answer.header("x-accepted-oauth-scopes"), accepted, "{method} {path}");
            assert_eq!(answer.header("x-accepted-github-permissions"), "", "{method} {path}");
        }
    }

    async fn a_missing_scope_leads_to_the_page_where_it_is_chosen(world: &World) {
        let minted = world.classic("small", &["gist"]).await;
        let secret = minted.secret.reveal();
        let refused = world.http("GET", "/orgs/acme/members", secret, None).await;
        assert_eq!(refused.status, 403);
        let expected = format!(
            "This token lacks a scope: `read:org` is needed at acme. See http://localhost:8080/settings/tokens/{}.",
            minted.token
        );
        assert_eq!(refused.json()["message"], expected.as_str());
        assert_eq!(refused.json()["reason"], "missing_scope");
        world.edit_classic("ana", minted.token, "small", &["read:org"]).await.expect("it is hers");
        let allowed = world.http("GET", "/orgs/acme/members", secret, None).await;
        assert_eq!(allowed.status, 200, "it counts from the next call on");
    }
}
