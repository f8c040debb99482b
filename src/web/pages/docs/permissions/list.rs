//! `/docs/permissions`: every permission by group, and a search in permissions and endpoints.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::PATH;
use super::entry::{EndpointView, draw_endpoint, held_at, line_of, page_of};
use crate::app::App;
use crate::domain::catalog::search::Found;
use crate::domain::catalog::{Catalog, Endpoint, Permission};
use crate::domain::permission::{Group, PermissionId};
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::open_chrome;
use crate::web::filters::counted;
use crate::web::form::QueryFields;
use crate::web::session::ConsoleSession;

/// So many endpoints are told of one search.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "pages/docs/permissions/list.html")]
struct ListPage {
    chrome: Chrome,
    search: String,
    error: String,
    errors: Vec<(&'static str, String)>,
    groups: Vec<GroupView>,
    found: Option<FoundView>,
    free: Vec<String>,
    closed: Vec<String>,
}

/// The permissions of a group.
struct GroupView {
    id: &'static str,
    title: &'static str,
    held_at: &'static str,
    permissions: Vec<PermissionView>,
}

/// A permission in the list.
struct PermissionView {
    href: String,
    title: String,
    sentence: String,
    levels: Vec<&'static str>,
    endpoints: String,
}

/// What a search found.
struct FoundView {
    permissions: Vec<PermissionView>,
    endpoints: Vec<EndpointView>,
    count: String,
    /// How many endpoints are not told; empty where all are.
    more: String,
}

/// Shows the permissions, or what a search finds.
pub async fn get(
    State(app): State<App>,
    session: ConsoleSession,
    QueryFields(query): QueryFields,
) -> PageResult {
    let chrome = open_chrome(&app, &session, "Permissions and endpoints").await?;
    let chrome = chrome.here("Permissions");
    let search = query.get("q").trim().to_owned();
    let index = Index::of(app.context.catalog);
    let mut list = ListPage {
        chrome,
        search,
        error: String::new(),
        errors: Vec::new(),
        groups: Vec::new(),
        found: None,
        free: Vec::new(),
        closed: Vec::new(),
    };
    if list.search.is_empty() {
        list.groups = Group::ALL.map(|group| index.group(group)).into();
        list.free = index.lines(Endpoint::is_free);
        list.closed = index.lines(Endpoint::is_closed);
        return Ok(page(StatusCode::OK, list));
    }
    match index.catalog.search(&list.search) {
        Ok(found) => {
            list.found = Some(index.found(&list.search, &found, &list.chrome));
            Ok(page(StatusCode::OK, list))
        }
        Err(error) => {
            list.error = error.to_string();
            list.errors = vec![("q", list.error.clone())];
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, list))
        }
    }
}

/// The catalog with how many endpoints each permission opens.
struct Index {
    catalog: &'static Catalog,
    counts: BTreeMap<PermissionId, usize>,
}

impl Index {
    fn of(catalog: &'static Catalog) -> Self {
        let mut counts = BTreeMap::new();
        for permission in catalog.endpoints().iter().flat_map(Endpoint::permissions) {
            *counts.entry(permission).or_default() += 1;
        }
        Self { catalog, counts }
    }

    fn group(&self, group: Group) -> GroupView {
        let (id, title) = match group {
            Group::Repository => ("repository", "Repository permissions"),
            Group::Organization => ("organization", "Organization permissions"),
            Group::Account => ("account", "Account permissions"),
            Group::Enterprise => ("enterprise", "Enterprise permissions"),
        };
        GroupView {
            id,
            title,
            held_at: held_at(group),
            permissions: self
                .catalog
                .permissions_of(group)
                .map(|found| self.draw(found))
                .collect(),
        }
    }

    fn draw(&self, permission: &Permission) -> PermissionView {
        let count = self.counts.get(&permission.id).copied().unwrap_or_default();
        PermissionView {
            href: page_of(permission),
            title: permission.title.clone(),
            sentence: permission.sentence.clone(),
            levels: permission
                .levels
                .iter()
                .map(|rule| rule.level.as_str())
                .collect(),
            endpoints: counted(
                i64::try_from(count).unwrap_or(i64::MAX),
                "endpoint",
                "endpoints",
            ),
        }
    }

    fn lines(&self, is_wanted: impl Fn(&Endpoint) -> bool) -> Vec<String> {
        let endpoints = self.catalog.endpoints().iter();
        endpoints
            .filter(|endpoint| is_wanted(endpoint))
            .map(line_of)
            .collect()
    }

    fn found(&self, search: &str, found: &[Found<'_>], chrome: &Chrome) -> FoundView {
        let permissions = self.catalog.permissions().iter();
        let permissions = permissions.filter(|permission| permission.is_found(search));
        let told = found.iter().take(MOST);
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        FoundView {
            permissions: permissions
                .map(|permission| self.draw(permission))
                .collect(),
            endpoints: told
                .map(|found| draw_endpoint(self.catalog, found, chrome.viewer.as_ref()))
                .collect(),
            count: counted(count, "endpoint", "endpoints"),
            more: if found.len() > MOST {
                format!("The first {MOST} are shown: add a word, or the method, to see fewer.")
            } else {
                String::new()
            },
        }
    }
}
