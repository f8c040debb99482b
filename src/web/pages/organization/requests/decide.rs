//! An owner's decision on one request.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::show;
use super::{Case, Id};
use crate::actions::refuse::ReviewError;
use crate::actions::{approve as approval, deny as denial};
use crate::app::App;
use crate::store::reviews;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Fields, Form};
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::{frame, outcome};

/// What an owner says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Approve,
    Deny,
}

impl Verdict {
    const fn verb(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }
}

/// Approves the request.
pub async fn approve(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    decide(&app, &owner, &id, &fields, Verdict::Approve).await
}

/// Denies the request.
pub async fn deny(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    decide(&app, &owner, &id, &fields, Verdict::Deny).await
}

async fn decide(
    app: &App,
    owner: &OrganizationOwner,
    id: &Id,
    fields: &Fields,
    verdict: Verdict,
) -> PageResult {
    let case = Case::find(app, owner, id).await?;
    if let Some(typed) = Typed::mistake(fields) {
        return show::show(app, owner, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if let Some(way) = ask_first(app, owner, &case, fields, verdict).await {
        return Ok(way);
    }
    check_shown(&case, fields, &owner.organization.login)?;
    match carry_out(app, owner, &case, fields.get("reason"), verdict).await {
        Ok(()) => Ok(go_on(app, owner, &case, verdict).await?),
        Err(error) => {
            let matter = case.matter(owner);
            Err(outcome::undecided(app, &matter, case.request.id, error).await)
        }
    }
}

async fn ask_first(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    fields: &Fields,
    verdict: Verdict,
) -> Option<Response> {
    let (user, token) = (&case.user.login, &case.token.name);
    let act = format!(
        "{} {user}'s token {token} for {}",
        verdict.verb(),
        owner.organization.name
    );
    let kept = fields.without(&["csrf"]);
    let path = case.path(owner);
    owner.signed_in.ask_first(app, &act, &path, &kept).await
}

/// The form says which version of the grant its page was about; a request is about exactly one.
fn check_shown(case: &Case, fields: &Fields, organization: &str) -> PageResult<()> {
    let shown: Option<i64> = fields.get("rev").parse().ok();
    if shown == Some(case.request.grant_rev) {
        return Ok(());
    }
    Err(PageError::Unprocessable {
        title: "This form belongs to another version of the request".to_owned(),
        text: "Nothing was changed. Open the request again and decide on what it shows now."
            .to_owned(),
        back: (
            "Open the request".to_owned(),
            frame::request_path(organization, case.request.id),
        ),
    })
}

async fn carry_out(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    reason: &str,
    verdict: Verdict,
) -> Result<(), ReviewError> {
    let (id, by) = (owner.organization.id, owner.signed_in.user.id);
    let (context, origin) = (&app.context, owner.signed_in.origin());
    match verdict {
        Verdict::Approve => {
            approval::approve(context, &origin, id, case.request.id, by, reason).await
        }
        Verdict::Deny => denial::deny(context, &origin, id, case.request.id, by, reason).await,
    }
}

/// Says what was done and leads to the next request that waits, or to the list.
async fn go_on(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    verdict: Verdict,
) -> PageResult<Response> {
    let (user, token) = (&case.user.login, &case.token.name);
    let organization = &owner.organization;
    let text = match verdict {
        Verdict::Approve => format!(
            "Approved {user}'s token {token}. It works at {} from its next call on.",
            organization.name
        ),
        Verdict::Deny => format!(
            "Denied {user}'s token {token}. {user} sees it, with the reason, on the token's page."
        ),
    };
    owner.signed_in.flash(FlashKind::Success, text).await;
    let mut db = app.context.store.reader();
    let place = reviews::find_queue_place(&mut db, organization.id, case.place()).await?;
    let login = &organization.login;
    let path = place.next.map_or_else(
        || frame::requests_path(login),
        |next| frame::request_path(login, next),
    );
    Ok(Redirect::to(&path).into_response())
}
