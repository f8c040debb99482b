//! The audit log of an organization or an enterprise, in the published shape and with the published paging: by cursors,
//! which stay where they are however much is written meanwhile.

use axum::http::StatusCode;
use axum::http::header::LINK;
use axum::response::Response;
use serde_json::Value;

use crate::api::call::{ApiCall, json};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::PageRequest;
use crate::domain::audit::{Filter, Key, LogOf, Phrase, published};
use crate::store::audit_log::{self, Ask, Direction, EFFORT, Page};

/// What error messages call it.
const RESOURCE: &str = "AuditLog";

/// An organization's log.
pub(in crate::api) async fn of_organization(call: ApiCall) -> ApiResult {
    let id = call.permit.account()?.id;
    list(&call, LogOf::Organization(id)).await
}

/// An enterprise's log, with those of its organizations.
pub(in crate::api) async fn of_enterprise(call: ApiCall) -> ApiResult {
    let id = call.permit.account()?.id;
    list(&call, LogOf::Enterprise(id)).await
}

async fn list(call: &ApiCall, log: LogOf) -> ApiResult {
    let place = Place::read(call)?;
    let filter = filter(call).await?;
    let mut db = call.db();
    let ask = Ask {
        log,
        filter: &filter,
        direction: place.direction(),
        from: place.from,
        limit: PageRequest::read(&call.query)?.per_page,
        effort: EFFORT,
    };
    let mut page = audit_log::list(&mut db, &ask).await?;
    if place.is_back {
        page.entries.reverse();
    }
    let names = audit_log::names_of(&mut db, &page.entries).await?;
    let items = page.entries.iter().map(|entry| published(entry, &names));
    let items = items.map(Value::Object).collect();
    let mut response = json(StatusCode::OK, Value::Array(items));
    link(call, &mut response, place, &page);
    Ok(response)
}

async fn filter(call: &ApiCall) -> ApiResult<Filter> {
    let phrase = Phrase::parse(call.query.one("phrase")?.unwrap_or_default());
    let phrase = phrase
        .map_err(|error| ApiError::invalid(RESOURCE, "phrase", format!("`phrase`: {error}")))?;
    let include = call.query.word("include", &["web", "git", "all"])?;
    let filter = audit_log::resolve(&mut call.db(), &phrase).await?;
    Ok(match include {
        "git" => filter.git(true),
        "web" => filter.git(false),
        _ => filter,
    })
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
struct Place {
    from: Option<Key>,
    /// Whether the list goes forward in time.
    is_ascending: bool,
    /// Whether the page lies before the place, in the order of the list.
    is_back: bool,
}

impl Place {
    fn read(call: &ApiCall) -> ApiResult<Self> {
        let order = call.query.word("order", &["desc", "asc"])?;
        let (after, before) = (cursor(call, "after")?, cursor(call, "before")?);
        if after.is_some() && before.is_some() {
            let message = "`before` and `after` exclude each other; send one of them";
            return Err(ApiError::invalid(RESOURCE, "before", message));
        }
        Ok(Self {
            from: after.or(before),
            is_ascending: order == "asc",
            is_back: before.is_some(),
        })
    }

    const fn direction(self) -> Direction {
        if self.is_ascending == self.is_back {
            Direction::Older
        } else {
            Direction::Newer
        }
    }
}

fn cursor(call: &ApiCall, name: &str) -> ApiResult<Option<Key>> {
    let Some(text) = call.query.one(name)? else {
        return Ok(None);
    };
    let message = || {
        format!("`{name}` is no place of this log: take it from the `Link` header of another page")
    };
    let key = Key::from_cursor(text);
    key.map(Some)
        .ok_or_else(|| ApiError::invalid(RESOURCE, name, message()))
}

/// Names the neighbours. A page that stopped looking before it was full has one that goes on from there.
fn link(call: &ApiCall, response: &mut Response, place: Place, page: &Page) {
    let first = page.entries.first().map(|entry| entry.key);
    let last = page.entries.last().map(|entry| entry.key);
    // The way from which the place was reached exists, whatever lies there.
    let (next, before) = if place.is_back {
        (last.or(place.from), page.next)
    } else {
        (page.next, place.from.and(first.or(place.from)))
    };
    let address = call.links().api(&call.path);
    let to = |relation: &str, name: &str, key: Option<Key>| {
        let cursor = key.map(|key| (name, key.to_cursor()));
        let query = call.query.with_cursor(cursor);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("<{address}{mark}{query}>; rel=\"{relation}\"")
    };
    let mut links = Vec::new();
    links.extend(next.map(|key| to("next", "after", Some(key))));
    links.extend(before.map(|key| to("prev", "before", Some(key))));
    if place.from.is_some() {
        links.push(to("first", "after", None));
    }
    if !links.is_empty()
        && let Ok(value) = links.join(", ").parse()
    {
        response.headers_mut().insert(LINK, value);
    }
}
