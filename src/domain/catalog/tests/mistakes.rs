//! Every mistake in a catalog is found, with its line and what to write.

use super::{SMALL, with_endpoints};
use crate::domain::catalog::Catalog;

fn mistakes(text: &str) -> Vec<String> {
    let errors = Catalog::parse(text).expect_err("a catalog with mistakes");
    errors.0.iter().map(ToString::to_string).collect()
}

fn endpoint_mistakes(lines: &str) -> Vec<String> {
    mistakes(&format!("{SMALL}{lines}"))
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
            r#""GET /repos/{owner}/{repo}" = "metadata:read open""#,
            "drop one of the two",
        ),
        (
            r#""GET /x" = "free open""#,
            "is a second of `free`, `open` and `closed`",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read free""#,
            "drop one of the two",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "metadata:read closed""#,
            "is `closed` and yet needs permissions",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "free closed""#,
            "is a second of `free`, `open` and `closed`",
        ),
        (
            r#""GET /repos/{owner}/{repo}" = "closed public""#,
            "is both `public` and `closed`",
        ),
        (
            r#""GET /teams/{team_id}" = "members:read""#,
            "or `@0` if only the service knows",
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
