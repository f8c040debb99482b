//! The policy as questions, one page a kind of token.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::form::{Errors, Typed};
use super::look::Look;
use super::save::{Order, save};
use super::view::{Question, sentence};
use super::words::{Notes, words};
use super::{kind, tokens};
use crate::actions::save_policy::PolicyCase;
use crate::app::App;
use crate::domain::policy::Layer;
use crate::domain::policy::start::Start;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::policies::Saved;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Form, QueryFields};
use crate::web::pages::scope_owner::ScopeOwner;

#[derive(Template)]
#[template(path = "pages/policy/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    name: String,
    is_enterprise: bool,
    path: String,
    is_classic: bool,
    kind: &'static str,
    questions: Vec<Question>,
    lifetime: Question,
    days_help: String,
    has_managed_users: bool,
    ahead: Option<Ahead>,
    notes: Notes,
    too_long: i64,
    saved: Option<Saved<Layer>>,
    typed: Typed,
}

/// A version that begins later.
struct Ahead {
    version: i64,
    day: String,
    policy: String,
    saved_by: String,
    report: String,
}

/// Shows the policy for one kind of token: fine-grained ones, or with `?tab=classic` the others.
pub async fn get(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in().restored(&app, &query).await?;
    // Taking a version back waits for a confirmation too, and holds none of the answers.
    let restored = restored.filter(|fields| fields.has("lifetime"));
    let typed = restored.map(|fields| Typed::sent(&fields));
    show(&app, &owner, kind(&query), typed, StatusCode::OK).await
}

/// Saves it, or leads to the preview: where that was asked for, and where it would block what is in use.
pub async fn post(State(app): State<App>, owner: ScopeOwner, Form(fields): Form) -> PageResult {
    let kind = kind(&fields);
    let typed = Typed::sent(&fields);
    let shown = typed.shown().ok_or_else(|| foreign(&owner, kind))?;
    let wish = match typed.wish(owner.account().kind) {
        Ok(wish) => wish,
        Err(errors) => return refuse(&app, &owner, kind, typed, errors).await,
    };
    let case = load(&app, &owner, kind).await?;
    // Mistakes are told, and what it blocks is shown, before anybody is asked for a passkey.
    let is_preview = fields.get("act") == "preview";
    let accepts_risk = is_preview || typed.accepts_risk();
    let now = owner.signed_in().now();
    let layer = match case.plan(wish, Start::Now, accepts_risk, now) {
        Ok((layer, _)) => layer,
        Err(mistakes) => {
            let errors = owner.messages(&app, &mistakes).await?;
            return refuse(&app, &owner, kind, typed, errors).await;
        }
    };
    let look = Look::at_change(&app, &case, layer, Start::Now, now).await?;
    if is_preview || (look.preview.needs_a_look(now) && case.standing.number == shown) {
        return Ok(Redirect::to(&owner.preview(&typed.query(kind))).into_response());
    }
    if let Some(way) = owner.confirm(&app, &owner.tab(kind), &fields).await {
        return Ok(way);
    }
    let order = Order {
        kind,
        shown,
        wish,
        start: Start::Now,
        typed: Typed {
            looked: String::new(),
            ..typed
        },
    };
    save(&app, &owner, order).await
}

/// How the policy stands.
pub(super) async fn load(app: &App, owner: &ScopeOwner, kind: TokenKind) -> PageResult<PolicyCase> {
    let (db, now) = (&mut app.context.store.reader(), owner.signed_in().now());
    Ok(PolicyCase::load(db, owner.account(), kind, now).await?)
}

/// The form again, with what is wrong at each field.
pub(super) async fn refuse(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Typed,
    errors: Errors,
) -> PageResult {
    let typed = Typed { errors, ..typed };
    show(
        app,
        owner,
        kind,
        Some(typed),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

/// A form that names no version of the policy.
pub(super) fn foreign(owner: &ScopeOwner, kind: TokenKind) -> PageError {
    PageError::Unprocessable {
        title: "This form does not say which version of the policy it shows".to_owned(),
        text: "Nothing was changed. Open the policy again and decide on what it shows now."
            .to_owned(),
        back: owner.back(kind),
    }
}

/// A day in a sentence.
pub(super) fn day(at: Timestamp) -> String {
    at.to_utc().format("%-d %b %Y").to_string()
}

async fn show(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Option<Typed>,
    status: StatusCode,
) -> PageResult<Response> {
    let case = load(app, owner, kind).await?;
    let trail = vec![Crumb::text("Token policy")];
    let (chrome, nav) = owner
        .around(app, "Token policy", &owner.policy_path(), trail)
        .await?;
    let words = words(app, owner, &case).await?;
    let standing = &case.standing;
    let typed = typed.unwrap_or_else(|| Typed::of(kind, standing.number, case.own()));
    let template = Show {
        chrome,
        nav,
        now: owner.signed_in().now().as_micros(),
        name: owner.account().name.clone(),
        is_enterprise: matches!(owner, ScopeOwner::Enterprise(_)),
        path: owner.policy_path(),
        is_classic: kind == TokenKind::Classic,
        kind: tokens(kind),
        questions: words.questions,
        lifetime: words.lifetime,
        days_help: words.days_help,
        has_managed_users: case.has_managed_users,
        ahead: standing
            .ahead
            .as_ref()
            .map(|ahead| Ahead::of(ahead, owner, kind)),
        notes: words.notes,
        too_long: words.too_long,
        saved: standing.in_force.clone(),
        typed,
    };
    Ok(page(status, template))
}

impl Ahead {
    fn of(ahead: &Saved<Layer>, owner: &ScopeOwner, kind: TokenKind) -> Self {
        let tab = Typed::default().query(kind);
        Self {
            version: ahead.version,
            day: day(ahead.effective_at),
            policy: sentence(kind, ahead.layer),
            saved_by: by(ahead),
            report: owner.preview(&tab.with("ahead", ahead.version.to_string())),
        }
    }
}

/// Who saved a version.
pub(super) fn by(saved: &Saved<Layer>) -> String {
    let login = saved.saved_by.as_deref();
    login.unwrap_or("the operator").to_owned()
}

impl Show {
    /// Whom the exemption of administrators spares.
    fn exempt_help(&self) -> String {
        format!(
            "The limit does not count for tokens of the owners of {}. An organization's own limit still does.",
            self.name
        )
    }

    /// How many tokens that nobody reviewed are not named.
    fn more_unreviewed(&self) -> i64 {
        let named = i64::try_from(self.notes.unreviewed.len()).unwrap_or(0);
        self.notes.unreviewed_in_all - named
    }

    /// The answer that the form holds to a question.
    fn current(&self, field: &str) -> &str {
        match field {
            "approval" => &self.typed.approval,
            _ => &self.typed.access,
        }
    }

    fn saved_by(&self) -> String {
        self.saved.as_ref().map_or_else(String::new, by)
    }
}
