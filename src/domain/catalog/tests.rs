//! The catalog as a whole: what is read, what is refused, and what the embedded one says.

use super::*;
use crate::domain::role::{LeastRole, OwnerRole, RepositoryRole};

const SMALL: &str = r#"
[scopes]
repo = { sentence = "All repositories." }

[permissions.metadata]
group = "repository"
title = "Metadata"
sentence = "Sees repositories."
read = { can = "see repositories", role = "read", scopes = ["repo"] }
automatic = true

[permissions.members]
group = "organization"
title = "Members"
sentence = "Sees members."
read = { can = "see members", role = "member" }

[endpoints]
"#;

/// A small catalog with these endpoint lines; they start at line 19.
fn with_endpoints(lines: &str) -> Result<Catalog, CatalogErrors> {
    Catalog::parse(&format!("{SMALL}{lines}"))
}

fn mistakes(text: &str) -> Vec<String> {
    let errors = Catalog::parse(text).expect_err("a catalog with mistakes");
    errors.0.iter().map(ToString::to_string).collect()
}

fn endpoint_mistakes(lines: &str) -> Vec<String> {
    mistakes(&format!("{SMALL}{lines}"))
}

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
fn the_embedded_catalog_has_no_mistakes() {
    if let Err(errors) = Catalog::parse(GITHUB) {
        panic!("{errors}");
    }
}

#[test]
fn the_embedded_catalog_holds_the_published_permissions_and_our_ten() {
    let catalog = Catalog::github();
    assert_eq!(catalog.permissions().len(), 88 + 10);
    let counts = Group::ALL.map(|group| catalog.permissions_of(group).count());
    assert_eq!(
        counts,
        [34, 38, 20, 6],
        "repository, organization, account, enterprise"
    );
    assert_eq!(catalog.scopes().len(), 49);
}

#[test]
fn every_permission_says_what_it_allows() {
    for permission in Catalog::github().permissions() {
        let slug = &permission.slug;
        assert!(permission.sentence.ends_with('.'), "{slug}: a sentence");
        assert!(
            !permission.title.is_empty() && !permission.levels.is_empty(),
            "{slug}"
        );
        for rule in &permission.levels {
            let starts_small = rule
                .can
                .starts_with(|first: char| first.is_ascii_lowercase());
            assert!(
                starts_small && !rule.can.ends_with('.'),
                "{slug}: `can` goes on a sentence: {}",
                rule.can
            );
        }
    }
}

#[test]
fn levels_are_offered_in_order_and_take_no_smaller_role_or_phrase() {
    for permission in Catalog::github().permissions() {
        for pair in permission.levels.windows(2) {
            assert!(pair[0].level < pair[1].level, "{}", permission.slug);
            assert_ne!(pair[0].can, pair[1].can, "{}", permission.slug);
            let rises = match (pair[0].least_role, pair[1].least_role) {
                (LeastRole::Repository(low), LeastRole::Repository(high)) => low <= high,
                (LeastRole::Organization(low), LeastRole::Organization(high)) => low <= high,
                (low, high) => low == high,
            };
            assert!(rises, "{}", permission.slug);
        }
    }
}

#[test]
fn least_roles_are_those_of_the_rules() {
    use RepositoryRole::{Admin, Read, Write};
    let least = |slug: &str, level| {
        let permission = Catalog::github()
            .find_permission(slug)
            .expect("a permission");
        permission
            .level(level)
            .expect("an offered level")
            .least_role
    };
    assert_eq!(least("issues", Level::Read), LeastRole::Repository(Read));
    assert_eq!(
        least("contents", Level::Write),
        LeastRole::Repository(Write)
    );
    for slug in ["administration", "repository_hooks", "secrets"] {
        assert_eq!(
            least(slug, Level::Write),
            LeastRole::Repository(Admin),
            "{slug}"
        );
    }
    assert_eq!(
        least("members", Level::Read),
        LeastRole::Organization(OwnerRole::Member)
    );
    assert_eq!(
        least("members", Level::Write),
        LeastRole::Organization(OwnerRole::Owner)
    );
    assert_eq!(
        least("organization_administration", Level::Read),
        LeastRole::Organization(OwnerRole::Owner)
    );
    assert_eq!(least("gists", Level::Write), LeastRole::SelfOnly);
    assert_eq!(
        least("enterprise_policies", Level::Read),
        LeastRole::EnterpriseOwner
    );
}

