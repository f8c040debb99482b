//! What a request of the smart protocol asks of which repository: at our own addresses, and at a service behind a door.

use super::operation::GitOperation;
use crate::domain::catalog::{Catalog, Endpoint, Segment, TargetTemplate, segments};

/// The method under which a git operation is recorded.
pub const METHOD: &str = "GIT";

/// The end of a repository's address that tells git clients from browsers; addresses without it are served too.
const SUFFIX: &str = ".git";

/// What a request asks of which repository.
#[derive(Debug, Clone)]
pub struct Errand {
    /// The owner's login.
    pub owner: String,
    /// The repository's name.
    pub name: String,
    /// What is asked.
    pub operation: GitOperation,
}

impl Errand {
    /// The endpoint that is asked for.
    pub fn endpoint<'c>(&self, catalog: &'c Catalog) -> Option<&'c Endpoint> {
        if self.operation.is_write() {
            catalog.git_push()
        } else {
            catalog.git_fetch()
        }
    }

    /// The names under the parameters that the endpoint's target reads.
    pub fn parameters(&self, endpoint: Option<&Endpoint>) -> Vec<(String, String)> {
        match endpoint.and_then(|endpoint| endpoint.targets.first()) {
            Some(TargetTemplate::Repository {
                owner_param,
                name_param,
            }) => vec![
                (owner_param.clone(), self.owner.clone()),
                (name_param.clone(), self.name.clone()),
            ],
            _ => Vec::new(),
        }
    }

    /// The line under which it is recorded.
    pub fn line(&self) -> String {
        let verb = if self.operation.is_write() {
            "push"
        } else {
            "fetch"
        };
        format!("{}/{} {verb}", self.owner, self.name)
    }
}

/// Owner, repository and the rest of an address; none where it could be read in more than one way.
pub fn address(path: &str) -> Option<(String, String, String)> {
    let found = segments(path).ok()?;
    if found.iter().any(Segment::is_delimited) {
        return None;
    }
    let mut found = found
        .into_iter()
        .map(|segment| segment.into_text().into_owned());
    let (owner, name) = (found.next()?, found.next()?);
    let name = name.strip_suffix(SUFFIX).unwrap_or(&name).to_owned();
    Some((owner, name, found.collect::<Vec<_>>().join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_owner_a_repository_and_a_rest() {
        let parts =
            |path| address(path).map(|(owner, name, tail)| format!("{owner} {name} {tail}"));
        assert_eq!(
            parts("/acme/web.git/info/refs").as_deref(),
            Some("acme web info/refs")
        );
        assert_eq!(
            parts("/acme/web/git-upload-pack").as_deref(),
            Some("acme web git-upload-pack")
        );
        for path in [
            "/acme//info/refs",
            "/acme/../info/refs",
            "/a%2Fb/web/info/refs",
            "/acme",
        ] {
            assert_eq!(parts(path), None, "{path}");
        }
    }
}
