//! The queue of an account's reviewers: who asks for what, oldest first unless they want it otherwise.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::rows::{Row, rows};
use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::time::Timestamp;
use crate::store::listings::{self, EntryFilter, SortBy};
use crate::store::requests;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, QueryFields};
use crate::web::pages::organization::filters::FilterForm;
use crate::web::pages::organization::frame;
use crate::web::pages::organization::paging::{Cut, Window};
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::{Head, Mistake, View};

#[derive(Template)]
#[template(path = "pages/organization/requests/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    is_own_account: bool,
    path: String,
    waiting: i64,
    oldest_at: Option<Timestamp>,
    matching: i64,
    filters: FilterForm,
    heads: Heads,
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// The column heads that sort.
struct Heads {
    person: Head,
    token: Head,
    at: Head,
}

/// Shows one page of the queue.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    QueryFields(query): QueryFields,
) -> PageResult {
    let view = super::view(&query);
    let path = reviewer.paths.requests.clone();
    let now = reviewer.signed_in.now();
    let (shown, mistakes) = match view.filter(&app, &reviewer.owner, now).await? {
        Ok(filter) => (
            Shown::find(&app, &reviewer, &view, &query, filter).await?,
            Vec::new(),
        ),
        Err(mistakes) => (Shown::default(), mistakes),
    };
    let status = status(&mistakes);
    let mut db = app.context.store.reader();
    let (waiting, oldest_at) = requests::count_pending(&mut db, reviewer.owner.id).await?;
    let trail = vec![Crumb::text("Pending requests")];
    let title = "Pending requests";
    let (chrome, nav) = frame::around_reviewer(&app, &reviewer, title, &path, trail).await?;
    let template = List {
        chrome,
        nav,
        now: now.as_micros(),
        owner: reviewer.name().to_owned(),
        is_own_account: reviewer.is_own_account(),
        waiting,
        oldest_at,
        matching: shown.matching,
        heads: Heads {
            person: view.head(&path, SortBy::Person),
            token: view.head(&path, SortBy::Token),
            at: view.head(&path, SortBy::At),
        },
        filters: filter_form(app.context.catalog, &reviewer, view, mistakes),
        rows: shown.rows,
        before: shown.before,
        after: shown.after,
        path,
    };
    Ok(page(status, template))
}

fn filter_form(
    catalog: &'static Catalog,
    reviewer: &Reviewer,
    view: View,
    mistakes: Vec<Mistake>,
) -> FilterForm {
    let path = &reviewer.paths.requests;
    FilterForm::new(catalog, view, path, reviewer.is_own_account(), mistakes)
}

/// A filter that cannot be read shows nothing but its mistakes.
pub fn status(mistakes: &[Mistake]) -> StatusCode {
    if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// What a page shows.
#[derive(Default)]
struct Shown {
    matching: i64,
    rows: Vec<Row>,
    before: String,
    after: String,
}

impl Shown {
    async fn find(
        app: &App,
        reviewer: &Reviewer,
        view: &View,
        query: &Fields,
        filter: EntryFilter,
    ) -> PageResult<Self> {
        let path = &reviewer.paths.requests;
        let window = Window::read(query, view, path)?;
        let mut db = app.context.store.reader();
        let (id, order) = (reviewer.owner.id, window.order);
        let narrowed = window.filter(&filter);
        let found = listings::list_requests(&mut db, id, &narrowed, order, window.page()).await?;
        let Cut {
            entries,
            before,
            after,
        } = window.cut(found, view, path);
        Ok(Self {
            matching: listings::count_requests(&mut db, id, &filter, order).await?,
            rows: rows(app, reviewer, view, &entries).await?,
            before,
            after,
        })
    }
}
