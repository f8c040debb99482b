//! `/settings/security`: a person's passkeys, sessions and recovery codes, and what happened to the account lately.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::activity::{self, Activity};
use crate::app::App;
use crate::domain::ids::PasskeyId;
use crate::domain::profile::MOST_PASSKEYS;
use crate::domain::time::Timestamp;
use crate::store::recovery::{self, CodesLeft};
use crate::store::sessions::{self, OwnSession};
use crate::store::sign_in::{self, PasskeyRow};
use crate::web::browser_name;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::pages::settings::nav;

/// The address of the page.
pub const PATH: &str = "/settings/security";
/// How many sessions are shown: the last used ones.
const SESSIONS_SHOWN: i64 = 50;

/// The page.
#[derive(Template)]
#[template(path = "pages/account/security.html")]
struct SecurityPage {
    chrome: Chrome,
    nav: Nav,
    now: Timestamp,
    passkeys: Vec<Key>,
    may_add: bool,
    sessions: Vec<Seat>,
    /// How many sessions are live; more than are shown where there are very many.
    session_count: i64,
    codes: CodesLeft,
    activity: Vec<Activity>,
}

/// One passkey.
struct Key {
    id: PasskeyId,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// Whether this session was proved with it.
    is_here: bool,
}

impl Key {
    fn new(row: PasskeyRow, here: Option<PasskeyId>) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            is_here: here == Some(row.id),
        }
    }
}

/// One session.
struct Seat {
    handle: String,
    browser: String,
    address: String,
    passkey: String,
    created_at: Timestamp,
    last_used_at: Timestamp,
    is_this: bool,
}

impl Seat {
    fn new(session: OwnSession, this: &str) -> Self {
        Self {
            browser: browser_name::in_words(session.user_agent.as_deref()),
            address: session.address.unwrap_or_default(),
            passkey: session.passkey.unwrap_or_default(),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            is_this: session.handle == this,
            handle: session.handle,
        }
    }
}

/// Shows the page.
pub async fn get(State(app): State<App>, signed_in: SignedIn) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (signed_in.user.id, signed_in.now());
    let here = signed_in.session.passkey().await?;
    let this = signed_in.session.handle().await?;
    let passkeys = sign_in::list_passkeys(&mut db, user).await?;
    let live = sessions::list_of_user(&mut db, user, now, SESSIONS_SHOWN).await?;
    let template = SecurityPage {
        chrome: signed_in
            .chrome("Passkeys and sessions")
            .here("Passkeys and sessions"),
        nav: nav(PATH),
        now,
        may_add: passkeys.len() < MOST_PASSKEYS,
        passkeys: passkeys
            .into_iter()
            .map(|row| Key::new(row, here))
            .collect(),
        sessions: live
            .into_iter()
            .map(|session| Seat::new(session, &this))
            .collect(),
        session_count: sessions::count_of_user(&mut db, user, now).await?,
        codes: recovery::left(&mut db, user).await?,
        activity: activity::list(&mut db, user, now).await?,
    };
    Ok(page(StatusCode::OK, template))
}
