//! Requests find their endpoints, and endpoints say what they need where.

use super::with_endpoints;
use crate::domain::catalog::{BadPath, Catalog, Endpoint, MatchError, Need, TargetTemplate};
use crate::domain::role::{LeastRole, RepositoryRole};

fn template(method: &str, path: &str) -> Result<String, MatchError> {
    let catalog = Catalog::github();
    let found = catalog.match_endpoint(method, path)?;
    Ok(catalog.endpoint(found.endpoint).template.clone())
}

fn endpoint(method: &str, path: &str) -> &'static Endpoint {
    let catalog = Catalog::github();
    catalog.endpoint(
        catalog
            .match_endpoint(method, path)
            .expect("an endpoint of the catalog")
            .endpoint,
    )
}

fn sets(endpoint: &Endpoint) -> Vec<Vec<String>> {
    let name = |need: &Need| {
        format!(
            "{}:{}",
            Catalog::github().permission(need.permission).slug,
            need.level
        )
    };
    endpoint
        .sets
        .iter()
        .map(|set| set.iter().map(name).collect())
        .collect()
}

#[test]
fn requests_find_their_endpoints() {
    let table = [
        ("GET", "/user", "/user"),
        ("GET", "/users/ana", "/users/{username}"),
        ("GET", "/repos/acme/web", "/repos/{owner}/{repo}"),
        ("HEAD", "/repos/acme/web?page=1", "/repos/{owner}/{repo}"),
        (
            "GET",
            "/repos/acme/web/contents",
            "/repos/{owner}/{repo}/contents",
        ),
        (
            "GET",
            "/repos/acme/web/contents/a",
            "/repos/{owner}/{repo}/contents/{path}",
        ),
        (
            "GET",
            "/repos/acme/web/contents/a/b/c.txt",
            "/repos/{owner}/{repo}/contents/{path}",
        ),
        (
            "GET",
            "/repos/acme/web/branches/feature%2Fx",
            "/repos/{owner}/{repo}/branches/{branch}",
        ),
        (
            "POST",
            "/repos/acme/web/issues",
            "/repos/{owner}/{repo}/issues",
        ),
        (
            "PATCH",
            "/repos/acme/web/issues/7",
            "/repos/{owner}/{repo}/issues/{issue_number}",
        ),
    ];
    for (method, path, expected) in table {
        assert_eq!(
            template(method, path).as_deref(),
            Ok(expected),
            "{method} {path}"
        );
    }
}

#[test]
fn what_no_endpoint_fits_is_unknown() {
    let table = [
        ("PUT", "/"),
        ("GET", "/nope"),
        ("GET", "/USER"),
        ("GET", "/repos/acme"),
        ("DELETE", "/repos/acme/web/branches/main"),
        ("POST", "/user"),
        ("TRACE", "/user"),
        ("get", "/user"),
        ("GET", "/repos/acme/web/branches/a/b"),
        ("GIT", "/acme/web"),
        ("GIT", "/fetch"),
    ];
    for (method, path) in table {
        assert_eq!(
            template(method, path),
            Err(MatchError::UnknownEndpoint),
            "{method} {path}"
        );
    }
}

#[test]
fn a_path_that_hides_where_it_leads_is_bad_also_when_unknown() {
    let bad = [
        "/user/",
        "//user",
        "/repos/acme/web%2Fissues",
        "/repos/acme%2Fweb/issues/1",
        "/repos/acme/web;x",
        "/repos/acme/we%2562",
        "/repos/acme/../acme/web",
        "/repos/acme/web/contents/../issues",
        "/repos/acme/web/contents/a%2F..%2Fb",
        "/repos/acme/web/branches/%2e%2e",
        "/repos/acme/web/issues/1%00",
        "/nope%2Fnope",
        "user",
    ];
    for path in bad {
        assert_eq!(
            template("GET", path),
            Err(MatchError::BadPath(BadPath)),
            "{path}"
        );
    }
}

