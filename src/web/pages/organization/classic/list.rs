//! The classic tokens that came to the organization lately, a page at a time.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::query::{Query, STATES};
use super::rows::{Row, rows};
use super::{House, list_path};
use crate::app::App;
use crate::domain::scope::Scope;
use crate::store::classic_visits::{self, Filter, RECENT_DAYS, State as Standing, Visit};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::frame;

/// How many tokens a page shows.
const SIZE: usize = 50;

#[derive(Template)]
#[template(path = "pages/organization/classic/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    policy: String,
    query: Query,
    chips: Vec<(String, String)>,
    states: [(&'static str, &'static str, Standing); 4],
    scopes: &'static [Scope],
    limit: Option<u16>,
    matching: i64,
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let (organization, now) = (&owner.organization, owner.signed_in.now());
    let path = list_path(organization);
    let house = House::find(&app, organization, now).await?;
    let query = Query::read(&query, &path, app.context.catalog, house.limit());
    let (matching, shown, before, after) = if query.errors.is_empty() {
        let filter = query.filter(house.filter(now));
        find(&app, &query, &filter).await?
    } else {
        Default::default()
    };
    let rows = rows(&app, organization, &house, shown, now).await?;
    let trail = vec![Crumb::text("Classic tokens")];
    let (chrome, nav) =
        frame::around(&app, &owner, "Classic tokens used here", &path, trail).await?;
    let status = if query.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = List {
        chrome,
        nav,
        now: now.as_micros(),
        organization: organization.name.clone(),
        policy: format!("{}?tab=classic", frame::policy_path(&organization.login)),
        chips: query.chips(),
        states: STATES,
        scopes: app.context.catalog.scopes(),
        limit: house.limit(),
        matching,
        rows,
        before,
        after,
        path,
        query,
    };
    Ok(page(status, template))
}

/// How many tokens match, those of the page, and the addresses of the pages before and after it.
async fn find(
    app: &App,
    query: &Query,
    filter: &Filter,
) -> PageResult<(i64, Vec<Visit>, String, String)> {
    let mut db = app.context.store.reader();
    let limit = i64::try_from(SIZE + 1).expect("a page is small");
    let place = query.place.as_ref();
    let mut found = classic_visits::list(&mut db, filter, query.order(), place, limit).await?;
    let has_more = found.len() > SIZE;
    found.truncate(SIZE);
    if query.is_before() {
        found.reverse();
    }
    let (has_before, has_after) = if query.is_before() {
        (has_more, true)
    } else {
        (place.is_some(), has_more)
    };
    let beside = |side, visit: Option<&Visit>, is_there: bool| match visit {
        Some(visit) if is_there => query.page_address(side, &visit.place(query.by())),
        _ => String::new(),
    };
    let before = beside("before", found.first(), has_before);
    let after = beside("after", found.last(), has_after);
    let matching = classic_visits::count(&mut db, filter).await?;
    Ok((matching, found, before, after))
}
