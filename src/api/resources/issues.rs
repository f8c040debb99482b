//! Issues: list, open, read, change.

use std::sync::Arc;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::circle::Circle;
use super::organizations::people;
use crate::actions::issues::{Edit, LONGEST_BODY, LONGEST_TITLE, edit, open};
use crate::api::body::JsonBody;
use crate::api::call::{ApiCall, json, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest};
use crate::api::shapes::{About, issue};
use crate::store::comments;
use crate::store::issues::{self, Issue, StateFilter};
use crate::store::repositories::Repository;

/// What error messages call it.
const RESOURCE: &str = "Issue";

/// The issues of a repository, newest first.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let filter = match call.query.word("state", &["open", "closed", "all"])? {
        "closed" => StateFilter::Closed,
        "all" => StateFilter::All,
        _ => StateFilter::Open,
    };
    call.query.refuse(&[
        "assignee",
        "creator",
        "labels",
        "mentioned",
        "milestone",
        "since",
    ])?;
    call.query.word("sort", &["created"])?;
    call.query.word("direction", &["desc"])?;
    let repository = call.repository()?;
    let part = request.one_more();
    let found = issues::list(
        &mut call.db(),
        repository.id,
        filter,
        part.limit,
        part.offset,
    )
    .await?;
    let (found, rest) = request.cut_one_more(found);
    let items = render(&call, &repository, &found).await?;
    Ok(paging::page(&call, request, items, rest))
}

/// Opens an issue.
pub(in crate::api) async fn create(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let title = read_title(&mut body);
    body.require("title", title.is_some());
    let text = body.text("body", LONGEST_BODY).unwrap_or_default();
    body.finish()?;
    let repository = call.repository()?;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let title = title.unwrap_or_default();
    let opened = open(&call.app.context, &origin, &repository, user, &title, &text).await?;
    let shown = render_one(&call, &repository, opened).await?;
    let location = shown["url"]
        .as_str()
        .and_then(|url| HeaderValue::from_str(url).ok());
    let mut response = json(StatusCode::CREATED, shown);
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// One issue.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let repository = call.repository()?;
    let found = issues::find(&mut call.db(), repository.id, number(&call)?).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    Ok(ok(render_one(&call, &repository, found).await?))
}

/// Changes what the body states and leaves the rest.
pub(in crate::api) async fn update(call: ApiCall) -> ApiResult {
    let number = number(&call)?;
    let mut body = call.json(RESOURCE)?;
    let title = read_title(&mut body);
    // A body of `null` empties it; a title of `null` leaves it.
    let text = body
        .states("body")
        .then(|| body.text("body", LONGEST_BODY).unwrap_or_default());
    let state = body.word("state", &["open", "closed"]);
    body.finish()?;
    let repository = call.repository()?;
    let wanted = Edit {
        title,
        body: text,
        closed: state.map(|state| state == "closed"),
    };
    let origin = call.permit.origin()?;
    let changed = edit(&call.app.context, &origin, &repository, number, wanted).await?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    Ok(ok(render_one(&call, &repository, changed).await?))
}

fn read_title(body: &mut JsonBody) -> Option<String> {
    let title = body.text("title", LONGEST_TITLE)?.trim().to_owned();
    if title.is_empty() {
        body.refuse("title", "missing_field", "`title` is empty");
        return None;
    }
    Some(title)
}

/// The number of the issue that the path names.
pub(super) fn number(call: &ApiCall) -> ApiResult<i64> {
    let given = call.permit.parameter("issue_number");
    given.parse().map_err(|_| ApiError::not_found())
}

async fn render_one(
    call: &ApiCall,
    repository: &Arc<Repository>,
    found: Issue,
) -> ApiResult<Value> {
    let mut items = render(call, repository, &[found]).await?;
    items.pop().ok_or(ApiError::Internal)
}

async fn render(call: &ApiCall, repository: &Repository, found: &[Issue]) -> ApiResult<Vec<Value>> {
    let authors = || found.iter().map(|issue| issue.author_id);
    let accounts = people(call, authors()).await?;
    let circle = Circle::load(call, repository, authors()).await?;
    let ids: Vec<_> = found.iter().map(|issue| issue.id).collect();
    let comments = comments::count(&mut call.db(), &ids).await?;
    let full_name = repository.full_name();
    let items = found.iter().map(|item| {
        let about = About {
            author: accounts.get(&item.author_id),
            standing: circle.standing(item.author_id),
            comments: comments.get(&item.id).copied().unwrap_or(0),
        };
        issue(call.links(), &full_name, item, about)
    });
    Ok(items.collect())
}
