//! One request in full: who asks, why, what the token could do after, and the decision.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::change;
use super::content::Content;
use super::{Case, Id};
use crate::app::App;
use crate::domain::approval::words::{self, Said};
use crate::domain::approval::{Cause, RequestState};
use crate::domain::ids::RequestId;
use crate::domain::token::expiry::Lifetime;
use crate::store::listings::{self, Direction, EntryFilter, Order, Page};
use crate::store::reviews::{self, HistoryOf};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::QueryFields;
use crate::web::pages::organization::history::{self, Step};
use crate::web::pages::organization::outcome::Known;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::{frame, phrases};

#[derive(Template)]
#[template(path = "pages/organization/requests/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    case: Case,
    relation: String,
    cause: &'static str,
    content: Content,
    life: String,
    obstacle: Option<Said>,
    decision: Option<Known>,
    about_token: Vec<Step>,
    about_person: Vec<Step>,
    others: Others,
    queue: Queue,
    path: String,
    query: String,
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

    /// Whether an owner granted less than was asked.
    fn is_partial(&self) -> bool {
        let repositories = &self.content.repositories;
        let lines = self.content.permissions.iter();
        let mut lines = lines.chain(&repositories.shown).chain(&repositories.folded);
        lines.any(|line| line.kind == "dropped")
    }
}

/// Where the request stands among those that wait.
struct Queue {
    list: String,
    place: String,
    previous: String,
    next: String,
}

/// What else of this person works here.
struct Others {
    tokens: Vec<(String, String)>,
    list: String,
    more: bool,
}

/// Shows one request; one that was decided shows how.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &reviewer, &id, &query).await?;
    let restored = reviewer.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    show(&app, &reviewer, case, typed, StatusCode::OK).await
}

/// Draws the page with what the form holds.
pub(super) async fn show(
    app: &App,
    reviewer: &Reviewer,
    case: Case,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let content = Content::find(app, reviewer, &case).await?;
    let (chrome, nav) = around(app, reviewer, &case).await?;
    let subject = &case.subject;
    let about_person = HistoryOf::OtherTokens(subject.user.id, subject.token.id);
    let template = Show {
        now: reviewer.signed_in.now().as_micros(),
        owner: reviewer.name().to_owned(),
        relation: phrases::relation(subject.grant.relation, reviewer.name()),
        cause: cause(case.request.cause),
        life: change::life(Lifetime::between(
            subject.token.starts_at,
            subject.token.expires_at,
        )),
        obstacle: content
            .obstacle
            .map(|error| words::obstacle(error, case.names(reviewer))),
        decision: decision(app, &case).await?,
        about_token: find_history(app, reviewer, HistoryOf::Token(subject.token.id)).await?,
        about_person: find_history(app, reviewer, about_person).await?,
        others: find_others(app, reviewer, &case).await?,
        queue: find_queue(app, reviewer, &case).await?,
        path: case.path(reviewer),
        query: case.view.address(""),
        content,
        chrome,
        nav,
        case,
        typed,
    };
    Ok(page(status, template))
}

async fn around(app: &App, reviewer: &Reviewer, case: &Case) -> PageResult<(Chrome, Nav)> {
    let (user, token) = (&case.subject.user.login, &case.subject.token.name);
    let list = case.view.address(&reviewer.paths.requests);
    let trail = vec![Crumb::link("Pending requests", list), Crumb::text(token)];
    let title = format!("{user} asks for {token}");
    let current = &reviewer.paths.requests;
    frame::around_reviewer(app, reviewer, &title, current, trail).await
}

async fn decision(app: &App, case: &Case) -> PageResult<Option<Known>> {
    let request = &case.request;
    if case.waits() {
        return Ok(None);
    }
    let (by, at) = (request.decided_by, request.decided_at);
    Known::find(app, by, at, request.decision_reason.clone())
        .await
        .map(Some)
}

/// What was decided here before; that something was asked is no decision.
async fn find_history(app: &App, reviewer: &Reviewer, of: HistoryOf) -> PageResult<Vec<Step>> {
    let mut steps = history::list(app, reviewer.owner.id, of).await?;
    steps.retain(|step| step.kind != "pending");
    Ok(steps)
}

/// So many other tokens of the same person are named.
const OTHERS: usize = 5;

async fn find_others(app: &App, reviewer: &Reviewer, case: &Case) -> PageResult<Others> {
    let filter = EntryFilter {
        users: Some(vec![case.subject.user.login.clone()]),
        ..EntryFilter::default()
    };
    let page = Page {
        limit: i64::try_from(OTHERS + 2).expect("a small number fits"),
        offset: 0,
    };
    let order = Order::by_age(Direction::Descending);
    let mut db = app.context.store.reader();
    let mut found = listings::list_grants(&mut db, reviewer.owner.id, &filter, order, page).await?;
    found.retain(|entry| entry.token_id != case.subject.token.id);
    let named = found.iter().take(OTHERS).map(|entry| {
        let href = reviewer.paths.grant(entry.grant_id);
        (entry.token_name.clone(), href)
    });
    Ok(Others {
        tokens: named.collect(),
        list: format!(
            "{}?person={}",
            reviewer.paths.active, case.subject.user.login
        ),
        more: found.len() > OTHERS,
    })
}

async fn find_queue(app: &App, reviewer: &Reviewer, case: &Case) -> PageResult<Queue> {
    let view = &case.view;
    let found = neighbours(app, reviewer, case).await?;
    let path = |id: Option<RequestId>| {
        id.map_or_else(String::new, |id| view.address(&reviewer.paths.request(id)))
    };
    let what = if view.is_narrowed() {
        " that match"
    } else {
        ""
    };
    Ok(Queue {
        list: view.address(&reviewer.paths.requests),
        place: if case.waits() && found.before < found.waiting {
            format!("{} of {}{what}", found.before + 1, found.waiting)
        } else {
            format!("{} waiting{what}", found.waiting)
        },
        previous: path(found.previous),
        next: path(found.next),
    })
}

/// What stands before and after a request under the filters and in the order with which it was opened.
pub(super) async fn neighbours(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
) -> PageResult<reviews::QueuePlace> {
    let now = reviewer.signed_in.now();
    // A filter that cannot be read narrows nothing: the list says what is wrong with it.
    let filter = case.view.filter(app, &reviewer.owner, now).await?;
    let filter = filter.unwrap_or_default();
    let mut db = app.context.store.reader();
    let (owner, order) = (reviewer.owner.id, case.view.order);
    Ok(reviews::find_queue_place(&mut db, owner, &filter, order, &case.place()).await?)
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::New => "The first request for this token here",
        Cause::Widening => "Adds to what the token can do here already",
        Cause::Again => "Asks again after a denial or a revocation",
    }
}
