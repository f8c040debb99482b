//! A reviewer takes a token's access back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::show;
use super::{Id, find, matter};
use crate::actions::revoke_grant::revoke_grant;
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::PageResult;
use crate::web::form::{Fields, Form};
use crate::web::pages::organization::outcome;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::subject::Subject;

/// Revokes the grant.
pub async fn post(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let subject = find(&app, &reviewer, &id).await?;
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show::show(&app, &reviewer, subject, typed, status).await;
    }
    if let Some(way) = ask_first(&app, &reviewer, &subject, &fields).await {
        return Ok(way);
    }
    let (owner, by) = (reviewer.owner.id, reviewer.signed_in.user.id);
    let (origin, why) = (reviewer.signed_in.origin(), fields.get("reason"));
    match revoke_grant(&app.context, &origin, owner, subject.grant.id, by, why).await {
        Ok(()) => Ok(done(&reviewer, &subject).await),
        Err(error) => {
            let matter = matter(&subject, &reviewer);
            Err(outcome::unrevoked(&app, &matter, subject.grant.id, error).await)
        }
    }
}

async fn ask_first(
    app: &App,
    reviewer: &Reviewer,
    subject: &Subject,
    fields: &Fields,
) -> Option<Response> {
    let act = format!(
        "revoke the access of {}'s token {} at {}",
        subject.user.login,
        subject.token.name,
        reviewer.name()
    );
    let kept = fields.without(&["csrf"]);
    let path = reviewer.paths.grant(subject.grant.id);
    reviewer.signed_in.ask_first(app, &act, &path, &kept).await
}

async fn done(reviewer: &Reviewer, subject: &Subject) -> Response {
    let text = format!(
        "Revoked the access of {}'s token {} at {}. Its next call here is refused.",
        subject.user.login,
        subject.token.name,
        reviewer.name()
    );
    reviewer.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&reviewer.paths.active).into_response()
}
