//! One ref by its full name, with the very object it names: an annotated tag is the tag, not its commit.

use super::error::{GitError, GitResult};
use super::repository::{Repository, check_name, text};

/// Where refs may be read: everything else is git's own or the server's.
const OPEN: [&str; 3] = ["heads/", "tags/", "notes/"];

/// A ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Its full name, `refs/heads/main`.
    pub name: String,
    /// What it names: `commit`, `tag`, or rarely another kind of object.
    pub kind: String,
    /// The object's id.
    pub object: String,
}

impl Repository {
    /// The ref `refs/{name}`, where `name` is such as `heads/main` or `tags/v1`.
    pub async fn find_ref(&self, name: &str) -> GitResult<Ref> {
        let missing = || GitError::NotFound(name.to_owned());
        if !OPEN.iter().any(|open| name.starts_with(open)) {
            return Err(missing());
        }
        check_name(name)?;
        let full_name = format!("refs/{name}");
        let format = "--format=%(refname)%00%(objecttype)%00%(objectname)";
        let arguments = ["for-each-ref", "--count=1", format, &full_name];
        let listed = text(&self.git().args(arguments).output().await?);
        let mut fields = listed.trim_end().split('\0').map(str::to_owned);
        match (fields.next(), fields.next(), fields.next()) {
            // A folder of refs matches too, by the first ref in it.
            (Some(name), Some(kind), Some(object)) if name == full_name => {
                Ok(Ref { name, kind, object })
            }
            _ => Err(missing()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::fixture::{Scratch, sample};

    #[tokio::test]
    async fn a_ref_names_its_own_object() {
        let scratch =
            Scratch::with(&[sample("main", "a", "1"), sample("feature/x", "b", "2")]).await;
        scratch.git(&[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b",
            "tag",
            "-a",
            "-m",
            "x",
            "v1",
            "main",
        ]);
        let find = async |name: &str| scratch.repository.find_ref(name).await;
        let main = find("heads/main").await.expect("it exists");
        assert_eq!(
            (main.name.as_str(), main.kind.as_str()),
            ("refs/heads/main", "commit")
        );
        assert_eq!(main.object, scratch.git(&["rev-parse", "main"]));
        let tag = find("tags/v1").await.expect("it exists");
        assert_eq!(
            (tag.kind.as_str(), tag.object),
            ("tag", scratch.git(&["rev-parse", "v1"]))
        );
        for name in [
            "main",
            "heads/nope",
            "heads/feature",
            "heads/",
            "heads/*",
            "pull/1/head",
            "../HEAD",
        ] {
            let found = find(name).await;
            assert!(
                matches!(found, Err(GitError::NotFound(_))),
                "{name}: {found:?}"
            );
        }
    }
}
