//! One token at an organization in full: what it can do here, what it did here, and how to take it back. Nothing of
//! other owners is read.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Id, can_be_revoked, find};
use crate::app::App;
use crate::domain::approval::{Activation, GrantState, RevokeCause};
use crate::domain::permission::PermissionSet;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenState;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::reviews::{self, HistoryOf};
use crate::store::{grants, repositories, tokens};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::QueryFields;
use crate::web::pages::organization::exempt::Exemptions;
use crate::web::pages::organization::history::{self, Step};
use crate::web::pages::organization::outcome::Known;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::requests::change::{self, Line};
use crate::web::pages::organization::requests::content::Folded;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::subject::Subject;
use crate::web::pages::organization::{frame, phrases};
use crate::web::usage::{self, Usage};

#[derive(Template)]
#[template(path = "pages/organization/active/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    path: String,
    relation: String,
    state: &'static str,
    activation: &'static str,
    content: Content,
    life: String,
    last_used_at: Option<Timestamp>,
    usage: Usage,
    history: Vec<Step>,
    end: Option<Known>,
    end_cause: &'static str,
    can_be_revoked: bool,
    exemptions: Exemptions,
    case: Subject,
    typed: Typed,
}

/// What the grant gives.
struct Content {
    sentences: Vec<String>,
    permissions: Vec<Line>,
    repositories: Folded,
    conditions: Vec<String>,
    unused: String,
}

/// Shows one grant; one that was revoked shows how.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = find(&app, &reviewer, &id).await?;
    let restored = reviewer.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    show(&app, &reviewer, case, typed, StatusCode::OK).await
}

/// Draws the page with what the form holds.
pub(super) async fn show(
    app: &App,
    reviewer: &Reviewer,
    case: Subject,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let owner = &reviewer.owner;
    let title = format!("{} of {}", case.token.name, case.user.login);
    let list = reviewer.paths.active.clone();
    let trail = vec![
        Crumb::link("Active tokens", &list),
        Crumb::text(&case.token.name),
    ];
    let (chrome, nav) = frame::around_reviewer(app, reviewer, &title, &list, trail).await?;
    let mut db = app.context.store.reader();
    let (now, here) = (reviewer.signed_in.now(), Some(owner.id));
    let last_used_at = tokens::find_last_use(&mut db, case.token.id, here).await?;
    let of = HistoryOf::Token(case.token.id);
    let template = Show {
        now: now.as_micros(),
        owner: reviewer.name().to_owned(),
        path: reviewer.paths.grant(case.grant.id),
        relation: phrases::relation(case.grant.relation, reviewer.name()),
        state: state(&case, reviewer),
        activation: activation(&case),
        content: content(app, reviewer, &case).await?,
        life: change::life(Lifetime::between(
            case.token.starts_at,
            case.token.expires_at,
        )),
        last_used_at,
        usage: Usage::find(&mut db, app.context.catalog, case.token.id, here, now).await?,
        history: history::list(app, owner.id, of).await?,
        end: find_end(app, &case).await?,
        end_cause: end_cause(&case),
        can_be_revoked: can_be_revoked(&case),
        exemptions: find_exemptions(app, reviewer, &case).await?,
        chrome,
        nav,
        case,
        typed,
    };
    Ok(page(status, template))
}

/// The state in the words of badges.
fn state(case: &Subject, reviewer: &Reviewer) -> &'static str {
    match case.grant.state {
        GrantState::Revoked => "revoked",
        _ if case.token.state == TokenState::Ended => "revoked",
        _ if case.token.is_expired(reviewer.signed_in.now()) => "expired",
        GrantState::Suspended => "suspended",
        GrantState::Active => "active",
        GrantState::None => "none",
    }
}

fn activation(case: &Subject) -> &'static str {
    match case.grant.activation {
        Some(Activation::Reviewed) => "An owner reviewed it",
        Some(Activation::ByOwner) => "Nobody: its user was an owner",
        Some(Activation::ByPolicy) => "Nobody: no approval was required",
        None => "Nobody yet",
    }
}

fn end_cause(case: &Subject) -> &'static str {
    match case.grant.ended_cause {
        Some(RevokeCause::Left) => "What let this person in ended, and the access with it",
        Some(RevokeCause::TokenEnded) => "The token itself ended",
        Some(RevokeCause::Removed) => "Its user took it out of the token",
        Some(RevokeCause::Owner) | None => "An owner revoked it",
    }
}

async fn content(app: &App, reviewer: &Reviewer, case: &Subject) -> PageResult<Content> {
    let mut db = app.context.store.reader();
    let ask = grants::load_ask(&mut db, app.context.catalog, &case.grant).await?;
    let ids: Vec<_> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(&mut db, &ids).await?;
    let full_names: Vec<_> = found
        .iter()
        .map(repositories::Repository::full_name)
        .collect();
    let part = summary::Part {
        owner: &reviewer.owner.login,
        repositories: &full_names,
        ask: &ask,
    };
    let named = found.into_iter().map(|found| (found.id, found)).collect();
    let held = &ask.permissions;
    Ok(Content {
        sentences: summary::sentences(app.context.catalog, &part),
        permissions: change::permissions(app.context.catalog, held, held),
        repositories: change::repositories(Some(&ask.selection), &ask.selection, &named).into(),
        unused: find_unused(app, reviewer, case, held).await?,
        conditions: change::conditions(&ask.terms.conditions),
    })
}

/// How much of what the grant gives was not used lately.
async fn find_unused(
    app: &App,
    reviewer: &Reviewer,
    case: &Subject,
    held: &PermissionSet,
) -> PageResult<String> {
    let (catalog, owner) = (app.context.catalog, reviewer.owner.id);
    let since = usage::first_day(reviewer.signed_in.now());
    let mut db = app.context.store.reader();
    let used = reviews::list_used_permissions(&mut db, owner, &[case.token.id], since).await?;
    let used = used.get(&case.token.id);
    let held: Vec<_> = held
        .iter()
        .map(|(id, level)| (catalog.permission(id).slug.clone(), level))
        .collect();
    let is_used = |slug: &str| used.is_some_and(|used| used.contains(slug));
    Ok(phrases::unused(catalog, &held, is_used))
}

/// Exemptions from the organization's policy; a person's own account has none.
async fn find_exemptions(app: &App, reviewer: &Reviewer, case: &Subject) -> PageResult<Exemptions> {
    if reviewer.is_own_account() {
        return Ok(Exemptions::default());
    }
    let (mut db, now) = (app.context.store.reader(), reviewer.signed_in.now());
    Ok(Exemptions::find(&mut db, &reviewer.owner, &case.token, now).await?)
}

async fn find_end(app: &App, case: &Subject) -> PageResult<Option<Known>> {
    let grant = &case.grant;
    if grant.state != GrantState::Revoked {
        return Ok(None);
    }
    Known::find(app, grant.decided_by, grant.ended_at, grant.reason.clone())
        .await
        .map(Some)
}
