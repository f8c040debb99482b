//! Takes a request back before anybody decided on it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect};

use super::LIST;
use super::one::find_own;
use crate::actions::withdraw::{WithdrawError, withdraw};
use crate::app::App;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::SignedIn;
use crate::web::form::Form;

/// Withdraws the request and goes back to the token.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    let page = format!("{LIST}/{}", token.id);
    let request = fields
        .get("request")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    match withdraw(&app.context, &origin, user, request).await {
        Ok(()) => {
            let text = "Withdrew the request. What the token has goes on.";
            signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&page).into_response())
        }
        Err(WithdrawError::NotFound) => Err(PageError::NotFound),
        Err(WithdrawError::Decided(state)) => Err(PageError::Conflict {
            title: format!("This request was {state} already"),
            text: "It does not wait any more, so there was nothing to withdraw. The token's page says what happened."
                .to_owned(),
            back: ("See the token".to_owned(), page),
        }),
        Err(WithdrawError::Store(error)) => Err(error.into()),
    }
}
