//! An owner of the enterprise takes a token's access to one of its organizations back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{Id, Subject, rules, show};
use crate::actions::revoke_grant::revoke_in_enterprise;
use crate::app::App;
use crate::domain::ids::GrantId;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::EnterpriseOwner;
use crate::web::form::{Fields, Form};
use crate::web::pages::enterprise::frame;
use crate::web::pages::organization::outcome::{self, Matter};
use crate::web::pages::organization::reason::Typed;

/// Revokes the grant.
pub async fn post(
    State(app): State<App>,
    owner: EnterpriseOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let rules = rules(&app, &owner).await?;
    let subject = Subject::find(&app, &owner, &rules, &id).await?;
    let Some(grant) = subject.grant.as_ref().map(|grant| grant.id) else {
        return Err(PageError::NotFound);
    };
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show::show(&app, &owner, &rules, subject, typed, status).await;
    }
    if let Some(way) = ask_first(&app, &owner, &subject, &fields).await {
        return Ok(way);
    }
    revoke(&app, &owner, &subject, grant, fields.get("reason")).await
}

async fn revoke(
    app: &App,
    owner: &EnterpriseOwner,
    subject: &Subject,
    grant: GrantId,
    why: &str,
) -> PageResult {
    let (enterprise, by) = (owner.enterprise.id, owner.signed_in.user.id);
    let origin = owner.signed_in.origin();
    let list = frame::tokens_path(&owner.enterprise.login);
    match revoke_in_enterprise(&app.context, &origin, enterprise, grant, by, why).await {
        Ok(()) => Ok(done(owner, subject, &list).await),
        Err(error) => {
            let matter = Matter {
                names: subject.names(),
                back: ("Back to the tokens", list),
            };
            Err(outcome::unrevoked(app, &matter, grant, error).await)
        }
    }
}

async fn ask_first(
    app: &App,
    owner: &EnterpriseOwner,
    subject: &Subject,
    fields: &Fields,
) -> Option<Response> {
    let act = format!(
        "revoke the access of {}'s token {} at {}",
        subject.user.login,
        subject.token.name,
        subject.at()
    );
    let kept = fields.without(&["csrf"]);
    let path = subject.path(&owner.enterprise.login);
    owner.signed_in.ask_first(app, &act, &path, &kept).await
}

async fn done(owner: &EnterpriseOwner, subject: &Subject, list: &str) -> Response {
    let text = format!(
        "Revoked the access of {}'s token {} at {}. Its next call there is refused.",
        subject.user.login,
        subject.token.name,
        subject.at()
    );
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(list).into_response()
}
