//! `/enroll/{code}`: registering a passkey with a one-time link, the first one or after losing all.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use webauthn_rs::prelude::Passkey;

use crate::actions::create_link::code_hash;
use crate::actions::enroll::{self, EnrollError, NewPasskey, Terms};
use crate::actions::sign_in;
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::audit::Actor;
use crate::domain::ids::{AccountId, PasskeyId};
use crate::domain::profile::passkey_name;
use crate::domain::time::Timestamp;
use crate::server::meta::RequestMeta;
use crate::store::accounts::{self, Account};
use crate::store::recovery;
use crate::store::sign_in::{Enrolment, PasskeyRow, find_enrolment, list_passkeys};
use crate::web::chrome::{Chrome, FlashKind};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::anonymous_chrome;
use crate::web::form::{Fields, Form};
use crate::web::passkeys::{self, Begun, OurScript, Refusal, told};
use crate::web::session::{ConsoleSession, Entry};

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in/enroll.html")]
struct Enroll {
    chrome: Chrome,
    code: String,
    user: Account,
    earlier: Vec<Earlier>,
    /// How many recovery codes are left, and whether they stay.
    codes_left: i64,
    keeps_codes: bool,
    /// The name that was typed. (A macro's own parameter would hide a field called `name`.)
    passkey_name: String,
    now: Timestamp,
    problem: String,
}

/// An earlier passkey, which stays or goes.
struct Earlier {
    id: String,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    is_kept: bool,
}

