//! Writes, changes or deletes one file as a commit on a branch. The gate has ruled on the branch and on workflow files;
//! whether the file is still the one that the writer saw is asked here.
//!
//! Two who write different files of a branch at once both succeed: who comes second makes the commit again upon the
//! first one's. Two who write the same file do not: the second is told that it changed.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::git::commit::{FileChange, Ident, NewCommit};
use crate::git::contents::{Entry, EntryKind};
use crate::git::error::GitError;
use crate::git::repository::Repository as GitRepository;
use crate::store::StoreError;
use crate::store::repositories::Repository;

/// How often a commit is made again because the branch moved. Each time somebody else's got through.
const ATTEMPTS: usize = 20;

/// What somebody wants to happen to a file.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The branch, by its name.
    pub branch: String,
    /// The file's path.
    pub path: String,
    /// What becomes its bytes; none deletes it.
    pub bytes: Option<Vec<u8>>,
    /// The blob that the writer saw there; none where they saw no file.
    pub sha: Option<String>,
    /// The commit's message.
    pub message: String,
    /// Who wrote it.
    pub author: Ident,
    /// Who committed it.
    pub committer: Ident,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The new commit.
    pub commit: String,
    /// Whether there was no such file before.
    pub is_new: bool,
}

/// Why the file stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum WriteFileError {
    /// There is no such branch.
    #[error("there is no branch `{0}`")]
    NoBranch(String),
    /// There is no such file to delete.
    #[error("there is no file `{0}`")]
    NoFile(String),
    /// The file is not what the writer saw.
    #[error("{0}")]
    Changed(String),
    /// What stands at the path is no plain file.
    #[error("{0}")]
    NotAFile(String),
    /// Others write to the branch faster than this could.
    #[error("the branch moved {ATTEMPTS} times meanwhile")]
    Busy,
    /// Git failed, or cannot hold such a file.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the commit and moves the branch to it.
pub async fn write_file(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    git: &GitRepository,
    wish: &Wish,
) -> Result<Written, WriteFileError> {
    for _ in 0..ATTEMPTS {
        let parent = tip(git, &wish.branch).await?;
        let standing = match &parent {
            Some(parent) => git.find_entry(parent, &wish.path).await?,
            None => None,
        };
        check(standing.as_ref(), wish)?;
        let commit = git
            .write_commit(&new_commit(parent.as_deref(), wish))
            .await?;
        let moved = Moved {
            parent: parent.as_deref(),
            commit: &commit,
        };
        if publish(context, origin, repository, git, wish, moved).await? {
            let is_new = standing.is_none();
            return Ok(Written { commit, is_new });
        }
    }
    Err(WriteFileError::Busy)
}

