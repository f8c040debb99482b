//! The new secret, once, and what becomes of the old one.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;

use super::asked_words;
use crate::actions::regenerate::Regenerated;
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::store::tokens::Token;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::page;
use crate::web::pages::tokens::nav;

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
    list: &'static str,
}

/// What the page is about.
#[derive(Debug)]
pub struct Done<'a> {
    /// Its frame.
    pub chrome: Chrome,
    /// The address of the list that the token stands in.
    pub list: &'static str,
    /// The token, as it was.
    pub token: &'a Token,
    /// Its new secret.
    pub made: &'a Regenerated,
    /// The moment of the request.
    pub now: Timestamp,
}

/// Shows the secret that was just made; the page is never kept.
pub fn show(done: Done<'_>) -> Response {
    let Done {
        chrome,
        list,
        token,
        made,
        now,
    } = done;
    let template = DonePage {
        chrome,
        nav: nav(list),
        now: now.as_micros(),
        name: token.name.clone(),
        secret: made.secret.reveal().to_owned(),
        life: summary::life(made.expires_at),
        old_ends_at: made.old_ends_at,
        asked: made.owners.iter().filter_map(asked_words).collect(),
        token_page: format!("{list}/{}", token.id),
        list,
    };
    let mut response = page(StatusCode::OK, template);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
