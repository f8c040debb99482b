//! `/settings/personal-access-tokens`: one row a token, with where it works and why it does not.

pub mod query;
mod rows;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use self::query::{FINE_GRAINED, Query, SORT_WORDS};
use self::rows::{Facts, Row};
use super::standing::Place;
use super::{LIST, nav};
use crate::app::App;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::exemption::Exemption;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::store::own_tokens::{self, Bar, Filter, OwnToken};
use crate::store::{Db, StoreError, exceptions, tokens};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::filters::counted;
use crate::web::form::QueryFields;

/// How many tokens a page shows.
const SIZE: usize = 50;

#[derive(Template)]
#[template(path = "pages/tokens/list.html")]
struct ListPage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    query: Query,
    states: Vec<(&'static str, &'static str)>,
    sorts: [(&'static str, &'static str); 4],
    owners: Vec<String>,
    chips: Vec<(String, String)>,
    count: String,
    has_any: bool,
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// A page of tokens, and the addresses of its neighbours; empty where there is none.
#[derive(Debug)]
pub struct Cut {
    /// The tokens.
    pub tokens: Vec<OwnToken>,
    /// The page before.
    pub before: String,
    /// The page after.
    pub after: String,
}

/// Shows the list.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    QueryFields(fields): QueryFields,
) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (signed_in.user.id, signed_in.now());
    let owners = own_tokens::list_owners(&mut db, user).await?;
    let places = places(&mut db, user, &owners, now).await?;
    let query = Query::read(&FINE_GRAINED, &fields, &owners);
    let bars: Vec<Bar> = places.iter().filter_map(Place::bar).collect();
    let exemptions = exceptions::list_of_user(&mut db, user, TokenKind::FineGrained).await?;
    let mut filter = query.filter(user, now, bars);
    filter.spared = spared(&mut db, &places, &exemptions).await?;
    let count = own_tokens::count(&mut db, &filter).await?;
    let cut = Cut::load(&mut db, &query, &filter).await?;
    let facts = Facts::load(&mut db, &cut.tokens, places, exemptions, now).await?;
    let template = ListPage {
        chrome: signed_in
            .chrome("Fine-grained tokens")
            .here("Fine-grained tokens"),
        nav: nav(LIST),
        now: now.as_micros(),
        states: query.states(),
        sorts: SORT_WORDS,
        chips: query.chips(&owners),
        count: counted(count, "token", "tokens"),
        has_any: count > 0 || query.is_narrowed() && !owners.is_empty(),
        owners: owners.into_iter().map(|(_, login)| login).collect(),
        rows: cut
            .tokens
            .into_iter()
            .map(|token| facts.row(token))
            .collect(),
        before: cut.before,
        after: cut.after,
        query,
    };
    let status = if template.query.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(page(status, template))
}

/// Where an exemption lifts everything that would stand against a token.
async fn spared(
    db: &mut impl Db,
    places: &[Place],
    exemptions: &BTreeMap<TokenId, Vec<Exemption>>,
) -> Result<Vec<(TokenId, AccountId)>, StoreError> {
    let mut spared = Vec::new();
    for (id, exemptions) in exemptions {
        let Some(token) = tokens::find(db, *id).await? else {
            continue;
        };
        let lifetime = Lifetime::between(token.starts_at, token.expires_at);
        let free = places
            .iter()
            .filter(|place| place.violation(lifetime, exemptions).is_none());
        spared.extend(free.map(|place| (*id, place.account.id)));
    }
    Ok(spared)
}

async fn places(
    db: &mut impl Db,
    user: AccountId,
    owners: &[(AccountId, String)],
    now: Timestamp,
) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    for (owner, _) in owners {
        places.extend(Place::load(db, user, *owner, now).await?);
    }
    Ok(places)
}

impl Cut {
    /// Loads the page that is asked for.
    pub async fn load(
        db: &mut impl Db,
        query: &Query,
        filter: &Filter,
    ) -> Result<Self, StoreError> {
        let limit = i64::try_from(SIZE + 1).expect("a page is small");
        let direction = query.read_direction();
        let beyond = query.place.as_ref();
        let found = own_tokens::list(db, filter, query.sort, direction, beyond, limit).await?;
        Ok(Self::of(query, found))
    }

    /// Cuts what the database gave to a page.
    fn of(query: &Query, mut tokens: Vec<OwnToken>) -> Self {
        let has_more = tokens.len() > SIZE;
        tokens.truncate(SIZE);
        if query.is_before {
            tokens.reverse();
        }
        let (has_before, has_after) = if query.is_before {
            (has_more, true)
        } else {
            (query.place.is_some(), has_more)
        };
        let address = |side, token: Option<&OwnToken>, there: bool| match token {
            Some(token) if there => query.page_address(side, &token.place(query.sort)),
            _ => String::new(),
        };
        Self {
            before: address("before", tokens.first(), has_before),
            after: address("after", tokens.last(), has_after),
            tokens,
        }
    }
}
