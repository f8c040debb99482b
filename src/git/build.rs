//! Writing real commits into a bare repository, without a work tree.
//!
//! The demo gets its history from here, and writing a file by API becomes a commit here.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::command::{GitCommand, WRITE_TIME};
use super::contents::check_path;
use super::error::{GitError, GitResult};
use super::repository::{Listed, NamedRef, Paging, Repository, check_name, text};

/// One commit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleCommit {
    /// The branch it goes onto, without `refs/heads/`. A branch that does not exist yet starts at the tip that
    /// the default branch has by then, or from nothing.
    pub branch: String,
    /// Author and committer.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The whole message.
    pub message: String,
    /// Paths with their new content; `None` deletes.
    pub files: Vec<(String, Option<Vec<u8>>)>,
}

/// Writes `commits` in their order and returns their ids.
///
/// A branch that somebody moves meanwhile is left as they moved it, and this fails.
pub async fn build_history(path: &Path, commits: &[SampleCommit]) -> GitResult<Vec<String>> {
    let repository = Repository::at(path);
    let known = repository
        .list_branches(Paging {
            page: 1,
            per_page: 10_000,
        })
        .await?;
    let stream = import_stream(commits, &repository.default_branch().await?, &known)?;
    let command =
        GitCommand::on(path).args(["fast-import", "--quiet", "--date-format=raw", "--done"]);
    let output = command.stdin(stream).time(WRITE_TIME).output().await?;
    Ok(text(&output).lines().map(str::to_owned).collect())
}

fn import_stream(
    commits: &[SampleCommit],
    default: &str,
    known: &Listed<NamedRef>,
) -> GitResult<Vec<u8>> {
    let stored: HashSet<&str> = known
        .items
        .iter()
        .map(|branch| branch.name.as_str())
        .collect();
    let mut begun = HashSet::new();
    let mut stream = Vec::new();
    for (index, commit) in commits.iter().enumerate() {
        let branch = commit.branch.as_str();
        check_name(branch)
            .map_err(|_| GitError::Unwritable(format!("`{branch}` cannot be a branch")))?;
        // Git follows a branch by itself once this stream has written to it.
        let from = match () {
            () if begun.contains(branch) => None,
            () if stored.contains(branch) => Some(format!("refs/heads/{branch}^0")),
            () if begun.contains(default) => Some(format!("refs/heads/{default}")),
            () if stored.contains(default) => Some(format!("refs/heads/{default}^0")),
            () => None,
        };
        write_commit(&mut stream, index + 1, commit, from.as_deref())?;
        begun.insert(branch);
    }
    stream.extend_from_slice(b"done\n");
    Ok(stream)
}

fn write_commit(
    stream: &mut Vec<u8>,
    mark: usize,
    commit: &SampleCommit,
    from: Option<&str>,
) -> GitResult<()> {
    let person = format!("{} <{}>", plain(&commit.author), plain(&commit.email));
    let at = commit.at.timestamp();
    writeln!(stream, "commit refs/heads/{}\nmark :{mark}", commit.branch)?;
    writeln!(
        stream,
        "author {person} {at} +0000\ncommitter {person} {at} +0000"
    )?;
    write_data(stream, commit.message.as_bytes())?;
    if let Some(from) = from {
        writeln!(stream, "from {from}")?;
    }
    for (path, content) in &commit.files {
        write_file(stream, path, content.as_deref())?;
    }
    writeln!(stream, "\nget-mark :{mark}")?;
    Ok(())
}

fn write_file(stream: &mut Vec<u8>, path: &str, content: Option<&[u8]>) -> GitResult<()> {
    let quoted = quote(writable(path)?);
    match content {
        Some(content) => {
            writeln!(stream, "M 100644 inline {quoted}")?;
            write_data(stream, content)
        }
        None => Ok(writeln!(stream, "D {quoted}")?),
    }
}

fn write_data(stream: &mut Vec<u8>, bytes: &[u8]) -> GitResult<()> {
    writeln!(stream, "data {}", bytes.len())?;
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
    Ok(())
}

/// A path that a checkout can hold: no part may be git's own folder, in any case.
fn writable(path: &str) -> GitResult<&str> {
    let refused = || GitError::Unwritable(format!("`{path}` cannot be a file in a repository"));
    let checked = check_path(path).map_err(|_| refused())?;
    let reserved = checked
        .split('/')
        .any(|part| part.eq_ignore_ascii_case(".git"));
    if reserved || checked.len() != path.len() {
        Err(refused())
    } else {
        Ok(checked)
    }
}

/// The path as the stream wants it when it holds odd characters.
fn quote(path: &str) -> String {
    let escaped = path
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// A name or address without the characters that would end it.
fn plain(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '<' | '>'))
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::contents::Contents;
    use crate::git::fixture::{Scratch, sample};

    #[tokio::test]
    async fn commits_follow_each_other_also_across_calls() {
        let scratch = Scratch::with(&[sample("main", "a", "1")]).await;
        let ids = scratch
            .build(&[sample("main", "b", "2"), sample("topic", "c", "3")])
            .await;
        let topic = scratch
            .repository
            .find_commit("topic")
            .await
            .expect("it exists");
        assert_eq!(topic.id, ids[1]);
        assert_eq!(topic.parents, [ids[0].clone()]);
        assert!(matches!(
            scratch.repository.contents(Some("topic"), "a", 9).await,
            Ok(Contents::File(_))
        ));
    }

    #[tokio::test]
    async fn a_file_without_content_is_deleted() {
        let scratch = Scratch::with(&[
            sample("main", "a", "1"),
            sample("main", "odd \"\\\n name", "2"),
        ])
        .await;
        let mut deletion = sample("main", "a", "");
        deletion.files = vec![("a".to_owned(), None), ("odd \"\\\n name".to_owned(), None)];
        scratch.build(&[deletion]).await;
        let root = scratch
            .repository
            .contents(None, "", 9)
            .await
            .expect("the root exists");
        assert_eq!(root, Contents::Directory(Vec::new()));
    }

    #[tokio::test]
    async fn what_no_checkout_could_hold_is_refused() {
        let scratch = Scratch::empty().await;
        for path in ["../x", ".git/config", "a/.GIT/x", "", "a//b", "a/"] {
            let written =
                build_history(scratch.repository.path(), &[sample("main", path, "1")]).await;
            assert!(matches!(written, Err(GitError::Unwritable(_))), "{path:?}");
        }
        let written = build_history(scratch.repository.path(), &[sample("a b", "x", "1")]).await;
        assert!(matches!(written, Err(GitError::Unwritable(_))));
    }
}
