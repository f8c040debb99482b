//! Every token that reaches an account, the newest access first unless its reviewers want it otherwise.

use askama::Template;
use axum::extract::State;

use super::rows::{Row, rows};
use crate::app::App;
use crate::store::listings::{self, EntryFilter, SortBy};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, QueryFields};
use crate::web::pages::organization::filters::FilterForm;
use crate::web::pages::organization::frame;
use crate::web::pages::organization::paging::{Cut, Window};
use crate::web::pages::organization::requests::list::status;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::{Head, View};

#[derive(Template)]
#[template(path = "pages/organization/active/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    is_own_account: bool,
    path: String,
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
    used: Head,
    end: Head,
}

impl Heads {
    fn new(view: &View, path: &str) -> Self {
        Self {
            person: view.head(path, SortBy::Person),
            token: view.head(path, SortBy::Token),
            used: view.head(path, SortBy::LastUsed),
            end: view.head(path, SortBy::End),
        }
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    QueryFields(query): QueryFields,
) -> PageResult {
    let view = super::view(&query);
    let path = reviewer.paths.active.clone();
    let now = reviewer.signed_in.now();
    let (shown, mistakes) = match view.filter(&app, &reviewer.owner, now).await? {
        Ok(filter) => (
            Shown::find(&app, &reviewer, &view, &query, filter).await?,
            Vec::new(),
        ),
        Err(mistakes) => (Shown::default(), mistakes),
    };
    let status = status(&mistakes);
    let trail = vec![Crumb::text("Active tokens")];
    let (chrome, nav) =
        frame::around_reviewer(&app, &reviewer, "Active tokens", &path, trail).await?;
    let is_own = reviewer.is_own_account();
    let template = List {
        chrome,
        nav,
        now: now.as_micros(),
        owner: reviewer.name().to_owned(),
        is_own_account: is_own,
        matching: shown.matching,
        heads: Heads::new(&view, &path),
        filters: FilterForm::new(app.context.catalog, view, &path, is_own, mistakes),
        rows: shown.rows,
        before: shown.before,
        after: shown.after,
        path,
    };
    Ok(page(status, template))
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
        let path = &reviewer.paths.active;
        let window = Window::read(query, view, path)?;
        let mut db = app.context.store.reader();
        let (id, order) = (reviewer.owner.id, window.order);
        let filter = reviewer.of_others(filter);
        let narrowed = window.filter(&filter);
        let found = listings::list_grants(&mut db, id, &narrowed, order, window.page()).await?;
        let Cut {
            entries,
            before,
            after,
        } = window.cut(found, view, path);
        Ok(Self {
            matching: listings::count_grants(&mut db, id, &filter).await?,
            rows: rows(app, reviewer, view, &entries).await?,
            before,
            after,
        })
    }
}
