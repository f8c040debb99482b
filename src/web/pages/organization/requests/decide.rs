//! A reviewer's decision on one request.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::show;
use super::{Case, Id};
use crate::actions::refuse::ReviewError;
use crate::actions::{approve as approval, deny as denial};
use crate::app::App;
use crate::domain::approval::Part;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::outcome;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;

/// What a reviewer says to requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are granted.
    Approve,
    /// They are refused.
    Deny,
}

impl Verdict {
    /// What buttons say.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }
}

/// Approves the request.
pub async fn approve(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &reviewer, &id, &query).await?;
    decide(&app, &reviewer, case, &fields, Verdict::Approve).await
}

/// Denies the request.
pub async fn deny(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &reviewer, &id, &query).await?;
    decide(&app, &reviewer, case, &fields, Verdict::Deny).await
}

async fn decide(
    app: &App,
    reviewer: &Reviewer,
    case: Case,
    fields: &Fields,
    verdict: Verdict,
) -> PageResult {
    if let Some(typed) = Typed::mistake(fields) {
        return show::show(app, reviewer, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (user, token) = (&case.subject.user.login, &case.subject.token.name);
    let act = format!(
        "{} {user}'s token {token} for {}",
        verdict.verb(),
        reviewer.name()
    );
    let (address, kept) = (case.address(reviewer), fields.without(&["csrf"]));
    if let Some(way) = reviewer
        .signed_in
        .ask_first(app, &act, &address, &kept)
        .await
    {
        return Ok(way);
    }
    check_shown(&case, fields, reviewer)?;
    match carry_out(app, reviewer, &case, fields.get("reason"), verdict).await {
        Ok(()) => go_on(app, reviewer, &case, done(&case, reviewer, verdict)).await,
        Err(error) => Err(outcome::undecided(
            app,
            reviewer,
            &case.matter(reviewer),
            case.request.id,
            error,
        )
        .await),
    }
}

/// The form says which version of the grant its page was about; a request is about exactly one.
pub(super) fn check_shown(case: &Case, fields: &Fields, reviewer: &Reviewer) -> PageResult<()> {
    let shown: Option<i64> = fields.get("rev").parse().ok();
    if shown == Some(case.request.grant_rev) {
        return Ok(());
    }
    Err(PageError::Unprocessable {
        title: "This form belongs to another version of the request".to_owned(),
        text: "Nothing was changed. Open the request again and decide on what it shows now."
            .to_owned(),
        back: ("Open the request".to_owned(), case.address(reviewer)),
    })
}

async fn carry_out(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
    reason: &str,
    verdict: Verdict,
) -> Result<(), ReviewError> {
    let (owner, by) = (reviewer.owner.id, reviewer.signed_in.user.id);
    let (context, origin) = (&app.context, reviewer.signed_in.origin());
    let id = case.request.id;
    match verdict {
        Verdict::Approve => {
            let whole = Part::Whole;
            approval::approve(context, &origin, owner, id, by, reason, &whole).await
        }
        Verdict::Deny => denial::deny(context, &origin, owner, id, by, reason).await,
    }
}

fn done(case: &Case, reviewer: &Reviewer, verdict: Verdict) -> String {
    let (user, token) = (&case.subject.user.login, &case.subject.token.name);
    match verdict {
        Verdict::Approve => format!(
            "Approved {user}'s token {token}. It works at {} from its next call on.",
            reviewer.name()
        ),
        Verdict::Deny => format!(
            "Denied {user}'s token {token}. {user} sees it, with the reason, on the token's page."
        ),
    }
}

/// Says what was done and leads to the next request that waits under the same filters, or to the list.
pub(super) async fn go_on(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
    text: String,
) -> PageResult<Response> {
    reviewer.signed_in.flash(FlashKind::Success, text).await;
    let place = show::neighbours(app, reviewer, case).await?;
    let path = place.next.map_or_else(
        || reviewer.paths.requests.clone(),
        |next| reviewer.paths.request(next),
    );
    Ok(Redirect::to(&case.view.address(&path)).into_response())
}
