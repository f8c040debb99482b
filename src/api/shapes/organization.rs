//! *Organization Simple*, and *Organization Full* as anyone sees it.

use serde_json::{Value, json};

use super::{Links, node_id};
use crate::store::accounts::Account;

/// *Organization Simple*.
pub fn simple_organization(links: Links<'_>, id: i64, login: &str) -> Value {
    let api = |tail: &str| links.api(&format!("/orgs/{login}{tail}"));
    json!({
        "login": login,
        "id": id,
        "node_id": node_id("Organization", id),
        "url": api(""),
        "repos_url": api("/repos"),
        "events_url": api("/events"),
        "hooks_url": api("/hooks"),
        "issues_url": api("/issues"),
        "members_url": api("/members{/member}"),
        "public_members_url": api("/public_members{/member}"),
        "avatar_url": links.page(crate::web::assets::url("img/mark.svg")),
        "description": null,
    })
}

/// *Organization Full*: the part that anyone may know.
pub fn organization(links: Links<'_>, account: &Account, public_repositories: i64) -> Value {
    let mut whole = simple_organization(links, account.id.get(), &account.login);
    let created_at = account.created_at.to_rfc3339();
    let more = json!({
        "name": if account.name.is_empty() { &account.login } else { &account.name },
        "company": null,
        "blog": null,
        "location": null,
        "email": null,
        "twitter_username": null,
        "is_verified": false,
        "has_organization_projects": false,
        "has_repository_projects": false,
        "public_repos": public_repositories,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": links.page(&format!("/organizations/{}", account.login)),
        "created_at": created_at,
        "updated_at": created_at,
        "archived_at": null,
        "type": "Organization",
    });
    if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
        whole.extend(more);
    }
    whole
}
