//! An owner takes a token's access back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::show;
use super::{Case, Id};
use crate::actions::revoke_grant::revoke_grant;
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::PageResult;
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Fields, Form};
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::{frame, outcome};

/// Revokes the grant.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &owner, &id).await?;
    if let Some(typed) = Typed::mistake(&fields) {
        return show::show(&app, &owner, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if let Some(way) = ask_first(&app, &owner, &case, &fields).await {
        return Ok(way);
    }
    let (id, by) = (owner.organization.id, owner.signed_in.user.id);
    let (origin, why) = (owner.signed_in.origin(), fields.get("reason"));
    match revoke_grant(&app.context, &origin, id, case.grant.id, by, why).await {
        Ok(()) => Ok(done(&owner, &case).await),
        Err(error) => {
            let matter = case.matter(&owner);
            Err(outcome::unrevoked(&app, &matter, case.grant.id, error).await)
        }
    }
}

async fn ask_first(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    fields: &Fields,
) -> Option<Response> {
    let act = format!(
        "revoke the access of {}'s token {} at {}",
        case.user.login, case.token.name, owner.organization.name
    );
    let kept = fields.without(&["csrf"]);
    let path = case.path(owner);
    owner.signed_in.ask_first(app, &act, &path, &kept).await
}

async fn done(owner: &OrganizationOwner, case: &Case) -> Response {
    let text = format!(
        "Revoked the access of {}'s token {} at {}. Its next call here is refused.",
        case.user.login, case.token.name, owner.organization.name
    );
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&frame::active_path(&owner.organization.login)).into_response()
}
