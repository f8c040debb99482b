//! A bare repository on disk: making it, and reading its branches and tags.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::command::{GitCommand, WRITE_TIME};
use super::error::{GitError, GitResult};

/// The branch that a new repository starts with.
pub const FIRST_BRANCH: &str = "main";
/// The longest ref name that is looked up, in bytes.
const NAME_LIMIT: usize = 255;

/// A bare repository; holding one says nothing about whether it exists.
#[derive(Debug, Clone)]
pub struct Repository {
    path: PathBuf,
}

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRef {
    /// The name without `refs/heads/` or `refs/tags/`.
    pub name: String,
    /// The commit it leads to, through annotated tags too.
    pub commit: String,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// The page, from 1.
    pub page: usize,
    /// Items on a page.
    pub per_page: usize,
}

impl Paging {
    pub(super) fn skipped(self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.per_page)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Whether another page follows.
    pub has_more: bool,
}

impl<T> Listed<T> {
    /// A page from one more item than the page holds.
    pub(super) fn cut(mut items: Vec<T>, per_page: usize) -> Self {
        let has_more = items.len() > per_page;
        items.truncate(per_page);
        Self { items, has_more }
    }
}

impl Repository {
    /// The repository at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn git(&self) -> GitCommand {
        GitCommand::on(&self.path)
    }

    /// Makes an empty bare repository whose default branch is `main`.
    pub async fn create_empty(path: impl Into<PathBuf>) -> GitResult<Self> {
        let repository = Self::at(path);
        let branch = format!("--initial-branch={FIRST_BRANCH}");
        let arguments = [
            "init",
            "--bare",
            "--quiet",
            "--template=",
            branch.as_str(),
            "--",
        ]
        .map(OsStr::new);
        let arguments = arguments.into_iter().chain([repository.path.as_os_str()]);
        GitCommand::anywhere(&[]).args(arguments).output().await?;
        Ok(repository)
    }

    /// Copies the branches, tags and default branch of the local repository at `source`.
    ///
    /// Its configuration and hooks stay behind, and so does where it came from.
    pub async fn copy_from(source: &Path, path: impl Into<PathBuf>) -> GitResult<Self> {
        let repository = Self::at(path);
        let source = source
            .canonicalize()
            .map_err(|_| GitError::NotFound(source.display().to_string()))?;
        let trust = trusting(&source)?;
        let arguments = [
            "clone",
            "--bare",
            "--no-local",
            "--quiet",
            "--template=",
            "--",
        ]
        .map(OsStr::new);
        let arguments = arguments
            .into_iter()
            .chain([source.as_os_str(), repository.path.as_os_str()]);
        let command = GitCommand::anywhere(&[]).env("GIT_CONFIG_GLOBAL", trust.path());
        command
            .env("GIT_ALLOW_PROTOCOL", "file")
            .args(arguments)
            .time(WRITE_TIME)
            .output()
            .await?;
        repository
            .git()
            .args(["config", "--remove-section", "remote.origin"])
            .output()
            .await?;
        Ok(repository)
    }

    /// The default branch's name, whether or not it has a commit yet.
    ///
    /// Read from the file itself, which every bare repository of ours has: lists of repositories ask for each item,
    /// and a process for each would be slow.
    pub async fn default_branch(&self) -> GitResult<String> {
        let head = tokio::fs::read_to_string(self.path().join("HEAD")).await?;
        let name = head.trim_end().strip_prefix("ref: refs/heads/");
        name.map(str::to_owned)
            .ok_or_else(|| GitError::Failed(format!("HEAD is `{head}`, which is no branch")))
    }

    /// Branches by name.
    pub async fn list_branches(&self, paging: Paging) -> GitResult<Listed<NamedRef>> {
        self.list_refs("refs/heads/", paging).await
    }

    /// Tags of commits by name.
    pub async fn list_tags(&self, paging: Paging) -> GitResult<Listed<NamedRef>> {
        self.list_refs("refs/tags/", paging).await
    }

    /// One branch, by its name without `refs/heads/`.
    pub async fn find_branch(&self, name: &str) -> GitResult<NamedRef> {
        check_name(name)?;
        let found = self
            .first_commit(name, &[format!("refs/heads/{name}")])
            .await?;
        Ok(NamedRef {
            name: name.to_owned(),
            commit: found,
        })
    }

    async fn list_refs(&self, prefix: &str, paging: Paging) -> GitResult<Listed<NamedRef>> {
        let wanted = paging
            .skipped()
            .saturating_add(paging.per_page)
            .saturating_add(1);
        let count = format!("--count={wanted}");
        // The second pair is what an annotated tag leads to, and empty for everything else.
        let format =
            "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)";
        let output = self
            .git()
            .args(["for-each-ref", &count, format, prefix])
            .output()
            .await?;
        let output = text(&output);
        let refs = output
            .lines()
            .skip(paging.skipped())
            .filter_map(|line| parse_ref(prefix, line));
        Ok(Listed::cut(refs.collect(), paging.per_page))
    }

    /// The commit that `reference` names: a branch, else a tag, else a commit id of at least 7 digits. The
    /// default branch where there is none, or [`GitError::Empty`].
    pub async fn resolve(&self, reference: Option<&str>) -> GitResult<String> {
        let Some(name) = reference else {
            let missing = |_| GitError::Empty;
            return self
                .first_commit("HEAD", &["HEAD".to_owned()])
                .await
                .map_err(missing);
        };
        check_name(name)?;
        let mut candidates = vec![format!("refs/heads/{name}"), format!("refs/tags/{name}")];
        if name.starts_with("refs/heads/") || name.starts_with("refs/tags/") {
            candidates.insert(0, name.to_owned());
        }
        if (7..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            candidates.push(name.to_owned());
        }
        self.first_commit(name, &candidates).await
    }

    /// The first of `candidates` that leads to a commit.
    async fn first_commit(&self, name: &str, candidates: &[String]) -> GitResult<String> {
        let questions: Vec<String> = candidates
            .iter()
            .map(|candidate| format!("{candidate}^{{commit}}\n"))
            .collect();
        let format = "--batch-check=%(objectname) %(objecttype)";
        let answers = self
            .git()
            .args(["cat-file", format])
            .stdin(questions.concat().into_bytes())
            .output()
            .await?;
        let answers = text(&answers);
        let found = answers
            .lines()
            .find_map(|line| line.strip_suffix(" commit"));
        found
            .map(str::to_owned)
            .ok_or_else(|| GitError::NotFound(name.to_owned()))
    }
}

