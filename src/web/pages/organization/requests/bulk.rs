//! Many requests decided at once: what was chosen in the queue is shown again, with what stands against it, and then
//! all of it is decided or nothing.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::decide::Verdict;
use super::rows::{Row, rows};
use crate::actions::refuse::Blocked;
use crate::actions::review_many::{self, MOST, ManyError, Shown};
use crate::app::App;
use crate::domain::approval::risk::{Risk, tally};
use crate::domain::ids::RequestId;
use crate::store::listings::{self, EntryFilter, Page};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::blocked::{self, BlockedRow};
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::View;
use crate::web::pages::organization::{chosen, frame};

#[derive(Template)]
#[template(path = "pages/organization/requests/bulk.html")]
struct Bulk {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    path: String,
    back: String,
    verdict: Verdict,
    /// Whether it was tried, and nothing was done.
    has_failed: bool,
    rows: Vec<Row>,
    risks: Vec<(Risk, usize)>,
    blocked: Vec<BlockedRow>,
    /// The address of this page for the others alone; empty where there are none.
    rest: String,
    fields: Vec<(String, String)>,
    typed: Typed,
}

impl Bulk {
    fn act(&self) -> String {
        act(self.verdict, self.rows.len())
    }

    fn act_kind(&self) -> &'static str {
        if self.approves() { "primary" } else { "danger" }
    }

    fn approves(&self) -> bool {
        self.verdict == Verdict::Approve
    }

    fn blocked_title(&self) -> String {
        let count = i64::try_from(self.blocked.len()).unwrap_or(i64::MAX);
        counted(
            count,
            "request stands in the way",
            "requests stand in the way",
        )
    }
}

fn act(verdict: Verdict, count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let requests = counted(count, "request", "requests");
    format!("{} {requests}", crate::web::filters::titled(verdict.verb()))
}

/// What was chosen, what to do with it, and the queue that it was chosen from.
struct Choice {
    verdict: Verdict,
    chosen: Vec<Shown<RequestId>>,
    view: View,
}

impl Choice {
    fn read(reviewer: &Reviewer, fields: &Fields) -> PageResult<Self> {
        let view = super::view(fields);
        let mut chosen = chosen::read(fields, RequestId::new);
        chosen.sort_by_key(|one| one.id);
        chosen.dedup_by_key(|one| one.id);
        let verdict = match fields.get("verdict") {
            "deny" => Verdict::Deny,
            _ => Verdict::Approve,
        };
        if chosen.is_empty() || chosen.len() > MOST {
            return Err(wrong_number(reviewer, &view, verdict, chosen.len()));
        }
        Ok(Self {
            verdict,
            chosen,
            view,
        })
    }

    /// As an address or hidden fields write it.
    fn fields(&self, chosen: &[Shown<RequestId>]) -> Fields {
        let mut fields = self.view.fields().with("verdict", self.verdict.verb());
        for (name, text) in chosen::fields(chosen, RequestId::get) {
            fields = fields.with(name, text);
        }
        fields
    }
}

fn wrong_number(reviewer: &Reviewer, view: &View, verdict: Verdict, count: usize) -> PageError {
    let verb = verdict.verb();
    let (title, text) = if count == 0 {
        (
            "No request is chosen".to_owned(),
            format!(
                "Nothing was changed. Tick the requests to {verb}, then press the button under the list."
            ),
        )
    } else {
        (
            format!("{count} requests are too many at once"),
            format!("Nothing was changed. Up to {MOST} can be decided at once: choose fewer."),
        )
    };
    PageError::Unprocessable {
        title,
        text,
        back: (
            "Back to the pending requests".to_owned(),
            view.address(&reviewer.paths.requests),
        ),
    }
}

fn path(reviewer: &Reviewer) -> String {
    format!("{}/review", reviewer.paths.requests)
}

/// Shows what would be decided.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = reviewer.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    let choice = Choice::read(&reviewer, restored.as_ref().unwrap_or(&query))?;
    let blocked = foresee(&app, &reviewer, &choice).await?;
    show(&app, &reviewer, &choice, typed, &blocked, None).await
}

/// What stands against deciding them, found before anybody tries.
async fn foresee(
    app: &App,
    reviewer: &Reviewer,
    choice: &Choice,
) -> PageResult<Vec<Blocked<RequestId>>> {
    let mut blocked = review_many::foresee(&app.context, reviewer.owner.id, &choice.chosen).await?;
    if choice.verdict == Verdict::Deny {
        blocked.retain(|one| blocked::stands_against_denial(&one.why));
    }
    Ok(blocked)
}

