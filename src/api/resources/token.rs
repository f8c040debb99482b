//! The token that asks: what it is and may do, and its own end.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::actions::delete_token::delete_token;
use crate::actions::rotate::{Asking, RotateError, rotate as rotate_token};
use crate::api::call::{ApiCall, done, json, ok};
use crate::api::errors::{ApiError, ApiResult, Refused};
use crate::api::permit::{self, RequestLine};
use crate::api::shapes::{Described, token};
use crate::domain::access::decision::Decision;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::rotation::{
    LONGEST_OVERLAP, NoSelfRotation, Overlap, SELF_ROTATION_OVERLAP,
};
use crate::gate::effective::effective;
use crate::gate::permission_used;
use crate::store::{accounts, tokens};

/// What this token is, what it may do now, and until when.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let snapshot = call.permit.token().ok_or_else(ApiError::not_found)?;
    let client = call.permit.meta().client;
    let owners = effective(&call.app.gate, call.permit.credential(), client).await?;
    let mut db = call.db();
    let found = tokens::find(&mut db, snapshot.facts.id).await?;
    let user = accounts::find(&mut db, snapshot.facts.user).await?;
    let (found, user) = found.zip(user).ok_or_else(ApiError::not_found)?;
    let described = Described {
        snapshot,
        token: &found,
        user: &user,
        owners: &owners,
    };
    Ok(ok(token(call.links(), call.app.context.catalog, described)))
}

/// The most questions that are answered at once.
const MOST_QUESTIONS: usize = 100;

/// Whether this token could do each of these calls now, and why not. Nothing of it is recorded or counts as a use.
pub(in crate::api) async fn can(call: ApiCall) -> ApiResult {
    let mut body = call.json("Question")?;
    let questions = body.records("questions", MOST_QUESTIONS, ["method", "path"]);
    body.require("questions", questions.is_some());
    body.finish()?;
    let mut decisions = Vec::new();
    for [method, path] in questions.unwrap_or_default() {
        decisions.push(foretold(&call, &method, &path).await?);
    }
    Ok(ok(json!({ "decisions": decisions })))
}

async fn foretold(call: &ApiCall, method: &str, path: &str) -> ApiResult<Value> {
    let line = RequestLine {
        method,
        path: crate::api::judged_path(path),
    };
    let ruling = permit::foretell(&call.app, &call.permit, line).await?;
    let gate = &call.app.gate;
    let used = permission_used(gate.catalog(), &ruling.decision);
    let mut shown = json!({
        "method": method,
        "path": path,
        "allowed": ruling.decision.is_allowed(),
        "permission": (!used.is_empty()).then_some(used),
        "reason": null,
        "message": null,
    });
    if let Decision::Refuse(refusal) = &ruling.decision
        && let Value::Object(fields) = &mut shown
    {
        fields.extend(Refused::new(gate, &ruling, refusal).fields());
    }
    Ok(shown)
}

/// Replaces this token's secret; the life of the token stays as it is.
pub(in crate::api) async fn rotate(call: ApiCall) -> ApiResult {
    let mut body = call.json("Rotation")?;
    let hours = body.number("overlap_hours", 1..=i64::from(LONGEST_OVERLAP));
    body.finish()?;
    let hours = hours.and_then(|hours| u16::try_from(hours).ok());
    let overlap = hours.and_then(|hours| Overlap::hours(hours).ok());
    let snapshot = call.permit.token().ok_or_else(ApiError::not_found)?;
    if snapshot.facts.kind == TokenKind::Classic {
        return Err(ApiError::Forbidden(
            "Classic tokens do not rotate themselves: their user regenerates them in the console."
                .to_owned(),
        ));
    }
    let asking = Asking {
        user: snapshot.facts.user,
        token: snapshot.facts.id,
        secret: snapshot.secret,
    };
    let origin = call.permit.origin()?;
    let overlap = overlap.unwrap_or(SELF_ROTATION_OVERLAP);
    let rotated = rotate_token(&call.app.context, &origin, asking, overlap).await;
    let rotated = rotated.map_err(unrotated)?;
    let shown = json!({
        "token": rotated.secret.reveal(),
        "token_id": asking.token.get(),
        "expires_at": rotated.expires_at.map(Timestamp::to_rfc3339),
        "former_secret_ends_at": rotated.old_ends_at.map(Timestamp::to_rfc3339),
    });
    Ok(json(StatusCode::CREATED, shown))
}

fn unrotated(error: RotateError) -> ApiError {
    match error {
        RotateError::Moved => ApiError::Conflict(
            "The token changed at the same moment, and its secret stays as it was: ask again.".to_owned(),
        ),
        RotateError::Replaced => ApiError::Conflict(
            "This secret was replaced by one that is in use, so it rotates no more: use the new one.".to_owned(),
        ),
        RotateError::NotAllowed(NoSelfRotation::NotWished) => ApiError::Forbidden(
            "This token may not rotate itself: its user allows that where the token is edited.".to_owned(),
        ),
        RotateError::NotAllowed(NoSelfRotation::NotApproved(owners)) => ApiError::Forbidden(format!(
            "{} let this token in without the right to rotate itself: its user asks for that by editing the token.",
            owners.join(", ")
        )),
        RotateError::Store(error) => error.into(),
    }
}

/// Ends this token, with every secret of it, from the next call on. One that somebody ended meanwhile has ended.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let token = call.permit.token().ok_or_else(ApiError::not_found)?;
    delete_token(&call.app.context, &origin, user, token.facts.id).await?;
    Ok(done())
}
