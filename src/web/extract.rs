//! Who is asking: a value that a handler holds, so that a page without the right to it cannot be written by mistake.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::chrome::{Chrome, Flash, FlashKind, Viewer, ViewerEnterprise, ViewerOrganization};
use super::error::{PageError, PageResult};
use super::form::Fields;
use super::session::ConsoleSession;
use super::urls;
use crate::actions::create_link::code_hash;
use crate::app::App;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Actor, Origin};
use crate::domain::sudo;
use crate::domain::time::Timestamp;
use crate::server::meta::RequestMeta;
use crate::store::accounts::{self, Account, Belonging};
use crate::store::forms::{self, WaitingForm};
use crate::store::{requests, reviews};

/// How long a form waits for its user's confirmation, in seconds.
const DRAFT_LIFE: i64 = 3_600;

/// A person who is signed in and not suspended. Anybody else is sent to the sign-in page.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: Account,
    /// The request.
    pub meta: RequestMeta,
    /// The session.
    pub session: ConsoleSession,
    viewer: Viewer,
    csrf: String,
    flash: Option<Flash>,
    confirmed_at: Option<Timestamp>,
    path: String,
    demo: bool,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(meta) = RequestMeta::from_request_parts(parts, app).await;
        let session = ConsoleSession::from_request_parts(parts, app)
            .await
            .map_err(PageError::into_response)?;
        let found = find_user(app, &session).await;
        match found.map_err(PageError::into_response)? {
            Some(user) => Self::load(app, parts, user, meta, session)
                .await
                .map_err(PageError::into_response),
            None => Err(to_sign_in(parts)),
        }
    }
}

/// The living, not suspended user of a session; the session of anybody else ends here.
pub async fn find_user(app: &App, session: &ConsoleSession) -> PageResult<Option<Account>> {
    let Some(id) = session.user().await? else {
        return Ok(None);
    };
    let user = accounts::find(&mut app.context.store.reader(), id).await?;
    let user = user.filter(|user| user.kind == AccountKind::User && !user.is_suspended());
    if user.is_none() {
        session.end().await?;
    }
    Ok(user)
}

/// Where somebody unknown is sent: a page that was asked for is shown after sign-in, a form is not sent again.
fn to_sign_in(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let is_page = parts.method == Method::GET || parts.method == Method::HEAD;
    let address = urls::login(if is_page { wanted } else { "/" });
    Redirect::to(&address).into_response()
}

impl SignedIn {
    async fn load(
        app: &App,
        parts: &Parts,
        user: Account,
        meta: RequestMeta,
        session: ConsoleSession,
    ) -> PageResult<Self> {
        session.touch(&meta).await?;
        let is_page = parts.method == Method::GET;
        Ok(Self {
            viewer: viewer(app, &user).await?,
            csrf: session.masked_csrf(app).await?,
            flash: if is_page {
                session.take_flash().await?
            } else {
                None
            },
            confirmed_at: session.confirmed_at().await?,
            path: parts.uri.path().to_owned(),
            demo: app.config.demo,
            user,
            meta,
            session,
        })
    }

    /// The frame of a page for this person.
    pub fn chrome(&self, title: &str) -> Chrome {
        Chrome::new(title)
            .viewer(Some(self.viewer.clone()))
            .csrf(&self.csrf)
            .flash(self.flash.clone())
            .demo(self.demo)
    }

    /// Where a change comes from that this person makes now.
    pub fn origin(&self) -> Origin {
        self.meta.origin(Actor::Person(self.user.id))
    }

    /// The moment of the request.
    pub const fn now(&self) -> Timestamp {
        self.session.now()
    }

    /// Whether the person confirmed with a passkey within the last 15 minutes.
    pub fn is_confirmed(&self) -> bool {
        sudo::is_confirmed(self.confirmed_at, self.now())
    }

    /// Nothing when the person is confirmed. Otherwise keeps the form and gives the way to the page that asks for the
    /// passkey; `act` says there what waits ("generate a token"), `path` is the form's page, where it will be shown
    /// again, filled.
    pub async fn ask_first(
        &self,
        app: &App,
        act: &str,
        path: &str,
        fields: &Fields,
    ) -> Option<Response> {
        if self.is_confirmed() {
            return None;
        }
        Some(match self.keep(app, act, path, fields).await {
            Ok(code) => Redirect::to(&urls::sudo(&code)).into_response(),
            Err(error) => error.into_response(),
        })
    }

    async fn keep(&self, app: &App, act: &str, path: &str, fields: &Fields) -> PageResult<String> {
        let code = app.context.entropy.code();
        let form = WaitingForm {
            path: path.to_owned(),
            act: act.to_owned(),
            fields: fields.encode(),
        };
        let mut db = app.context.store.reader();
        let until = self.now().plus_seconds(DRAFT_LIFE);
        forms::insert_draft(&mut db, &code_hash(&code), self.user.id, &form, until).await?;
        Ok(code)
    }

    /// The form that this person left waiting under a code.
    pub async fn waiting(&self, app: &App, code: &str) -> PageResult<Option<WaitingForm>> {
        if code.is_empty() {
            return Ok(None);
        }
        let mut db = app.context.store.reader();
        let found = forms::find_draft(&mut db, &code_hash(code), self.user.id, self.now()).await?;
        Ok(found)
    }

