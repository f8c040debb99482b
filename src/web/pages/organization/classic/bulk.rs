//! Many classic tokens blocked at once: what was chosen in the list is shown again, and then all of it is blocked or
//! nothing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::rows::{Row, rows};
use super::{House, list_path};
use crate::actions::block_classic::{BlockError, BlockManyError, Obstacle, block_many};
use crate::actions::review_many::MOST;
use crate::app::App;
use crate::domain::ids::TokenId;
use crate::store::classic_visits::{self, Filter, SortBy};
use crate::store::listings::Direction;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::chosen::FIELD;
use crate::web::pages::organization::frame;
use crate::web::pages::organization::reason::Typed;

#[derive(Template)]
#[template(path = "pages/organization/classic/bulk.html")]
struct Bulk {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    list: String,
    act: String,
    used: String,
    rows: Vec<Row>,
    /// How many of those that were chosen stand against it.
    in_the_way: usize,
    typed: Typed,
}

fn tokens(count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    counted(count, "classic token", "classic tokens")
}

/// What was chosen, each once.
fn chosen(owner: &OrganizationOwner, fields: &Fields) -> PageResult<Vec<TokenId>> {
    let ids = fields.all(FIELD);
    let mut ids: Vec<TokenId> = ids.into_iter().filter_map(|id| id.parse().ok()).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST {
        return Err(wrong_number(owner, ids.len()));
    }
    Ok(ids)
}

fn wrong_number(owner: &OrganizationOwner, count: usize) -> PageError {
    let (title, text) = if count == 0 {
        (
            "No token is chosen".to_owned(),
            "Nothing was changed. Tick the tokens to block, then press the button under the list."
                .to_owned(),
        )
    } else {
        (
            format!("{count} tokens are too many at once"),
            format!("Nothing was changed. Up to {MOST} can be blocked at once: choose fewer."),
        )
    };
    PageError::Unprocessable {
        title,
        text,
        back: (
            "Back to the classic tokens".to_owned(),
            list_path(&owner.organization),
        ),
    }
}

/// Shows what would be blocked.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    let ids = chosen(&owner, restored.as_ref().unwrap_or(&query))?;
    show(&app, &owner, &ids, typed, &[], StatusCode::OK).await
}

/// Blocks all of them.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Form(fields): Form,
) -> PageResult {
    let ids = chosen(&owner, &fields)?;
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&app, &owner, &ids, typed, &[], status).await;
    }
    let (organization, signed_in) = (&owner.organization, &owner.signed_in);
    let act = format!("block {} at {}", tokens(ids.len()), organization.name);
    let page = format!("{}/block", list_path(organization));
    let kept = fields.without(&["csrf"]);
    if let Some(way) = signed_in.ask_first(&app, &act, &page, &kept).await {
        return Ok(way);
    }
    let (origin, why) = (signed_in.origin(), fields.get("reason"));
    match block_many(&app.context, &origin, organization.id, &ids, why).await {
        Ok(()) => Ok(done(&owner, ids.len()).await),
        Err(BlockManyError::Several(stand)) => {
            let typed = Typed::restored(Some(&fields));
            show(&app, &owner, &ids, typed, &stand, StatusCode::CONFLICT).await
        }
        Err(BlockManyError::Count(count)) => Err(wrong_number(&owner, count)),
        Err(BlockManyError::Any(BlockError::Store(error))) => Err(error.into()),
        Err(BlockManyError::Any(BlockError::NotAnOwner | BlockError::NotFound)) => {
            Err(PageError::NotFound)
        }
        Err(error) => Err(PageError::internal(error)),
    }
}

async fn done(owner: &OrganizationOwner, count: usize) -> Response {
    let organization = &owner.organization;
    let text = format!(
        "Blocked {} at {}, for good. Their next calls here are refused.",
        tokens(count),
        organization.name
    );
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&list_path(organization)).into_response()
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    ids: &[TokenId],
    typed: Typed,
    stand: &[(TokenId, Obstacle)],
    status: StatusCode,
) -> PageResult<Response> {
    let (organization, now) = (&owner.organization, owner.signed_in.now());
    let house = House::find(app, organization, now).await?;
    let filter = Filter {
        tokens: Some(ids.to_vec()),
        ..house.filter(now)
    };
    let mut db = app.context.store.reader();
    let order = (SortBy::LastUsed, Direction::Descending);
    let limit = i64::try_from(MOST).expect("a hundred fits");
    let found = classic_visits::list(&mut db, &filter, order, None, limit).await?;
    let rows = rows(app, organization, &house, found, now).await?;
    let list = list_path(organization);
    let title = format!("Block {}", tokens(ids.len()));
    let trail = vec![Crumb::link("Classic tokens", &list), Crumb::text("Block")];
    let (chrome, nav) = frame::around(app, owner, &title, &list, trail).await?;
    let yesterday = now.plus_days(-1);
    let used = rows
        .iter()
        .filter(|row| row.visit.last_used_at >= yesterday);
    let template = Bulk {
        chrome,
        nav,
        now: now.as_micros(),
        organization: organization.name.clone(),
        path: format!("{list}/block"),
        act: title,
        used: match used.count() {
            0 => "None of them was used here in the last day.".to_owned(),
            1 => "1 of them was used here in the last day: such calls are refused from the next one on.".to_owned(),
            some => format!("{some} of them were used here in the last day: such calls are refused from the next one on."),
        },
        in_the_way: stand.len(),
        list,
        rows,
        typed,
    };
    Ok(page(status, template))
}
