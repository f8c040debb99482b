//! `/login/recovery`: getting in with a recovery code when every passkey is lost.
//!
//! A code begins no session: it gives a one-time link, and the way leads on to registering a passkey with it.

use askama::Template;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::actions::recover::{RecoverError, recover};
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::names;
use crate::domain::recovery::RecoveryCode;
use crate::domain::throttle::{TooOften, source};
use crate::server::meta::RequestMeta;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::anonymous_chrome;
use crate::web::form::{Fields, Form};
use crate::web::session::ConsoleSession;

/// The longest login that is looked for, in characters.
const LONGEST_LOGIN: usize = 39;
const NO_LOGIN: &str =
    "Write your login: the name that stands in the addresses of your repositories.";
const NO_CODE: &str =
    "A recovery code has 24 letters and digits. Write one of those that you have printed or kept.";

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in/recovery.html")]
struct Recovery {
    chrome: Chrome,
    login: String,
    code: String,
    problem: String,
    login_error: &'static str,
    code_error: &'static str,
}

impl Recovery {
    async fn lay(app: &App, session: &ConsoleSession, typed: &Fields) -> PageResult<Self> {
        Ok(Self {
            chrome: anonymous_chrome(app, session, "Use a recovery code").await?,
            login: typed.get("login").to_owned(),
            code: typed.get("code").to_owned(),
            problem: String::new(),
            login_error: "",
            code_error: "",
        })
    }

    fn errors(&self) -> Vec<(&'static str, &'static str)> {
        [("login", self.login_error), ("code", self.code_error)]
            .into_iter()
            .filter(|(_, error)| !error.is_empty())
            .collect()
    }
}

/// Shows the form, also to somebody who is signed in and cannot confirm any more.
pub async fn get(State(app): State<App>, session: ConsoleSession) -> PageResult {
    let recovery = Recovery::lay(&app, &session, &Fields::default()).await?;
    Ok(page(StatusCode::OK, recovery))
}

/// Uses the code and leads on to registering a passkey.
pub async fn post(
    State(app): State<App>,
    session: ConsoleSession,
    meta: RequestMeta,
    Form(fields): Form,
) -> PageResult {
    let mut again = Recovery::lay(&app, &session, &fields).await?;
    let login = fields.get("login").trim();
    let code = RecoveryCode::parse(fields.get("code"));
    let (Some(code), true) = (code.as_ref(), is_login(login)) else {
        again.login_error = if is_login(login) { "" } else { NO_LOGIN };
        again.code_error = if code.is_some() { "" } else { NO_CODE };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, again));
    };
    // Who it is, nobody knows yet.
    let origin = meta.origin(Actor::System);
    let from = source(meta.client);
    match recover(&app.context, &origin, &from, login, code).await {
        Ok(link) => Ok(Redirect::to(&format!("/enroll/{link}")).into_response()),
        Err(RecoverError::NotRight) => Ok(not_right(again)),
        Err(RecoverError::TooOften(often)) => Ok(too_often(again, often)),
        Err(RecoverError::Store(cause)) => Err(cause.into()),
    }
}

/// Whether a text could be a login: what is longer than any is not looked for.
fn is_login(text: &str) -> bool {
    !names::key(text).is_empty() && text.chars().count() <= LONGEST_LOGIN
}

fn not_right(again: Recovery) -> Response {
    let problem = "The login or the code is not right, or the code was used before. Try another one of your codes. If \
                   none works, ask the people who run this installation for a link to register a passkey.";
    let again = Recovery {
        problem: problem.to_owned(),
        ..again
    };
    page(StatusCode::UNPROCESSABLE_ENTITY, again)
}

fn too_often(again: Recovery, often: TooOften) -> Response {
    let again = Recovery {
        problem: format!(
            "Too many codes were tried for this login or from here. This one was not looked at, and can still be used; \
             try again in {}.",
            often.wait()
        ),
        ..again
    };
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, again);
    let seconds = HeaderValue::from(often.retry_after);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}
