//! `/settings/tokens`: one row a classic token, with its scopes and what stands against it.

use askama::Template;
use axum::extract::State as Shared;

use super::against::Against;
use super::{LIST, TITLE, nav};
use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::is_over;
use crate::store::own_tokens::{self, OwnToken, State};
use crate::store::records::TokenUse;
use crate::store::{Db, StoreError};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::filters::counted;
use crate::web::form::QueryFields;
use crate::web::pages::tokens::form::status_of;
use crate::web::pages::tokens::list::Cut;
use crate::web::pages::tokens::list::query::{Listing, Query, SORT_WORDS};

static CLASSIC: Listing = Listing {
    path: LIST,
    kind: TokenKind::Classic,
    states: &[
        ("active", "Works", State::Active),
        ("blocked", "Blocked somewhere", State::Blocked),
        ("expired", "Expired", State::Expired),
    ],
};

#[derive(Template)]
#[template(path = "pages/classic/list.html")]
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
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// One token.
struct Row {
    id: TokenId,
    note: String,
    scopes: Vec<String>,
    is_expired: bool,
    /// What stands against it, as sentences.
    obstacles: Vec<String>,
    last_use: Option<TokenUse>,
    expires_at: Option<Timestamp>,
}

impl Row {
    /// The name of its state's shape and colour, and the state in a word.
    fn standing(&self) -> (&'static str, &'static str) {
        match (self.is_expired, self.obstacles.is_empty()) {
            (true, _) => ("expired", "Expired"),
            (false, true) => ("active", "Works"),
            (false, false) => ("blocked", "Blocked somewhere"),
        }
    }
}

/// Shows the list.
pub async fn get(
    signed_in: SignedIn,
    Shared(app): Shared<App>,
    QueryFields(fields): QueryFields,
) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (signed_in.user.id, signed_in.now());
    let owners = own_tokens::list_owners_of_use(&mut db, user).await?;
    let query = Query::read(&CLASSIC, &fields, &owners);
    let against = Against::load(&mut db, user, now).await?;
    let mut filter = query.filter(user, now, against.ground.bars());
    filter.spared = against.spared(&mut db).await?;
    let count = own_tokens::count(&mut db, &filter).await?;
    let cut = Cut::load(&mut db, &query, &filter).await?;
    let status = status_of(query.errors.is_empty());
    let template = ListPage {
        chrome: signed_in.chrome(TITLE).here(TITLE),
        nav: nav(LIST),
        now: now.as_micros(),
        states: query.states(),
        sorts: SORT_WORDS,
        chips: query.chips(&owners),
        count: counted(count, "token", "tokens"),
        owners: owners.into_iter().map(|(_, login)| login).collect(),
        rows: rows(&mut db, cut.tokens, &against).await?,
        before: cut.before,
        after: cut.after,
        query,
    };
    Ok(page(status, template))
}

async fn rows(
    db: &mut impl Db,
    tokens: Vec<OwnToken>,
    against: &Against,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
    let scopes = own_tokens::list_scopes(db, &ids).await?;
    let last_uses = own_tokens::list_last_uses(db, &ids).await?;
    let row = |token: OwnToken| {
        let own = scopes.iter().filter(|(of, _)| *of == token.id);
        let mut uses = last_uses.iter();
        Row {
            id: token.id,
            scopes: own.map(|(_, scope)| scope.clone()).collect(),
            is_expired: is_over(token.expires_at, against.now),
            obstacles: against.sentences(&token),
            last_use: uses.find(|last| last.token_id == token.id).cloned(),
            expires_at: token.expires_at,
            note: token.name,
        }
    };
    Ok(tokens.into_iter().map(row).collect())
}
