//! Sessions of the console: a row for each, found by the hash of an id that only the browser's cookie holds.
//!
//! tower-sessions carries the record through a request; what is in it, and how long it lives, is told here. A session
//! ends after 12 hours without use and after 7 days at most; an ended one never comes back, since saving only updates. It
//! ends with the passkey that it was proved with, too.

use std::str::FromStr as _;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as StoreFailure, Result as StoreResult};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use super::chrome::{Flash, FlashKind};
use super::csrf;
use super::error::{PageError, PageResult};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::ids::{AccountId, PasskeyId};
use crate::domain::time::Timestamp;
use crate::server::meta::RequestMeta;
use crate::store::sessions::{self, SessionRow};
use crate::store::{Store, StoreError};

/// How long a session lives without use, in seconds.
pub const IDLE: i64 = 12 * 3_600;
/// How long a session lives at most, in seconds.
pub const LONGEST: i64 = 7 * 86_400;
/// How old the note of the last use may grow before it is written again, in seconds: not every page writes.
const SEEN_STEP: i64 = 300;
/// The one key of a record.
const KEY: &str = "console";

/// Everything that a session holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Contents {
    /// Who is signed in.
    user: Option<i64>,
    /// What names the session through every change of its id; empty until somebody signs in.
    handle: String,
    /// The passkey that the person last proved with.
    passkey: Option<i64>,
    /// Where it was last used from.
    address: Option<String>,
    /// The browser's name for itself.
    user_agent: Option<String>,
    /// When the session began, or somebody signed in; the longest life is counted from here.
    since: i64,
    /// When it was last used, roughly.
    seen_at: i64,
    /// When the person last confirmed with a passkey.
    confirmed_at: Option<i64>,
    /// What forms must send back.
    csrf: String,
    /// A message for the next page: its kind and text.
    flash: Option<(String, String)>,
}

impl Contents {
    fn new(now: Timestamp, token: &csrf::Token) -> Self {
        Self {
            since: now.as_micros(),
            seen_at: now.as_micros(),
            csrf: csrf::encode(token),
            ..Self::default()
        }
    }

    fn of(record: &Record) -> Option<Self> {
        let value = record.data.get(KEY)?;
        serde_json::from_value(value.clone()).ok()
    }

    /// Whether the note of the last use is too old, or names another place.
    fn is_outdated(&self, now: Timestamp, meta: &RequestMeta) -> bool {
        let age = now.micros_since(Timestamp::from_micros(self.seen_at));
        age > SEEN_STEP * 1_000_000
            || self.address != meta.address()
            || self.user_agent != meta.user_agent
    }

    fn note_use(&mut self, now: Timestamp, meta: &RequestMeta) {
        self.seen_at = now.as_micros();
        self.address = meta.address();
        self.user_agent.clone_from(&meta.user_agent);
    }

    fn ends_at(&self, now: Timestamp) -> Timestamp {
        let latest = Timestamp::from_micros(self.since).plus_seconds(LONGEST);
        now.plus_seconds(IDLE).min(latest)
    }
}

