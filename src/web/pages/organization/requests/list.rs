//! The queue of an organization's owners: who asks for what, oldest first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::approval::risk::{Risk, RiskFacts, risks};
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::time::Timestamp;
use crate::store::listings::{self, Direction, Entry, RepositoriesById};
use crate::store::requests;
use crate::store::reviews::{self, Addition};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::paging::Window;
use crate::web::pages::organization::{frame, phrases};

#[derive(Template)]
#[template(path = "pages/organization/requests/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    waiting: i64,
    oldest_at: Option<Timestamp>,
    rows: Vec<Row>,
    older: String,
    newer: String,
}

/// One request as the queue shows it.
struct Row {
    href: String,
    login: String,
    name: String,
    token: String,
    adds: Vec<String>,
    repositories: String,
    risks: Vec<Risk>,
    at: i64,
}

/// Shows one page of the queue.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let path = frame::requests_path(&owner.organization.login);
    let window = Window::read(&query, Direction::Ascending, &path)?;
    let mut db = app.context.store.reader();
    let id = owner.organization.id;
    let (waiting, oldest_at) = requests::count_pending(&mut db, id).await?;
    let filter = window.filter();
    let found = listings::list_requests(&mut db, id, &filter, window.direction, Window::page());
    let cut = window.cut(found.await?, &path);
    let rows = rows(&app, &owner, &cut.entries).await?;
    show(&app, &owner, path, |chrome, nav, path| List {
        chrome,
        nav,
        now: owner.signed_in.now().as_micros(),
        organization: owner.organization.name.clone(),
        path,
        waiting,
        oldest_at,
        rows,
        older: cut.before,
        newer: cut.after,
    })
    .await
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    path: String,
    list: impl FnOnce(Chrome, Nav, String) -> List,
) -> PageResult<Response> {
    let trail = vec![Crumb::text("Pending requests")];
    let (chrome, nav) = frame::around(app, owner, "Pending requests", &path, trail).await?;
    Ok(page(StatusCode::OK, list(chrome, nav, path)))
}

async fn rows(app: &App, owner: &OrganizationOwner, entries: &[Entry]) -> PageResult<Vec<Row>> {
    let mut db = app.context.store.reader();
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let ids: Vec<RequestId> = entries.iter().map(Entry::request_id).collect();
    let users: Vec<AccountId> = entries.iter().map(|entry| entry.user_id).collect();
    let mut additions = reviews::list_additions(&mut db, &ids).await?;
    let repositories = listings::repositories_of_requests(&mut db, &numbers).await?;
    let first = reviews::list_first_requests(&mut db, owner.organization.id, &users).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = entry.request_id();
        let added = additions.remove(&id).unwrap_or_default();
        let is_first = first.get(&entry.user_id) == Some(&id);
        rows.push(row(app, owner, entry, &added, &repositories, is_first));
    }
    Ok(rows)
}

fn row(
    app: &App,
    owner: &OrganizationOwner,
    entry: &Entry,
    added: &[Addition],
    repositories: &RepositoriesById,
    is_first: bool,
) -> Row {
    let login = &owner.organization.login;
    let names = repositories.get(&entry.id).map_or(&[][..], Vec::as_slice);
    Row {
        href: frame::request_path(login, entry.request_id()),
        login: entry.user_login.clone(),
        name: entry.user_name.clone(),
        token: entry.token_name.clone(),
        adds: phrases::additions(app.context.catalog, added),
        repositories: phrases::repositories(login, entry.selection, names),
        risks: risks(&RiskFacts {
            adds: phrases::highest_added(added),
            selection: entry.selection,
            allows_rotation: entry.allows_rotation,
            expires_at: entry.expires_at,
            relation: entry.relation,
            is_first,
            now: owner.signed_in.now(),
        }),
        at: entry.at.as_micros(),
    }
}
