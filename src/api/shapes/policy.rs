//! Policies and what a change of them would do. Ours: nothing like it is published.

use serde_json::{Map, Value, json};

use crate::actions::save_policy::PolicyCase;
use crate::domain::policy::effective;
use crate::domain::policy::evaluate::Violation;
use crate::domain::policy::preview::{Effect, Preview, Touched};
use crate::domain::policy::setting::{Layer, Limit};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::exemption_lists::Given;

/// The most tokens that a preview names.
const MOST_NAMED: usize = 100;

/// A policy as it stands: what the scope has set, and for an organization what is in force and who set it.
pub fn policy(case: &PolicyCase) -> Value {
    let ahead = case.standing.ahead.as_ref();
    let mut shown = json!({
        "kind": case.kind.as_str(),
        "version": case.standing.number,
        "own": layer(case.kind, case.own()),
        "ahead": ahead.map(|saved| json!({
            "own": layer(case.kind, saved.layer),
            "effective_at": saved.effective_at.to_rfc3339(),
        })),
    });
    if let Layer::Organization(own) = case.own() {
        let own = case.standing.in_force.as_ref().map(|_| own);
        let found = effective(case.kind, case.above, own);
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value, source: &str| {
            fields.insert(name.to_owned(), json!({ "value": value, "source": source }));
        };
        put(
            "access",
            found.access.value.as_str().into(),
            found.access.source.as_str(),
        );
        if case.kind == TokenKind::FineGrained {
            put(
                "approval",
                found.approval.value.as_str().into(),
                found.approval.source.as_str(),
            );
        }
        let limit = found.lifetime(false);
        put(
            "max_lifetime_days",
            days(limit.value),
            limit.source.as_str(),
        );
        shown["effective"] = Value::Object(fields);
    }
    shown
}

fn days(limit: Limit) -> Value {
    limit.days().map_or_else(|| "none".into(), Value::from)
}

fn layer(kind: TokenKind, layer: Layer) -> Value {
    let (access, approval, lifetime, exempts) = layer.values();
    let mut shown = json!({ "access": access, "max_lifetime_days": days(lifetime) });
    if kind == TokenKind::FineGrained {
        shown["approval"] = approval.into();
    }
    if matches!(layer, Layer::Enterprise(_)) {
        shown["exempt_administrators"] = exempts.into();
    }
    shown
}

/// What a change would block and free. It names the tokens that were used last, up to a hundred.
pub fn policy_preview(
    kind: TokenKind,
    (before, after): (Layer, Layer),
    at: Timestamp,
    found: &Preview,
    digest: &str,
    now: Timestamp,
) -> Value {
    let named = found.blocked.iter().take(MOST_NAMED).map(touched);
    json!({
        "before": layer(kind, before),
        "after": layer(kind, after),
        "effective_at": at.to_rfc3339(),
        "blocked": {
            "tokens": found.blocked_tokens(),
            "people": found.blocked_people(),
            "used_in_last_7_days": found.blocked_in_use(now),
        },
        "freed": { "tokens": found.freed_tokens() },
        "blocked_tokens": named.collect::<Value>(),
        "digest": digest,
    })
}

fn touched(one: &Touched) -> Value {
    let reason = match one.effect {
        Effect::Blocked(Violation::Access(_)) => Some("policy_access"),
        Effect::Blocked(Violation::Lifetime { .. }) => Some("policy_lifetime"),
        Effect::Freed => None,
    };
    json!({
        "token_id": one.subject.token.get(),
        "user_id": one.subject.user.get(),
        "owner_id": one.subject.owner.get(),
        "reason": reason,
        "last_used_at": one.subject.last_used_at.map(Timestamp::to_rfc3339),
    })
}

/// An exemption that counts now.
pub fn exemption(given: &Given) -> Value {
    json!({
        "id": given.id,
        "token_id": given.token_id.get(),
        "token_name": given.token_name,
        "login": given.user_login,
        "policy": given.policy.as_str(),
        "until": given.until_at.to_rfc3339(),
        "reason": given.reason,
        "given_by": given.given_by,
        "created_at": given.created_at.to_rfc3339(),
    })
}
