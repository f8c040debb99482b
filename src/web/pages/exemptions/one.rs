//! One exemption: what it lifts and for how long, and taking it back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::list::end;
use super::scope::list_path;
use super::stand::Stand;
use super::{by, give_path, kind_word, one_path};
use crate::actions::exempt_token::{ExemptError, end_exemption};
use crate::app::App;
use crate::domain::policy::exemption::SOON_DAYS;
use crate::store::exemption_lists::{self, Given};
use crate::store::tokens;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::titled;
use crate::web::form::Form;
use crate::web::pages::scope_owner::ScopeOwner;

#[derive(Template)]
#[template(path = "pages/exemptions/one.html")]
struct One {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    scope: String,
    path: String,
    list: String,
    extend: String,
    given: Given,
    kind: String,
    policy: String,
    by: String,
    is_over: bool,
    is_soon: bool,
    end: String,
    without: Vec<String>,
    calls: i64,
}

/// The part of a path that names one exemption.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

async fn find(app: &App, owner: &ScopeOwner, id: &Id) -> PageResult<Given> {
    let id = id.id.parse().map_err(|_| PageError::NotFound)?;
    let mut db = app.context.store.reader();
    let found = exemption_lists::find(&mut db, owner.account().id, id).await?;
    found.ok_or(PageError::NotFound)
}

/// Shows one exemption, in force or not.
pub async fn get(State(app): State<App>, owner: ScopeOwner, Path(id): Path<Id>) -> PageResult {
    let given = find(&app, &owner, &id).await?;
    let (list, now) = (list_path(&owner), owner.signed_in().now());
    let is_over = given.is_over(now);
    let title = format!("{} of {}", given.token_name, given.user_login);
    let trail = vec![
        Crumb::link("Exemptions", &list),
        Crumb::text(&given.token_name),
    ];
    let (chrome, nav) = owner
        .around(&app, &title, &list_path(&owner), trail)
        .await?;
    let (without, calls) = if is_over {
        Default::default()
    } else {
        without(&app, &owner, &given).await?
    };
    let template = One {
        chrome,
        nav,
        now: now.as_micros(),
        scope: owner.name().to_owned(),
        path: one_path(&list, given.id),
        extend: format!(
            "{}&policy={}",
            give_path(&list, given.token_id),
            given.policy
        ),
        kind: titled(kind_word(given.token_kind)),
        policy: titled(given.policy.title()),
        by: by(given.given_by.as_deref()).to_owned(),
        is_over,
        is_soon: !is_over && given.until_at <= now.plus_days(SOON_DAYS),
        end: end(&given),
        without,
        calls,
        list,
        given,
    };
    Ok(page(StatusCode::OK, template))
}

/// What stands against the token without the exemption, and how many calls since yesterday that concerns.
async fn without(app: &App, owner: &ScopeOwner, given: &Given) -> PageResult<(Vec<String>, i64)> {
    let (mut db, now) = (app.context.store.reader(), owner.signed_in().now());
    let Some(token) = tokens::find(&mut db, given.token_id).await? else {
        return Ok(Default::default());
    };
    let stand = Stand::load(&mut db, owner, &token, now).await?;
    Ok(stand.without(&mut db, &token, given.policy, now).await?)
}

/// Takes the exemption back.
pub async fn post(
    State(app): State<App>,
    owner: ScopeOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let given = find(&app, &owner, &id).await?;
    let signed_in = owner.signed_in();
    if given.is_over(signed_in.now()) {
        return Err(over(&owner, &given));
    }
    let act = format!(
        "take back the exemption of {}'s token {} from the {} of {}",
        given.user_login,
        given.token_name,
        given.policy.title(),
        owner.name()
    );
    let path = one_path(&list_path(&owner), given.id);
    let kept = fields.without(&["csrf"]);
    if let Some(way) = signed_in.ask_first(&app, &act, &path, &kept).await {
        return Ok(way);
    }
    let (origin, scope) = (signed_in.origin(), owner.account().id);
    match end_exemption(&app.context, &origin, scope, given.id).await {
        Ok(()) => Ok(done(&owner, &given).await),
        Err(ExemptError::Over) => Err(over(&owner, &find(&app, &owner, &id).await?)),
        Err(ExemptError::NotFound | ExemptError::NotAnOwner | ExemptError::Mistakes(_)) => {
            Err(PageError::NotFound)
        }
        Err(ExemptError::Store(cause)) => Err(cause.into()),
    }
}

async fn done(owner: &ScopeOwner, given: &Given) -> Response {
    let text = format!(
        "Took back the exemption of {}'s token {}. The {} of {} counts for it from the next call on.",
        given.user_login,
        given.token_name,
        given.policy.title(),
        owner.name()
    );
    owner.signed_in().flash(FlashKind::Success, text).await;
    Redirect::to(&list_path(owner)).into_response()
}

/// What happened to it before.
fn over(owner: &ScopeOwner, given: &Given) -> PageError {
    let at = given.ended_at.unwrap_or(given.until_at).to_utc();
    PageError::Conflict {
        title: "This exemption is over already".to_owned(),
        text: format!(
            "{}, on {}. Nothing was changed now.",
            end(given),
            at.format("%-d %b %Y at %H:%M UTC")
        ),
        back: ("Back to the exemptions".to_owned(), list_path(owner)),
    }
}
