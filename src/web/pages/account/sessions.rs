//! Ends sessions of one's own. It takes rights away and gives none, so the passkey is not asked for again.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect};

use super::security;
use crate::actions::end_sessions;
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::SignedIn;
use crate::web::filters::counted;
use crate::web::form::Form;

/// Ends one session.
pub async fn end_one(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(handle): Path<String>,
    Form(_): Form,
) -> PageResult {
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    if !end_sessions::end_one(&app.context, &origin, user, &handle).await? {
        return Err(ended_already());
    }
    let text = "Ended the session. Whoever used it is asked to sign in at the next page.";
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(security::PATH).into_response())
}

fn ended_already() -> PageError {
    PageError::Conflict {
        title: "This session is over already".to_owned(),
        text: "It was signed out, ended or ran out since the page was loaded. There is nothing left to end.".to_owned(),
        back: ("Back to your sessions".to_owned(), security::PATH.to_owned()),
    }
}

/// Ends every session but this one.
pub async fn end_others(signed_in: SignedIn, State(app): State<App>, Form(_): Form) -> PageResult {
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    let this = signed_in.session.handle().await?;
    let count = end_sessions::end_others(&app.context, &origin, user, &this).await?;
    let text = match i64::try_from(count) {
        Ok(0) => "There was no other session to end.".to_owned(),
        count => {
            let count = counted(count.unwrap_or(i64::MAX), "other session", "other sessions");
            format!("Ended {count}. Only this one is left.")
        }
    };
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(security::PATH).into_response())
}