/// Where the branch stands; nowhere yet for the default branch of a repository without any.
async fn tip(git: &GitRepository, branch: &str) -> Result<Option<String>, WriteFileError> {
    match git.find_branch(branch).await {
        Ok(found) => Ok(Some(found.commit)),
        Err(GitError::NotFound(_)) => {
            let is_first = git.has_no_branch().await? && git.default_branch().await? == branch;
            if is_first {
                Ok(None)
            } else {
                Err(WriteFileError::NoBranch(branch.to_owned()))
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the file is still what the writer saw.
fn check(standing: Option<&Entry>, wish: &Wish) -> Result<(), WriteFileError> {
    let Wish { path, branch, .. } = wish;
    let changed = |text: String| Err(WriteFileError::Changed(text));
    match (standing, wish.sha.as_deref()) {
        (Some(entry), _) if entry.kind != EntryKind::File => {
            Err(WriteFileError::NotAFile(no_file(path, entry.kind)))
        }
        (Some(entry), Some(seen)) if entry.id == seen => Ok(()),
        (Some(entry), Some(seen)) => changed(format!(
            "{path} does not match {seen}: on `{branch}` it is {} now. Read it again, and send the `sha` of what you \
             read.",
            entry.id
        )),
        (Some(_), None) => changed(format!(
            "{path} exists on `{branch}`: read it, and send its `sha` to change it."
        )),
        (None, _) if wish.bytes.is_none() => Err(WriteFileError::NoFile(path.clone())),
        (None, Some(_)) => changed(format!(
            "{path} does not exist on `{branch}`: leave `sha` out to create it."
        )),
        (None, None) => Ok(()),
    }
}

fn no_file(path: &str, kind: EntryKind) -> String {
    let (what, instead) = match kind {
        EntryKind::Directory => ("a folder", "name a file in it"),
        EntryKind::Symlink => ("a symbolic link", "change it with git"),
        EntryKind::Submodule => ("a submodule", "change it with git"),
        EntryKind::File => ("a file", "write it"),
    };
    format!("`{path}` is {what}; {instead}")
}

fn new_commit<'a>(parent: Option<&'a str>, wish: &'a Wish) -> NewCommit<'a> {
    let change = wish
        .bytes
        .as_deref()
        .map_or(FileChange::Delete, FileChange::Write);
    NewCommit {
        parent,
        path: &wish.path,
        change,
        author: &wish.author,
        committer: &wish.committer,
        message: &wish.message,
    }
}

/// From where to where a branch moves.
#[derive(Debug, Clone, Copy)]
struct Moved<'a> {
    parent: Option<&'a str>,
    commit: &'a str,
}

/// Moves the branch within the transaction of its audit event: a commit that is not recorded never shows. False when
/// the branch moved meanwhile; then nothing happened.
async fn publish(
    context: &Context,
    origin: &Origin,
    repository: &Repository,
    git: &GitRepository,
    wish: &Wish,
    moved: Moved<'_>,
) -> Result<bool, WriteFileError> {
    let mut work = context.begin(origin).await?;
    let event = Event::new(Action::GitPush)
        .owner(repository.owner_id)
        .repository(repository.id)
        .with("ref", format!("refs/heads/{}", wish.branch))
        .with("before", moved.parent)
        .with("after", moved.commit)
        .with("path", wish.path.as_str());
    work.audit(event);
    if !git
        .move_branch(&wish.branch, moved.parent, moved.commit)
        .await?
    {
        return Ok(false);
    }
    context.commit(work).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn wish(bytes: Option<&[u8]>, sha: Option<&str>) -> Wish {
        let ana = Ident {
            name: "Ana".to_owned(),
            email: "ana@example.test".to_owned(),
            at: DateTime::UNIX_EPOCH,
        };
        Wish {
            branch: "main".to_owned(),
            path: "a".to_owned(),
            bytes: bytes.map(<[u8]>::to_vec),
            sha: sha.map(str::to_owned),
            message: "change".to_owned(),
            author: ana.clone(),
            committer: ana,
        }
    }

    fn entry(kind: EntryKind) -> Entry {
        Entry {
            name: "a".to_owned(),
            kind,
            id: "abc".to_owned(),
            size: 1,
        }
    }

    #[test]
    fn a_file_is_written_only_over_what_its_writer_saw() {
        use WriteFileError as E;
        let file = entry(EntryKind::File);
        let write: Option<&[u8]> = Some(b"x");
        let created = check(None, &wish(write, None));
        assert!(created.is_ok(), "{created:?}");
        for bytes in [write, None] {
            let seen = check(Some(&file), &wish(bytes, Some("abc")));
            assert!(seen.is_ok(), "{seen:?}");
            for sha in [Some("abd"), None] {
                let missed = check(Some(&file), &wish(bytes, sha));
                assert!(matches!(missed, Err(E::Changed(_))), "{missed:?}");
            }
            for kind in [
                EntryKind::Directory,
                EntryKind::Symlink,
                EntryKind::Submodule,
            ] {
                let no_file = check(Some(&entry(kind)), &wish(bytes, Some("abc")));
                assert!(matches!(no_file, Err(E::NotAFile(_))), "{no_file:?}");
            }
        }
        assert!(matches!(
            check(None, &wish(write, Some("abc"))),
            Err(E::Changed(_))
        ));
        assert!(matches!(
            check(None, &wish(None, Some("abc"))),
            Err(E::NoFile(_))
        ));
    }
}
