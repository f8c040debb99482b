//! An account's repositories: searched, narrowed, sorted, a page at a time. One page for people and organizations.

use askama::Template;
use axum::http::StatusCode;

use super::frame;
use super::paging::{Cut, SIZE, Wanted};
use crate::app::App;
use crate::domain::access::rights::Visibility;
use crate::domain::time::Timestamp;
use crate::store::accounts::Account;
use crate::store::repository_lists::{Filter, SortBy, count_of_owner, list_of_owner};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::Fields;

#[derive(Template)]
#[template(path = "pages/repository/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    lead: String,
    total: i64,
    found: i64,
    wanted: Wanted,
    by_name: String,
    by_updated: String,
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// One repository.
struct Row {
    href: String,
    name: String,
    description: String,
    visibility: Visibility,
    updated_at: i64,
}

/// Where a list stands: its owner, its frame, and the moment.
#[derive(Debug)]
pub struct Setting<'a> {
    /// Whose repositories.
    pub owner: &'a Account,
    /// The frame.
    pub chrome: Chrome,
    /// The navigation.
    pub nav: Nav,
    /// One sentence under the title.
    pub lead: String,
    /// The moment of the request.
    pub now: Timestamp,
}

/// Draws the page that `query` asks for.
pub async fn show(app: &App, setting: Setting<'_>, query: &Fields) -> PageResult {
    let path = frame::list_of(setting.owner);
    let wanted = Wanted::read(query, &path)?;
    let mut db = app.context.store.reader();
    let id = setting.owner.id;
    let limit = i64::try_from(SIZE + 1).expect("a page is small");
    let order = wanted.reading_order();
    let found = list_of_owner(&mut db, id, &wanted.filter, order, wanted.beyond(), limit).await?;
    let total = count_of_owner(&mut db, id, &Filter::default()).await?;
    let matching = if wanted.is_filtered() {
        count_of_owner(&mut db, id, &wanted.filter).await?
    } else {
        total
    };
    let Cut {
        found,
        before,
        after,
    } = wanted.cut(found, &path);
    let rows = found.into_iter().map(|repository| Row {
        href: frame::path(&repository.owner_login, &repository.name),
        name: repository.name,
        description: repository.description,
        visibility: repository.visibility,
        updated_at: repository.updated_at.as_micros(),
    });
    let template = List {
        chrome: setting.chrome,
        nav: setting.nav,
        now: setting.now.as_micros(),
        lead: setting.lead,
        total,
        found: matching,
        by_name: wanted.sorted(&path, SortBy::Name),
        by_updated: wanted.sorted(&path, SortBy::Updated),
        rows: rows.collect(),
        wanted,
        path,
        before,
        after,
    };
    Ok(page(StatusCode::OK, template))
}
