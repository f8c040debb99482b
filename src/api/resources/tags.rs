//! Tags.

use crate::api::call::ApiCall;
use crate::api::errors::ApiResult;
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::shapes::tag;

/// Tags of commits by name.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let listed = call.git()?.list_tags(request.for_git()).await?;
    let full_name = call.repository()?.full_name();
    let items = listed.items.iter();
    let items = items
        .map(|item| tag(call.links(), &full_name, item))
        .collect();
    let rest = Rest::HasMore(listed.has_more);
    Ok(paging::page(&call, request, items, rest))
}
