//! Users.

use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::shapes::public_user;
use crate::store::accounts::{self, Account};
use crate::store::repositories;

/// The user behind the token.
pub(in crate::api) async fn me(call: ApiCall) -> ApiResult {
    let user = accounts::find(&mut call.db(), call.permit.user()?).await?;
    show(&call, &user.ok_or_else(ApiError::not_found)?).await
}

/// Any user, as anyone sees them.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    show(&call, call.permit.account()?).await
}

async fn show(call: &ApiCall, user: &Account) -> ApiResult {
    let public = repositories::count_public(&mut call.db(), user.id).await?;
    Ok(ok(public_user(call.links(), user, public)))
}
