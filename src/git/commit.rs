//! Writing one file as a real commit, by git's own plumbing and an index of its own: there is no work tree.
//!
//! A branch moves only from the very commit that the new one was made upon ([`Repository::move_branch`]), so that of
//! two who write at once nobody's commit is lost.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::command::{GitCommand, WRITE_TIME};
use super::contents::{Entry, check_path};
use super::error::{GitError, GitResult};
use super::repository::{Paging, Repository};

/// What git's porcelain reads as "no such object".
const NOTHING: &str = "0000000000000000000000000000000000000000";

/// Names of git's own folder that other file systems would take for it are refused as well.
const STRICT_NAMES: [&str; 4] = ["-c", "core.protectHFS=true", "-c", "core.protectNTFS=true"];

/// Who a commit names, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The name; [`Ident::is_name`] says which git takes.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Ident {
    /// Whether git would keep anything of this as a name: it drops line ends, angle brackets and the punctuation
    /// around a name.
    pub fn is_name(text: &str) -> bool {
        let is_crud = |c: char| c.is_ascii_control() || " .,:;<>\"\\'".contains(c);
        is_line(text) && !text.chars().all(is_crud)
    }

    /// Whether git would keep this as an address as it is.
    pub fn is_email(text: &str) -> bool {
        is_line(text)
            && text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    }
}

fn is_line(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '<' | '>'))
}

/// What happens to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange<'a> {
    /// These become its bytes.
    Write(&'a [u8]),
    /// It goes away.
    Delete,
}

/// A commit to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewCommit<'a> {
    /// The commit it follows; none makes the first one.
    pub parent: Option<&'a str>,
    /// The file's path.
    pub path: &'a str,
    /// What happens to the file.
    pub change: FileChange<'a>,
    /// Who wrote it.
    pub author: &'a Ident,
    /// Who committed it.
    pub committer: &'a Ident,
    /// The whole message.
    pub message: &'a str,
}

impl Repository {
    /// Whether there is no branch at all.
    pub async fn has_no_branch(&self) -> GitResult<bool> {
        let first = Paging {
            page: 1,
            per_page: 1,
        };
        Ok(self.list_branches(first).await?.items.is_empty())
    }

