//! `/logout`: ends the session.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};

use crate::actions::sign_in;
use crate::app::App;
use crate::web::error::PageResult;
use crate::web::extract::SignedIn;
use crate::web::form::Form;

/// Signs out.
pub async fn post(State(app): State<App>, signed_in: SignedIn, _form: Form) -> PageResult {
    sign_in::sign_out(&app.context, &signed_in.origin(), signed_in.user.id).await?;
    signed_in.session.end().await?;
    Ok(Redirect::to("/login").into_response())
}