impl Earlier {
    fn new(passkey: PasskeyRow, kept: &[PasskeyId]) -> Self {
        Self {
            id: passkey.id.to_string(),
            is_kept: kept.contains(&passkey.id),
            name: passkey.name,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

/// A link that serves, and whom.
struct Link {
    code: String,
    enrolment: Enrolment,
    user: Account,
}

/// Shows whose link it is.
pub async fn get(
    State(app): State<App>,
    Path(code): Path<String>,
    session: ConsoleSession,
    meta: RequestMeta,
) -> PageResult {
    let link = find(&app, code, &meta).await?;
    show(&app, &session, link, &Fields::default(), None).await
}

/// Begins the ceremony.
pub async fn begin(
    State(app): State<App>,
    Path(code): Path<String>,
    meta: RequestMeta,
    _: OurScript,
) -> Result<Json<Begun>, Refusal> {
    let link = find(&app, code, &meta).await?;
    passkeys::begin_registration(&app, &link.user)
        .await
        .map(Json)
}

/// Registers the passkey and signs in; in a demonstration also without one.
pub async fn post(
    State(app): State<App>,
    Path(code): Path<String>,
    session: ConsoleSession,
    meta: RequestMeta,
    Form(answer): Form,
) -> PageResult {
    let link = find(&app, code, &meta).await?;
    if app.config.demo && answer.has("without_passkey") {
        return enter_demo(&app, &session, &meta, &link).await;
    }
    match register(&app, &meta, &link, &answer).await {
        Ok(passkey) => {
            enter(&app, &session, &meta, link.user.id, Some(passkey)).await?;
            let text =
                "Your passkey is registered, and you are signed in. Sign in with it from now on.";
            session.leave(FlashKind::Success, text.to_owned()).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(refusal) => show(&app, &session, link, &answer, Some(refusal)).await,
    }
}

async fn enter(
    app: &App,
    session: &ConsoleSession,
    meta: &RequestMeta,
    user: AccountId,
    passkey: Option<PasskeyId>,
) -> PageResult<()> {
    let entry = Entry {
        user,
        passkey,
        meta,
    };
    session.sign_in(app, entry).await
}

async fn register(
    app: &App,
    meta: &RequestMeta,
    link: &Link,
    answer: &Fields,
) -> Result<PasskeyId, Refusal> {
    let name = passkey_name(answer.get("name")).map_err(Refusal::Told)?;
    let passkey = passkeys::finish_registration(app, link.user.id, answer).await?;
    let terms = Terms {
        keep: &kept(answer),
        keep_codes: answer.has("keep_codes"),
        once: !app.config.demo,
    };
    store(app, meta, link, name, &passkey, &terms).await
}

async fn store(
    app: &App,
    meta: &RequestMeta,
    link: &Link,
    name: &str,
    passkey: &Passkey,
    terms: &Terms<'_>,
) -> Result<PasskeyId, Refusal> {
    let new = NewPasskey {
        credential_id: passkey.cred_id().as_ref(),
        name,
        passkey: &serde_json::to_string(passkey).map_err(PageError::internal)?,
    };
    let origin = meta.origin(Actor::Person(link.user.id));
    enroll::enroll(&app.context, &origin, &link.enrolment, &new, terms)
        .await
        .map_err(refusal)
}

fn refusal(error: EnrollError) -> Refusal {
    match error {
        EnrollError::Over => Refusal::Failed(gone()),
        EnrollError::Known => Refusal::Told(
            "This passkey is registered already. Make another one, or sign in with it.",
        ),
        EnrollError::Store(cause) => Refusal::Failed(cause.into()),
    }
}

fn kept(answer: &Fields) -> Vec<PasskeyId> {
    let ids = answer.all("keep");
    ids.into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// Goes on as a sample person. Nothing is registered, nobody is confirmed, and the link stays.
async fn enter_demo(
    app: &App,
    session: &ConsoleSession,
    meta: &RequestMeta,
    link: &Link,
) -> PageResult {
    let origin = meta.origin(Actor::Person(link.user.id));
    sign_in::sign_in(&app.context, &origin, link.user.id, None).await?;
    enter(app, session, meta, link.user.id, None).await?;
    Ok(Redirect::to("/").into_response())
}

async fn show(
    app: &App,
    session: &ConsoleSession,
    link: Link,
    typed: &Fields,
    refusal: Option<Refusal>,
) -> PageResult<Response> {
    let (status, problem) = told(refusal)?;
    let codes = recovery::left(&mut app.context.store.reader(), link.user.id).await?;
    let enroll = Enroll {
        chrome: anonymous_chrome(app, session, "Register a passkey").await?,
        earlier: earlier(app, link.user.id, &kept(typed)).await?,
        codes_left: codes.count,
        keeps_codes: typed.has("keep_codes"),
        code: link.code,
        user: link.user,
        passkey_name: typed.get("name").to_owned(),
        now: session.now(),
        problem,
    };
    Ok(page(status, enroll))
}

async fn earlier(app: &App, user: AccountId, kept: &[PasskeyId]) -> PageResult<Vec<Earlier>> {
    let rows = list_passkeys(&mut app.context.store.reader(), user).await?;
    Ok(rows
        .into_iter()
        .map(|row| Earlier::new(row, kept))
        .collect())
}

/// The link behind a code, while it serves. One that was used, is over or never was looks the same.
async fn find(app: &App, code: String, meta: &RequestMeta) -> PageResult<Link> {
    let is_local = meta.client.is_some_and(|client| client.is_loopback());
    if app.config.demo && !is_local {
        return Err(elsewhere());
    }
    let mut db = app.context.store.reader();
    let found = find_enrolment(&mut db, &code_hash(&code)).await?;
    let enrolment = found
        .filter(|link| link.used_at.is_none() && link.expires_at > app.context.clock.now())
        .ok_or_else(gone)?;
    let user = accounts::find(&mut db, enrolment.user_id)
        .await?
        .filter(|user| user.kind == AccountKind::User && !user.is_suspended())
        .ok_or_else(gone)?;
    Ok(Link {
        code,
        enrolment,
        user,
    })
}

fn gone() -> PageError {
    PageError::Gone {
        title: "This link does not work any more".to_owned(),
        text: "It was used, its time is over, or a newer one took its place. If you have registered a passkey, sign \
               in with it. Otherwise ask the people who run this installation for a new link: they get one with \
               `grantry link LOGIN`."
            .to_owned(),
    }
}

fn elsewhere() -> PageError {
    PageError::Forbidden {
        title: "This link works on one machine only".to_owned(),
        text: "The links of a demonstration serve whoever sits at the machine that it runs on. Open it there.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ticked_passkeys_stay() {
        assert_eq!(kept(&Fields::default()), []);
        assert_eq!(
            kept(&Fields::parse("keep=3&keep=x&keep=5")),
            [PasskeyId::new(3), PasskeyId::new(5)]
        );
    }
}
