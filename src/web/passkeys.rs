//! Passkey ceremonies: what the browser is asked, and the check of what it answers.
//!
//! The server's half of a ceremony waits in a table: it serves once, for five minutes, for one purpose. Forms send the
//! browser's answer in the fields `ceremony` and `credential`, which `static/js/passkey.js` fills.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::csrf;
use super::error::{PageError, PageResult};
use super::form::Fields;
use super::session::ConsoleSession;
use crate::actions::create_link::code_hash;
use crate::actions::sign_in::UsedPasskey;
use crate::actions::throttle::ThrottleError;
use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::throttle::TooOften;
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::sign_in::{self, PasskeyRow};

/// How long a ceremony may take, in seconds.
const LIFE: i64 = 300;

/// What a ceremony is for; one that began for something else is not taken.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Register,
    SignIn,
    Confirm,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
            Self::Confirm => "confirm",
        }
    }
}

/// A ceremony that has begun: what the script hands to the browser.
#[derive(Debug, Serialize)]
pub struct Begun {
    ceremony: String,
    #[serde(rename = "publicKey")]
    public_key: Value,
}

/// Why a ceremony came to nothing.
#[derive(Debug)]
pub enum Refusal {
    /// Something that the person can do something about, in words.
    Told(&'static str),
    /// It was tried too often.
    TooOften(TooOften),
    /// Anything else.
    Failed(PageError),
}

impl From<PageError> for Refusal {
    fn from(cause: PageError) -> Self {
        Self::Failed(cause)
    }
}

impl From<StoreError> for Refusal {
    fn from(cause: StoreError) -> Self {
        Self::Failed(cause.into())
    }
}

/// As the script reads it.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Told(words) => (StatusCode::UNPROCESSABLE_ENTITY, words.to_owned()),
            Self::TooOften(often) => (StatusCode::TOO_MANY_REQUESTS, too_often(often)),
            Self::Failed(error) => (
                error.into_response().status(),
                "The server did not start this. Load the page again and try once more.".to_owned(),
            ),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}

impl From<ThrottleError> for Refusal {
    fn from(error: ThrottleError) -> Self {
        match error {
            ThrottleError::TooOften(often) => Self::TooOften(often),
            ThrottleError::Store(cause) => Self::Failed(cause.into()),
        }
    }
}

/// The status and the words of a page that shows why a ceremony came to nothing; 200 and none for a first look.
pub fn told(refusal: Option<Refusal>) -> PageResult<(StatusCode, String)> {
    match refusal {
        None => Ok((StatusCode::OK, String::new())),
        Some(Refusal::Told(words)) => Ok((StatusCode::UNPROCESSABLE_ENTITY, words.to_owned())),
        Some(Refusal::TooOften(often)) => Ok((StatusCode::TOO_MANY_REQUESTS, too_often(often))),
        Some(Refusal::Failed(error)) => Err(error),
    }
}

/// What somebody reads who tried too often.
pub fn too_often(often: TooOften) -> String {
    format!(
        "It was tried too often from here. Nothing was changed; try again in {}.",
        often.wait()
    )
}

const UNREADABLE: &str =
    "The browser sent no passkey. Load the page again and press the button once more.";
const OVER: &str = "That took longer than five minutes, or was sent twice. Try again.";
const NOT_ACCEPTED: &str = "The passkey did not prove who you are. Try again, or use another one.";
const UNKNOWN: &str = "This passkey is not registered here, or was removed. Use another one.";
const SUSPENDED: &str = "Your account is suspended. Ask the people who run this installation.";
const NONE_LEFT: &str = "You have no passkey. Use a recovery code, or ask the people who run this installation for a \
     link to register one.";
/// What somebody reads whose passkey was removed while it was used.
pub const REMOVED: &str = UNKNOWN;

/// A script of one of our pages: it knows the session's token.
#[derive(Debug, Clone)]
pub struct OurScript;

impl FromRequestParts<App> for OurScript {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let session = ConsoleSession::from_request_parts(parts, app).await?;
        let header = parts.headers.get(csrf::HEADER);
        let token = header.and_then(|token| token.to_str().ok());
        if session.accepts(token.unwrap_or_default()).await? {
            Ok(Self)
        } else {
            Err(Refusal::Told(
                "This page is too old. Load it again and press the button once more.",
            ))
        }
    }
}

