//! `/settings/personal-access-tokens/{id}`: what one token can do, how it stands at every owner, and what it did.

pub(super) mod history;
mod limits;
pub(super) mod place;
pub mod refusals;
pub(super) mod remedy;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use self::place::PlaceView;
use self::refusals::Refusals;
use self::remedy::{Call, Finder, Remedy};
use super::explain::Typed;
use super::{LIST, nav};
use crate::actions::edit_token;
use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::records::{self, LastUse};
use crate::store::tokens::{self, Token};
use crate::store::{Db, StoreError};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::pages::exemptions;
use crate::web::usage::Usage;

/// How many refusals are read; those of the same call become one line.
pub const REFUSALS: i64 = 100;

#[derive(Template)]
#[template(path = "pages/tokens/one.html")]
struct TokenPage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    id: String,
    name: String,
    description: String,
    beginning: String,
    created_at: i64,
    end_label: &'static str,
    expires_at: Option<Timestamp>,
    is_expired: bool,
    last_use: Option<LastUse>,
    spared: Vec<String>,
    places: Vec<PlaceView>,
    usage: Usage,
    unused: Vec<(String, &'static str)>,
    refusals: Vec<Refused>,
}

/// A refused call with what would allow it, and where it is explained.
struct Refused {
    told: Refusals,
    remedy: Option<Remedy>,
    /// The query of the explanation; empty where there is none.
    explanation: String,
}

/// The visitor's own fine-grained token with this id, unless it was ended; anything else does not exist.
pub(super) async fn find_own(app: &App, signed_in: &SignedIn, id: &str) -> PageResult<Token> {
    let id: TokenId = id.parse().map_err(|_| PageError::NotFound)?;
    let found = tokens::find(&mut app.context.store.reader(), id).await?;
    found
        .filter(|token| token.user_id == signed_in.user.id)
        .filter(|token| token.kind == TokenKind::FineGrained && token.state == TokenState::Live)
        .ok_or(PageError::NotFound)
}

/// Shows one token.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    let mut db = app.context.store.reader();
    let (catalog, now) = (app.context.catalog, signed_in.now());
    let current = edit_token::load(&app.context, signed_in.user.id, token.id).await?;
    let current = current.ok_or(PageError::NotFound)?;
    let places = place::load(&mut db, catalog, &token, &current, now).await?;
    let usage = Usage::find(&mut db, catalog, token.id, None, now).await?;
    let finder = Finder {
        catalog,
        token: token.id,
        user: (signed_in.user.id, &signed_in.user.login),
        places: &places,
    };
    let refusals = refusals(&mut db, finder).await?;
    let is_expired = token.is_expired(now);
    let infix = token.kind.infix();
    let template = TokenPage {
        chrome: signed_in
            .chrome(&token.name)
            .crumb("Fine-grained tokens", LIST)
            .here(&token.name),
        nav: nav(LIST),
        now: now.as_micros(),
        id: token.id.to_string(),
        beginning: format!("{}_{infix}_{}_", app.context.token_prefix, token.identifier),
        created_at: token.created_at.as_micros(),
        end_label: if is_expired { "Expired" } else { "Expires" },
        expires_at: token.expires_at,
        is_expired,
        last_use: records::list_last_uses(&mut db, token.id)
            .await?
            .into_iter()
            .next(),
        spared: exemptions::told_to_holder(&mut db, token.id, now).await?,
        unused: unused(catalog, &places, &usage),
        places,
        usage,
        refusals,
        name: token.name,
        description: token.description,
    };
    Ok(page(StatusCode::OK, template))
}

async fn refusals(db: &mut impl Db, finder: Finder<'_>) -> Result<Vec<Refused>, StoreError> {
    let rows = records::list_refusals(db, finder.token, REFUSALS).await?;
    let mut told = Vec::new();
    for group in refusals::group(rows) {
        let call = Call {
            reason: &group.reason,
            method: &group.method,
            path: &group.path,
        };
        let remedy = finder.find(db, call).await?;
        let explanation = Typed::recorded(&group.method, &group.path);
        told.push(Refused {
            remedy,
            explanation: explanation.map_or_else(String::new, |fields| fields.encode()),
            told: group,
        });
    }
    Ok(told)
}

/// The permissions that work somewhere and let no call through in the last 30 days, each with its highest level.
fn unused(catalog: &Catalog, places: &[PlaceView], usage: &Usage) -> Vec<(String, &'static str)> {
    let given = places.iter().filter_map(|place| place.given.as_ref());
    let held = given
        .flat_map(|ask| ask.permissions.iter())
        .collect::<crate::domain::permission::PermissionSet>();
    held.iter()
        .map(|(id, level)| (catalog.permission(id), level))
        .filter(|(permission, _)| !permission.automatic && !usage.has_used(&permission.title))
        .map(|(permission, level)| (permission.title.clone(), level.as_str()))
        .collect()
}
