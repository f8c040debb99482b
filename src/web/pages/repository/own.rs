//! `/settings/repositories`: a person's own, and a new one.

use axum::extract::State;

use super::frame::OWN;
use super::list::{self, Setting};
use super::new::{self, Desk};
use crate::app::App;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::PageResult;
use crate::web::extract::SignedIn;
use crate::web::form::{Form, QueryFields};
use crate::web::pages::settings;

/// Lists the person's own repositories.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let setting = Setting {
        owner: &signed_in.user,
        chrome: signed_in.chrome("Repositories").here("Repositories"),
        nav: settings::nav(OWN),
        lead: "Those that your account owns.".to_owned(),
        now: signed_in.now(),
    };
    list::show(&app, setting, &query).await
}

fn frame(signed_in: &SignedIn) -> (Chrome, Nav) {
    let chrome = signed_in
        .chrome("New repository")
        .crumb("Repositories", OWN)
        .here("New");
    (chrome, settings::nav(OWN))
}

/// Shows the form for a new one.
pub async fn get_new(signed_in: SignedIn, State(app): State<App>) -> PageResult {
    let desk = Desk {
        signed_in: &signed_in,
        owner: &signed_in.user,
        frame: frame(&signed_in),
    };
    new::show(&app, desk).await
}

/// Creates it.
pub async fn post_new(
    signed_in: SignedIn,
    State(app): State<App>,
    Form(fields): Form,
) -> PageResult {
    let desk = Desk {
        signed_in: &signed_in,
        owner: &signed_in.user,
        frame: frame(&signed_in),
    };
    new::create(&app, desk, &fields).await
}
