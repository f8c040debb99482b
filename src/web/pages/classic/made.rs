//! The answer to the form of a new classic token: the secret, once, what was dropped, how to use it.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};

use super::ground::{Ground, Obstacle};
use super::{LIST, nav};
use crate::actions::mint_classic::MintedClassic;
use crate::app::App;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::{StoreError, tokens};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::pages::tokens::new::made::{Command, commands};

#[derive(Template)]
#[template(path = "pages/classic/made.html")]
struct MadePage {
    chrome: Chrome,
    nav: Nav,
    note: String,
    secret: String,
    life: String,
    dropped: Vec<String>,
    obstacles: Vec<String>,
    commands: Vec<Command>,
    token_page: String,
}

/// Shows the secret of a token that was just made; the page is never kept.
pub async fn show(
    app: &App,
    signed_in: &SignedIn,
    ground: &Ground,
    minted: &MintedClassic,
) -> PageResult {
    let mut db = app.context.store.reader();
    let token = tokens::find(&mut db, minted.token).await?;
    let token = token.ok_or(StoreError::RowNotFound)?;
    let lifetime = Lifetime::between(token.starts_at, token.expires_at);
    let obstacles = ground.obstacles(lifetime, &[]);
    let dropped = minted.dropped.iter();
    let template = MadePage {
        chrome: super::chrome(signed_in, "Your new classic token").here("New"),
        nav: nav(LIST),
        note: token.name,
        secret: minted.secret.reveal().to_owned(),
        life: summary::life(minted.expires_at),
        dropped: dropped.map(|dropped| format!("{dropped}.")).collect(),
        obstacles: obstacles.iter().map(Obstacle::sentence).collect(),
        commands: commands(app.config.base_url.trim_end_matches('/'), None, false),
        token_page: format!("{LIST}/{}", minted.token),
    };
    let mut response = page(StatusCode::OK, template);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