    /// What stands at a path of a commit, if anything.
    pub async fn find_entry(&self, commit: &str, path: &str) -> GitResult<Option<Entry>> {
        match self.entry_at(commit, writable(path)?).await {
            Ok(entry) => Ok(Some(entry)),
            Err(GitError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a commit that no branch leads to yet, and gives its id.
    ///
    /// # Errors
    /// [`GitError::Unwritable`] where the path cannot be a file, or a part of it is one.
    pub async fn write_commit(&self, new: &NewCommit<'_>) -> GitResult<String> {
        let path = writable(new.path)?;
        let folder = tempfile::tempdir()?;
        let index = folder.path().join("index");
        let before = match new.parent {
            Some(parent) => self.entry_mode(parent, path).await?,
            None => None,
        };
        if let Some(parent) = new.parent {
            let read = self.on_index(&index).args(["read-tree", parent]);
            read.time(WRITE_TIME).output().await?;
        }
        self.change_index(&index, path, before.as_deref(), new.change)
            .await?;
        let tree = self.on_index(&index).args(["write-tree"]).output().await?;
        self.commit_tree(line(&tree), new).await
    }

    /// Moves a branch from one commit to another, or creates it where it stood nowhere. False when it stands elsewhere
    /// by now, and then it stays there.
    pub async fn move_branch(&self, name: &str, from: Option<&str>, to: &str) -> GitResult<bool> {
        let reference = format!("refs/heads/{name}");
        let arguments = ["update-ref", &reference, to, from.unwrap_or(NOTHING)];
        let Err(error) = self.git().args(arguments).output().await else {
            return Ok(true);
        };
        let now = match self.find_branch(name).await {
            Ok(branch) => Some(branch.commit),
            Err(GitError::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        if now.as_deref() == from {
            Err(error)
        } else {
            Ok(false)
        }
    }

    fn on_index(&self, index: &Path) -> GitCommand {
        self.git().env("GIT_INDEX_FILE", index)
    }

    /// The mode of a plain file that stands at a path: one that can be run stays so.
    async fn entry_mode(&self, commit: &str, path: &str) -> GitResult<Option<String>> {
        let listed = self
            .git()
            .env("GIT_LITERAL_PATHSPECS", "1")
            .args([
                "ls-tree",
                "--full-tree",
                "--format=%(objectmode)",
                commit,
                "--",
                path,
            ])
            .output()
            .await?;
        let mode = line(&listed).to_owned();
        Ok(Some(mode).filter(|mode| mode == "100755"))
    }

    async fn change_index(
        &self,
        index: &Path,
        path: &str,
        mode: Option<&str>,
        change: FileChange<'_>,
    ) -> GitResult<()> {
        let update = self.on_index(index).args(STRICT_NAMES);
        let update = match change {
            FileChange::Write(bytes) => {
                let hash = self.git().args(["hash-object", "-w", "--stdin"]);
                let blob = hash.stdin(bytes.to_vec()).output().await?;
                let entry = format!("{},{},{path}", mode.unwrap_or("100644"), line(&blob));
                update.args(["update-index", "--add", "--cacheinfo", &entry])
            }
            FileChange::Delete => {
                let removal = format!("0 {NOTHING}\t{path}\0");
                let update = update.args(["update-index", "-z", "--index-info"]);
                update.stdin(removal.into_bytes())
            }
        };
        update
            .time(WRITE_TIME)
            .output()
            .await
            .map(drop)
            .map_err(|error| said_of(path, error))
    }

    async fn commit_tree(&self, tree: &str, new: &NewCommit<'_>) -> GitResult<String> {
        let parent = new.parent.map(|parent| ["-p", parent]);
        let arguments = ["commit-tree", tree].into_iter();
        let mut git = self
            .git()
            .args(arguments.chain(parent.into_iter().flatten()));
        for (role, ident) in [("AUTHOR", new.author), ("COMMITTER", new.committer)] {
            git = git
                .env(&format!("GIT_{role}_NAME"), &ident.name)
                .env(&format!("GIT_{role}_EMAIL"), &ident.email)
                .env(
                    &format!("GIT_{role}_DATE"),
                    format!("@{} +0000", ident.at.timestamp()),
                );
        }
        let commit = git.stdin(new.message.as_bytes().to_vec()).output().await?;
        Ok(line(&commit).to_owned())
    }
}

/// A path that a checkout can hold, without a slash at its end and without anything that ends a line.
fn writable(path: &str) -> GitResult<&str> {
    let checked = check_path(path).map_err(|_| unwritable(path))?;
    let is_odd = checked.len() != path.len() || checked.chars().any(char::is_control);
    if is_odd {
        Err(unwritable(path))
    } else {
        Ok(checked)
    }
}

fn unwritable(path: &str) -> GitError {
    GitError::Unwritable(format!("`{path}` cannot be a file in a repository"))
}

/// Git's own refusals of a path, in words for whoever chose it.
fn said_of(path: &str, error: GitError) -> GitError {
    match error {
        GitError::Failed(why) if why.contains("Invalid path") => unwritable(path),
        GitError::Failed(why) if why.contains("both a file and as a directory") => {
            GitError::Unwritable(format!(
                "a part of `{path}` is a file, so nothing can be in it"
            ))
        }
        other => other,
    }
}

/// The one line that git printed.
fn line(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::contents::{Contents, EntryKind};
    use crate::git::fixture::{Scratch, sample};

    fn ana() -> Ident {
        Ident {
            name: "Ana Lima".to_owned(),
            email: "ana@example.test".to_owned(),
            at: DateTime::from_timestamp(1_700_000_000, 0).expect("this is a time"),
        }
    }

    /// Writes on `main`, as a caller that looked at its tip just now.
    async fn write(scratch: &Scratch, path: &str, change: FileChange<'_>) -> GitResult<String> {
        let repository = &scratch.repository;
        let parent = repository
            .find_branch("main")
            .await
            .ok()
            .map(|branch| branch.commit);
        let ana = ana();
        let new = NewCommit {
            parent: parent.as_deref(),
            path,
            change,
            author: &ana,
            committer: &ana,
            message: "Change it",
        };
        let commit = repository.write_commit(&new).await?;
        assert!(
            repository
                .move_branch("main", parent.as_deref(), &commit)
                .await?
        );
        Ok(commit)
    }

    async fn bytes(scratch: &Scratch, path: &str) -> Option<Vec<u8>> {
        match scratch.repository.contents(None, path, 100).await {
            Ok(Contents::File(file)) => Some(file.bytes),
            _ => None,
        }
    }

    #[tokio::test]
    async fn the_first_commit_creates_the_branch() {
        let scratch = Scratch::empty().await;
        assert!(scratch.repository.has_no_branch().await.expect("readable"));
        let id = write(&scratch, "src/a b.txt", FileChange::Write(b"one"))
            .await
            .expect("it is written");
        assert!(!scratch.repository.has_no_branch().await.expect("readable"));
        let commit = scratch
            .repository
            .find_commit("main")
            .await
            .expect("it exists");
        assert_eq!((commit.id, commit.parents.len()), (id, 0));
        assert_eq!(
            (commit.author.name.as_str(), commit.message.as_str()),
            ("Ana Lima", "Change it")
        );
        assert_eq!(bytes(&scratch, "src/a b.txt").await, Some(b"one".to_vec()));
    }

    #[tokio::test]
    async fn a_file_is_changed_and_deleted_and_the_others_stay() {
        let scratch = Scratch::with(&[sample("main", "a", "1"), sample("main", "d/b", "2")]).await;
        write(&scratch, "d/b", FileChange::Write(b"\x00\xff\r\n"))
            .await
            .expect("it is written");
        assert_eq!(bytes(&scratch, "d/b").await, Some(b"\x00\xff\r\n".to_vec()));
        write(&scratch, "d/b", FileChange::Delete)
            .await
            .expect("it is deleted");
        let root = scratch
            .repository
            .contents(None, "", 9)
            .await
            .expect("the root exists");
        let Contents::Directory(entries) = root else {
            panic!("the root is a folder")
        };
        let names: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.kind))
            .collect();
        assert_eq!(names, [("a", EntryKind::File)]);
        scratch.git(&["fsck", "--strict"]);
    }

    #[tokio::test]
    async fn a_program_stays_one_when_its_text_changes() {
        let scratch = Scratch::with(&[sample("main", "run", "1")]).await;
        let blob = scratch.git(&["rev-parse", "main:run"]);
        let index = scratch.folder.path().join("index").display().to_string();
        let tree = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!(
                "git update-index --add --cacheinfo 100755,{blob},run && git write-tree"
            ))
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_DIR", scratch.repository.path())
            .output()
            .expect("git runs");
        let tree = String::from_utf8_lossy(&tree.stdout).trim().to_owned();
        let commit = scratch.git(&[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b",
            "commit-tree",
            &tree,
            "-m",
            "x",
        ]);
        scratch.git(&["update-ref", "refs/heads/main", &commit]);
        write(&scratch, "run", FileChange::Write(b"2"))
            .await
            .expect("it is written");
        assert!(
            scratch
                .git(&["ls-tree", "main", "run"])
                .starts_with("100755")
        );
    }

    #[tokio::test]
    async fn what_no_checkout_could_hold_is_refused() {
        let scratch = Scratch::with(&[sample("main", "a", "1"), sample("main", "d/b", "2")]).await;
        let before = scratch.git(&["rev-parse", "main"]);
        for path in [
            "",
            "/a",
            "a/",
            "../x",
            "x//y",
            ".git/config",
            "x/.GIT/y",
            ".g\u{200c}it/x",
            "git~1/x",
            "x\ny",
            "a/b",
            "a/b/c",
            "d",
        ] {
            let written = write(&scratch, path, FileChange::Write(b"x")).await;
            assert!(
                matches!(written, Err(GitError::Unwritable(_))),
                "{path:?}: {written:?}"
            );
        }
        assert_eq!(scratch.git(&["rev-parse", "main"]), before);
    }

    #[tokio::test]
    async fn a_branch_that_moved_meanwhile_stays_where_it_is() {
        let scratch = Scratch::with(&[sample("main", "a", "1")]).await;
        let old = scratch.git(&["rev-parse", "main"]);
        let new = write(&scratch, "b", FileChange::Write(b"2"))
            .await
            .expect("it is written");
        let repository = &scratch.repository;
        assert!(
            !repository
                .move_branch("main", Some(&old), &old)
                .await
                .expect("git answers")
        );
        assert!(
            !repository
                .move_branch("main", None, &old)
                .await
                .expect("git answers")
        );
        assert!(
            !repository
                .move_branch("other", Some(&old), &new)
                .await
                .expect("git answers")
        );
        assert_eq!(scratch.git(&["rev-parse", "main"]), new);
    }

    #[test]
    fn a_name_and_an_address_are_told_from_what_git_would_drop() {
        for (name, is_one) in [
            ("Ana", true),
            ("é", true),
            ("", false),
            (" .,", false),
            ("a\nb", false),
            ("<a>", false),
        ] {
            assert_eq!(Ident::is_name(name), is_one, "{name:?}");
        }
        for (email, is_one) in [
            ("a@b", true),
            ("a", false),
            ("@", false),
            ("a@", false),
            ("<a@b>", false),
            ("a@b\n", false),
        ] {
            assert_eq!(Ident::is_email(email), is_one, "{email:?}");
        }
    }
}
