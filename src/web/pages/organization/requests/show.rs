//! One request in full: who asks, why, what the token could do after, and the decision.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::change::{self, Line};
use super::{Case, Id};
use crate::actions::approve::{self, Change};
use crate::actions::refuse::ReviewError;
use crate::app::App;
use crate::domain::approval::decide::DecideError;
use crate::domain::approval::risk::{Risk, RiskFacts, risks};
use crate::domain::approval::words::{self, Said};
use crate::domain::approval::{Ask, Cause, RequestState};
use crate::domain::ids::{RepositoryId, RequestId};
use crate::domain::permission::PermissionSet;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::reviews::{self, HistoryOf};
use crate::store::{grants, repositories, requests};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::history::{self, Step};
use crate::web::pages::organization::outcome::Known;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::{frame, phrases};

#[derive(Template)]
#[template(path = "pages/organization/requests/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    case: Case,
    relation: String,
    cause: &'static str,
    risks: Vec<Risk>,
    sentences: Vec<String>,
    permissions: Vec<Line>,
    repositories: Vec<Line>,
    terms: Vec<Line>,
    life: String,
    conditions: Vec<String>,
    obstacle: Option<Said>,
    decision: Option<Known>,
    history: Vec<Step>,
    queue: Queue,
    path: String,
    typed: Typed,
}

impl Show {
    /// How the notice of the decision is marked.
    fn decision_kind(&self) -> &'static str {
        match self.case.request.state {
            RequestState::Approved => "success",
            RequestState::Denied => "danger",
            RequestState::Cancelled | RequestState::Pending => "info",
        }
    }
}

/// Where the request stands among those that wait.
struct Queue {
    list: String,
    place: String,
    previous: String,
    next: String,
}

/// Shows one request; one that was decided shows how.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &owner, &id).await?;
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    show(&app, &owner, case, typed, StatusCode::OK).await
}

/// Draws the page with what the form holds.
pub(super) async fn show(
    app: &App,
    owner: &OrganizationOwner,
    case: Case,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let (change, obstacle) = read_change(app, owner, &case).await?;
    let title = format!("{} asks for {}", case.user.login, case.token.name);
    let list = frame::requests_path(&owner.organization.login);
    let trail = vec![
        Crumb::link("Pending requests", &list),
        Crumb::text(&case.token.name),
    ];
    let (chrome, nav) = frame::around(app, owner, &title, &list, trail).await?;
    let named = named(app, &change.after).await?;
    let before = change.before.as_ref();
    let none = PermissionSet::new();
    let held = before.map_or(&none, |before| &before.permissions);
    let template = Show {
        now: owner.signed_in.now().as_micros(),
        organization: owner.organization.name.clone(),
        relation: phrases::relation(case.grant.relation, &owner.organization.name),
        cause: cause(case.request.cause),
        risks: find_risks(app, owner, &case, &change).await?,
        sentences: sentences(app, owner, &change.after, &named),
        permissions: change::permissions(app.context.catalog, held, &change.after.permissions),
        repositories: change::repositories(
            before.map(|before| &before.selection),
            &change.after.selection,
            &named,
        ),
        terms: change::terms(before, &change.after),
        life: change::life(Lifetime::between(
            case.token.starts_at,
            case.token.expires_at,
        )),
        conditions: change::conditions(&change.after.terms.conditions),
        obstacle: obstacle.map(|error| words::obstacle(error, case.names(owner))),
        decision: decision(app, &case).await?,
        history: find_history(app, owner, &case).await?,
        queue: find_queue(app, owner, &case).await?,
        path: case.path(owner),
        chrome,
        nav,
        case,
        typed,
    };
    Ok(page(status, template))
}

