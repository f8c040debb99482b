//! Every token that reaches an organization, the newest grant first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::is_over;
use crate::store::listings::{self, Direction, Entry, PermissionsById, RepositoriesById};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::paging::{Cut, Window};
use crate::web::pages::organization::{frame, phrases};

#[derive(Template)]
#[template(path = "pages/organization/active/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    count: i64,
    rows: Vec<Row>,
    newer: String,
    older: String,
}

/// One grant as the list shows it.
struct Row {
    href: String,
    login: String,
    name: String,
    token: String,
    gives: Vec<String>,
    highest: Option<Level>,
    repositories: String,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    is_expired: bool,
}

impl Row {
    /// The highest level where it is worth a reviewer's eye.
    fn risk(&self) -> Option<Level> {
        self.highest.filter(|level| *level > Level::Read)
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let path = frame::active_path(&owner.organization.login);
    let window = Window::read(&query, Direction::Descending, &path)?;
    let mut db = app.context.store.reader();
    let id = owner.organization.id;
    let filter = window.filter();
    let found = listings::list_grants(&mut db, id, &filter, window.direction, Window::page());
    let cut = window.cut(found.await?, &path);
    let rows = rows(&app, &owner, &cut).await?;
    let trail = vec![Crumb::text("Active tokens")];
    let (chrome, nav) = frame::around(&app, &owner, "Active tokens", &path, trail).await?;
    let template = List {
        chrome,
        nav,
        now: owner.signed_in.now().as_micros(),
        organization: owner.organization.name.clone(),
        path,
        count: listings::count_grants(&mut db, id).await?,
        rows,
        newer: cut.before,
        older: cut.after,
    };
    Ok(page(StatusCode::OK, template))
}

async fn rows(app: &App, owner: &OrganizationOwner, cut: &Cut) -> PageResult<Vec<Row>> {
    let mut db = app.context.store.reader();
    let ids: Vec<i64> = cut.entries.iter().map(|entry| entry.id).collect();
    let permissions = listings::permissions_of_grants(&mut db, &ids).await?;
    let repositories = listings::repositories_of_grants(&mut db, &ids).await?;
    Ok(cut
        .entries
        .iter()
        .map(|entry| row(app, owner, entry, &permissions, &repositories))
        .collect())
}

fn row(
    app: &App,
    owner: &OrganizationOwner,
    entry: &Entry,
    permissions: &PermissionsById,
    repositories: &RepositoriesById,
) -> Row {
    let login = &owner.organization.login;
    let held = permissions.get(&entry.id).map_or(&[][..], Vec::as_slice);
    let names = repositories.get(&entry.id).map_or(&[][..], Vec::as_slice);
    Row {
        href: frame::grant_path(login, entry.grant_id),
        login: entry.user_login.clone(),
        name: entry.user_name.clone(),
        token: entry.token_name.clone(),
        gives: phrases::held(app.context.catalog, held),
        highest: held.iter().map(|(_, level)| *level).max(),
        repositories: phrases::repositories(login, entry.selection, names),
        last_used_at: entry.last_used_at,
        expires_at: entry.expires_at,
        is_expired: is_over(entry.expires_at, owner.signed_in.now()),
    }
}