/// Decides all of them.
pub async fn post(State(app): State<App>, reviewer: Reviewer, Form(fields): Form) -> PageResult {
    let choice = Choice::read(&reviewer, &fields)?;
    if let Some(typed) = Typed::mistake(&fields) {
        let blocked = foresee(&app, &reviewer, &choice).await?;
        let status = Some(StatusCode::UNPROCESSABLE_ENTITY);
        return show(&app, &reviewer, &choice, typed, &blocked, status).await;
    }
    let count = choice.chosen.len();
    let verb = act(choice.verdict, count).to_lowercase();
    let act = format!("{verb} at {}", reviewer.name());
    let kept = fields.without(&["csrf"]);
    let page = path(&reviewer);
    if let Some(way) = reviewer.signed_in.ask_first(&app, &act, &page, &kept).await {
        return Ok(way);
    }
    match carry_out(&app, &reviewer, &choice, fields.get("reason")).await {
        Ok(()) => Ok(done(&reviewer, &choice).await),
        Err(ManyError::Blocked(blocked)) => {
            let typed = Typed::restored(Some(&fields));
            let status = Some(StatusCode::CONFLICT);
            show(&app, &reviewer, &choice, typed, &blocked, status).await
        }
        Err(ManyError::Count(count)) => {
            Err(wrong_number(&reviewer, &choice.view, choice.verdict, count))
        }
        Err(ManyError::Reason(error)) => Err(PageError::internal(error)),
        Err(ManyError::Store(error)) => Err(error.into()),
    }
}

async fn carry_out(
    app: &App,
    reviewer: &Reviewer,
    choice: &Choice,
    why: &str,
) -> Result<(), ManyError<RequestId>> {
    let (context, origin) = (&app.context, reviewer.signed_in.origin());
    let (owner, by) = (reviewer.owner.id, reviewer.signed_in.user.id);
    let chosen = &choice.chosen;
    match choice.verdict {
        Verdict::Approve => {
            review_many::approve_many(context, &origin, owner, by, chosen, why).await
        }
        Verdict::Deny => review_many::deny_many(context, &origin, owner, by, chosen, why).await,
    }
}

async fn done(reviewer: &Reviewer, choice: &Choice) -> Response {
    let count = i64::try_from(choice.chosen.len()).unwrap_or(i64::MAX);
    let requests = counted(count, "request", "requests");
    let text = match choice.verdict {
        Verdict::Approve => format!(
            "Approved {requests}. The tokens work at {} from their next call on.",
            reviewer.name()
        ),
        Verdict::Deny => {
            format!("Denied {requests}. Their users see it, with the reason, on the tokens' pages.")
        }
    };
    reviewer.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&choice.view.address(&reviewer.paths.requests)).into_response()
}

async fn show(
    app: &App,
    reviewer: &Reviewer,
    choice: &Choice,
    typed: Typed,
    blocked: &[Blocked<RequestId>],
    status: Option<StatusCode>,
) -> PageResult<Response> {
    let rows = find_rows(app, reviewer, choice).await?;
    let stopped: BTreeSet<_> = blocked.iter().map(|one| one.id).collect();
    let rest: Vec<_> = choice
        .chosen
        .iter()
        .filter(|one| !stopped.contains(&one.id))
        .copied()
        .collect();
    let list = choice.view.address(&reviewer.paths.requests);
    let title = act(choice.verdict, choice.chosen.len());
    let trail = vec![Crumb::link("Pending requests", &list), Crumb::text(&title)];
    let current = &reviewer.paths.requests;
    let (chrome, nav) = frame::around_reviewer(app, reviewer, &title, current, trail).await?;
    let template = Bulk {
        chrome,
        nav,
        now: reviewer.signed_in.now().as_micros(),
        owner: reviewer.name().to_owned(),
        path: path(reviewer),
        back: list,
        verdict: choice.verdict,
        has_failed: status == Some(StatusCode::CONFLICT),
        risks: tally(rows.iter().map(|row| row.risks.as_slice())),
        blocked: blocked::requests(app, reviewer, blocked).await?,
        rest: if rest.is_empty() || blocked.is_empty() {
            String::new()
        } else {
            format!("{}?{}", path(reviewer), choice.fields(&rest).encode())
        },
        fields: crate::web::pages::organization::filters::pairs(&choice.fields(&choice.chosen)),
        rows,
        typed,
    };
    Ok(page(status.unwrap_or(StatusCode::OK), template))
}

/// The chosen requests that still wait, oldest first.
async fn find_rows(app: &App, reviewer: &Reviewer, choice: &Choice) -> PageResult<Vec<Row>> {
    let filter = EntryFilter {
        ids: Some(choice.chosen.iter().map(|one| one.id.get()).collect()),
        ..EntryFilter::default()
    };
    let all = Page {
        limit: i64::try_from(MOST).expect("a hundred fits"),
        offset: 0,
    };
    let (id, order) = (reviewer.owner.id, choice.view.order);
    let mut db = app.context.store.reader();
    let entries = listings::list_requests(&mut db, id, &filter, order, all).await?;
    rows(app, reviewer, &choice.view, &entries).await
}