#[test]
fn managing_tokens_takes_no_classic_scope() {
    let management = [
        "organization_personal_access_tokens",
        "organization_personal_access_token_requests",
        "enterprise_policies",
        "enterprise_credentials",
    ];
    for permission in Catalog::github().permissions() {
        let is_management = management.contains(&permission.slug.as_str());
        for rule in &permission.levels {
            assert_eq!(
                rule.scopes.is_empty(),
                is_management,
                "{} {}",
                permission.slug,
                rule.level
            );
        }
    }
}

#[test]
fn any_repository_permission_brings_metadata() {
    let catalog = Catalog::github();
    let id = |slug: &str| catalog.find_permission(slug).expect("a permission").id;
    let held: PermissionSet = [(id("issues"), Level::Write)].into_iter().collect();
    assert!(
        catalog
            .with_automatic(&held)
            .holds(id("metadata"), Level::Read)
    );
    let held: PermissionSet = [(id("members"), Level::Read)].into_iter().collect();
    assert_eq!(catalog.with_automatic(&held), held);
    assert!(catalog.with_automatic(&PermissionSet::new()).is_empty());
}

#[test]
fn a_public_repository_takes_the_smaller_scope_too() {
    let catalog = Catalog::github();
    let contents = catalog
        .find_permission("contents")
        .expect("a permission")
        .id;
    let public_repo = catalog.scope_set(&["public_repo"]).expect("a scope");
    let is_enough = |is_public| {
        catalog.is_scope_enough(
            public_repo,
            catalog.scopes_for(contents, Level::Write, is_public),
        )
    };
    assert!(is_enough(true));
    assert!(!is_enough(false));
    assert!(
        !catalog.is_scope_enough(public_repo, ScopeSet::new()),
        "nothing accepted means nobody"
    );
    assert_eq!(catalog.scope_set(&["repo", "nope"]), Err("nope"));
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
        ("GET", "/"),
        ("GET", "/nope"),
        ("GET", "/USER"),
        ("GET", "/repos/acme"),
        ("DELETE", "/repos/acme/web"),
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
    assert!(!patch.public_readable && !patch.permission_free && !patch.listing);
    let free = endpoint("GET", "/user");
    assert!(free.permission_free && free.sets.is_empty() && free.targets.is_empty());
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

#[test]
fn each_mistake_in_an_endpoint_is_reported_with_its_line() {
    let table = [
        (
            r#""GET /repos/{owner}/{repo}" = "nope:read""#,
            "line 19: `GET /repos/{owner}/{repo}`: `nope` is no permission",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:write""#,
            "`metadata` does not offer `write`; it offers `read`",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = """#,
            "write `free` if that is meant",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read free""#,
            "drop one of the two",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read shiny""#,
            "`shiny` is no flag",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read role=boss""#,
            "`boss` is not a role",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read scopes=nope""#,
            "`nope` is no scope",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read@2""#,
            "say what with `targets=…`",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read targets=organization:org""#,
            "`targets=` names `org`",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = ["metadata:read"]"#,
            "is a text in quotes, not a",
        ),
        (
            r#""GET /search" = "metadata:read""#,
            "names nothing at which `metadata` (repository permission) is held",
        ),
        (r#""GET repos" = "free""#, "start it with `/`"),
        (r#""FETCH /x" = "free""#, "`FETCH` is not a method"),
        (
            r#""GIT clone" = "metadata:read""#,
            "`clone` is no git operation",
        ),
        (r#""/x" = "free""#, "write \"METHOD /path\""),
    ];
    for (line, expected) in table {
        let found = endpoint_mistakes(line);
        assert!(
            found.iter().any(|mistake| mistake.contains(expected)),
            "{line}: {found:#?}"
        );
        assert!(
            found.iter().all(|mistake| mistake.starts_with("line 19: ")),
            "{line}: {found:#?}"
        );
    }
}

#[test]
fn two_endpoints_that_match_the_same_requests_are_a_mistake() {
    let found = endpoint_mistakes("\"GET /x/{a}\" = \"free\"\n\"GET /x/{b}\" = \"free\"\n");
    assert_eq!(
        found,
        ["line 20: `GET /x/{b}` matches the same requests as line 19; keep one"]
    );
    let found = endpoint_mistakes("\"GET /x\" = \"free\"\n\"GET /x\" = \"free\"\n");
    assert!(
        found[0].starts_with("line 20: this is no TOML: "),
        "{found:?}"
    );
    let found =
        endpoint_mistakes("\"GIT push\" = \"metadata:read\"\n\"GIT  push\" = \"metadata:read\"\n");
    assert!(found[0].starts_with("line 20: "), "{found:?}");
}

#[test]
fn each_mistake_in_a_permission_or_scope_is_reported_with_its_line() {
    let text = r#"
[scopes]
child = { parent = "later", sentence = "x" }
later = {}

[permissions.Bad-Name]
group = "team"
title = ""
read = { can = "x", role = "boss", scopes = ["nope"], colour = 1 }

[permissions.empty]
group = "account"
title = "Empty"
sentence = "x"
public_scope = "gone"
automatic = "yes"
wirte = { can = "x" }

[extra]
"#;
    let found = mistakes(text);
    let expected = [
        "line 3: `later` is no scope; add it under `[scopes]`, above those that it includes",
        "line 4: `later` has no `sentence`; add one",
        "line 6: `Bad-Name` has no `sentence`; add one",
        "line 6: `Bad-Name` is no name of a permission; use a-z, 0-9 and `_`",
        "line 7: `team` is not a group; use `repository`, `organization`, `account` or `enterprise`",
        "line 8: `title` of `Bad-Name` is empty; write it out",
        "line 9: `boss` is not a role; use `read`, `triage`, `write`, `maintain` or `admin`",
        "line 9: `nope` is no scope; add it under `[scopes]`, above those that it includes",
        "line 9: `read` has no field `colour`; the fields are `can`, `role` and `scopes`",
        "line 11: `empty` offers no level; add `read`, `write` or `admin`",
        "line 15: `gone` is no scope; add it under `[scopes]`, above those that it includes",
        "line 16: `automatic` is `true` or `false`",
        "line 17: `empty` has no field `wirte`; the fields are `group`, `title`, `sentence`, `read`, `write`, `admin`, `public_scope`, `automatic` and `risk`",
        "line 19: `extra` is no table of a catalog; the tables are `scopes`, `permissions` and `endpoints`",
    ];
    for mistake in expected {
        assert!(
            found.iter().any(|found| found == mistake),
            "missing: {mistake}\nin {found:#?}"
        );
    }
    // A permission without a readable level is reported for the level and for having none left.
    assert_eq!(
        found
            .iter()
            .filter(|mistake| !expected.contains(&mistake.as_str()))
            .count(),
        1,
        "{found:#?}"
    );
}

#[test]
fn broken_toml_is_reported_with_its_line() {
    let found = mistakes("[scopes]\nrepo = { sentence = \"x\" }\n[permissions\n");
    assert!(
        found
            .iter()
            .any(|mistake| mistake.starts_with("line 3: this is no TOML: ")),
        "{found:?}"
    );
}

#[test]
fn errors_read_one_a_line() {
    let errors =
        with_endpoints("\"GET /x\" = \"\"\n\"GET /y\" = \"\"\n").expect_err("two mistakes");
    assert_eq!(errors.to_string().lines().count(), 2);
    assert!(errors.0.is_sorted());
}
