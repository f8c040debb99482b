//! *Issue*.

use serde_json::{Value, json};

use super::{Links, node_id, simple_user};
use crate::domain::time::Timestamp;
use crate::store::accounts::Account;
use crate::store::issues::Issue;

/// What an issue's author is to the repository, in the published words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The repository is theirs.
    Owner,
    /// A member of the organization that owns it.
    Member,
    /// A collaborator.
    Collaborator,
    /// None of these.
    None,
}

impl Standing {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Member => "MEMBER",
            Self::Collaborator => "COLLABORATOR",
            Self::None => "NONE",
        }
    }
}

/// What stands elsewhere about an issue.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Who opened it; none when their account is gone.
    pub author: Option<&'a Account>,
    /// What they are to the repository.
    pub standing: Standing,
    /// How many comments stand below it.
    pub comments: i64,
}

/// *Issue*, in the repository with this full name.
pub fn issue(links: Links<'_>, full_name: &str, issue: &Issue, about: About<'_>) -> Value {
    let repository = links.api(&format!("/repos/{full_name}"));
    let address = format!("{repository}/issues/{}", issue.number);
    let api = |tail: &str| format!("{address}{tail}");
    json!({
        "id": issue.id.get(),
        "node_id": node_id("Issue", issue.id),
        "url": address,
        "repository_url": repository,
        "labels_url": api("/labels{/name}"),
        "comments_url": api("/comments"),
        "events_url": api("/events"),
        "timeline_url": api("/timeline"),
        "html_url": links.page(&format!("/{full_name}/issues/{}", issue.number)),
        "number": issue.number,
        "title": issue.title,
        "body": (!issue.body.is_empty()).then_some(&issue.body),
        "user": about.author.map(|author| simple_user(links, author)),
        "state": issue.state,
        "state_reason": (issue.state == "closed").then_some("completed"),
        "labels": [],
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "locked": false,
        "active_lock_reason": null,
        "comments": about.comments,
        "created_at": issue.created_at.to_rfc3339(),
        "updated_at": issue.updated_at.to_rfc3339(),
        "closed_at": issue.closed_at.map(Timestamp::to_rfc3339),
        "closed_by": null,
        "author_association": about.standing.as_str(),
    })
}
