//! `/docs/permissions/{slug}`: one permission, its levels, and every endpoint that takes it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::PATH;
use super::entry::{EndpointView, LevelView, draw_endpoint, draw_levels, held_at};
use crate::app::App;
use crate::domain::catalog::search::Found;
use crate::web::chrome::Chrome;
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::open_chrome;
use crate::web::filters::counted;
use crate::web::session::ConsoleSession;

#[derive(Template)]
#[template(path = "pages/docs/permissions/one.html")]
struct OnePage {
    chrome: Chrome,
    slug: String,
    title: String,
    sentence: String,
    held_at: &'static str,
    risk: String,
    public_scope: String,
    levels: Vec<LevelView>,
    endpoints: Vec<EndpointView>,
    count: String,
}

/// Shows one permission.
pub async fn get(
    State(app): State<App>,
    session: ConsoleSession,
    Path(slug): Path<String>,
) -> PageResult {
    let catalog = app.context.catalog;
    let permission = catalog.find_permission(&slug).ok_or(PageError::NotFound)?;
    let chrome = open_chrome(&app, &session, &permission.title).await?;
    let chrome = chrome.crumb("Permissions", PATH).here(&permission.title);
    let viewer = chrome.viewer.as_ref();
    let taking = catalog
        .endpoints()
        .iter()
        .filter(|endpoint| endpoint.permissions().contains(&permission.id));
    let endpoints: Vec<_> = taking
        .map(|endpoint| {
            let parameters = Vec::new();
            draw_endpoint(
                catalog,
                &Found {
                    endpoint,
                    parameters,
                },
                viewer,
            )
        })
        .collect();
    let one = OnePage {
        slug: permission.slug.clone(),
        title: permission.title.clone(),
        sentence: permission.sentence.clone(),
        held_at: held_at(permission.group),
        risk: permission.risk.clone().unwrap_or_default(),
        public_scope: permission
            .public_scope
            .map(|scope| catalog.scope(scope).name.clone())
            .unwrap_or_default(),
        levels: draw_levels(catalog, permission, viewer),
        count: counted(
            i64::try_from(endpoints.len()).unwrap_or(i64::MAX),
            "endpoint",
            "endpoints",
        ),
        endpoints,
        chrome,
    };
    Ok(page(StatusCode::OK, one))
}
