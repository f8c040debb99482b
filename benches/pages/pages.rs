//! Which pages are asked for: every list, filter and picker of the console, and the lists of the API.

use axum::body::Body;
use axum::http::Request;

use crate::scale::Filled;

/// One page.
#[derive(Debug)]
pub struct Page {
    /// What it is, for the table.
    pub title: String,
    /// Whether a developer asks, not an owner.
    pub is_developers: bool,
    path: String,
}

impl Page {
    /// The request for it; those of the API carry the owner's token.
    pub fn request(&self, filled: &Filled) -> Request<Body> {
        let mut request = Request::get(self.path.as_str());
        if self.path.starts_with("/api/") {
            request = request.header("authorization", format!("Bearer {}", filled.secret));
        }
        request
            .body(Body::empty())
            .expect("the path is well formed")
    }
}

/// Every page, with the ids of things that are there.
pub fn all(filled: &Filled) -> Vec<Page> {
    let page = |is_developers| {
        move |(title, path): (&str, String)| Page {
            title: title.to_owned(),
            is_developers,
            path,
        }
    };
    let owners = of_owners(filled).into_iter().chain(of_the_api());
    let owners = owners.map(page(false));
    owners
        .chain(of_developers(filled).into_iter().map(page(true)))
        .collect()
}

fn of_owners(filled: &Filled) -> Vec<(&'static str, String)> {
    let tokens = "/organizations/acme/settings/personal-access-tokens";
    let requests = "/organizations/acme/settings/personal-access-token-requests";
    vec![
        ("home of an owner", "/".to_owned()),
        ("token policy", tokens.to_owned()),
        ("active tokens", format!("{tokens}/active")),
        (
            "active tokens of a person",
            format!("{tokens}/active?person=member-00003"),
        ),
        (
            "active tokens by last use",
            format!("{tokens}/active?sort=last_used"),
        ),
        (
            "one active token",
            format!("{tokens}/active/{}", filled.grant),
        ),
        ("requests", requests.to_owned()),
        (
            "requests of a person",
            format!("{requests}?person=member-00003"),
        ),
        (
            "requests at a repository",
            format!("{requests}?repository=repo-00003"),
        ),
        (
            "requests for a permission",
            format!("{requests}?permission=contents"),
        ),
        ("one request", format!("{requests}/{}", filled.request)),
        (
            "part of a request",
            format!("{requests}/{}/part", filled.request),
        ),
        ("people", "/organizations/acme/settings/members".to_owned()),
        (
            "people, searched",
            "/organizations/acme/settings/members?q=member-0000".to_owned(),
        ),
        (
            "people to add",
            "/organizations/acme/settings/members/add?q=olg".to_owned(),
        ),
        (
            "repositories",
            "/organizations/acme/settings/repositories".to_owned(),
        ),
        (
            "repositories, searched",
            "/organizations/acme/settings/repositories?q=repo-000".to_owned(),
        ),
        ("a repository", "/acme/repo-00003".to_owned()),
        (
            "who can touch it",
            "/acme/repo-00003/settings/access-tokens".to_owned(),
        ),
        (
            "collaborators on it",
            "/acme/repo-00003/settings/collaborators".to_owned(),
        ),
        ("accounts of the site", "/admin/users".to_owned()),
        (
            "accounts, searched",
            "/admin/users?q=member-0000".to_owned(),
        ),
        ("health of the site", "/admin/health".to_owned()),
    ]
}

fn of_the_api() -> Vec<(&'static str, String)> {
    vec![
        (
            "API: repositories",
            "/api/v3/orgs/acme/repos?per_page=100".to_owned(),
        ),
        (
            "API: repositories, last page",
            "/api/v3/orgs/acme/repos?per_page=100&page=100".to_owned(),
        ),
        (
            "API: members",
            "/api/v3/orgs/acme/members?per_page=100".to_owned(),
        ),
        (
            "API: requests",
            "/api/v3/orgs/acme/personal-access-token-requests?per_page=100".to_owned(),
        ),
        (
            "API: grants",
            "/api/v3/orgs/acme/personal-access-tokens?per_page=100".to_owned(),
        ),
        ("API: the token itself", "/api/v3/token".to_owned()),
    ]
}

fn of_developers(filled: &Filled) -> Vec<(&'static str, String)> {
    let own = "/settings/personal-access-tokens";
    vec![
        ("home of a developer", "/".to_owned()),
        ("my tokens", own.to_owned()),
        ("my tokens that wait", format!("{own}?state=pending")),
        ("one of my tokens", format!("{own}/{}", filled.token)),
        (
            "edit one of my tokens",
            format!("{own}/{}/edit", filled.token),
        ),
        ("new token", format!("{own}/new")),
        (
            "new token at the organization",
            format!("{own}/new?target_name=acme&contents=read"),
        ),
        ("my repositories", "/settings/repositories".to_owned()),
        (
            "requests for my repositories",
            "/settings/personal-access-token-requests".to_owned(),
        ),
        ("passkeys and sessions", "/settings/security".to_owned()),
    ]
}
