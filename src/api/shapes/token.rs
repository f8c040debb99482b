//! A token as it describes itself. Ours: nothing like it is published. No secret and no hash of one is in it.

use serde_json::{Value, json};

use super::access::{permissions, selection};
use super::{Links, simple_user};
use crate::domain::access::decision::GrantFacts;
use crate::domain::approval::GrantStanding;
use crate::domain::catalog::Catalog;
use crate::domain::permission::PermissionSet;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::Conditions;
use crate::gate::effective::{AtOwner, AtRepository};
use crate::store::accounts::Account;
use crate::store::snapshots::Snapshot;
use crate::store::tokens::Token;

/// What a token's description is made from.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// The secret that asked, and what the gate knows of its token.
    pub snapshot: &'a Snapshot,
    /// The token.
    pub token: &'a Token,
    /// Whose it is.
    pub user: &'a Account,
    /// What it may do now, owner by owner.
    pub owners: &'a [AtOwner],
}

/// What a token is, what it may do now, and until when.
pub fn token(links: Links<'_>, catalog: &Catalog, described: Described<'_>) -> Value {
    let Described {
        snapshot,
        token,
        user,
        owners,
    } = described;
    let owners = owners.iter();
    let owners = owners.map(|at| at_owner(links, catalog, snapshot, at));
    json!({
        "id": token.id.get(),
        "identifier": token.identifier,
        "kind": token.kind.as_str(),
        "name": token.name,
        "description": token.description,
        "user": simple_user(links, user),
        "created_at": token.created_at.to_rfc3339(),
        "starts_at": token.starts_at.to_rfc3339(),
        "expires_at": moment(token.expires_at),
        "secret": { "role": snapshot.role.as_str(), "ends_at": moment(snapshot.ends_at) },
        "conditions": conditions(&snapshot.facts.conditions),
        "scopes": scopes(catalog, snapshot),
        "owners": owners.collect::<Value>(),
        "html_url": links.page(&format!("/settings/{}/{}", page_of(token.kind), token.id)),
    })
}

const fn page_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "personal-access-tokens",
        TokenKind::Classic => "tokens",
    }
}

/// The scopes of a classic token; null for one that has grants in their place.
fn scopes(catalog: &Catalog, snapshot: &Snapshot) -> Value {
    match snapshot.facts.kind {
        TokenKind::FineGrained => Value::Null,
        TokenKind::Classic => {
            let scopes = snapshot.facts.scopes.iter();
            scopes
                .map(|scope| catalog.scope(scope).name.as_str())
                .collect()
        }
    }
}

fn at_owner(links: Links<'_>, catalog: &Catalog, snapshot: &Snapshot, at: &AtOwner) -> Value {
    let account = &at.owner.account;
    let mut shown = json!({
        "owner": { "id": account.id.get(), "login": account.login, "type": account.kind.as_str() },
        "reason": at.block.as_ref().map(|block| block.reason.as_str()),
        "message": at.block.as_ref().map(|block| block.sentence.as_str()),
    });
    let Some(grant) = &at.grant else {
        return shown;
    };
    shown["state"] = grant.standing.as_str().into();
    shown["expires_at"] = moment(ends_at(snapshot, grant));
    shown["repository_selection"] = selection(grant.selection.kind()).into();
    shown["granted"] = grouped(catalog, &grant.permissions);
    shown["effective"] = grouped(catalog, &at.permissions);
    let repositories = at.repositories.iter();
    shown["repositories"] = repositories
        .map(|item| at_repository(links, catalog, item))
        .collect();
    shown["conditions"] = conditions(&grant.terms.conditions);
    shown
}

fn at_repository(links: Links<'_>, catalog: &Catalog, at: &AtRepository) -> Value {
    let full_name = at.repository.full_name();
    json!({
        "id": at.repository.id.get(),
        "full_name": full_name,
        "url": links.api(&format!("/repos/{full_name}")),
        "effective": grouped(catalog, &at.permissions),
    })
}

/// When the token stops working at an owner: at its own end, or at that of the life which was approved there.
fn ends_at(snapshot: &Snapshot, grant: &GrantFacts) -> Option<Timestamp> {
    let approved = grant.terms.lifetime.end_from(snapshot.facts.starts_at);
    let approved = approved.filter(|_| grant.standing == GrantStanding::Active);
    approved.into_iter().chain(snapshot.facts.expires_at).min()
}

fn grouped(catalog: &Catalog, set: &PermissionSet) -> Value {
    let named = set.iter().map(|(id, level)| {
        let slug = catalog.permission(id).slug.clone();
        (slug, level)
    });
    permissions(catalog, &named.collect::<Vec<_>>())
}

fn conditions(conditions: &Conditions) -> Value {
    let addresses = conditions.addresses.iter().map(ToString::to_string);
    json!({
        "addresses": addresses.collect::<Vec<_>>(),
        "branches": conditions.branches,
    })
}

fn moment(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::to_rfc3339).into()
}
