//! `/settings/security/passkeys/{id}`: one passkey, its name, and its removal.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::security;
use crate::actions::remove_passkey::{self, RemoveError};
use crate::actions::rename_passkey::rename_passkey;
use crate::app::App;
use crate::domain::ids::PasskeyId;
use crate::domain::profile::passkey_name;
use crate::domain::time::Timestamp;
use crate::store::sessions;
use crate::store::sign_in::{self, PasskeyRow};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::Form;
use crate::web::pages::settings::nav;

/// The page.
#[derive(Template)]
#[template(path = "pages/account/passkey.html")]
struct PasskeyPage {
    chrome: Chrome,
    nav: Nav,
    now: Timestamp,
    passkey: PasskeyRow,
    /// The name that stands in the form.
    typed_name: String,
    name_error: &'static str,
    is_only: bool,
    /// Whether this session ends with it.
    is_here: bool,
    other_sessions: i64,
    /// Why it was not removed; empty at first.
    problem: &'static str,
}

impl PasskeyPage {
    fn errors(&self) -> Vec<(&'static str, &'static str)> {
        let error = Some(("name", self.name_error));
        error
            .filter(|(_, error)| !error.is_empty())
            .into_iter()
            .collect()
    }
}

const LAST: &str =
    "It is your only passkey: without it you could not sign in again. Add another one first.";

/// The address of a passkey's page.
fn path(id: PasskeyId) -> String {
    format!("{}/passkeys/{id}", security::PATH)
}

async fn find(app: &App, signed_in: &SignedIn, id: &str) -> PageResult<PasskeyRow> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    let mut db = app.context.store.reader();
    sign_in::find_own_passkey(&mut db, signed_in.user.id, id)
        .await?
        .ok_or(PageError::NotFound)
}

/// Shows the passkey; after a confirmation, too: removing it has no field to fill again.
pub async fn get(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> PageResult {
    let passkey = find(&app, &signed_in, &id).await?;
    let page_of = lay(&app, &signed_in, passkey).await?;
    Ok(page(StatusCode::OK, page_of))
}

/// Gives the passkey another name.
pub async fn rename(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let passkey = find(&app, &signed_in, &id).await?;
    let typed = fields.get("name");
    let name = match passkey_name(typed) {
        Ok(name) if !typed.trim().is_empty() => name,
        wrong => {
            let mut page_of = lay(&app, &signed_in, passkey).await?;
            typed.clone_into(&mut page_of.typed_name);
            page_of.name_error = wrong.err().unwrap_or("Write what to call this passkey.");
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, page_of));
        }
    };
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    if !rename_passkey(&app.context, &origin, user, passkey.id, name).await? {
        return Err(PageError::NotFound);
    }
    let text = format!("The passkey is called {name} now.");
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(security::PATH).into_response())
}

/// Removes the passkey and ends the other sessions, and this one too if it was proved with it.
pub async fn remove(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let passkey = find(&app, &signed_in, &id).await?;
    let act = format!("remove the passkey {}", passkey.name);
    let here = path(passkey.id);
    if let Some(way) = signed_in.ask_first(&app, &act, &here, &fields).await {
        return Ok(way);
    }
    let this = signed_in.session.handle().await?;
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    match remove_passkey::remove_passkey(&app.context, &origin, user, passkey.id, &this).await {
        Ok(_) => removed(&signed_in, &passkey).await,
        Err(RemoveError::Last) => {
            let mut page_of = lay(&app, &signed_in, passkey).await?;
            page_of.problem = LAST;
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, page_of))
        }
        Err(RemoveError::NotFound) => Err(PageError::NotFound),
        Err(RemoveError::Store(cause)) => Err(cause.into()),
    }
}

async fn removed(signed_in: &SignedIn, passkey: &PasskeyRow) -> PageResult {
    if signed_in.session.passkey().await? == Some(passkey.id) {
        signed_in.session.end().await?;
        return Ok(Redirect::to("/login").into_response());
    }
    let text = format!(
        "Removed the passkey {}. Every other session of yours has ended.",
        passkey.name
    );
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(security::PATH).into_response())
}

async fn lay(app: &App, signed_in: &SignedIn, passkey: PasskeyRow) -> PageResult<PasskeyPage> {
    let mut db = app.context.store.reader();
    let (user, now) = (signed_in.user.id, signed_in.now());
    let count = sign_in::list_passkeys(&mut db, user).await?.len();
    let live = sessions::count_of_user(&mut db, user, now).await?;
    Ok(PasskeyPage {
        chrome: super::chrome_under_security(signed_in, &passkey.name),
        nav: nav(security::PATH),
        now,
        typed_name: passkey.name.clone(),
        name_error: "",
        is_only: count < 2,
        is_here: signed_in.session.passkey().await? == Some(passkey.id),
        other_sessions: live.saturating_sub(1),
        problem: "",
        passkey,
    })
}
