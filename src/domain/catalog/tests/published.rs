//! The endpoints of the published API, held against what is published, and every path found by the tree.
//!
//! The facts themselves are not kept here. What is compared is a digest of them, so that no line changes by accident.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::domain::catalog::template::Piece;
use crate::domain::catalog::{Catalog, Endpoint, Method, Need, TargetTemplate};

/// Where the catalog describes more than fine-grained tokens reach as published: our own calls, and what our own
/// permissions open.
const BEYOND: [&str; 9] = [
    "/token",
    "/orgs/{org}/audit-log",
    "/orgs/{org}/credential-authorizations",
    "/orgs/{org}/packages",
    "/orgs/{org}/personal-access-token",
    "/orgs/{org}/teams/{team_slug}/discussions",
    "/scim/",
    "/user/packages",
    "/users/{username}/packages",
];

/// The same, by the whole line.
const BEYOND_LINES: [&str; 2] = [
    "GET /repos/{owner}/{repo}/contents",
    "POST /repos/{owner}/{repo}/releases/{release_id}/assets",
];

fn is_published(endpoint: &Endpoint) -> bool {
    let of_enterprise = endpoint.template.starts_with("/enterprises/")
        && !endpoint.template.contains("/dependabot/repository-access");
    let is_beyond = BEYOND
        .iter()
        .any(|beginning| endpoint.template.starts_with(beginning));
    endpoint.method != Method::Git
        && !endpoint.is_closed()
        && !of_enterprise
        && !is_beyond
        && !BEYOND_LINES.contains(&endpoint.line().as_str())
}

/// `GET /user/keys = keys:read`, with the flags, and without what is our own: targets, roles and scopes.
fn fact(endpoint: &Endpoint) -> String {
    let need = |need: &Need| {
        let slug = &Catalog::github().permission(need.permission).slug;
        format!("{slug}:{}", need.level)
    };
    let set = |set: &Vec<Need>| set.iter().map(need).collect::<Vec<_>>().join(" + ");
    let sets = endpoint.sets.iter().map(set).collect::<Vec<_>>();
    let public = if endpoint.public_readable {
        " public"
    } else {
        ""
    };
    let free = if endpoint.is_free() { " free" } else { "" };
    format!("{} = {}{public}{free}\n", endpoint.line(), sets.join(" | "))
}