/// Keeps records of tower-sessions in our table.
#[derive(Debug, Clone)]
pub struct SessionRows {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl SessionRows {
    /// Rows in this database, ended by this clock.
    pub const fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    fn row(&self, record: &Record) -> StoreResult<SessionRow> {
        let now = self.clock.now();
        let contents = Contents::of(record).unwrap_or_else(|| Contents {
            since: now.as_micros(),
            ..Contents::default()
        });
        Ok(SessionRow {
            user_id: contents.user.map(AccountId::new),
            passkey_id: contents.passkey.map(PasskeyId::new),
            data: serde_json::to_string(&record.data)
                .map_err(|error| StoreFailure::Encode(error.to_string()))?,
            created_at: Timestamp::from_micros(contents.since),
            last_used_at: Timestamp::from_micros(contents.seen_at),
            expires_at: contents.ends_at(now),
            handle: contents.handle,
            address: contents.address,
            user_agent: contents.user_agent,
        })
    }
}

/// What is kept of a session's id.
fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` takes"
)]
fn backend(error: StoreError) -> StoreFailure {
    StoreFailure::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let row = self.row(record)?;
        let mut db = self.store.reader();
        while !sessions::insert(&mut db, &hash(&record.id), &row)
            .await
            .map_err(backend)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let row = self.row(record)?;
        let mut db = self.store.reader();
        let id = hash(&record.id);
        // Nothing is said when the session was ended meanwhile: the next request will find it gone.
        sessions::update(&mut db, &id, &row)
            .await
            .map(drop)
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let mut db = self.store.reader();
        let row = sessions::find(&mut db, &hash(id)).await.map_err(backend)?;
        let now = self.clock.now();
        let Some(row) = row.filter(|row| row.expires_at > now) else {
            return Ok(None);
        };
        let data = serde_json::from_str(&row.data)
            .map_err(|error| StoreFailure::Decode(error.to_string()))?;
        let expiry_date =
            time::OffsetDateTime::from_unix_timestamp(row.expires_at.as_micros() / 1_000_000)
                .map_err(|error| StoreFailure::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        sessions::delete(&mut self.store.reader(), &hash(id))
            .await
            .map_err(backend)
    }
}

/// The layer that reads and writes the cookie.
pub fn layer(app: &App) -> SessionManagerLayer<SessionRows> {
    let rows = SessionRows::new(app.context.store.clone(), Arc::clone(&app.context.clock));
    let cookie = super::cookie::Cookie::of(&app.config.base_url);
    SessionManagerLayer::new(rows)
        .with_name(cookie.name)
        .with_secure(cookie.secure)
        .with_http_only(true)
        .with_path("/")
        // Strict would sign people out on every link from a mail.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(IDLE)))
}

/// How somebody comes in.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who.
    pub user: AccountId,
    /// With which passkey; without one only in a demonstration, where nobody is confirmed by that.
    pub passkey: Option<PasskeyId>,
    /// The request.
    pub meta: &'a RequestMeta,
}

/// The visitor's session; it becomes a row when something is first put into it.
#[derive(Debug, Clone)]
pub struct ConsoleSession {
    inner: Session,
    now: Timestamp,
}

impl FromRequestParts<App> for ConsoleSession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let inner = parts.extensions.get::<Session>().cloned();
        let inner = inner.ok_or_else(|| {
            PageError::internal("a page was mounted outside of the console's session layer")
        })?;
        Ok(Self {
            inner,
            now: app.context.clock.now(),
        })
    }
}

impl ConsoleSession {
    /// The moment of the request.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    async fn contents(&self) -> PageResult<Option<Contents>> {
        Ok(self.inner.get(KEY).await?)
    }

    async fn put(&self, contents: &Contents) -> PageResult<()> {
        Ok(self.inner.insert(KEY, contents).await?)
    }

    async fn change(&self, change: impl FnOnce(&mut Contents)) -> PageResult<()> {
        if let Some(mut contents) = self.contents().await? {
            change(&mut contents);
            self.put(&contents).await?;
        }
        Ok(())
    }

    /// Who is signed in.
    pub async fn user(&self) -> PageResult<Option<AccountId>> {
        let contents = self.contents().await?;
        Ok(contents.and_then(|contents| contents.user.map(AccountId::new)))
    }

    /// When the person last confirmed with a passkey.
    pub async fn confirmed_at(&self) -> PageResult<Option<Timestamp>> {
        let contents = self.contents().await?;
        Ok(contents.and_then(|contents| contents.confirmed_at.map(Timestamp::from_micros)))
    }

    /// The CSRF token masked for one page. Begins a session where there is none.
    pub async fn masked_csrf(&self, app: &App) -> PageResult<String> {
        let known = self.contents().await?;
        let token = match known.and_then(|contents| csrf::decode(&contents.csrf)) {
            Some(token) => token,
            None => self.begin(app).await?,
        };
        Ok(csrf::mask(&token, &app.context.entropy.bytes()))
    }

    async fn begin(&self, app: &App) -> PageResult<csrf::Token> {
        let token = app.context.entropy.bytes();
        self.put(&Contents::new(self.now, &token)).await?;
        Ok(token)
    }

    /// Whether a form's masked token is this session's.
    pub async fn accepts(&self, masked: &str) -> PageResult<bool> {
        let contents = self.contents().await?;
        let token = contents.and_then(|contents| csrf::decode(&contents.csrf));
        Ok(token.is_some_and(|token| csrf::is_mask_of(&token, masked)))
    }

    /// What names the session through every change of its id; empty until somebody signs in.
    pub async fn handle(&self) -> PageResult<String> {
        let contents = self.contents().await?;
        Ok(contents.map(|contents| contents.handle).unwrap_or_default())
    }

    /// The passkey that the person last proved with.
    pub async fn passkey(&self) -> PageResult<Option<PasskeyId>> {
        let contents = self.contents().await?;
        Ok(contents.and_then(|contents| contents.passkey.map(PasskeyId::new)))
    }

    /// Begins a session of this user under a new id, with nothing of the old one.
    pub async fn sign_in(&self, app: &App, entry: Entry<'_>) -> PageResult<()> {
        let mut contents = Contents {
            user: Some(entry.user.get()),
            handle: app.context.entropy.code(),
            passkey: entry.passkey.map(PasskeyId::get),
            confirmed_at: entry.passkey.map(|_| self.now.as_micros()),
            ..Contents::new(self.now, &app.context.entropy.bytes())
        };
        contents.note_use(self.now, entry.meta);
        self.inner.cycle_id().await?;
        self.put(&contents).await
    }

    /// Notes that the person has confirmed with this passkey, and changes the id. In a demonstration also without one.
    pub async fn confirm(&self, passkey: Option<PasskeyId>) -> PageResult<()> {
        let now = self.now.as_micros();
        self.change(|contents| {
            contents.confirmed_at = Some(now);
            contents.passkey = passkey.map(PasskeyId::get).or(contents.passkey);
        })
        .await?;
        self.renew().await
    }

    /// Changes the id: whoever knew the former is out.
    pub async fn renew(&self) -> PageResult<()> {
        Ok(self.inner.cycle_id().await?)
    }

    /// Ends the session.
    pub async fn end(&self) -> PageResult<()> {
        Ok(self.inner.flush().await?)
    }

    /// Notes that the session is used, so that it lives on, and from where; not every time.
    pub async fn touch(&self, meta: &RequestMeta) -> PageResult<()> {
        let now = self.now;
        let contents = self.contents().await?;
        if contents.is_some_and(|contents| contents.is_outdated(now, meta)) {
            self.change(|contents| contents.note_use(now, meta)).await?;
        }
        Ok(())
    }

    /// Leaves a message for the next page.
    pub async fn leave(&self, kind: FlashKind, text: String) -> PageResult<()> {
        let flash = Some((kind.as_str().to_owned(), text));
        self.change(|contents| contents.flash = flash).await
    }

    /// Takes the message that the act before has left.
    pub async fn take_flash(&self) -> PageResult<Option<Flash>> {
        let Some((kind, text)) = self.contents().await?.and_then(|contents| contents.flash) else {
            return Ok(None);
        };
        self.change(|contents| contents.flash = None).await?;
        Ok(FlashKind::from_str(&kind)
            .ok()
            .map(|kind| Flash { kind, text }))
    }
}
