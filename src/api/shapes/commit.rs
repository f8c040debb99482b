//! *Commit*, *Git Commit*, *Short Branch*, *Tag*, *Git Reference* and *Branch With Protection*.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{Links, node_id};
use crate::git::history::{Commit, Signature};
use crate::git::refs::Ref;
use crate::git::repository::NamedRef;

/// *Commit*, without its changes: who reads those clones.
pub fn commit(links: Links<'_>, full_name: &str, commit: &Commit) -> Value {
    let at = |id: &str| links.api(&format!("/repos/{full_name}/commits/{id}"));
    let page = |id: &str| links.page(&format!("/{full_name}/commit/{id}"));
    let git = |kind: &str, id: &str| links.api(&format!("/repos/{full_name}/git/{kind}/{id}"));
    let parent = |id: &String| json!({ "sha": id, "url": at(id), "html_url": page(id) });
    json!({
        "sha": commit.id,
        "node_id": node_id("Commit", &commit.id),
        "url": at(&commit.id),
        "html_url": page(&commit.id),
        "comments_url": format!("{}/comments", at(&commit.id)),
        "commit": {
            "url": git("commits", &commit.id),
            "author": signature(&commit.author),
            "committer": signature(&commit.committer),
            "message": commit.message,
            "comment_count": 0,
            "tree": { "sha": commit.tree, "url": git("trees", &commit.tree) },
            "verification": verification(),
        },
        "author": null,
        "committer": null,
        "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
    })
}

/// *Git Commit*: the commit alone, as git knows it.
pub fn git_commit(links: Links<'_>, full_name: &str, commit: &Commit) -> Value {
    let git = |kind: &str, id: &str| links.api(&format!("/repos/{full_name}/git/{kind}/{id}"));
    let page = |id: &str| links.page(&format!("/{full_name}/commit/{id}"));
    let parent =
        |id: &String| json!({ "sha": id, "url": git("commits", id), "html_url": page(id) });
    json!({
        "sha": commit.id,
        "node_id": node_id("Commit", &commit.id),
        "url": git("commits", &commit.id),
        "html_url": page(&commit.id),
        "author": signature(&commit.author),
        "committer": signature(&commit.committer),
        "message": commit.message,
        "tree": { "sha": commit.tree, "url": git("trees", &commit.tree) },
        "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
        "verification": verification(),
    })
}

/// Nothing is signed here.
fn verification() -> Value {
    json!({
        "verified": false,
        "reason": "unsigned",
        "signature": null,
        "payload": null,
        "verified_at": null,
    })
}

fn signature(signature: &Signature) -> Value {
    json!({
        "name": signature.name,
        "email": signature.email,
        "date": signature.at.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// *Short Branch*.
pub fn short_branch(links: Links<'_>, full_name: &str, branch: &NamedRef) -> Value {
    json!({
        "name": branch.name,
        "commit": {
            "sha": branch.commit,
            "url": links.api(&format!("/repos/{full_name}/commits/{}", branch.commit)),
        },
        "protected": false,
    })
}

/// *Tag*.
pub fn tag(links: Links<'_>, full_name: &str, tag: &NamedRef) -> Value {
    let repository = links.api(&format!("/repos/{full_name}"));
    let name = Links::encoded(&tag.name);
    json!({
        "name": tag.name,
        "commit": {
            "sha": tag.commit,
            "url": format!("{repository}/commits/{}", tag.commit),
        },
        "zipball_url": format!("{repository}/zipball/refs/tags/{name}"),
        "tarball_url": format!("{repository}/tarball/refs/tags/{name}"),
        "node_id": node_id("Ref", format_args!("{full_name}:refs/tags/{}", tag.name)),
    })
}

/// *Git Reference*.
pub fn git_ref(links: Links<'_>, full_name: &str, found: &Ref) -> Value {
    let git = links.api(&format!("/repos/{full_name}/git"));
    json!({
        "ref": found.name,
        "node_id": node_id("Ref", format_args!("{full_name}:{}", found.name)),
        "url": format!("{git}/{}", Links::encoded(&found.name)),
        "object": {
            "type": found.kind,
            "sha": found.object,
            "url": format!("{git}/{}s/{}", found.kind, found.object),
        },
    })
}

/// *Branch With Protection*.
pub fn branch(links: Links<'_>, full_name: &str, branch: &NamedRef, head: &Commit) -> Value {
    // A slash in a branch's name is part of one segment of the address.
    let name = Links::encoded(&branch.name).replace('/', "%2F");
    let address = links.api(&format!("/repos/{full_name}/branches/{name}"));
    json!({
        "name": branch.name,
        "commit": commit(links, full_name, head),
        "_links": {
            "self": address,
            "html": links.page(&format!("/{full_name}/tree/{}", Links::encoded(&branch.name))),
        },
        "protected": false,
        "protection": { "enabled": false, "required_status_checks": { "enforcement_level": "off", "contexts": [], "checks": [] } },
        "protection_url": format!("{address}/protection"),
    })
}
