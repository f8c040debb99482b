//! Git's refs, one by one: many programs ask where a branch stands by this.

use crate::api::call::{ApiCall, ok};
use crate::api::errors::ApiResult;
use crate::api::shapes::git_ref;

/// One branch or tag, by its full name without `refs/`.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let found = call.git()?.find_ref(call.permit.parameter("ref")).await?;
    let full_name = call.repository()?.full_name();
    Ok(ok(git_ref(call.links(), &full_name, &found)))
}
