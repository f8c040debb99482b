//! One classic token at an organization: what it is, what it did here, and how to keep it out.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{House, Id, Standing, find, list_path, token_path};
use crate::app::App;
use crate::domain::token::TokenState;
use crate::store::classic_visits::{self, Visit};
use crate::store::exceptions::{self, Block};
use crate::store::records::RefusalRow;
use crate::store::reviews::HistoryOf;
use crate::store::{Db, StoreError, tokens};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::exempt::Exemptions;
use crate::web::pages::organization::frame;
use crate::web::pages::organization::history::{self, Step};
use crate::web::pages::organization::reason::Typed;
use crate::web::usage::Usage;

/// So many refusals are shown.
const REFUSALS: i64 = 10;

#[derive(Template)]
#[template(path = "pages/organization/classic/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    visit: Visit,
    standing: Standing,
    block: Option<Block>,
    scopes: Vec<(String, String)>,
    usage: Usage,
    refusals: Vec<RefusalRow>,
    history: Vec<Step>,
    exemptions: Exemptions,
    can_be_blocked: bool,
    typed: Typed,
}

/// Shows one token.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let visit = find(&app, &owner, &id).await?;
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    show(&app, &owner, visit, typed, StatusCode::OK).await
}

/// Draws the page with what the form holds.
pub(super) async fn show(
    app: &App,
    owner: &OrganizationOwner,
    visit: Visit,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let (organization, now) = (&owner.organization, owner.signed_in.now());
    let (list, id) = (list_path(organization), organization.id);
    let title = format!("{} of {}", visit.note, visit.user_login);
    let trail = vec![
        Crumb::link("Classic tokens", &list),
        Crumb::text(&visit.note),
    ];
    let (chrome, nav) = frame::around(app, owner, &title, &list, trail).await?;
    let mut db = app.context.store.reader();
    let token = tokens::find(&mut db, visit.token_id)
        .await?
        .ok_or(PageError::NotFound)?;
    let house = House::find(app, organization, now).await?;
    let given = exceptions::list_of_token(&mut db, token.id).await?;
    let template = Show {
        chrome,
        nav,
        now: now.as_micros(),
        organization: organization.name.clone(),
        path: token_path(organization, token.id),
        standing: house.standing(&visit, &given, now),
        block: find_block(&mut db, owner, &visit).await?,
        scopes: scopes(app, &mut db, &visit).await?,
        usage: Usage::find(&mut db, app.context.catalog, token.id, Some(id), now).await?,
        refusals: classic_visits::list_refusals(&mut db, token.id, id, REFUSALS).await?,
        history: history::list(app, id, HistoryOf::Token(token.id)).await?,
        exemptions: Exemptions::find(&mut db, organization, &token, now).await?,
        can_be_blocked: visit.blocked_at.is_none() && visit.state == TokenState::Live,
        visit,
        typed,
    };
    Ok(page(status, template))
}

/// Who blocked it here, when and why.
pub(super) async fn find_block(
    db: &mut impl Db,
    owner: &OrganizationOwner,
    visit: &Visit,
) -> Result<Option<Block>, StoreError> {
    let blocks = exceptions::list_blocks(db, visit.token_id).await?;
    let id = owner.organization.id;
    Ok(blocks.into_iter().find(|block| block.owner_id == id))
}

/// Its scopes, each with our sentence.
async fn scopes(
    app: &App,
    db: &mut impl Db,
    visit: &Visit,
) -> Result<Vec<(String, String)>, StoreError> {
    let names = tokens::list_scopes(db, visit.token_id).await?;
    let catalog = app.context.catalog;
    let with_sentence = |name: String| {
        let known = catalog.find_scope(&name);
        let sentence = known.map_or("", |scope| scope.sentence.as_str()).to_owned();
        (name, sentence)
    };
    Ok(names.into_iter().map(with_sentence).collect())
}
