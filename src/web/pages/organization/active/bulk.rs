//! Many tokens' access taken back at once: what was chosen in the list is shown again, and then all of it is revoked or
//! nothing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::rows::{Row, rows};
use crate::actions::refuse::Blocked;
use crate::actions::review_many::{MOST, ManyError, Shown, revoke_many};
use crate::app::App;
use crate::domain::ids::GrantId;
use crate::store::listings::{self, EntryFilter, Page};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::blocked::{self, BlockedRow};
use crate::web::pages::organization::filters::pairs;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::View;
use crate::web::pages::organization::{chosen, frame};

#[derive(Template)]
#[template(path = "pages/organization/active/bulk.html")]
struct Bulk {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    owner: String,
    path: String,
    back: String,
    rows: Vec<Row>,
    used: String,
    blocked: Vec<BlockedRow>,
    fields: Vec<(String, String)>,
    act: String,
    typed: Typed,
}

fn tokens(count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    counted(count, "token", "tokens")
}

/// What was chosen, and the list that it was chosen from.
struct Choice {
    chosen: Vec<Shown<GrantId>>,
    view: View,
}

impl Choice {
    fn read(reviewer: &Reviewer, fields: &Fields) -> PageResult<Self> {
        let view = super::view(fields);
        let mut chosen = chosen::read(fields, GrantId::new);
        chosen.sort_by_key(|one| one.id);
        chosen.dedup_by_key(|one| one.id);
        if chosen.is_empty() || chosen.len() > MOST {
            return Err(wrong_number(reviewer, &view, chosen.len()));
        }
        Ok(Self { chosen, view })
    }

    fn fields(&self) -> Fields {
        let mut fields = self.view.fields();
        for (name, text) in chosen::fields(&self.chosen, GrantId::get) {
            fields = fields.with(name, text);
        }
        fields
    }
}

fn wrong_number(reviewer: &Reviewer, view: &View, count: usize) -> PageError {
    let (title, text) = if count == 0 {
        (
            "No token is chosen".to_owned(),
            "Nothing was changed. Tick the tokens whose access ends, then press the button under the list.".to_owned(),
        )
    } else {
        (
            format!("{count} tokens are too many at once"),
            format!("Nothing was changed. Up to {MOST} can be revoked at once: choose fewer."),
        )
    };
    PageError::Unprocessable {
        title,
        text,
        back: (
            "Back to the active tokens".to_owned(),
            view.address(&reviewer.paths.active),
        ),
    }
}

fn path(reviewer: &Reviewer) -> String {
    format!("{}/revoke", reviewer.paths.active)
}

/// Shows what would be revoked.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = reviewer.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    let choice = Choice::read(&reviewer, restored.as_ref().unwrap_or(&query))?;
    show(&app, &reviewer, &choice, typed, &[], StatusCode::OK).await
}

/// Revokes all of them.
pub async fn post(State(app): State<App>, reviewer: Reviewer, Form(fields): Form) -> PageResult {
    let choice = Choice::read(&reviewer, &fields)?;
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&app, &reviewer, &choice, typed, &[], status).await;
    }
    let act = format!(
        "revoke the access of {} at {}",
        tokens(choice.chosen.len()),
        reviewer.name()
    );
    let (page, kept) = (path(&reviewer), fields.without(&["csrf"]));
    if let Some(way) = reviewer.signed_in.ask_first(&app, &act, &page, &kept).await {
        return Ok(way);
    }
    let (owner, by) = (reviewer.owner.id, reviewer.signed_in.user.id);
    let (origin, why) = (reviewer.signed_in.origin(), fields.get("reason"));
    match revoke_many(&app.context, &origin, owner, by, &choice.chosen, why).await {
        Ok(()) => Ok(done(&reviewer, &choice).await),
        Err(ManyError::Blocked(blocked)) => {
            let typed = Typed::restored(Some(&fields));
            let status = StatusCode::CONFLICT;
            show(&app, &reviewer, &choice, typed, &blocked, status).await
        }
        Err(ManyError::Count(count)) => Err(wrong_number(&reviewer, &choice.view, count)),
        Err(ManyError::Reason(error)) => Err(PageError::internal(error)),
        Err(ManyError::Store(error)) => Err(error.into()),
    }
}

async fn done(reviewer: &Reviewer, choice: &Choice) -> Response {
    let text = format!(
        "Revoked the access of {} at {}. Their next calls here are refused.",
        tokens(choice.chosen.len()),
        reviewer.name()
    );
    reviewer.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&choice.view.address(&reviewer.paths.active)).into_response()
}

async fn show(
    app: &App,
    reviewer: &Reviewer,
    choice: &Choice,
    typed: Typed,
    blocked: &[Blocked<GrantId>],
    status: StatusCode,
) -> PageResult<Response> {
    let rows = find_rows(app, reviewer, choice).await?;
    let list = choice.view.address(&reviewer.paths.active);
    let title = format!("Revoke the access of {}", tokens(choice.chosen.len()));
    let trail = vec![Crumb::link("Active tokens", &list), Crumb::text("Revoke")];
    let current = &reviewer.paths.active;
    let (chrome, nav) = frame::around_reviewer(app, reviewer, &title, current, trail).await?;
    let yesterday = reviewer.signed_in.now().plus_days(-1);
    let used = rows
        .iter()
        .filter(|row| row.last_used_at.is_some_and(|at| at >= yesterday));
    let template = Bulk {
        chrome,
        nav,
        now: reviewer.signed_in.now().as_micros(),
        owner: reviewer.name().to_owned(),
        path: path(reviewer),
        back: list,
        used: match used.count() {
            0 => "None of them was used here in the last day.".to_owned(),
            1 => "1 of them was used here in the last day: such calls are refused from the next one on.".to_owned(),
            some => format!("{some} of them were used here in the last day: such calls are refused from the next one on."),
        },
        act: format!("Revoke {}", tokens(rows.len())),
        blocked: blocked::grants(app, reviewer, blocked).await?,
        fields: pairs(&choice.fields()),
        rows,
        typed,
    };
    Ok(page(status, template))
}

/// The chosen grants that still work.
async fn find_rows(app: &App, reviewer: &Reviewer, choice: &Choice) -> PageResult<Vec<Row>> {
    let filter = reviewer.of_others(EntryFilter {
        ids: Some(choice.chosen.iter().map(|one| one.id.get()).collect()),
        ..EntryFilter::default()
    });
    let all = Page {
        limit: i64::try_from(MOST).expect("a hundred fits"),
        offset: 0,
    };
    let (id, order) = (reviewer.owner.id, choice.view.order);
    let mut db = app.context.store.reader();
    let entries = listings::list_grants(&mut db, id, &filter, order, all).await?;
    rows(app, reviewer, &choice.view, &entries).await
}
