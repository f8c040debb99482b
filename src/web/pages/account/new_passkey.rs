//! `/settings/security/passkeys/new`: adding one more passkey, on this device or another.
//!
//! A ceremony cannot be kept while somebody confirms, so the confirmation is asked for before the form is shown.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};

use super::security;
use crate::actions::add_passkey::{self, AddError};
use crate::actions::enroll::NewPasskey;
use crate::app::App;
use crate::domain::profile::passkey_name;
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::settings::nav;
use crate::web::passkeys::{self, Begun, OurScript, Refusal, told};

/// The address of the form.
pub const PATH: &str = "/settings/security/passkeys/new";
/// What waits for the confirmation.
const ACT: &str = "add a passkey";
const EXPIRED: &str =
    "It is over 15 minutes since you confirmed that it is you. Load the page again and confirm.";
const KNOWN: &str = "This passkey is registered already. Make another one, on another device.";
const TOO_MANY: &str = "You have 20 passkeys, and no more fit. Remove one first.";

/// The page.
#[derive(Template)]
#[template(path = "pages/account/new_passkey.html")]
struct NewPasskeyPage {
    chrome: Chrome,
    nav: Nav,
    passkey_name: String,
    problem: String,
}

/// Asks for the confirmation, then shows the form.
pub async fn get(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryFields(query): QueryFields,
) -> PageResult {
    let typed = signed_in.restored(&app, &query).await?.unwrap_or_default();
    if let Some(way) = signed_in.ask_first(&app, ACT, PATH, &typed).await {
        return Ok(way);
    }
    show(&signed_in, &typed, None)
}

/// Begins the ceremony.
pub async fn begin(
    State(app): State<App>,
    signed_in: SignedIn,
    _: OurScript,
) -> Result<Json<Begun>, Refusal> {
    if !signed_in.is_confirmed() {
        return Err(Refusal::Told(EXPIRED));
    }
    passkeys::begin_registration(&app, &signed_in.user)
        .await
        .map(Json)
}

/// Adds the passkey; the session changes its id.
pub async fn post(State(app): State<App>, signed_in: SignedIn, Form(answer): Form) -> PageResult {
    let kept = answer.without(&["ceremony", "credential"]);
    if let Some(way) = signed_in.ask_first(&app, ACT, PATH, &kept).await {
        return Ok(way);
    }
    let name = match add(&app, &signed_in, &answer).await {
        Ok(name) => name,
        Err(refusal) => return show(&signed_in, &answer, Some(refusal)),
    };
    signed_in.session.renew().await?;
    let text = format!("Added the passkey {name}. You can sign in with it from now on.");
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(security::PATH).into_response())
}

/// Checks and enters the passkey; gives its name.
async fn add<'a>(app: &App, signed_in: &SignedIn, answer: &'a Fields) -> Result<&'a str, Refusal> {
    let name = passkey_name(answer.get("name")).map_err(Refusal::Told)?;
    let passkey = passkeys::finish_registration(app, signed_in.user.id, answer).await?;
    let new = NewPasskey {
        credential_id: passkey.cred_id().as_ref(),
        name,
        passkey: &serde_json::to_string(&passkey).map_err(PageError::internal)?,
    };
    let origin = signed_in.origin();
    match add_passkey::add_passkey(&app.context, &origin, signed_in.user.id, &new).await {
        Ok(_) => Ok(name),
        Err(AddError::Known) => Err(Refusal::Told(KNOWN)),
        Err(AddError::TooMany) => Err(Refusal::Told(TOO_MANY)),
        Err(AddError::Store(cause)) => Err(cause.into()),
    }
}

fn show(signed_in: &SignedIn, typed: &Fields, refusal: Option<Refusal>) -> PageResult {
    let (status, problem) = told(refusal)?;
    let template = NewPasskeyPage {
        chrome: super::chrome_under_security(signed_in, "Add a passkey"),
        nav: nav(security::PATH),
        passkey_name: typed.get("name").to_owned(),
        problem,
    };
    Ok(page(status, template))
}