/// Begins the registration of a passkey for this user.
pub async fn begin_registration(app: &App, user: &Account) -> Result<Begun, Refusal> {
    let known = passkeys_of(app, user.id).await?;
    let known = known.iter().map(|passkey| passkey.cred_id().clone());
    let (challenge, state) = app
        .passkeys
        .start_passkey_registration(
            handle(user)?,
            &user.login,
            &user.name,
            Some(known.collect()),
        )
        .map_err(PageError::internal)?;
    let mut options = json_of(&challenge.public_key)?;
    require_discoverable(&mut options);
    begin(app, Purpose::Register, Some(user.id), &state, options).await
}

/// Only a passkey that the authenticator itself remembers can sign in without a login being typed.
fn require_discoverable(options: &mut Value) {
    options["authenticatorSelection"]["residentKey"] = json!("required");
    options["authenticatorSelection"]["requireResidentKey"] = json!(true);
}

/// Checks the browser's answer to a registration for this user.
pub async fn finish_registration(
    app: &App,
    user: AccountId,
    answer: &Fields,
) -> Result<Passkey, Refusal> {
    let credential: RegisterPublicKeyCredential = credential(answer)?;
    let (whose, state): (_, PasskeyRegistration) = take(app, Purpose::Register, answer).await?;
    if whose != Some(user) {
        return Err(Refusal::Told(OVER));
    }
    app.passkeys
        .finish_passkey_registration(&credential, &state)
        .map_err(|error| not_accepted(&error))
}

/// Begins a sign-in by whoever holds a passkey.
pub async fn begin_sign_in(app: &App) -> Result<Begun, Refusal> {
    let (challenge, state) = app
        .passkeys
        .start_discoverable_authentication()
        .map_err(PageError::internal)?;
    // Without the mediation: the page decides whether it asks by a button or by autofill.
    let options = json_of(&challenge.public_key)?;
    begin(app, Purpose::SignIn, None, &state, options).await
}

/// Checks the browser's answer to a sign-in: who it is, and with which passkey.
pub async fn finish_sign_in(app: &App, answer: &Fields) -> Result<(Account, UsedPasskey), Refusal> {
    let credential: PublicKeyCredential = credential(answer)?;
    let (_, state): (_, DiscoverableAuthentication) = take(app, Purpose::SignIn, answer).await?;
    let (handle, _) = app
        .passkeys
        .identify_discoverable_authentication(&credential)
        .map_err(|error| not_accepted(&error))?;
    let (row, passkey) = find(app, credential.raw_id.as_ref()).await?;
    let user = user_of(app, &row, handle).await?;
    let result = app
        .passkeys
        .finish_discoverable_authentication_v2(&credential, state, &passkey)
        .map_err(|error| not_accepted(&error))?;
    // Only its holder learns that an account is suspended.
    if user.is_suspended() {
        return Err(Refusal::Told(SUSPENDED));
    }
    Ok((user, used(row, passkey, &result)?))
}

/// Begins a confirmation by this user.
pub async fn begin_confirmation(app: &App, user: AccountId) -> Result<Begun, Refusal> {
    let passkeys = passkeys_of(app, user).await?;
    if passkeys.is_empty() {
        return Err(Refusal::Told(NONE_LEFT));
    }
    let (challenge, state) = app
        .passkeys
        .start_passkey_authentication(&passkeys)
        .map_err(PageError::internal)?;
    let options = json_of(&challenge.public_key)?;
    begin(app, Purpose::Confirm, Some(user), &state, options).await
}

/// Checks the browser's answer to a confirmation by this user.
pub async fn finish_confirmation(
    app: &App,
    user: AccountId,
    answer: &Fields,
) -> Result<UsedPasskey, Refusal> {
    let credential: PublicKeyCredential = credential(answer)?;
    let (whose, state): (_, PasskeyAuthentication) = take(app, Purpose::Confirm, answer).await?;
    if whose != Some(user) {
        return Err(Refusal::Told(OVER));
    }
    let result = app
        .passkeys
        .finish_passkey_authentication(&credential, &state)
        .map_err(|error| not_accepted(&error))?;
    let (row, passkey) = find(app, credential.raw_id.as_ref()).await?;
    if row.user_id != user {
        return Err(Refusal::Told(UNKNOWN));
    }
    used(row, passkey, &result)
}