#[test]
fn parameters_come_decoded_and_in_path_order() {
    let catalog = Catalog::github();
    let found = catalog
        .match_endpoint("GET", "/repos/acme/web/contents/dir%2Fa%20b/c%25?ref=x")
        .expect("a match");
    assert_eq!(found.parameter("path"), Some("dir/a b/c%"));
    assert_eq!(
        found
            .parameters
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>(),
        ["owner", "repo", "path"]
    );
    assert_eq!(found.parameter("branch"), None);
}

#[test]
fn endpoints_carry_their_sets_targets_and_flags() {
    let patch = endpoint("PATCH", "/repos/acme/web/issues/1");
    assert_eq!(sets(patch), [["issues:write"], ["pull_requests:write"]]);
    assert_eq!(patch.conditional, None);
    assert!(!patch.public_readable && !patch.is_free() && !patch.listing);
    let free = endpoint("GET", "/user");
    assert!(free.is_free() && free.sets.is_empty() && free.targets.is_empty());
    let listing = endpoint("GET", "/orgs/acme/repos");
    assert!(listing.listing && listing.public_readable);
    assert_eq!(
        listing.targets,
        [TargetTemplate::Organization {
            param: "org".to_owned()
        }]
    );
    let own = endpoint("GET", "/user/repos");
    assert!(own.listing);
    assert_eq!(own.targets, [TargetTemplate::Account { param: None }]);
    let opening = endpoint("POST", "/repos/acme/web/issues");
    assert_eq!(
        opening.least_role,
        Some(LeastRole::Repository(RepositoryRole::Read))
    );
}

#[test]
fn a_push_may_need_workflows_as_well() {
    let catalog = Catalog::github();
    let push = catalog.git_push().expect("a push");
    assert_eq!(
        sets(push),
        [
            vec!["contents:write"],
            vec!["contents:write", "workflows:write"]
        ]
    );
    assert_eq!(push.conditional, Some(1));
    let fetch = catalog.git_fetch().expect("a fetch");
    assert!(fetch.public_readable);
    assert_eq!(sets(fetch), [["contents:read"]]);
    for endpoint in [push, fetch] {
        assert!(matches!(
            endpoint.targets[..],
            [TargetTemplate::Repository { .. }]
        ));
    }
}

#[test]
fn each_need_is_looked_up_at_the_target_of_its_group() {
    let catalog = with_endpoints(
        r#""GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}" = "members:read + metadata:read"
"POST /repos/{owner}/{repo}/forks" = "metadata:read + metadata:read@2 targets=repository:owner/repo,account"
"#,
    )
    .expect("a good catalog");
    let targets: Vec<Vec<usize>> = catalog
        .endpoints()
        .iter()
        .map(|endpoint| endpoint.sets[0].iter().map(|need| need.target).collect())
        .collect();
    assert_eq!(targets, [[0, 1], [0, 1]]);
    assert!(!catalog.endpoints()[0].listing);
}

#[test]
fn a_literal_goes_before_a_parameter_and_decides_alone() {
    let catalog = with_endpoints(
        r#""GET /x/{id}" = "free"
"DELETE /x/{id}" = "free"
"GET /x/latest" = "free"
"GET /x/latest/log" = "free"
"GET /x/{id}/notes" = "free"
"GET /y/{ref}" = "free spans"
"#,
    )
    .expect("a good catalog");
    let find = |method, path| {
        let found = catalog.match_endpoint(method, path);
        found
            .ok()
            .map(|found| catalog.endpoint(found.endpoint).template.as_str())
    };
    assert_eq!(find("GET", "/x/latest"), Some("/x/latest"));
    assert_eq!(find("GET", "/x/1"), Some("/x/{id}"));
    assert_eq!(
        find("GET", "/x/latest/notes"),
        Some("/x/{id}/notes"),
        "the literal led nowhere"
    );
    assert_eq!(
        find("DELETE", "/x/latest"),
        None,
        "the service has no such call either"
    );
    assert_eq!(find("GET", "/y/heads/a/b"), Some("/y/{ref}"));
    assert_eq!(find("GET", "/y"), None);
}
