//! Introspection (RFC 7662): a service asks what a token is, and what the decision would allow it now.

use std::collections::BTreeSet;
use std::net::IpAddr;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::caller::caller;
use super::form::OauthForm;
use super::oauth_error::OauthError;
use super::reach::{Reach, reach};
use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::permission::PermissionSet;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::gate::GuardedService;
use crate::gate::effective::AtOwner;

/// The type of each entry of `authorization_details` (RFC 9396).
const DETAILS_TYPE: &str = "grantry";

/// Answers what a token is. It is no use of the token, and nothing is recorded.
pub async fn introspect(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OauthError> {
    let form = OauthForm::read(&headers, body).await?;
    let service = caller(&app, &headers, &form).await?;
    let (token, client) = (form.token()?, client_address(&form)?);
    let credential = app.gate.authenticate(Some(token)).await?;
    let found = reach(&app, &service, &credential, client).await?;
    // Outside of the address that it is bound to a token is as good as none.
    let found = found.filter(|found| found.snapshot.facts.conditions.allows_address(client));
    let said = match found {
        Some(found) => active(app.gate.catalog(), &service, &found),
        None => json!({"active": false}),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(said)).into_response())
}

/// The address of whoever presented the token to the service, where the service tells it: without one, a token that is
/// bound to addresses is not active.
fn client_address(form: &OauthForm) -> Result<Option<IpAddr>, OauthError> {
    let address = form.get("client_address").map(str::parse);
    address.transpose().map_err(|_| {
        OauthError::InvalidRequest("`client_address` is no address such as `192.0.2.7`")
    })
}

fn active(catalog: &Catalog, service: &GuardedService, found: &Reach<'_>) -> Value {
    let snapshot = found.snapshot;
    let facts = &snapshot.facts;
    let mut said = Map::new();
    let mut say = |name: &str, value: Value| said.insert(name.to_owned(), value);
    say("active", json!(true));
    say("sub", json!(facts.user.to_string()));
    say("username", json!(found.login));
    say("client_id", json!(snapshot.identifier));
    say("token_type", json!("Bearer"));
    say("jti", json!(facts.id.to_string()));
    say("aud", json!(service.name));
    say("iat", json!(seconds(facts.starts_at)));
    let ends = [facts.expires_at, snapshot.ends_at]
        .into_iter()
        .flatten()
        .min();
    if let Some(at) = ends {
        say("exp", json!(seconds(at)));
    }
    let scope = match facts.kind {
        TokenKind::Classic => {
            let scopes = facts
                .scopes
                .iter()
                .map(|scope| catalog.scope(scope).name.clone());
            scopes.collect()
        }
        TokenKind::FineGrained => everywhere(catalog, &found.owners),
    };
    if !scope.is_empty() {
        say(
            "scope",
            json!(scope.into_iter().collect::<Vec<_>>().join(" ")),
        );
    }
    let details: Vec<_> = found.owners.iter().map(|at| detail(catalog, at)).collect();
    say("authorization_details", json!(details));
    Value::Object(said)
}

const fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

/// What a fine-grained token may do at every place that its details name, so that a service that reads `scope` alone
/// never takes what holds in one place to hold in another.
fn everywhere(catalog: &Catalog, owners: &[AtOwner]) -> BTreeSet<String> {
    let sets = owners.iter().flat_map(|at| {
        let own = (!at.permissions.is_empty()).then_some(&at.permissions);
        own.into_iter()
            .chain(at.repositories.iter().map(|one| &one.permissions))
    });
    let words = sets.map(|set| {
        let words = set
            .iter()
            .map(|(id, level)| format!("{}:{level}", catalog.permission(id).slug));
        words.collect::<BTreeSet<_>>()
    });
    words.reduce(|all, one| &all & &one).unwrap_or_default()
}

fn detail(catalog: &Catalog, at: &AtOwner) -> Value {
    let account = &at.owner.account;
    let mut said = Map::new();
    let mut say = |name: &str, value: Value| said.insert(name.to_owned(), value);
    say("type", json!(DETAILS_TYPE));
    say("owner", json!(account.login));
    say("owner_id", json!(account.id.get()));
    if let Some(grant) = &at.grant {
        let repositories: Vec<_> = at
            .repositories
            .iter()
            .map(|one| {
                json!({
                    "id": one.repository.id.get(),
                    "full_name": one.repository.full_name(),
                    "permissions": permissions(catalog, &one.permissions),
                })
            })
            .collect();
        say(
            "repository_selection",
            json!(grant.selection.kind().as_str()),
        );
        say("permissions", permissions(catalog, &at.permissions));
        say("repositories", json!(repositories));
    }
    Value::Object(said)
}

fn permissions(catalog: &Catalog, set: &PermissionSet) -> Value {
    let pairs = set.iter().map(|(id, level)| {
        let slug = catalog.permission(id).slug.clone();
        (slug, json!(level.as_str()))
    });
    Value::Object(pairs.collect())
}
