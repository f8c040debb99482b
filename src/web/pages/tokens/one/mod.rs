//! `/settings/personal-access-tokens/{id}`: what one token can do, how it stands at every owner, and what it did.

mod history;
mod refusals;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use self::history::Happening;
use self::refusals::Refusals;
use super::standing::{Place, Standing};
use super::{LIST, nav};
use crate::app::App;
use crate::domain::access::rights::Relation;
use crate::domain::approval::{Ask, GrantStanding, GrantState};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary::{self, Part};
use crate::domain::token::{TokenKind, TokenState};
use crate::store::grants::{self, Grant};
use crate::store::records::{self, LastUse};
use crate::store::requests::{self, Request};
use crate::store::tokens::{self, Token};
use crate::store::{Db, StoreError, accounts, repositories};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::filters::counted;
use crate::web::usage::Usage;

/// How many refusals are read; those of the same call become one line.
const REFUSALS: i64 = 100;

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
    places: Vec<PlaceView>,
    usage: Usage,
    refusals: Vec<Refusals>,
    delete_words: String,
}

/// One owner of the token.
struct PlaceView {
    login: String,
    standing: Standing,
    sentences: Vec<String>,
    relation: &'static str,
    selection: String,
    repositories: String,
    permissions: Vec<(String, &'static str)>,
    history: Vec<Happening>,
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
    let now = signed_in.now();
    let places = places(&mut db, app.context.catalog, &token, now).await?;
    let usage = Usage::find(&mut db, app.context.catalog, token.id, None, now).await?;
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
        places,
        delete_words: delete_words(usage.recent),
        usage,
        refusals: refusals::group(records::list_refusals(&mut db, token.id, REFUSALS).await?),
        name: token.name,
        description: token.description,
    };
    Ok(page(StatusCode::OK, template))
}

fn delete_words(recent: i64) -> String {
    if recent == 0 {
        "It made no call since yesterday. It stops working at once, everywhere.".to_owned()
    } else {
        let calls = counted(recent, "call", "calls");
        format!("It made {calls} since yesterday. Such calls are refused at once, everywhere.")
    }
}

async fn places(
    db: &mut impl Db,
    catalog: &Catalog,
    token: &Token,
    now: Timestamp,
) -> Result<Vec<PlaceView>, StoreError> {
    let mut views = Vec::new();
    for grant in grants::list_of_token(db, token.id).await? {
        let Some(place) = Place::load(db, token.user_id, grant.owner_id, now).await? else {
            continue;
        };
        views.push(view(db, catalog, token, &grant, &place, now).await?);
    }
    Ok(views)
}

async fn view(
    db: &mut impl Db,
    catalog: &Catalog,
    token: &Token,
    grant: &Grant,
    place: &Place,
    now: Timestamp,
) -> Result<PlaceView, StoreError> {
    let asked = requests::list_of_grant(db, grant.id).await?;
    let ask = ask(db, catalog, grant, asked.last()).await?;
    let names = repository_names(db, &ask).await?;
    let login = place.account.login.clone();
    let part = Part {
        owner: &login,
        repositories: &names,
        ask: &ask,
    };
    let people = people(db, grant, &asked).await?;
    Ok(PlaceView {
        standing: standing(token, grant, asked.last(), place, now),
        sentences: summary::sentences(catalog, &part),
        relation: relation_words(grant.relation),
        selection: summary::selection(ask.selection.kind(), names.len()),
        repositories: names.join(", "),
        permissions: permissions(catalog, &ask),
        history: history::tell(&login, grant, &asked, &people),
        login,
    })
}

/// What the grant gives; while nothing was ever granted, what its latest request asks for.
async fn ask(
    db: &mut impl Db,
    catalog: &Catalog,
    grant: &Grant,
    latest: Option<&Request>,
) -> Result<Ask, StoreError> {
    match latest {
        Some(request) if grant.state == GrantState::None => {
            requests::load_ask(db, catalog, request).await
        }
        _ => grants::load_ask(db, catalog, grant).await,
    }
}

async fn repository_names(db: &mut impl Db, ask: &Ask) -> Result<Vec<String>, StoreError> {
    let ids: Vec<RepositoryId> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(db, &ids).await?;
    Ok(found
        .into_iter()
        .map(|repository| repository.full_name())
        .collect())
}

async fn people(
    db: &mut impl Db,
    grant: &Grant,
    asked: &[Request],
) -> Result<BTreeMap<AccountId, String>, StoreError> {
    let deciders = asked.iter().filter_map(|request| request.decided_by);
    let ids: Vec<_> = deciders.chain(grant.decided_by).collect();
    let found = accounts::list_by_ids(db, &ids).await?;
    Ok(found
        .into_iter()
        .map(|account| (account.id, account.login))
        .collect())
}

fn standing(
    token: &Token,
    grant: &Grant,
    latest: Option<&Request>,
    place: &Place,
    now: Timestamp,
) -> Standing {
    if token.is_expired(now) {
        let reason = "The token's life is over: it works nowhere.".to_owned();
        return Standing {
            state: "expired",
            word: "Expired",
            reason,
        };
    }
    let grant_standing = GrantStanding::of(grant.state, latest.map(|request| request.state));
    let said = match grant_standing {
        GrantStanding::Revoked => grant.reason.as_str(),
        _ => latest.map_or("", |request| request.decision_reason.as_str()),
    };
    let lifetime = Lifetime::between(token.starts_at, token.expires_at);
    place.standing(grant_standing, lifetime, said)
}

fn permissions(catalog: &Catalog, ask: &Ask) -> Vec<(String, &'static str)> {
    ask.permissions
        .iter()
        .map(|(id, level)| (catalog.permission(id).title.clone(), level.as_str()))
        .collect()
}

const fn relation_words(relation: Relation) -> &'static str {
    match relation {
        Relation::Own => "Yourself",
        Relation::Owner => "An owner",
        Relation::Member => "A member",
        Relation::Collaborator => "An outside collaborator",
        Relation::Sister => "A member of another organization of its enterprise",
        Relation::EnterpriseOwner => "An owner of the enterprise",
    }
}
