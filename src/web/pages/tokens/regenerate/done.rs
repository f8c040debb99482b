//! The new secret, once, and what becomes of the old one.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;

use super::{Visit, asked_words};
use crate::actions::regenerate::Regenerated;
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::page;
use crate::web::pages::tokens::{LIST, nav};

#[derive(Template)]
#[template(path = "pages/tokens/regenerated.html")]
struct DonePage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    name: String,
    secret: String,
    life: String,
    old_ends_at: Option<Timestamp>,
    asked: Vec<String>,
    token_page: String,
}

/// Shows the secret that was just made; the page is never kept.
pub(super) fn show(visit: &Visit, made: &Regenerated) -> Response {
    let template = DonePage {
        chrome: visit.chrome("Your new secret"),
        nav: nav(LIST),
        now: visit.sheet.desk.now.as_micros(),
        name: visit.token.name.clone(),
        secret: made.secret.reveal().to_owned(),
        life: summary::life(made.expires_at),
        old_ends_at: made.old_ends_at,
        asked: made.owners.iter().filter_map(asked_words).collect(),
        token_page: visit.token_page(),
    };
    let mut response = page(StatusCode::OK, template);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
