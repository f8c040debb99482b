//! *Organization Programmatic Access Grant* and *… Grant Request*: what an owner sees of tokens.

use serde_json::{Map, Value, json};

use super::{Links, simple_user};
use crate::domain::catalog::Catalog;
use crate::domain::permission::{Group, Level};
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::store::accounts::Account;
use crate::store::listings::Entry;

/// What both shapes are made from.
#[derive(Debug)]
pub struct Row<'a> {
    /// The request or grant.
    pub entry: &'a Entry,
    /// The token's user.
    pub user: &'a Account,
    /// The permissions, by published name.
    pub permissions: &'a [(String, Level)],
}

/// *Simple Organization Programmatic Access Grant Request*.
pub fn request(
    links: Links<'_>,
    catalog: &Catalog,
    org: &str,
    row: &Row<'_>,
    now: Timestamp,
) -> Value {
    let Row { entry, .. } = row;
    let mut fields = common(links, catalog, row, now);
    let path = format!(
        "/orgs/{org}/personal-access-token-requests/{}/repositories",
        entry.id
    );
    fields.insert("repositories_url".to_owned(), links.api(&path).into());
    let reason = (!entry.reason.is_empty()).then_some(entry.reason.as_str());
    fields.insert("reason".to_owned(), reason.into());
    fields.insert("created_at".to_owned(), entry.at.to_rfc3339().into());
    Value::Object(fields)
}

/// *Organization Programmatic Access Grant*.
pub fn grant(
    links: Links<'_>,
    catalog: &Catalog,
    org: &str,
    row: &Row<'_>,
    now: Timestamp,
) -> Value {
    let Row { entry, .. } = row;
    let mut fields = common(links, catalog, row, now);
    let path = format!(
        "/orgs/{org}/personal-access-tokens/{}/repositories",
        entry.id
    );
    fields.insert("repositories_url".to_owned(), links.api(&path).into());
    fields.insert("access_granted_at".to_owned(), entry.at.to_rfc3339().into());
    Value::Object(fields)
}

fn common(
    links: Links<'_>,
    catalog: &Catalog,
    row: &Row<'_>,
    now: Timestamp,
) -> Map<String, Value> {
    let entry = row.entry;
    let fields = json!({
        "id": entry.id,
        "owner": simple_user(links, row.user),
        "repository_selection": selection(entry.selection),
        "permissions": permissions(catalog, row.permissions),
        "token_id": entry.token_id.get(),
        "token_name": entry.token_name,
        "token_expired": crate::domain::token::expiry::is_over(entry.expires_at, now),
        "token_expires_at": entry.expires_at.map(Timestamp::to_rfc3339),
        "token_last_used_at": entry.last_used_at.map(Timestamp::to_rfc3339),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

pub(super) const fn selection(kind: SelectionKind) -> &'static str {
    match kind {
        SelectionKind::Public => "none",
        SelectionKind::All => "all",
        SelectionKind::Selected => "subset",
    }
}

/// Permissions by the published groups; those of an account stand under `other`.
pub(super) fn permissions(catalog: &Catalog, permissions: &[(String, Level)]) -> Value {
    let mut groups = Map::new();
    for (slug, level) in permissions {
        let Some(permission) = catalog.find_permission(slug) else {
            continue;
        };
        let group = match permission.group {
            Group::Organization => "organization",
            Group::Repository => "repository",
            Group::Account | Group::Enterprise => "other",
        };
        let group = groups
            .entry(group)
            .or_insert_with(|| Value::Object(Map::new()));
        group[slug.as_str()] = level.as_str().into();
    }
    Value::Object(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_stand_in_the_published_groups() {
        let held = [
            ("issues", Level::Read),
            ("members", Level::Read),
            ("gists", Level::Write),
        ];
        let held: Vec<_> = held.map(|(slug, level)| (slug.to_owned(), level)).into();
        assert_eq!(
            permissions(Catalog::github(), &held),
            json!({
                "repository": { "issues": "read" },
                "organization": { "members": "read" },
                "other": { "gists": "write" },
            })
        );
    }
}