/// A configuration that trusts `source` whoever owns it: the operator named it. It is a file, because git
/// withholds configuration of the environment from the process that reads the source.
fn trusting(source: &Path) -> GitResult<tempfile::NamedTempFile> {
    let source = source
        .to_str()
        .ok_or_else(|| GitError::NotFound(source.display().to_string()))?;
    let quoted = source
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    let mut file = tempfile::NamedTempFile::new()?;
    writeln!(
        file,
        "[safe]\n\tdirectory = \"{quoted}\"\n\tdirectory = \"{quoted}/.git\""
    )?;
    Ok(file)
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn parse_ref(prefix: &str, line: &str) -> Option<NamedRef> {
    let mut fields = line.split('\0');
    let name = fields.next()?.strip_prefix(prefix)?.to_owned();
    let mut objects = fields.collect::<Vec<_>>();
    objects.reverse();
    let commit = objects
        .chunks(2)
        .find(|pair| pair.get(1) == Some(&"commit"))?
        .first()?;
    Some(NamedRef {
        name,
        commit: (*commit).to_owned(),
    })
}

/// Refuses what git could never hold as a branch or tag, so that no name can pass for an option, a range or
/// an expression.
pub(super) fn check_name(name: &str) -> GitResult<()> {
    let odd = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let bad_part = |part: &str| {
        part.is_empty() || part.starts_with('.') || part.to_ascii_lowercase().ends_with(".lock")
    };
    let refused = name.len() > NAME_LIMIT
        || name.starts_with('-')
        || name.ends_with('.')
        || name == "@"
        || name.contains("..")
        || name.contains("@{")
        || name.contains(odd)
        || name.split('/').any(bad_part);
    if refused {
        Err(GitError::NotFound(name.to_owned()))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::fixture::{Scratch, sample};

    const ALL: Paging = Paging {
        page: 1,
        per_page: 100,
    };

    #[tokio::test]
    async fn a_new_repository_is_empty_and_starts_at_main() {
        let scratch = Scratch::empty().await;
        assert_eq!(
            scratch
                .repository
                .default_branch()
                .await
                .expect("HEAD is a branch"),
            "main"
        );
        assert!(
            scratch
                .repository
                .list_branches(ALL)
                .await
                .expect("it can be read")
                .items
                .is_empty()
        );
        assert!(matches!(
            scratch.repository.resolve(None).await,
            Err(GitError::Empty)
        ));
    }

    #[tokio::test]
    async fn branches_come_in_pages_and_by_names_with_slashes() {
        let scratch =
            Scratch::with(&[sample("main", "a", "1"), sample("feature/x", "b", "2")]).await;
        let first = scratch
            .repository
            .list_branches(Paging {
                page: 1,
                per_page: 1,
            })
            .await
            .expect("readable");
        assert_eq!(
            (first.items[0].name.as_str(), first.has_more),
            ("feature/x", true)
        );
        let second = scratch
            .repository
            .list_branches(Paging {
                page: 2,
                per_page: 1,
            })
            .await
            .expect("readable");
        assert_eq!(
            (second.items[0].name.as_str(), second.has_more),
            ("main", false)
        );
        let branch = scratch
            .repository
            .find_branch("feature/x")
            .await
            .expect("it exists");
        assert_eq!(branch, first.items[0]);
    }

    #[tokio::test]
    async fn a_name_that_git_cannot_hold_is_not_found() {
        let scratch = Scratch::with(&[sample("main", "a", "1")]).await;
        for name in [
            "--all",
            "main..main",
            "main^",
            "HEAD:",
            "a b",
            "",
            "/main",
            "main/",
            "@",
            "x\n",
        ] {
            let found = scratch.repository.resolve(Some(name)).await;
            assert!(matches!(found, Err(GitError::NotFound(_))), "{name:?}");
        }
    }

    #[tokio::test]
    async fn tags_lead_to_their_commits() {
        let scratch = Scratch::with(&[sample("main", "a", "1")]).await;
        scratch.git(&["tag", "light", "main"]);
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
        let main = scratch
            .repository
            .resolve(None)
            .await
            .expect("main has a commit");
        let tags = scratch
            .repository
            .list_tags(ALL)
            .await
            .expect("readable")
            .items;
        assert_eq!(
            tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
            ["light", "v1"]
        );
        assert!(tags.iter().all(|tag| tag.commit == main));
        assert_eq!(
            scratch.repository.resolve(Some("v1")).await.expect("a tag"),
            main
        );
        assert_eq!(
            scratch
                .repository
                .resolve(Some(&main[..10]))
                .await
                .expect("an id"),
            main
        );
    }

    #[tokio::test]
    async fn a_copy_has_the_history_and_not_where_it_came_from() {
        let scratch = Scratch::with(&[sample("main", "a", "1"), sample("next", "b", "2")]).await;
        let target = scratch.folder.path().join("copy.git");
        let copy = Repository::copy_from(scratch.repository.path(), &target)
            .await
            .expect("it can be copied");
        assert_eq!(
            copy.list_branches(ALL).await.expect("readable").items.len(),
            2
        );
        let config =
            std::fs::read_to_string(target.join("config")).expect("it has a configuration");
        assert!(!config.contains("origin"), "{config}");
    }
}
