//! The list of guarded services. They are few, so all stand on one page.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::LIST;
use crate::app::App;
use crate::store::services::{self, ServiceRow};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::pages::admin::around;
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/services/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    rows: Vec<ServiceRow>,
    believes_proxies: bool,
}

/// Shows every service.
pub async fn get(State(app): State<App>, admin: SiteAdmin) -> PageResult {
    let now = admin.signed_in.now();
    let rows = services::list_rows(&mut app.context.store.reader(), now).await?;
    let (chrome, nav) = around(&admin, "Services", LIST, vec![Crumb::text("Services")]);
    let template = List {
        chrome,
        nav,
        now: now.as_micros(),
        rows,
        believes_proxies: !app.config.trusted_proxies.is_empty(),
    };
    Ok(page(StatusCode::OK, template))
}
