//! `/login`: signing in with a passkey, without a login being typed.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::actions::sign_in::{self, UsedPasskey};
use crate::actions::throttle;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::throttle::{CEREMONY, SIGN_IN, source};
use crate::server::meta::RequestMeta;
use crate::store::accounts::Account;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::{anonymous_chrome, find_user};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::passkeys::{self, Begun, OurScript, Refusal, told};
use crate::web::session::{ConsoleSession, Entry};
use crate::web::urls;

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in/login.html")]
struct Login {
    chrome: Chrome,
    /// Where to go afterwards.
    next: String,
    /// Why the last try came to nothing; empty at first.
    problem: String,
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
    show(&app, &session, next, None).await
}

async fn show(
    app: &App,
    session: &ConsoleSession,
    next: &str,
    refusal: Option<Refusal>,
) -> PageResult<Response> {
    let (status, problem) = told(refusal)?;
    let login = Login {
        chrome: anonymous_chrome(app, session, "Sign in").await?,
        next: next.to_owned(),
        problem,
    };
    Ok(page(status, login))
}

/// Begins the ceremony.
pub async fn begin(
    State(app): State<App>,
    meta: RequestMeta,
    _: OurScript,
) -> Result<Json<Begun>, Refusal> {
    throttle::count(&app.context, &CEREMONY, &source(meta.client)).await?;
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
    let (user, passkey) = match prove(&app, &meta, &answer).await {
        Ok(found) => found,
        Err(refusal) => return show(&app, &session, next, Some(refusal)).await,
    };
    let origin = meta.origin(Actor::Person(user.id));
    if !sign_in::sign_in(&app.context, &origin, user.id, Some(&passkey)).await? {
        let refusal = Refusal::Told(passkeys::REMOVED);
        return show(&app, &session, next, Some(refusal)).await;
    }
    let entry = Entry {
        user: user.id,
        passkey: Some(passkey.id),
        meta: &meta,
    };
    session.sign_in(&app, entry).await?;
    Ok(Redirect::to(next).into_response())
}

/// Who it is; failures from one address are counted, and after too many nothing is looked at.
async fn prove(
    app: &App,
    meta: &RequestMeta,
    answer: &Fields,
) -> Result<(Account, UsedPasskey), Refusal> {
    let from = source(meta.client);
    throttle::check(&app.context, &SIGN_IN, &from).await?;
    let found = passkeys::finish_sign_in(app, answer).await;
    if matches!(found, Err(Refusal::Told(_))) {
        throttle::count(&app.context, &SIGN_IN, &from).await?;
    }
    found
}
