//! What a call that a door cannot look into writes: which branches, and whether workflow files, as far as its method
//! and path tell (DOMAIN §2 and §5, step 7). What they do not tell counts as everything.

use crate::domain::access::decision::Workflows;
use crate::domain::catalog::{Catalog, Endpoint};
use crate::domain::permission::Level;

/// The permissions with which branches and tags are written.
const WRITES_BRANCHES: [&str; 2] = ["contents", "workflows"];

/// The ends of paths that write a branch with another permission: bringing a pull request's branch up to date.
const WRITES_BRANCHES_TOO: [&str; 1] = ["/update-branch"];

/// Where workflow files lie, compared without regard to case: some file systems do so.
const WORKFLOWS: &str = ".github/workflows";

/// Which branch a call writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// None.
    Nothing,
    /// It cannot be told.
    Unknown,
    /// This branch or tag.
    Branch(String),
}

/// Which branch a call to an endpoint writes; `parameter` gives the values of its path.
pub fn branch<'p>(
    catalog: &Catalog,
    endpoint: &Endpoint,
    is_read: bool,
    parameter: impl Fn(&str) -> &'p str,
) -> Written {
    if is_read || !writes_branches(catalog, endpoint) {
        return Written::Nothing;
    }
    let reference = parameter("ref");
    let short = reference
        .strip_prefix("heads/")
        .or_else(|| reference.strip_prefix("tags/"));
    match short {
        Some(name) if !name.is_empty() => Written::Branch(name.to_owned()),
        _ => Written::Unknown,
    }
}

fn writes_branches(catalog: &Catalog, endpoint: &Endpoint) -> bool {
    let needs_it = endpoint.sets.iter().flatten().any(|need| {
        let slug = catalog.permission(need.permission).slug.as_str();
        need.level > Level::Read && WRITES_BRANCHES.contains(&slug)
    });
    needs_it
        || WRITES_BRANCHES_TOO
            .iter()
            .any(|end| endpoint.template.ends_with(end))
}

/// Whether a call touches workflow files. A path in the address tells it; anything else might.
pub fn workflows<'p>(
    endpoint: &Endpoint,
    is_read: bool,
    parameter: impl Fn(&str) -> &'p str,
) -> Workflows {
    if is_read || endpoint.conditional.is_none() {
        return Workflows::Untouched;
    }
    match parameter("path") {
        "" => Workflows::Unknown,
        path if is_workflow(path) => Workflows::Touched,
        _ => Workflows::Untouched,
    }
}

fn is_workflow(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let rest = path.strip_prefix(WORKFLOWS);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, path: &str) -> (Written, Workflows) {
        let catalog = Catalog::github();
        let found = catalog
            .match_endpoint(method, path)
            .expect("it is in the catalog");
        let endpoint = catalog.endpoint(found.endpoint);
        let parameter = |name: &str| found.parameter(name).unwrap_or_default();
        let is_read = method == "GET";
        (
            branch(catalog, endpoint, is_read, parameter),
            workflows(endpoint, is_read, parameter),
        )
    }

    #[test]
    fn what_is_written_by_the_table() {
        use Workflows::{Touched, Untouched};
        use Written::{Nothing, Unknown};
        let repo = "/repos/acme/web";
        let table = [
            ("GET", "/contents/README.md", Nothing, Untouched),
            ("PUT", "/contents/README.md", Unknown, Untouched),
            (
                "PUT",
                "/contents/.github/workflows/ci.yml",
                Unknown,
                Touched,
            ),
            (
                "PUT",
                "/contents/.GitHub%2FWorkflows/ci.yml",
                Unknown,
                Touched,
            ),
            ("PUT", "/contents/.github/workflows.md", Unknown, Untouched),
            ("POST", "/issues", Nothing, Untouched),
        ];
        for (method, path, written, workflows) in table {
            let path = format!("{repo}{path}");
            assert_eq!(
                asked(method, &path),
                (written, workflows),
                "{method} {path}"
            );
        }
    }
}
