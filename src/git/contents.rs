//! Reading files and folders at a commit.

use super::error::{GitError, GitResult};
use super::repository::{Repository, text};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A file, with its bytes.
    File(File),
    /// A folder, with what is directly in it.
    Directory(Vec<Entry>),
    /// A symbolic link, with where it points.
    Symlink(File),
    /// Another repository's commit.
    Submodule(Entry),
}

/// A file's bytes and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Name, kind, size and id.
    pub entry: Entry,
    /// The whole content.
    pub bytes: Vec<u8>,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The last part of its path.
    pub name: String,
    /// File, folder, link or submodule.
    pub kind: EntryKind,
    /// The id of its blob, tree or commit.
    pub id: String,
    /// Bytes of a file or link, 0 for everything else.
    pub size: u64,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A plain or executable file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another repository's commit.
    Submodule,
}

impl Repository {
    /// What stands at `path` (empty for the root) in the commit that `reference` names; a file larger than
    /// `limit` bytes is [`GitError::TooLarge`].
    pub async fn contents(
        &self,
        reference: Option<&str>,
        path: &str,
        limit: u64,
    ) -> GitResult<Contents> {
        let commit = self.resolve(reference).await?;
        if path.is_empty() {
            return self.list_tree(&commit).await.map(Contents::Directory);
        }
        let entry = self.entry_at(&commit, check_path(path)?).await?;
        match entry.kind {
            EntryKind::Directory => self.list_tree(&entry.id).await.map(Contents::Directory),
            EntryKind::Submodule => Ok(Contents::Submodule(entry)),
            EntryKind::File => self.read_blob(entry, limit).await.map(Contents::File),
            EntryKind::Symlink => self.read_blob(entry, limit).await.map(Contents::Symlink),
        }
    }

    pub(super) async fn entry_at(&self, commit: &str, path: &str) -> GitResult<Entry> {
        let arguments = ["ls-tree", "-z", "-l", "--full-tree", commit, "--", path];
        let output = self
            .git()
            .env("GIT_LITERAL_PATHSPECS", "1")
            .args(arguments)
            .output()
            .await?;
        let mut entries = parse_entries(&output)?;
        entries
            .pop()
            .ok_or_else(|| GitError::NotFound(path.to_owned()))
    }

    async fn list_tree(&self, tree: &str) -> GitResult<Vec<Entry>> {
        let output = self
            .git()
            .args(["ls-tree", "-z", "-l", "--full-tree", tree])
            .output()
            .await?;
        parse_entries(&output)
    }

    async fn read_blob(&self, entry: Entry, limit: u64) -> GitResult<File> {
        if entry.size > limit {
            return Err(GitError::TooLarge(limit));
        }
        let bytes = self
            .git()
            .args(["cat-file", "blob", &entry.id])
            .limit(limit)
            .output()
            .await?;
        Ok(File { entry, bytes })
    }
}

/// Refuses a path that no tree holds; returns it without a `/` at its end.
pub(super) fn check_path(path: &str) -> GitResult<&str> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let bad_part = |part: &str| matches!(part, "" | "." | "..") || part.contains('\0');
    let bad = trimmed.len() > 4_096 || trimmed.split('/').any(bad_part);
    if bad {
        Err(GitError::NotFound(path.to_owned()))
    } else {
        Ok(trimmed)
    }
}

fn parse_entries(output: &[u8]) -> GitResult<Vec<Entry>> {
    let entries = output
        .split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty());
    entries.map(parse_entry).collect()
}

/// Reads `ls-tree -z -l`: mode, type, id and size, a tab, the path.
fn parse_entry(entry: &[u8]) -> GitResult<Entry> {
    let unknown = || GitError::Failed("git wrote an unknown tree entry".to_owned());
    let entry = text(entry);
    let (facts, path) = entry.split_once('\t').ok_or_else(unknown)?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let &[mode, kind, id, size] = facts.as_slice() else {
        return Err(unknown());
    };
    let kind = match (mode, kind) {
        ("120000", _) => EntryKind::Symlink,
        (_, "tree") => EntryKind::Directory,
        (_, "commit") => EntryKind::Submodule,
        _ => EntryKind::File,
    };
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    Ok(Entry {
        name,
        kind,
        id: id.to_owned(),
        size: size.parse().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::fixture::{Scratch, sample};

    async fn scratch() -> Scratch {
        Scratch::with(&[
            sample("main", "README.md", "hello\n"),
            sample("main", "src/a b.rs", "code"),
        ])
        .await
    }

    #[tokio::test]
    async fn a_file_has_its_bytes_size_and_id() {
        let scratch = scratch().await;
        let Ok(Contents::File(file)) = scratch.repository.contents(None, "README.md", 100).await
        else {
            panic!("it is a file");
        };
        assert_eq!(file.bytes, b"hello\n");
        assert_eq!(
            (file.entry.size, file.entry.id.as_str()),
            (6, "ce013625030ba8dba906f756967f9e9ca394464a")
        );
    }

    #[tokio::test]
    async fn a_folder_lists_what_is_directly_in_it() {
        let scratch = scratch().await;
        let root = scratch
            .repository
            .contents(Some("main"), "", 100)
            .await
            .expect("the root exists");
        let Contents::Directory(entries) = root else {
            panic!("the root is a folder")
        };
        let shown: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.kind))
            .collect();
        assert_eq!(
            shown,
            [
                ("README.md", EntryKind::File),
                ("src", EntryKind::Directory)
            ]
        );
        let Ok(Contents::Directory(inner)) = scratch.repository.contents(None, "src/", 100).await
        else {
            panic!("it is a folder");
        };
        assert_eq!(inner[0].name, "a b.rs");
    }

    #[tokio::test]
    async fn absent_odd_and_magic_paths_are_not_found() {
        let scratch = scratch().await;
        for path in [
            "nope",
            "README.md/x",
            "../etc",
            "src//a",
            ":(glob)*",
            "*",
            ":/",
            "--help",
        ] {
            let found = scratch.repository.contents(None, path, 100).await;
            assert!(
                matches!(found, Err(GitError::NotFound(_))),
                "{path}: {found:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_file_over_the_limit_is_not_read() {
        let found = scratch()
            .await
            .repository
            .contents(None, "README.md", 5)
            .await;
        assert!(matches!(found, Err(GitError::TooLarge(5))));
    }

    #[tokio::test]
    async fn links_are_told_from_files() {
        let scratch = scratch().await;
        let entry = parse_entry(b"120000 blob abc       4\tlink").expect("this is an entry");
        assert_eq!((entry.kind, entry.size), (EntryKind::Symlink, 4));
        let entry =
            parse_entry(b"160000 commit abc       -\tvendor/lib").expect("this is an entry");
        assert_eq!(
            (entry.kind, entry.name.as_str()),
            (EntryKind::Submodule, "lib")
        );
        drop(scratch);
    }
}
