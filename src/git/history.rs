//! Reading commits.

use chrono::{DateTime, Utc};

use super::contents::check_path;
use super::error::{GitError, GitResult};
use super::repository::{Listed, Paging, Repository, text};

/// What git writes for each commit: fields in the order of [`parse_commit`], each ended by a NUL.
const FORMAT: &str =
    "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B";
const FIELDS: usize = 10;

/// Who wrote or committed, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name as written in the commit.
    pub name: String,
    /// Address as written in the commit.
    pub email: String,
    /// When, by the clock of the person who did.
    pub at: DateTime<Utc>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The id of its tree.
    pub tree: String,
    /// The ids of its parents, in order.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: Signature,
    /// Who committed it.
    pub committer: Signature,
    /// The whole message, without the line feeds at its end.
    pub message: String,
}

impl Repository {
    /// Commits from `reference` (or the default branch) backwards, those that touch `path` where one is given.
    pub async fn list_commits(
        &self,
        reference: Option<&str>,
        path: Option<&str>,
        paging: Paging,
    ) -> GitResult<Listed<Commit>> {
        let start = self.resolve(reference).await?;
        let skip = format!("--skip={}", paging.skipped());
        let count = format!("--max-count={}", paging.per_page.saturating_add(1));
        let mut arguments = vec![
            "log",
            "-z",
            "--encoding=UTF-8",
            FORMAT,
            &skip,
            &count,
            &start,
            "--",
        ];
        if let Some(path) = path {
            arguments.push(check_path(path)?);
        }
        let output = self
            .git()
            .env("GIT_LITERAL_PATHSPECS", "1")
            .args(arguments)
            .output()
            .await?;
        Ok(Listed::cut(parse_commits(&output)?, paging.per_page))
    }

    /// The commit that `reference` names.
    pub async fn find_commit(&self, reference: &str) -> GitResult<Commit> {
        let id = self.resolve(Some(reference)).await?;
        let arguments = [
            "log",
            "-z",
            "--encoding=UTF-8",
            FORMAT,
            "--max-count=1",
            &id,
            "--",
        ];
        let output = self.git().args(arguments).output().await?;
        parse_commits(&output)?
            .pop()
            .ok_or_else(|| GitError::NotFound(reference.to_owned()))
    }
}

fn parse_commits(output: &[u8]) -> GitResult<Vec<Commit>> {
    let output = text(output);
    let fields: Vec<&str> = output.split_terminator('\0').collect();
    fields.chunks(FIELDS).map(parse_commit).collect()
}

fn parse_commit(fields: &[&str]) -> GitResult<Commit> {
    let &[
        id,
        tree,
        parents,
        name,
        email,
        at,
        committer,
        committer_email,
        committed_at,
        message,
    ] = fields
    else {
        return Err(GitError::Failed(
            "git wrote a commit with missing fields".to_owned(),
        ));
    };
    Ok(Commit {
        id: id.to_owned(),
        tree: tree.to_owned(),
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        author: signature(name, email, at),
        committer: signature(committer, committer_email, committed_at),
        message: message.trim_end_matches('\n').to_owned(),
    })
}

/// A signature; a date that no calendar holds, as broken importers write, counts as 1970.
fn signature(name: &str, email: &str, at: &str) -> Signature {
    let at = at
        .parse()
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Signature {
        name: name.to_owned(),
        email: email.to_owned(),
        at: at.unwrap_or(DateTime::UNIX_EPOCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::fixture::{Scratch, sample};

    #[tokio::test]
    async fn commits_come_newest_first_in_pages() {
        let commits = [
            sample("main", "a", "1"),
            sample("main", "b", "2"),
            sample("main", "a", "3"),
        ];
        let scratch = Scratch::with(&commits).await;
        let page = |page| {
            scratch
                .repository
                .list_commits(None, None, Paging { page, per_page: 2 })
        };
        let first = page(1).await.expect("readable");
        assert_eq!(first.items[0].message, "write a");
        assert_eq!(first.items[0].parents, [first.items[1].id.clone()]);
        assert!(first.has_more);
        let second = page(2).await.expect("readable");
        assert_eq!((second.items.len(), second.has_more), (1, false));
        assert!(second.items[0].parents.is_empty());
    }

    #[tokio::test]
    async fn a_path_narrows_the_list_and_is_never_a_pattern() {
        let scratch = Scratch::with(&[sample("main", "a", "1"), sample("main", "b", "2")]).await;
        let all = Paging {
            page: 1,
            per_page: 10,
        };
        let of = |path| {
            scratch
                .repository
                .list_commits(Some("main"), Some(path), all)
        };
        assert_eq!(of("a").await.expect("readable").items.len(), 1);
        assert_eq!(of("*").await.expect("readable").items.len(), 0);
    }

    #[tokio::test]
    async fn one_commit_tells_who_and_when() {
        let scratch = Scratch::with(&[sample("main", "a", "1")]).await;
        let commit = scratch
            .repository
            .find_commit("main")
            .await
            .expect("it exists");
        assert_eq!(
            (commit.author.name.as_str(), commit.author.email.as_str()),
            ("Ana Lima", "ana@example.test")
        );
        assert_eq!(commit.author.at.timestamp(), 1_700_000_000);
        assert_eq!(commit.tree.len(), 40);
    }
}