    /// What was typed before the confirmation, when the address carries `?draft=CODE` and the form belongs here.
    pub async fn restored(&self, app: &App, query: &Fields) -> PageResult<Option<Fields>> {
        let form = self.waiting(app, query.get("draft")).await?;
        let here = form.filter(|form| form.path.split('?').next() == Some(self.path.as_str()));
        Ok(here.map(|form| Fields::parse(&form.fields)))
    }

    /// Leaves a message for the next page. A message that cannot be left is no reason to fail: the act is done.
    pub async fn flash(&self, kind: FlashKind, text: impl Into<String>) {
        if self.session.leave(kind, text.into()).await.is_err() {
            tracing::warn!("a message for the next page could not be kept");
        }
    }
}

/// The frame of a page for anybody, signed in or not; its forms need a session, which begins here.
pub async fn anonymous_chrome(
    app: &App,
    session: &ConsoleSession,
    title: &str,
) -> PageResult<Chrome> {
    Ok(Chrome::new(title)
        .csrf(session.masked_csrf(app).await?)
        .demo(app.config.demo))
}

/// The frame of a page that anybody may read, with the top bar of whoever is signed in. It begins no session.
pub async fn open_chrome(app: &App, session: &ConsoleSession, title: &str) -> PageResult<Chrome> {
    let chrome = Chrome::new(title).demo(app.config.demo);
    Ok(match find_viewer(app, session).await? {
        Some((viewer, csrf)) => chrome.viewer(Some(viewer)).csrf(csrf),
        None => chrome,
    })
}

/// How the top bar shows whoever is signed in, with a CSRF token for its forms; nothing for anybody else.
pub(super) async fn find_viewer(
    app: &App,
    session: &ConsoleSession,
) -> PageResult<Option<(Viewer, String)>> {
    let Some(user) = find_user(app, session).await? else {
        return Ok(None);
    };
    let csrf = session.masked_csrf(app).await?;
    Ok(Some((viewer(app, &user).await?, csrf)))
}

async fn viewer(app: &App, user: &Account) -> PageResult<Viewer> {
    let mut db = app.context.store.reader();
    let belongings = accounts::list_belongings(&mut db, user.id).await?;
    let waiting = requests::count_pending_for_owner(&mut db, user.id).await?;
    Ok(Viewer {
        login: user.login.clone(),
        name: user.name.clone(),
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        reviews_own: reviews::has_reviews(&mut db, user.id).await?,
        organizations: belongings.iter().filter_map(organization).collect(),
        enterprises: belongings.iter().filter_map(enterprise).collect(),
        site_admin: user.site_admin,
    })
}

fn organization(at: &Belonging) -> Option<ViewerOrganization> {
    (at.kind == AccountKind::Organization).then(|| ViewerOrganization {
        login: at.login.clone(),
        name: at.name.clone(),
        owner: at.role == MemberRole::Owner,
    })
}

fn enterprise(at: &Belonging) -> Option<ViewerEnterprise> {
    let is_owned = at.kind == AccountKind::Enterprise && at.role == MemberRole::Owner;
    is_owned.then(|| ViewerEnterprise {
        slug: at.login.clone(),
        name: at.name.clone(),
    })
}

/// A signed-in owner of the organization `{org}` in the path. To anybody else the page does not exist.
#[derive(Debug, Clone)]
pub struct OrganizationOwner {
    /// The person.
    pub signed_in: SignedIn,
    /// The organization.
    pub organization: Account,
}

impl FromRequestParts<App> for OrganizationOwner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let found = owned(app, parts, &signed_in, AccountKind::Organization).await;
        let organization = found.map_err(PageError::into_response)?;
        Ok(Self {
            signed_in,
            organization,
        })
    }
}

/// A signed-in owner of the enterprise `{slug}` in the path. To anybody else, also an owner of one of its
/// organizations, the page does not exist.
#[derive(Debug, Clone)]
pub struct EnterpriseOwner {
    /// The person.
    pub signed_in: SignedIn,
    /// The enterprise.
    pub enterprise: Account,
}

impl FromRequestParts<App> for EnterpriseOwner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let found = owned(app, parts, &signed_in, AccountKind::Enterprise).await;
        let enterprise = found.map_err(PageError::into_response)?;
        Ok(Self {
            signed_in,
            enterprise,
        })
    }
}

/// The organization or enterprise that the path names, if whoever is signed in owns it.
async fn owned(
    app: &App,
    parts: &mut Parts,
    signed_in: &SignedIn,
    kind: AccountKind,
) -> PageResult<Account> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| PageError::NotFound)?;
    let named = |wanted| params.iter().find(|(name, _)| *name == wanted);
    let mut db = app.context.store.reader();
    let account = match (kind, named("org"), named("slug")) {
        (AccountKind::Organization, Some((_, login)), _) => {
            accounts::find_organization(&mut db, login).await?
        }
        (AccountKind::Enterprise, _, Some((_, slug))) => accounts::find_slug(&mut db, slug).await?,
        _ => None,
    };
    let account = account.ok_or(PageError::NotFound)?;
    let role = accounts::find_role(&mut db, account.id, signed_in.user.id).await?;
    if role == Some(MemberRole::Owner) {
        Ok(account)
    } else {
        Err(PageError::NotFound)
    }
}