fn digest(lines: &[String]) -> String {
    let hash = Sha256::digest(lines.concat());
    hash.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Where we say otherwise, the digest was made of what we say. A permission named by its title goes by its slug. Markdown
/// and the keys of a user are free, although a set was named beside that. `public` counts for reading alone, and neither
/// for the list of one's own repositories nor for that of all members, which hold more than what is public. The
/// organizations of the user are free: our API answers them. An enterprise's Dependabot access takes our permission.
#[test]
fn the_published_endpoints_say_what_is_published() {
    let endpoints = Catalog::github().endpoints().iter();
    let mut lines: Vec<_> = endpoints
        .filter(|endpoint| is_published(endpoint))
        .map(fact)
        .collect();
    lines.sort();
    assert_eq!(lines.len(), 1_056);
    assert_eq!(
        digest(&lines),
        "c1bf36a780676c84",
        "a published line changed its sets or flags: mend it, or name the reason above"
    );
}

#[test]
fn what_no_token_reaches_is_listed_and_closed() {
    let closed: Vec<_> = Catalog::github()
        .endpoints()
        .iter()
        .filter(|endpoint| endpoint.is_closed())
        .collect();
    assert_eq!(closed.len(), 83);
    assert!(closed.iter().all(|endpoint| !endpoint.public_readable));
    let is_listed = |line: &str| closed.iter().any(|endpoint| endpoint.line() == line);
    for line in ["GET /app", "POST /repos/{owner}/{repo}/transfer"] {
        assert!(is_listed(line), "{line}");
    }
}

#[test]
fn our_own_permissions_open_what_is_published_for_no_token() {
    let table = [
        ("GET /orgs/{org}/packages", "packages"),
        ("POST /repos/{owner}/{repo}/check-runs", "checks"),
        ("GET /enterprises/{enterprise}/teams", "enterprise_people"),
        (
            "POST /scim/v2/enterprises/{enterprise}/Users",
            "enterprise_people",
        ),
        (
            "PUT /enterprises/{enterprise}/actions/cache/storage-limit",
            "enterprise_administration",
        ),
        (
            "PUT /enterprises/{enterprise}/teams/{enterprise_team}/organizations/{org}",
            "enterprise_organizations",
        ),
        (
            "GET /enterprises/{enterprise}/audit-log/streams",
            "enterprise_audit_log",
        ),
    ];
    let catalog = Catalog::github();
    for (line, slug) in table {
        let endpoint = catalog
            .endpoints()
            .iter()
            .find(|endpoint| endpoint.line() == line);
        let permissions = endpoint.expect(line).permissions();
        let expected = catalog.find_permission(slug).expect("a permission").id;
        assert!(permissions.contains(&expected), "{line}");
    }
}

/// A value for each parameter: one that no word of the table equals, and one with a slash where a path or ref may hold it.
fn sample(piece: &Piece) -> (String, &'static str) {
    match piece {
        Piece::Literal(word) => (word.clone(), ""),
        Piece::Parameter(_) if piece.holds_path_or_ref() => {
            ("feature%2Fx%251".to_owned(), "feature/x%1")
        }
        Piece::Parameter(_) => ("sample%20value".to_owned(), "sample value"),
        Piece::Rest(_) => ("docs/a%2Fb/c%20d.md".to_owned(), "docs/a/b/c d.md"),
    }
}

#[test]
fn every_template_filled_with_values_is_found_again() {
    let catalog = Catalog::github();
    for (endpoint, template) in catalog.endpoints().iter().zip(&catalog.templates) {
        if endpoint.method == Method::Git {
            continue;
        }
        let filled: Vec<_> = template.pieces.iter().map(sample).collect();
        let pieces: Vec<_> = filled.iter().map(|(encoded, _)| encoded.as_str()).collect();
        let path = if pieces.is_empty() {
            String::new()
        } else {
            format!("/{}", pieces.join("/"))
        };
        let path = if path.is_empty() { "/" } else { path.as_str() };
        let found = catalog
            .match_endpoint(endpoint.method.as_str(), path)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(
            catalog.endpoint(found.endpoint).line(),
            endpoint.line(),
            "{path}"
        );
        let values = found.parameters.iter().map(|(_, value)| &**value);
        let expected = filled
            .iter()
            .map(|(_, value)| *value)
            .filter(|value| !value.is_empty());
        assert!(values.eq(expected), "{path}: {:?}", found.parameters);
    }
}

#[test]
fn each_endpoint_names_what_its_permissions_are_held_at() {
    let catalog = Catalog::github();
    for endpoint in catalog.endpoints() {
        for need in endpoint.sets.iter().flatten() {
            let group = catalog.permission(need.permission).group;
            let Some(target) = endpoint.targets.get(need.target) else {
                assert_eq!(need.target, Need::NOWHERE, "{}", endpoint.line());
                continue;
            };
            let fits = target.fits(group) || (target.owns_repositories() && endpoint.listing);
            let creates = matches!(target, TargetTemplate::Account { param: None });
            assert!(fits || creates, "{}", endpoint.line());
        }
    }
}

/// `/teams/{team_id}` names a team by a number that only the service can look up.
#[test]
fn what_a_number_alone_names_is_looked_up_nowhere() {
    let elsewhere = |need: &&Need| need.target == Need::NOWHERE;
    let lines: Vec<_> = Catalog::github()
        .endpoints()
        .iter()
        .filter(|endpoint| endpoint.sets.iter().flatten().any(|need| elsewhere(&need)))
        .map(Endpoint::line)
        .collect();
    assert_eq!(lines.len(), 22, "{lines:#?}");
    let is_numbered = |line: &&String| line.contains("/teams/{team_id}");
    assert_eq!(lines.iter().filter(is_numbered).count(), 16, "{lines:#?}");
}
