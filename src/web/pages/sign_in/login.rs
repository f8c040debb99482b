//! `/login`: signing in with a passkey, without a login being typed.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::actions::sign_in;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::server::meta::RequestMeta;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::{anonymous_chrome, find_user};
use crate::web::form::{Form, QueryFields};
use crate::web::passkeys::{self, Begun, OurScript, Refusal};
use crate::web::session::ConsoleSession;
use crate::web::urls;

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in/login.html")]
struct Login {
    chrome: Chrome,
    /// Where to go afterwards.
    next: String,
    /// Why the last try came to nothing; empty at first.
    problem: &'static str,
}

/// Shows the button; whoever is signed in already goes on.
pub async fn get(
    State(app): State<App>,
    session: ConsoleSession,
    QueryFields(query): QueryFields,
) -> PageResult {
    let next = urls::after_sign_in(query.get("next"));
    if find_user(&app, &session).await?.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    show(&app, &session, next, "").await
}

async fn show(
    app: &App,
    session: &ConsoleSession,
    next: &str,
    problem: &'static str,
) -> PageResult<Response> {
    let status = if problem.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let login = Login {
        chrome: anonymous_chrome(app, session, "Sign in").await?,
        next: next.to_owned(),
        problem,
    };
    Ok(page(status, login))
}

/// Begins the ceremony.
pub async fn begin(State(app): State<App>, _: OurScript) -> Result<Json<Begun>, Refusal> {
    passkeys::begin_sign_in(&app).await.map(Json)
}

/// Checks the passkey and begins a session.
pub async fn post(
    State(app): State<App>,
    session: ConsoleSession,
    meta: RequestMeta,
    Form(answer): Form,
) -> PageResult {
    let next = urls::after_sign_in(answer.get("next"));
    let (user, passkey) = match passkeys::finish_sign_in(&app, &answer).await {
        Ok(found) => found,
        Err(Refusal::Told(problem)) => return show(&app, &session, next, problem).await,
        Err(Refusal::Failed(error)) => return Err(error),
    };
    let origin = meta.origin(Actor::Person(user.id));
    sign_in::sign_in(&app.context, &origin, user.id, Some(&passkey)).await?;
    session.sign_in(&app, user.id, true).await?;
    Ok(Redirect::to(next).into_response())
}
