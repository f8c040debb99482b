//! Comments below issues: list, write, read, change, delete.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::circle::Circle;
use super::issues::number;
use super::organizations::people;
use crate::actions::comments as actions;
use crate::actions::comments::{CommentError, Editor, LONGEST};
use crate::api::body::JsonBody;
use crate::api::call::{ApiCall, done, json, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest};
use crate::api::shapes::comment;
use crate::domain::ids::CommentId;
use crate::store::comments::{self, Comment, Order, Part};
use crate::store::issues;
use crate::store::repositories::Repository;

/// What error messages call it.
const RESOURCE: &str = "IssueComment";

/// The comments below an issue, oldest first.
pub(in crate::api) async fn of_issue(call: ApiCall) -> ApiResult {
    let (request, part) = part(&call)?;
    let repository = call.repository()?;
    let mut db = call.db();
    let issue = issues::find(&mut db, repository.id, number(&call)?).await?;
    let issue = issue.ok_or_else(ApiError::not_found)?;
    let found = comments::list_of_issue(&mut db, issue.id, part).await?;
    answer(&call, &repository, request, found).await
}

/// The comments below all issues of a repository.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let (request, part) = part(&call)?;
    let order = order(&call)?;
    let repository = call.repository()?;
    let found = comments::list_of_repository(&mut call.db(), repository.id, order, part).await?;
    answer(&call, &repository, request, found).await
}

fn part(call: &ApiCall) -> ApiResult<(PageRequest, Part)> {
    let request = PageRequest::read(&call.query)?;
    let page = request.one_more();
    let part = Part {
        since: call.query.moment("since")?,
        limit: page.limit,
        offset: page.offset,
    };
    Ok((request, part))
}

/// Oldest first, unless `sort` is stated: then newest first, as published.
fn order(call: &ApiCall) -> ApiResult<Order> {
    let is_sorted = call.query.one("sort")?.is_some();
    let by = call.query.word("sort", &["created", "updated"])?;
    let known = if is_sorted {
        ["desc", "asc"]
    } else {
        ["asc", "desc"]
    };
    let direction = call.query.word("direction", &known)?;
    Ok(Order {
        is_by_update: by == "updated",
        is_descending: direction == "desc",
    })
}

async fn answer(
    call: &ApiCall,
    repository: &Repository,
    request: PageRequest,
    found: Vec<Comment>,
) -> ApiResult {
    let (found, rest) = request.cut_one_more(found);
    let items = render(call, repository, &found).await?;
    Ok(paging::page(call, request, items, rest))
}

/// Writes a comment.
pub(in crate::api) async fn create(call: ApiCall) -> ApiResult {
    let text = read_text(call.json(RESOURCE)?)?;
    let repository = call.repository()?;
    let (number, user) = (number(&call)?, call.permit.user()?);
    let (context, origin) = (&call.app.context, call.permit.origin()?);
    let written = actions::comment(context, &origin, &repository, number, user, &text).await?;
    let written = written.ok_or_else(ApiError::not_found)?;
    let shown = render_one(&call, &repository, written).await?;
    let location = shown["url"].as_str().map(HeaderValue::from_str);
    let mut response = json(StatusCode::CREATED, shown.clone());
    if let Some(Ok(location)) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// One comment.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let repository = call.repository()?;
    let found = comments::find(&mut call.db(), repository.id, id(&call)?).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    Ok(ok(render_one(&call, &repository, found).await?))
}

/// Puts another text in place of a comment's.
pub(in crate::api) async fn update(call: ApiCall) -> ApiResult {
    let id = id(&call)?;
    let text = read_text(call.json(RESOURCE)?)?;
    let (repository, editor) = editor(&call)?;
    let (context, origin) = (&call.app.context, call.permit.origin()?);
    let changed = actions::edit(context, &origin, repository, id, editor, &text).await;
    let changed = changed.map_err(|error| refusal(&call, repository, error))?;
    Ok(ok(render_one(&call, repository, changed).await?))
}

/// Deletes a comment.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let id = id(&call)?;
    let (repository, editor) = editor(&call)?;
    let (context, origin) = (&call.app.context, call.permit.origin()?);
    let deleted = actions::delete(context, &origin, repository, id, editor).await;
    deleted.map_err(|error| refusal(&call, repository, error))?;
    Ok(done())
}

fn editor(call: &ApiCall) -> ApiResult<(&Repository, Editor)> {
    let (repository, role) = call.permit.repository()?;
    let user = call.permit.user()?;
    Ok((repository, Editor { user, role }))
}

fn refusal(call: &ApiCall, repository: &Repository, error: CommentError) -> ApiError {
    match error {
        CommentError::NotFound => ApiError::not_found(),
        CommentError::NotTheirs => ApiError::Forbidden(format!(
            "This comment is not {}'s; somebody else's comment is changed with the write role on {}, which an admin of \
             the repository gives.",
            call.permit.credential().login(),
            repository.full_name()
        )),
        CommentError::Store(error) => error.into(),
    }
}

fn id(call: &ApiCall) -> ApiResult<CommentId> {
    let given = call.permit.parameter("comment_id");
    given.parse().map_err(|_| ApiError::not_found())
}

fn read_text(mut body: JsonBody) -> ApiResult<String> {
    let text = body.text("body", LONGEST);
    let text = text.filter(|text| !text.trim().is_empty());
    body.require("body", text.is_some());
    body.finish()?;
    Ok(text.unwrap_or_default())
}

async fn render_one(call: &ApiCall, repository: &Repository, found: Comment) -> ApiResult<Value> {
    let mut items = render(call, repository, &[found]).await?;
    items.pop().ok_or(ApiError::Internal)
}

async fn render(
    call: &ApiCall,
    repository: &Repository,
    found: &[Comment],
) -> ApiResult<Vec<Value>> {
    let authors = || found.iter().map(|comment| comment.author_id);
    let accounts = people(call, authors()).await?;
    let circle = Circle::load(call, repository, authors()).await?;
    let full_name = repository.full_name();
    let items = found.iter().map(|item| {
        let author = accounts.get(&item.author_id);
        let standing = circle.standing(item.author_id);
        comment(call.links(), &full_name, item, author, standing)
    });
    Ok(items.collect())
}
