//! `/settings/security/recovery-codes`: a new set of recovery codes, shown once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::security;
use crate::actions::make_recovery_codes::make_recovery_codes;
use crate::app::App;
use crate::domain::recovery::{self, RecoveryCode};
use crate::domain::time::Timestamp;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::Form;
use crate::web::pages::settings::nav;

/// The page.
#[derive(Template)]
#[template(path = "pages/account/recovery_codes.html")]
struct CodesPage {
    chrome: Chrome,
    nav: Nav,
    codes: Vec<String>,
    /// All of them, for the copy button.
    lines: String,
    login: String,
    base_url: String,
    now: Timestamp,
}

/// Makes the codes. The answer is kept by no cache, as no page of the console is.
pub async fn post(State(app): State<App>, signed_in: SignedIn, Form(fields): Form) -> PageResult {
    let act = "make recovery codes";
    let way = signed_in.ask_first(&app, act, security::PATH, &fields);
    if let Some(way) = way.await {
        return Ok(way);
    }
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    let codes = make_recovery_codes(&app.context, &origin, user).await?;
    let template = CodesPage {
        chrome: super::chrome_under_security(&signed_in, "Your recovery codes"),
        nav: nav(security::PATH),
        lines: recovery::lines(&codes),
        codes: codes.iter().map(RecoveryCode::reveal).collect(),
        login: signed_in.user.login.clone(),
        base_url: app.config.base_url.clone(),
        now: signed_in.now(),
    };
    Ok(page(StatusCode::OK, template))
}
