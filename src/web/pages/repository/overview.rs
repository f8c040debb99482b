//! `/{owner}/{repo}`: what a repository is, how to clone it, what is in it, and what the visitor may do here.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::frame;
use super::visitor::RepositoryVisitor;
use super::words;
use crate::app::App;
use crate::domain::access::rights::Visibility;
use crate::domain::role::RepositoryRole;
use crate::domain::time::Timestamp;
use crate::git::contents::{Contents, Entry, EntryKind};
use crate::git::error::{GitError, GitResult};
use crate::git::history::Commit;
use crate::git::repository::{Paging, Repository as GitRepository};
use crate::store::accounts;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};

/// How many entries of the top folder are shown.
const MOST_ENTRIES: usize = 100;
/// How many commits are shown.
const COMMITS: usize = 5;
/// The largest README that is read, in bytes.
const LARGEST_README: u64 = 512 * 1024;
/// How much of a README is shown, in characters: a page stays small.
const SHOWN_README: usize = 12_000;

#[derive(Template)]
#[template(path = "pages/repository/overview.html")]
struct Overview {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    full_name: String,
    description: String,
    visibility: Visibility,
    readers: String,
    updated_at: i64,
    clone_url: String,
    may: &'static str,
    can_push: bool,
    token_link: String,
    content: Content,
}

/// What is in the repository.
enum Content {
    /// No commit yet.
    Empty,
    /// It cannot be read now.
    Unreadable,
    /// Something.
    There(Box<Inside>),
}

/// What the default branch holds.
struct Inside {
    branch: String,
    entries: Vec<Line>,
    left_out: usize,
    readme: Option<Readme>,
    commits: Vec<Change>,
}

/// One entry of the top folder.
struct Line {
    name: String,
    kind: &'static str,
}

/// The text that introduces a repository.
struct Readme {
    name: String,
    text: String,
    is_cut: bool,
}

/// One commit.
struct Change {
    id: String,
    subject: String,
    author: String,
    at: i64,
}

/// Shows the overview.
pub async fn get(State(app): State<App>, visitor: RepositoryVisitor) -> PageResult {
    let full_name = visitor.repository.full_name();
    let path = frame::path(&visitor.owner.login, &visitor.repository.name);
    let (chrome, nav) = frame::around(&visitor, &full_name, &path, Vec::new());
    let content = read(&visitor.git(&app)).await;
    let can_push = visitor.role >= RepositoryRole::Write;
    let template = Overview {
        now: visitor.signed_in.now().as_micros(),
        readers: readers(&app, &visitor).await?,
        clone_url: format!("{}{path}.git", app.config.base_url),
        may: words::may(visitor.role),
        can_push,
        token_link: token_link(&visitor, can_push),
        content: content.unwrap_or_else(|error| {
            tracing::error!(%error, repository = visitor.repository.id.get(), "a repository cannot be read");
            Content::Unreadable
        }),
        description: visitor.repository.description.clone(),
        visibility: visitor.repository.visibility,
        updated_at: visitor.repository.updated_at.as_micros(),
        full_name,
        chrome,
        nav,
    };
    Ok(page(StatusCode::OK, template))
}

/// Who reads it beside those with a role, as a sentence.
pub(super) async fn readers(app: &App, visitor: &RepositoryVisitor) -> PageResult<String> {
    let enterprise = match visitor.owner.governed_by() {
        Some(enterprise) => accounts::find(&mut app.context.store.reader(), enterprise).await?,
        None => None,
    };
    let name = enterprise.map_or_else(|| "the enterprise".to_owned(), |found| found.name);
    Ok(words::readers(visitor.repository.visibility, &name))
}

/// Where a token for this repository is made, with what cloning and pushing need.
fn token_link(visitor: &RepositoryVisitor, can_push: bool) -> String {
    let level = if can_push { "write" } else { "read" };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("name", &token_name(&visitor.repository.name))
        .append_pair("target_name", &visitor.owner.login)
        .append_pair("contents", level)
        .finish();
    format!("/settings/personal-access-tokens/new?{query}")
}

/// A name for that token; names of tokens are shorter than those of repositories can be.
fn token_name(repository: &str) -> String {
    let short: String = repository.chars().take(36).collect();
    format!("git {short}")
}

async fn read(git: &GitRepository) -> GitResult<Content> {
    // First, since a repository whose files are damaged would else look empty.
    let branch = git.default_branch().await?;
    let entries = match git.contents(None, "", 0).await {
        Ok(Contents::Directory(entries)) => entries,
        Ok(_) => Vec::new(),
        Err(GitError::Empty) => return Ok(Content::Empty),
        Err(error) => return Err(error),
    };
    let paging = Paging {
        page: 1,
        per_page: COMMITS,
    };
    let commits = git.list_commits(None, None, paging).await?;
    Ok(Content::There(Box::new(Inside {
        branch,
        readme: readme(git, &entries).await,
        left_out: entries.len().saturating_sub(MOST_ENTRIES),
        entries: lines(&entries),
        commits: commits.items.iter().map(change).collect(),
    })))
}

/// Folders first, as people look for them.
fn lines(entries: &[Entry]) -> Vec<Line> {
    let is_folder = |entry: &&Entry| entry.kind == EntryKind::Directory;
    let (folders, others): (Vec<_>, Vec<_>) = entries.iter().partition(is_folder);
    folders
        .into_iter()
        .chain(others)
        .take(MOST_ENTRIES)
        .map(|entry| Line {
            name: entry.name.clone(),
            kind: match entry.kind {
                EntryKind::Directory => "Folder",
                EntryKind::File => "File",
                EntryKind::Symlink => "Link",
                EntryKind::Submodule => "Submodule",
            },
        })
        .collect()
}

/// The README of the top folder as plain text; none where there is none that can be read as text.
async fn readme(git: &GitRepository, entries: &[Entry]) -> Option<Readme> {
    let is_readme = |entry: &&Entry| {
        let name = entry.name.to_ascii_lowercase();
        let stem = name.split('.').next().unwrap_or_default();
        stem == "readme" && entry.kind == EntryKind::File
    };
    let entry = entries.iter().find(is_readme)?;
    let found = git.contents(None, &entry.name, LARGEST_README).await;
    let Ok(Contents::File(file)) = found else {
        return None;
    };
    let text = String::from_utf8(file.bytes).ok()?;
    let is_text = !text.chars().any(|letter| letter == '\0');
    is_text.then(|| {
        let shown: String = text.chars().take(SHOWN_README).collect();
        Readme {
            name: entry.name.clone(),
            is_cut: shown.len() < text.len(),
            text: shown.trim_end().to_owned(),
        }
    })
}

fn change(commit: &Commit) -> Change {
    let subject = commit.message.lines().next().unwrap_or_default();
    let at = Timestamp::from_micros(commit.author.at.timestamp_micros());
    Change {
        id: commit.id.chars().take(7).collect(),
        subject: subject.chars().take(120).collect(),
        author: commit.author.name.clone(),
        at: at.as_micros(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_a_long_name_has_a_name_that_fits() {
        assert_eq!(token_name("web"), "git web");
        assert_eq!(token_name(&"x".repeat(100)).chars().count(), 40);
    }
}
