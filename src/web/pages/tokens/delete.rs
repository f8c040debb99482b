//! `/settings/personal-access-tokens/{id}/delete`: says what stops working, then deletes. It takes rights away and gives
//! none, so the passkey is not asked for again.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::dependents::Dependents;
use super::one::find_own;
use super::{LIST, nav};
use crate::actions::delete_token::delete_token;
use crate::app::App;
use crate::store::tokens::Token;
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::Form;

#[derive(Template)]
#[template(path = "pages/tokens/delete.html")]
struct DeletePage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    token_page: String,
    name: String,
    dependents: Dependents,
}

/// Says what stops working.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    show(&app, &signed_in, token, ("Fine-grained tokens", LIST)).await
}

/// The page, for a token in a list with this title and address.
pub async fn show(
    app: &App,
    signed_in: &SignedIn,
    token: Token,
    (title, list): (&str, &'static str),
) -> PageResult {
    let mut db = app.context.store.reader();
    let now = signed_in.now();
    let token_page = format!("{list}/{}", token.id);
    let template = DeletePage {
        chrome: signed_in
            .chrome(&format!("Delete {}", token.name))
            .crumb(title, list)
            .crumb(&token.name, token_page.clone())
            .here("Delete"),
        nav: nav(list),
        now: now.as_micros(),
        token_page,
        dependents: Dependents::find(&mut db, token.id, now).await?,
        name: token.name,
    };
    Ok(page(StatusCode::OK, template))
}

/// Deletes the token and goes back to the list, which says so.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(_): Form,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    delete(&app, &signed_in, token, LIST).await
}

/// Deletes a token and leads back to its list.
pub async fn delete(app: &App, signed_in: &SignedIn, token: Token, list: &str) -> PageResult {
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    if !delete_token(&app.context, &origin, user, token.id).await? {
        return Err(PageError::NotFound);
    }
    let text = format!(
        "Deleted the token {}. Calls with it are refused from now on.",
        token.name
    );
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(list).into_response())
}