/// What approving would do and what stands against it; of a decided request, what it asked for beside what was held.
async fn read_change(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
) -> PageResult<(Change, Option<DecideError>)> {
    if case.request.state == RequestState::Pending {
        let preview = approve::preview(&app.context, owner.organization.id, case.request.id);
        return preview.await.map_err(|error| match error {
            ReviewError::Store(failure) => failure.into(),
            ReviewError::NotFound => PageError::NotFound,
            other => PageError::internal(other),
        });
    }
    let mut db = app.context.store.reader();
    let after = requests::load_ask(&mut db, app.context.catalog, &case.request).await?;
    let additions = reviews::list_additions(&mut db, &[case.request.id]).await?;
    let held: Vec<_> = additions
        .into_values()
        .flatten()
        .filter_map(|addition| Some((addition.permission, addition.before?)))
        .collect();
    let before = (!held.is_empty()).then(|| Ask {
        permissions: grants::permission_set(app.context.catalog, &held),
        ..after.clone()
    });
    Ok((Change { before, after }, None))
}

async fn named(
    app: &App,
    ask: &Ask,
) -> PageResult<BTreeMap<RepositoryId, repositories::Repository>> {
    let ids: Vec<_> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(&mut app.context.store.reader(), &ids).await?;
    Ok(found.into_iter().map(|found| (found.id, found)).collect())
}

fn sentences(
    app: &App,
    owner: &OrganizationOwner,
    ask: &Ask,
    named: &BTreeMap<RepositoryId, repositories::Repository>,
) -> Vec<String> {
    let mut full_names: Vec<_> = named
        .values()
        .map(repositories::Repository::full_name)
        .collect();
    full_names.sort();
    let part = summary::Part {
        owner: &owner.organization.login,
        repositories: &full_names,
        ask,
    };
    summary::sentences(app.context.catalog, &part)
}

async fn find_risks(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    change: &Change,
) -> PageResult<Vec<Risk>> {
    let user = case.user.id;
    let mut db = app.context.store.reader();
    let first = reviews::list_first_requests(&mut db, owner.organization.id, &[user]).await?;
    let none = PermissionSet::new();
    let before = change
        .before
        .as_ref()
        .map_or(&none, |before| &before.permissions);
    let added = change.after.permissions.additions_over(before);
    Ok(risks(&RiskFacts {
        adds: added.iter().map(|(_, level)| level).max(),
        selection: change.after.selection.kind(),
        allows_rotation: change.after.terms.allows_rotation,
        expires_at: case.token.expires_at,
        relation: case.grant.relation,
        is_first: first.get(&user) == Some(&case.request.id),
        now: owner.signed_in.now(),
    }))
}

async fn decision(app: &App, case: &Case) -> PageResult<Option<Known>> {
    let request = &case.request;
    if request.state == RequestState::Pending {
        return Ok(None);
    }
    let (by, at) = (request.decided_by, request.decided_at);
    Known::find(app, by, at, request.decision_reason.clone())
        .await
        .map(Some)
}

/// What was decided here before of anything that this person asked for.
async fn find_history(app: &App, owner: &OrganizationOwner, case: &Case) -> PageResult<Vec<Step>> {
    let of = HistoryOf::User(case.user.id);
    let steps = history::list(app, owner.organization.id, of).await?;
    Ok(steps
        .into_iter()
        .filter(|step| step.kind != "pending")
        .collect())
}

async fn find_queue(app: &App, owner: &OrganizationOwner, case: &Case) -> PageResult<Queue> {
    let login = &owner.organization.login;
    let mut db = app.context.store.reader();
    let found = reviews::find_queue_place(&mut db, owner.organization.id, case.place()).await?;
    let path =
        |id: Option<RequestId>| id.map_or_else(String::new, |id| frame::request_path(login, id));
    let waits = case.request.state == RequestState::Pending;
    Ok(Queue {
        list: frame::requests_path(login),
        place: if waits {
            format!("{} of {}", found.before + 1, found.waiting)
        } else {
            format!("{} waiting", found.waiting)
        },
        previous: path(found.previous),
        next: path(found.next),
    })
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::New => "The first request for this token here",
        Cause::Widening => "Adds to what the token can do here already",
        Cause::Again => "Asks again after a denial or a revocation",
    }
}
