//! The guarded services: who may ask about tokens, in which headers their proxies ask, and their secrets.

pub mod list;
pub mod new;
pub mod one;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::around;
use crate::actions::services::Wish;
use crate::app::App;
use crate::domain::ids::ServiceId;
use crate::domain::token::secret::Secret;
use crate::store::services::Service;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::page;
use crate::web::form::Fields;
use crate::web::site_admin::SiteAdmin;

/// The address of the list.
pub(super) const LIST: &str = "/admin/services";

/// The page of one service.
fn path(id: ServiceId) -> String {
    format!("{LIST}/{id}")
}

/// The address at which a service's proxy asks.
fn gate_address(app: &App, name: &str) -> String {
    format!("{}/gate/{name}/authorize", app.config.base_url)
}

/// What was typed of a service.
fn wish(fields: &Fields) -> Wish {
    let text = |name| fields.get(name).to_owned();
    Wish {
        name: text("name"),
        catalog: text("catalog"),
        proxy: text("proxy"),
        filters: fields.get("filters") == "yes",
        hosts: text("hosts"),
        owners: text("owners"),
    }
}

/// The frame of a page about one service.
fn around_service(admin: &SiteAdmin, name: &str) -> (Chrome, Nav) {
    let trail = vec![Crumb::link("Services", LIST), Crumb::text(name)];
    around(admin, name, LIST, trail)
}

/// A secret: shown in the answer to the act that made it, and never again.
#[derive(Template)]
#[template(path = "pages/admin/services/secret.html")]
struct SecretPage {
    chrome: Chrome,
    nav: Nav,
    name: String,
    secret: String,
    gate_address: String,
    base_url: String,
    path: String,
    is_new: bool,
    overlap: i64,
}

fn show_secret(
    app: &App,
    admin: &SiteAdmin,
    service: &Service,
    secret: &Secret,
    overlap: Option<i64>,
) -> Response {
    let (chrome, nav) = around_service(admin, &service.name);
    let template = SecretPage {
        chrome,
        nav,
        name: service.name.clone(),
        secret: secret.reveal().to_owned(),
        gate_address: gate_address(app, &service.name),
        base_url: app.config.base_url.clone(),
        path: path(service.id),
        is_new: overlap.is_none(),
        overlap: overlap.unwrap_or_default(),
    };
    page(StatusCode::OK, template)
}
