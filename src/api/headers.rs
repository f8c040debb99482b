//! The headers that every answer carries: who asked, what the endpoint asks for, until when the token lives.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use super::limits;
use crate::domain::access::explain::sets_words;
use crate::domain::catalog::{Catalog, Endpoint};
use crate::domain::ids::TokenId;
use crate::domain::rate::Standing;
use crate::domain::scope::ScopeSet;
use crate::domain::token::TokenKind;
use crate::gate::Credential;
use crate::server::meta::RequestMeta;
use crate::store::snapshots::Snapshot;

/// What was learned of a request by the time it is answered.
#[derive(Debug)]
pub(super) struct Seen {
    pub credential: Credential,
    pub endpoint: Option<&'static Endpoint>,
    /// How many calls the caller has left; none where they are not limited.
    pub standing: Option<Standing>,
}

impl Seen {
    pub(super) const fn nothing() -> Self {
        Self {
            credential: Credential::Anonymous,
            endpoint: None,
            standing: None,
        }
    }

    /// The token that asked; none when it is not good, because a 401 never says which it was.
    pub(super) fn token(&self) -> Option<TokenId> {
        self.credential.snapshot().map(|snapshot| snapshot.facts.id)
    }
}

/// Adds the headers. None of them depends on whether a resource exists.
pub(super) fn seal(response: &mut Response, catalog: &Catalog, meta: &RequestMeta, seen: &Seen) {
    let headers = response.headers_mut();
    put(headers, "x-github-request-id", &meta.request_id);
    put(headers, "x-github-media-type", "github.v3; format=json");
    put(headers, "cache-control", "private, no-store");
    put(headers, "vary", "Accept, Authorization");
    put(headers, "x-content-type-options", "nosniff");
    // A file's bytes may come as they are; no browser is to run them.
    put(
        headers,
        "content-security-policy",
        "default-src 'none'; sandbox",
    );
    if let Some(standing) = seen.standing {
        limits::seal(headers, standing);
    }
    if let Some(token) = seen.credential.snapshot() {
        seal_token(headers, catalog, token, seen.endpoint);
    }
}

fn seal_token(
    headers: &mut HeaderMap,
    catalog: &Catalog,
    token: &Snapshot,
    endpoint: Option<&Endpoint>,
) {
    if let Some(at) = token.facts.expires_at {
        let at = at.to_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string();
        put(headers, "github-authentication-token-expiration", &at);
    }
    match token.facts.kind {
        TokenKind::FineGrained => {
            if let Some(endpoint) = endpoint {
                put(
                    headers,
                    "x-accepted-github-permissions",
                    &accepted_permissions(catalog, endpoint),
                );
            }
        }
        TokenKind::Classic => {
            put(
                headers,
                "x-oauth-scopes",
                &names(catalog, token.facts.scopes),
            );
            let accepted = endpoint.map_or_else(String::new, |endpoint| {
                names(catalog, accepted_scopes(catalog, endpoint))
            });
            put(headers, "x-accepted-oauth-scopes", &accepted);
        }
    }
}

fn accepted_permissions(catalog: &Catalog, endpoint: &Endpoint) -> String {
    if endpoint.sets.is_empty() {
        "allows_permissionless_access=true".to_owned()
    } else {
        sets_words(catalog, &endpoint.sets)
    }
}

fn accepted_scopes(catalog: &Catalog, endpoint: &Endpoint) -> ScopeSet {
    if let Some(scopes) = endpoint.scopes {
        return scopes;
    }
    let needs = endpoint.sets.iter().flatten();
    needs
        .flat_map(|need| {
            catalog
                .scopes_for(need.permission, need.level, false)
                .iter()
        })
        .collect()
}

fn names(catalog: &Catalog, scopes: ScopeSet) -> String {
    let names = scopes
        .iter()
        .map(|scope| catalog.scope(scope).name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// Sets a header; a value that no header can hold is left out.
fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
