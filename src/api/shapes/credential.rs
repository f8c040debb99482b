//! *Credential Authorization*, and how a token was used.

use serde_json::{Value, json};

use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::store::credentials::Authorized;
use crate::store::records::UseRow;

/// *Credential Authorization*: a classic token that was used at an organization. Nothing of its secret is known here.
pub fn authorization(item: &Authorized, scopes: &[String]) -> Value {
    json!({
        "login": item.login,
        "credential_id": item.token_id.get(),
        "credential_type": "personal access token",
        "credential_authorized_at": item.first_used_at.to_rfc3339(),
        "credential_accessed_at": item.last_used_at.to_rfc3339(),
        "authorized_credential_id": item.token_id.get(),
        "authorized_credential_title": null,
        "authorized_credential_note": item.name,
        "authorized_credential_expires_at": item.expires_at.map(Timestamp::to_rfc3339),
        "scopes": scopes,
    })
}

/// How a token was used at an owner since a day. Ours: nothing like it is published.
pub fn usage(token: TokenId, since: i64, last: Option<Timestamp>, rows: &[UseRow]) -> Value {
    let days = rows.iter().map(|row| {
        json!({
            "date": date(row.day),
            "permission": (!row.permission.is_empty()).then_some(&row.permission),
            "allowed": row.allowed,
            "refused": row.refused,
        })
    });
    json!({
        "token_id": token.get(),
        "since": date(since),
        "last_used_at": last.map(Timestamp::to_rfc3339),
        "days": days.collect::<Value>(),
    })
}

fn date(day: i64) -> String {
    let at = Timestamp::from_micros(0).plus_days(day);
    at.date().to_string()
}
