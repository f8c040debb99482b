//! An owner blocks one classic token at the organization, for good.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::show::{find_block, show};
use super::{Id, find, list_path, token_path};
use crate::actions::block_classic::{BlockError, block_classic};
use crate::app::App;
use crate::store::classic_visits::Visit;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::OrganizationOwner;
use crate::web::form::Form;
use crate::web::pages::organization::reason::Typed;

/// Blocks the token here.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let visit = find(&app, &owner, &id).await?;
    if visit.blocked_at.is_some() {
        return Err(blocked_already(&app, &owner, &visit).await);
    }
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&app, &owner, visit, typed, status).await;
    }
    let (organization, signed_in) = (&owner.organization, &owner.signed_in);
    let act = format!(
        "block {}'s classic token {} at {}",
        visit.user_login, visit.note, organization.name
    );
    let path = token_path(organization, visit.token_id);
    let kept = fields.without(&["csrf"]);
    if let Some(way) = signed_in.ask_first(&app, &act, &path, &kept).await {
        return Ok(way);
    }
    let (origin, why) = (signed_in.origin(), fields.get("reason"));
    match block_classic(&app.context, &origin, organization.id, visit.token_id, why).await {
        Ok(()) => Ok(done(&owner, &visit).await),
        Err(BlockError::AlreadyBlocked) => Err(blocked_already(&app, &owner, &visit).await),
        Err(BlockError::NotFound) => Err(ended(&owner, &visit)),
        Err(BlockError::Store(error)) => Err(error.into()),
        Err(BlockError::NotAnOwner) => Err(PageError::NotFound),
        Err(error) => Err(PageError::internal(error)),
    }
}

async fn done(owner: &OrganizationOwner, visit: &Visit) -> Response {
    let organization = &owner.organization;
    let text = format!(
        "Blocked {}'s classic token {} at {}, for good. Its next call here is refused.",
        visit.user_login, visit.note, organization.name
    );
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&list_path(organization)).into_response()
}

/// Who was first; read again, as it may have happened since the page was opened.
async fn blocked_already(app: &App, owner: &OrganizationOwner, visit: &Visit) -> PageError {
    let mut db = app.context.store.reader();
    let block = match find_block(&mut db, owner, visit).await {
        Ok(Some(block)) => block,
        Ok(None) => return PageError::NotFound,
        Err(error) => return error.into(),
    };
    let at = block.blocked_at.to_utc().format("%-d %b %Y at %H:%M UTC");
    let by = block.blocked_by.as_deref().unwrap_or("The operator");
    let why = if block.reason.is_empty() {
        String::new()
    } else {
        format!(" The reason given: “{}”", block.reason)
    };
    conflict(
        owner,
        "This token is blocked here already",
        format!("{by} blocked it on {at}.{why} Nothing was changed now."),
    )
}

fn ended(owner: &OrganizationOwner, visit: &Visit) -> PageError {
    conflict(
        owner,
        "This token ended",
        format!(
            "{} deleted it, or it was revoked: it works nowhere any more. Nothing was changed.",
            visit.user_login
        ),
    )
}

fn conflict(owner: &OrganizationOwner, title: &str, text: String) -> PageError {
    PageError::Conflict {
        title: title.to_owned(),
        text,
        back: (
            "Back to the classic tokens".to_owned(),
            list_path(&owner.organization),
        ),
    }
}
