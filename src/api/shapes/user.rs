//! *Simple User*, which stands inside of most shapes, and *Public User*.

use serde_json::{Map, Value, json};

use super::{Links, node_id};
use crate::domain::account::AccountKind;
use crate::store::accounts::Account;

/// The addresses of a user, by field.
const ADDRESSES: [(&str, &str); 10] = [
    ("url", ""),
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("organizations_url", "/orgs"),
    ("repos_url", "/repos"),
    ("events_url", "/events{/privacy}"),
    ("received_events_url", "/received_events"),
];

fn fields(links: Links<'_>, account: &Account) -> Map<String, Value> {
    let login = &account.login;
    let (kind, page) = match account.kind {
        AccountKind::Organization => ("Organization", format!("/organizations/{login}")),
        AccountKind::User | AccountKind::Enterprise => ("User", format!("/{login}")),
    };
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("login", login.as_str().into());
    put("id", account.id.get().into());
    put("node_id", node_id(kind, account.id).into());
    put(
        "avatar_url",
        links.page(crate::web::assets::url("img/mark.svg")).into(),
    );
    put("gravatar_id", "".into());
    put("html_url", links.page(&page).into());
    put("type", kind.into());
    put("site_admin", account.site_admin.into());
    put("user_view_type", "public".into());
    for (name, tail) in ADDRESSES {
        put(name, links.api(&format!("/users/{login}{tail}")).into());
    }
    fields
}

/// *Simple User*, of a user or an organization.
pub fn simple_user(links: Links<'_>, account: &Account) -> Value {
    Value::Object(fields(links, account))
}

/// *Public User*: what anyone may know of a user. The mail address is not among it.
pub fn public_user(links: Links<'_>, account: &Account, public_repositories: i64) -> Value {
    let mut fields = fields(links, account);
    let created_at = account.created_at.to_rfc3339();
    let more = json!({
        "name": (!account.name.is_empty()).then_some(&account.name),
        "company": null,
        "blog": "",
        "location": null,
        "email": null,
        "hireable": null,
        "bio": null,
        "twitter_username": null,
        "public_repos": public_repositories,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": created_at,
        "updated_at": created_at,
    });
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    Value::Object(fields)
}