async fn begin(
    app: &App,
    purpose: Purpose,
    user: Option<AccountId>,
    state: &impl Serialize,
    public_key: Value,
) -> Result<Begun, Refusal> {
    let ceremony = app.context.entropy.code();
    let state = serde_json::to_string(state).map_err(PageError::internal)?;
    let until = app.context.clock.now().plus_seconds(LIFE);
    let mut db = app.context.store.reader();
    let hash = code_hash(&ceremony);
    sign_in::insert_ceremony(&mut db, &hash, purpose.as_str(), user, &state, until).await?;
    Ok(Begun {
        ceremony,
        public_key,
    })
}

/// The server's half of the ceremony that an answer names; it is gone afterwards.
async fn take<S: DeserializeOwned>(
    app: &App,
    purpose: Purpose,
    answer: &Fields,
) -> Result<(Option<AccountId>, S), Refusal> {
    let mut db = app.context.store.reader();
    let hash = code_hash(answer.get("ceremony"));
    let now = app.context.clock.now();
    let found = sign_in::take_ceremony(&mut db, &hash, purpose.as_str(), now).await?;
    let (user, state) = found.ok_or(Refusal::Told(OVER))?;
    let state = serde_json::from_str(&state).map_err(PageError::internal)?;
    Ok((user, state))
}

fn credential<C: DeserializeOwned>(answer: &Fields) -> Result<C, Refusal> {
    serde_json::from_str(answer.get("credential")).map_err(|_| Refusal::Told(UNREADABLE))
}

fn not_accepted(error: &WebauthnError) -> Refusal {
    tracing::info!(%error, "a passkey was not accepted");
    Refusal::Told(NOT_ACCEPTED)
}

async fn find(app: &App, credential_id: &[u8]) -> Result<(PasskeyRow, Passkey), Refusal> {
    let mut db = app.context.store.reader();
    let row = sign_in::find_passkey(&mut db, credential_id)
        .await?
        .ok_or(Refusal::Told(UNKNOWN))?;
    let passkey = read(&row)?;
    Ok((row, passkey))
}

/// The user of a passkey, if the authenticator names the same one.
async fn user_of(app: &App, row: &PasskeyRow, handle: Uuid) -> Result<Account, Refusal> {
    let mut db = app.context.store.reader();
    accounts::find(&mut db, row.user_id)
        .await?
        .filter(|user| user.passkey_handle.as_deref() == Some(handle.to_string().as_str()))
        .ok_or(Refusal::Told(UNKNOWN))
}

async fn passkeys_of(app: &App, user: AccountId) -> PageResult<Vec<Passkey>> {
    let rows = sign_in::list_passkeys(&mut app.context.store.reader(), user).await?;
    rows.iter().map(read).collect()
}

fn read(row: &PasskeyRow) -> PageResult<Passkey> {
    serde_json::from_str(&row.passkey).map_err(PageError::internal)
}

fn used(
    row: PasskeyRow,
    mut passkey: Passkey,
    result: &AuthenticationResult,
) -> Result<UsedPasskey, Refusal> {
    passkey.update_credential(result);
    Ok(UsedPasskey {
        id: row.id,
        name: row.name,
        passkey: serde_json::to_string(&passkey).map_err(PageError::internal)?,
    })
}

fn handle(user: &Account) -> PageResult<Uuid> {
    let handle = user.passkey_handle.as_deref().unwrap_or_default();
    Uuid::parse_str(handle).map_err(|error| {
        PageError::internal(format!("{} has no passkey handle: {error}", user.login))
    })
}

fn json_of(options: &impl Serialize) -> PageResult<Value> {
    serde_json::to_value(options).map_err(PageError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_asks_for_a_passkey_that_can_be_found_without_a_login() {
        let mut options = json!({ "authenticatorSelection": { "residentKey": "discouraged" } });
        require_discoverable(&mut options);
        assert_eq!(
            options["authenticatorSelection"],
            json!({ "residentKey": "required", "requireResidentKey": true })
        );
    }

    #[test]
    fn a_failure_tells_the_script_nothing_of_its_cause() {
        let refusal = Refusal::Failed(PageError::internal("xyzzy"));
        assert_eq!(
            refusal.into_response().status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
}
