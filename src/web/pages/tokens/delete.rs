//! Deletes a token. It takes rights away and gives none, so the passkey is not asked for again.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect};

use super::LIST;
use crate::actions::delete_token::delete_token;
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::SignedIn;
use crate::web::form::Form;

/// Deletes the token and goes back to the list, which says so.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(_): Form,
) -> PageResult {
    let token = super::one::find_own(&app, &signed_in, &id).await?;
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    if !delete_token(&app.context, &origin, user, token.id).await? {
        return Err(PageError::NotFound);
    }
    let text = format!(
        "Deleted the token {}. Calls with it are refused from now on.",
        token.name
    );
    signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(LIST).into_response())
}
