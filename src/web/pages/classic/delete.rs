//! `/settings/tokens/{id}/delete`: says what stops working, then deletes.

use axum::extract::{Path, State};

use super::{LIST, TITLE, find_own};
use crate::app::App;
use crate::web::error::PageResult;
use crate::web::extract::SignedIn;
use crate::web::form::Form;
use crate::web::pages::tokens::delete;

/// Says what stops working.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    delete::show(&app, &signed_in, token, (TITLE, LIST)).await
}

/// Deletes the token and goes back to the list, which says so.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(_): Form,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    delete::delete(&app, &signed_in, token, LIST).await
}
