//! What a change would block or free, before it is saved; and what a version that begins later will.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::form::{Errors, Typed};
use super::look::{Asked, Look, effect, read, uses};
use super::rows::{self, Row};
use super::save::{Order, save};
use super::show::{day, foreign, refuse};
use super::view::sentence;
use super::{kind, tokens};
use crate::app::App;
use crate::domain::policy::wish::PolicyMistake;
use crate::domain::token::TokenKind;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::scope_owner::ScopeOwner;

#[derive(Template)]
#[template(path = "pages/policy/preview.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    name: String,
    path: String,
    policy: String,
    kind: &'static str,
    is_enterprise: bool,
    before: String,
    after: String,
    effect: String,
    uses: String,
    starts: Option<String>,
    ahead: Option<i64>,
    tab: &'static str,
    wanted: Vec<(&'static str, String)>,
    looked: String,
    tomorrow: String,
    asks_risk: bool,
    csv: String,
    json: String,
    rows: Vec<Row>,
    count: String,
    pages: rows::Pages,
    note: Option<Note>,
    typed: Typed,
}

/// Why the page is shown although something was to be saved.
pub(super) struct Note {
    pub(super) title: String,
    pub(super) text: String,
}

/// Shows what the change in the query would do, or with `ahead` the version of that number.
pub async fn get(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in().restored(&app, &query).await?;
    let fields = restored.unwrap_or(query);
    let typed = Typed::sent(&fields);
    let kind = kind(&fields);
    match read(&app, &owner, &fields, &typed).await? {
        Asked::Look(look) => {
            if look.ahead.is_none() && typed.shown().is_none() {
                return Err(foreign(&owner, kind));
            }
            let place = fields.get("page");
            show(&app, &owner, (*look, typed), place, None, StatusCode::OK).await
        }
        Asked::Mistaken(errors) => refuse(&app, &owner, kind, typed, errors).await,
        Asked::Misdated(errors) => misdated(&app, &owner, kind, typed, errors).await,
    }
}

/// Saves the change that was looked at.
pub async fn post(State(app): State<App>, owner: ScopeOwner, Form(fields): Form) -> PageResult {
    let (kind, typed) = (kind(&fields), Typed::sent(&fields));
    let shown = typed.shown().ok_or_else(|| foreign(&owner, kind))?;
    let asked = read(&app, &owner, &typed.query(kind), &typed).await?;
    let (look, wish) = match (asked, typed.wish(owner.account().kind)) {
        (Asked::Look(look), Ok(wish)) => (look, wish),
        (Asked::Misdated(errors), _) => return misdated(&app, &owner, kind, typed, errors).await,
        (Asked::Mistaken(errors), _) | (_, Err(errors)) => {
            return refuse(&app, &owner, kind, typed, errors).await;
        }
    };
    if look.is_risky && !typed.accepts_risk() {
        let mistake = [PolicyMistake::RiskNotAccepted];
        let errors = owner.messages(&app, &mistake).await?;
        return mistaken(&app, &owner, *look, typed, errors).await;
    }
    let path = format!("{}/preview", owner.policy_path());
    if let Some(way) = owner.confirm(&app, &path, &fields).await {
        return Ok(way);
    }
    let order = Order {
        kind,
        shown,
        wish,
        start: look.start,
        typed,
    };
    save(&app, &owner, order).await
}

/// The change as it would be if it began now, with what is wrong with the day.
async fn misdated(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Typed,
    errors: Errors,
) -> PageResult {
    let at_once = Typed {
        start: String::new(),
        ..typed.clone()
    };
    match read(app, owner, &at_once.query(kind), &at_once).await? {
        Asked::Look(look) => mistaken(app, owner, *look, typed, errors).await,
        Asked::Mistaken(errors) | Asked::Misdated(errors) => {
            refuse(app, owner, kind, typed, errors).await
        }
    }
}

/// The page again, with what is wrong at each field.
async fn mistaken(
    app: &App,
    owner: &ScopeOwner,
    look: Look,
    typed: Typed,
    errors: Errors,
) -> PageResult {
    let (typed, status) = (Typed { errors, ..typed }, StatusCode::UNPROCESSABLE_ENTITY);
    show(app, owner, (look, typed), "", None, status).await
}

pub(super) async fn show(
    app: &App,
    owner: &ScopeOwner,
    (look, typed): (Look, Typed),
    place: &str,
    note: Option<Note>,
    status: StatusCode,
) -> PageResult {
    let (kind, now) = (look.kind, owner.signed_in().now());
    let title = if look.ahead.is_some() {
        "A policy ahead"
    } else {
        "Preview"
    };
    let trail = vec![
        Crumb::link("Token policy", owner.tab(kind)),
        Crumb::text(title),
    ];
    let (chrome, nav) = owner
        .around(app, title, &owner.policy_path(), trail)
        .await?;
    let query = match look.ahead {
        Some(version) => Typed::default()
            .query(kind)
            .with("ahead", version.to_string()),
        None => typed.query(kind),
    };
    let all: Vec<_> = look
        .preview
        .blocked
        .iter()
        .chain(&look.preview.freed)
        .collect();
    let pages = rows::Pages::read(place, all.len(), &owner.preview(&query))
        .ok_or_else(|| nowhere(owner, &query))?;
    let rows = rows::named(app, &all[pages.range()]).await?;
    let is_dated = typed.errors.is_empty();
    let template = Show {
        chrome,
        nav,
        now: now.as_micros(),
        name: owner.account().name.clone(),
        path: format!("{}/preview", owner.policy_path()),
        policy: owner.tab(kind),
        kind: tokens(kind),
        is_enterprise: matches!(owner, ScopeOwner::Enterprise(_)),
        before: sentence(kind, look.before),
        after: sentence(kind, look.after),
        effect: effect(&look.preview),
        uses: uses(&look.preview, now),
        starts: (look.at > now).then(|| day(look.at)),
        ahead: look.ahead,
        tab: if kind == TokenKind::Classic {
            "classic"
        } else {
            ""
        },
        wanted: wanted(&typed, kind),
        looked: if is_dated { look.digest } else { String::new() },
        tomorrow: now.plus_days(1).date().to_string(),
        asks_risk: look.ahead.is_none() && look.is_risky,
        csv: export(owner, &query, "csv"),
        json: export(owner, &query, "json"),
        count: counted(i64::try_from(all.len()).unwrap_or(i64::MAX), "row", "rows"),
        rows,
        pages,
        note,
        typed,
    };
    Ok(page(status, template))
}

fn wanted(typed: &Typed, kind: TokenKind) -> Vec<(&'static str, String)> {
    let wanted = typed.wanted(kind).into_iter();
    wanted.map(|(name, text)| (name, text.to_owned())).collect()
}

fn export(owner: &ScopeOwner, query: &Fields, format: &str) -> String {
    let query = query.clone().with("format", format);
    format!("{}/preview/export?{}", owner.policy_path(), query.encode())
}

fn nowhere(owner: &ScopeOwner, query: &Fields) -> PageError {
    PageError::Unprocessable {
        title: "This address names no page of the list".to_owned(),
        text: "The part after `page=` may be cut off, or the list is shorter now.".to_owned(),
        back: (
            "To the beginning of the list".to_owned(),
            owner.preview(query),
        ),
    }
}
