//! Taking back a policy that was to begin later.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};

use super::kind;
use super::show::{day, foreign};
use crate::actions::cancel_policy::{CancelPolicyError, cancel_policy};
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::form::Form;
use crate::web::pages::scope_owner::ScopeOwner;

/// Takes it back.
pub async fn post(State(app): State<App>, owner: ScopeOwner, Form(fields): Form) -> PageResult {
    let kind = kind(&fields);
    let version = fields.get("version").parse();
    let version = version.map_err(|_| foreign(&owner, kind))?;
    let path = owner.tab(kind);
    if let Some(way) = owner.confirm(&app, &path, &fields).await {
        return Ok(way);
    }
    let (origin, scope) = (owner.signed_in().origin(), owner.account().id);
    match cancel_policy(&app.context, &origin, scope, kind, version).await {
        Ok(taken) => {
            let text = format!(
                "Taken back: nothing changes on {}. Whoever was told of it is told that.",
                day(taken.effective_at)
            );
            owner.signed_in().flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&path).into_response())
        }
        Err(CancelPolicyError::NotAhead) => Err(PageError::Conflict {
            title: "This version of the policy is not ahead any more".to_owned(),
            text:
                "It has begun, or an owner took it back or saved another one. Nothing was changed."
                    .to_owned(),
            back: owner.back(kind),
        }),
        Err(CancelPolicyError::NotFound | CancelPolicyError::NotAnOwner) => {
            Err(PageError::NotFound)
        }
        Err(CancelPolicyError::Store(cause)) => Err(cause.into()),
    }
}
