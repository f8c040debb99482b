//! The token that asks: what it is and may do, and its own end.

use crate::actions::delete_token::delete_token;
use crate::api::call::{ApiCall, done, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::shapes::{Described, token};
use crate::gate::effective::effective;
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

/// Ends this token, with every secret of it, from the next call on. One that somebody ended meanwhile has ended.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let token = call.permit.token().ok_or_else(ApiError::not_found)?;
    delete_token(&call.app.context, &origin, user, token.facts.id).await?;
    Ok(done())
}
