//! *Issue Comment*.

use serde_json::{Value, json};

use super::{Links, Standing, node_id, simple_user};
use crate::store::accounts::Account;
use crate::store::comments::Comment;

/// *Issue Comment*, in the repository with this full name.
pub fn comment(
    links: Links<'_>,
    full_name: &str,
    comment: &Comment,
    author: Option<&Account>,
    standing: Standing,
) -> Value {
    let issues = format!("/repos/{full_name}/issues");
    let number = comment.issue_number;
    json!({
        "id": comment.id.get(),
        "node_id": node_id("IssueComment", comment.id),
        "url": links.api(&format!("{issues}/comments/{}", comment.id)),
        "html_url": links.page(&format!("/{full_name}/issues/{number}#issuecomment-{}", comment.id)),
        "issue_url": links.api(&format!("{issues}/{number}")),
        "body": comment.body,
        "user": author.map(|author| simple_user(links, author)),
        "created_at": comment.created_at.to_rfc3339(),
        "updated_at": comment.updated_at.to_rfc3339(),
        "author_association": standing.as_str(),
        "performed_via_github_app": null,
    })
}
