//! `/settings/personal-access-tokens`: one row a token, with where it works and why it does not.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::standing::{Place, Standing};
use super::{LIST, nav};
use crate::app::App;
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::listings::{self, OwnGrant};
use crate::store::records::{self, TokenUse};
use crate::store::tokens::{self, Token};
use crate::store::{Db, StoreError};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;

#[derive(Template)]
#[template(path = "pages/tokens/list.html")]
struct ListPage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    rows: Vec<Row>,
}

/// One token.
struct Row {
    id: TokenId,
    name: String,
    is_expired: bool,
    places: Vec<RowPlace>,
    level: Option<Level>,
    last_use: Option<TokenUse>,
    expires_at: Option<Timestamp>,
}

/// One owner of a token.
struct RowPlace {
    login: String,
    state: &'static str,
    word: &'static str,
    reason: String,
    repositories: String,
}

/// Everything that the rows are made from.
struct Facts {
    now: Timestamp,
    grants: Vec<OwnGrant>,
    places: BTreeMap<AccountId, Place>,
    levels: BTreeMap<GrantId, Level>,
    last_uses: Vec<TokenUse>,
}

impl Facts {
    async fn load(db: &mut impl Db, user: AccountId, now: Timestamp) -> Result<Self, StoreError> {
        let grants = listings::list_own_grants(db, user).await?;
        let mut places = BTreeMap::new();
        for grant in &grants {
            if !places.contains_key(&grant.owner_id)
                && let Some(place) = Place::load(db, user, grant.owner_id, now).await?
            {
                places.insert(grant.owner_id, place);
            }
        }
        let mut levels = BTreeMap::<_, Level>::new();
        for (grant, level) in listings::list_own_levels(db, user).await? {
            let highest = levels.entry(grant).or_insert(level);
            *highest = level.max(*highest);
        }
        let last_uses = records::list_last_uses_of_user(db, user).await?;
        Ok(Self {
            now,
            grants,
            places,
            levels,
            last_uses,
        })
    }

    fn row(&self, token: Token) -> Row {
        let own: Vec<_> = self
            .grants
            .iter()
            .filter(|grant| grant.token_id == token.id)
            .collect();
        Row {
            is_expired: token.is_expired(self.now),
            places: own.iter().map(|grant| self.place(&token, grant)).collect(),
            level: own
                .iter()
                .filter_map(|grant| self.levels.get(&grant.id).copied())
                .max(),
            last_use: self
                .last_uses
                .iter()
                .find(|last| last.token_id == token.id)
                .cloned(),
            expires_at: token.expires_at,
            id: token.id,
            name: token.name,
        }
    }

    fn place(&self, token: &Token, grant: &OwnGrant) -> RowPlace {
        let Standing {
            state,
            word,
            reason,
        } = self.standing(token, grant);
        let listed = usize::try_from(grant.listed).unwrap_or(0);
        RowPlace {
            login: grant.owner_login.clone(),
            state,
            word,
            reason,
            repositories: summary::selection(grant.selection, listed),
        }
    }

    fn standing(&self, token: &Token, grant: &OwnGrant) -> Standing {
        if token.is_expired(self.now) {
            return Standing {
                state: "expired",
                word: "Expired",
                reason: String::new(),
            };
        }
        let lifetime = Lifetime::between(token.starts_at, token.expires_at);
        match self.places.get(&grant.owner_id) {
            Some(place) => place.standing(grant.standing(), lifetime, &grant.reason),
            None => Standing {
                state: "none",
                word: "Gone",
                reason: String::new(),
            },
        }
    }
}

/// Shows the list.
pub async fn get(signed_in: SignedIn, State(app): State<App>) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (signed_in.user.id, signed_in.now());
    let facts = Facts::load(&mut db, user, now).await?;
    let tokens = tokens::list_live(&mut db, user, TokenKind::FineGrained).await?;
    let (ended, working): (Vec<_>, Vec<_>) =
        tokens.into_iter().partition(|token| token.is_expired(now));
    let template = ListPage {
        chrome: signed_in
            .chrome("Fine-grained tokens")
            .here("Fine-grained tokens"),
        nav: nav(LIST),
        now: now.as_micros(),
        rows: working
            .into_iter()
            .chain(ended)
            .map(|token| facts.row(token))
            .collect(),
    };
    Ok(page(StatusCode::OK, template))
}
