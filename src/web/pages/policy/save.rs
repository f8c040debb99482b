//! Saving what has no mistakes, from the policy's form or from a preview; whatever stands against it is shown.

use axum::response::{IntoResponse as _, Redirect};

use super::again::{changed, overtaken};
use super::form::Typed;
use super::look;
use super::show::{day, refuse};
use super::view::sentence;
use crate::actions::save_policy::{Proposal, SavePolicyError, SavedPolicy, Wish, save_policy};
use crate::app::App;
use crate::domain::policy::start::Start;
use crate::domain::token::TokenKind;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::pages::scope_owner::ScopeOwner;

/// What is to be saved, with the form that it came from.
pub struct Order {
    /// For which tokens.
    pub kind: TokenKind,
    /// The version that the page showed.
    pub shown: i64,
    /// What is to be set.
    pub wish: Wish,
    /// From when.
    pub start: Start,
    /// The form.
    pub typed: Typed,
}

/// Saves it. Who has not looked at what it blocks is led there.
pub async fn save(app: &App, owner: &ScopeOwner, order: Order) -> PageResult {
    let (kind, start, typed) = (order.kind, order.start, order.typed);
    let looked = Some(typed.looked.as_str()).filter(|digest| !digest.is_empty());
    let proposal = Proposal {
        scope: owner.account().id,
        kind,
        shown: order.shown,
        wish: order.wish,
        start,
        accepts_risk: typed.accepts_risk(),
        looked,
    };
    let origin = owner.signed_in().origin();
    match save_policy(&app.context, &origin, &proposal).await {
        Ok(saved) => done(owner, kind, start, &saved).await,
        Err(SavePolicyError::Mistakes(mistakes)) => {
            let errors = owner.messages(app, &mistakes).await?;
            refuse(app, owner, kind, typed, errors).await
        }
        Err(SavePolicyError::Moved(standing)) => {
            overtaken(app, owner, kind, typed, &standing).await
        }
        Err(SavePolicyError::LookFirst(_)) if looked.is_none() => {
            Ok(Redirect::to(&owner.preview(&typed.query(kind))).into_response())
        }
        Err(SavePolicyError::LookFirst(_)) => changed(app, owner, kind, typed).await,
        Err(SavePolicyError::NotFound | SavePolicyError::NotAnOwner) => Err(PageError::NotFound),
        Err(SavePolicyError::Store(cause)) => Err(cause.into()),
    }
}

/// Says what was saved, and what that does to the tokens that are there.
async fn done(
    owner: &ScopeOwner,
    kind: TokenKind,
    start: Start,
    saved: &SavedPolicy,
) -> PageResult {
    let name = &owner.account().name;
    let (mark, text) = match &saved.effect {
        None => (
            FlashKind::Info,
            format!("Nothing was changed: this is what {name} has set already."),
        ),
        Some(effect) => {
            let policy = sentence(kind, saved.after);
            let when = match start {
                Start::Now => "From the next call on".to_owned(),
                Start::On(_) => format!("From {} on", day(saved.effective_at)),
            };
            let effect = look::effect(effect);
            (
                FlashKind::Success,
                format!("Saved. {when}, at {name}: {policy}. {effect}"),
            )
        }
    };
    owner.signed_in().flash(mark, text).await;
    Ok(Redirect::to(&owner.tab(kind)).into_response())
}
