//! `/settings/personal-access-tokens/{id}/explain`: what would become of a call with this token, step by step, and what
//! would make it allowed. Asking is no use of the token, and tells no more than a call would.

mod asked;
mod words;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use self::asked::{Asked, CALLS, Mistake};
use self::words::StepView;
use super::one::find_own;
use super::one::place;
use super::one::remedy::{self, Finder, Remedy};
use super::{LIST, nav};
use crate::actions::edit_token;
use crate::app::App;
use crate::gate::Call;
use crate::gate::explain::Explanation;
use crate::store::tokens::Token;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::QueryFields;

pub use self::asked::Typed;

#[derive(Template)]
#[template(path = "pages/tokens/explain.html")]
struct ExplainPage {
    chrome: Chrome,
    nav: Nav,
    action: String,
    typed: Typed,
    calls: [(&'static str, &'static str); 7],
    errors: Vec<Mistake>,
    answer: Option<Answer>,
}

impl ExplainPage {
    /// What is wrong at a field; empty when nothing is.
    fn error(&self, field: &str) -> &str {
        let mut errors = self.errors.iter();
        errors
            .find(|(known, _)| *known == field)
            .map_or("", |(_, message)| message)
    }
}

/// What would become of the call.
struct Answer {
    call: String,
    is_allowed: bool,
    reason: &'static str,
    is_guarded: bool,
    steps: Vec<StepView>,
    remedy: Option<Remedy>,
}

/// Shows the form, and the answer where a call was typed.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let token = find_own(&app, &signed_in, &id).await?;
    let typed = Typed::of(&query);
    let token_page = format!("{LIST}/{}", token.id);
    let mut template = ExplainPage {
        chrome: signed_in
            .chrome("Explain a decision")
            .crumb("Fine-grained tokens", LIST)
            .crumb(&token.name, &token_page)
            .here("Explain"),
        nav: nav(LIST),
        action: format!("{token_page}/explain"),
        typed,
        calls: CALLS,
        errors: Vec::new(),
        answer: None,
    };
    if template.typed.is_empty() {
        return Ok(page(StatusCode::OK, template));
    }
    match template.typed.read(app.context.catalog) {
        Ok(asked) => {
            template.answer = Some(answer(&app, &signed_in, &token, &asked).await?);
            Ok(page(StatusCode::OK, template))
        }
        Err(mistakes) => {
            template.errors = mistakes;
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, template))
        }
    }
}

async fn answer(
    app: &App,
    signed_in: &SignedIn,
    token: &Token,
    asked: &Asked,
) -> PageResult<Answer> {
    let call = Call {
        endpoint: asked.endpoint,
        parameters: &asked.parameters,
        door: asked.door(),
        is_read: asked.is_read(),
        method: asked.method,
        path: &asked.path,
        client: asked.address.or(signed_in.meta.client),
        request_id: &signed_in.meta.request_id,
        branches: asked.branches(),
        workflows: asked.workflows(),
    };
    let explained = app.gate.explain(token.id, &call).await;
    let explained = explained.map_err(|cause| {
        tracing::warn!(%cause, "a decision could not be explained");
        PageError::Unavailable
    })?;
    let explained = explained.ok_or(PageError::NotFound)?;
    let reason = explained.ruling.decision.reason();
    Ok(Answer {
        call: format!("{} {}", asked.method, asked.path),
        is_allowed: explained.ruling.decision.is_allowed(),
        reason: reason.map_or("", crate::domain::access::decision::Reason::as_str),
        is_guarded: asked.is_guarded(),
        steps: words::draw(&app.gate, asked.endpoint, &explained),
        remedy: way_on(app, signed_in, token, asked, &explained).await?,
    })
}

/// What would make a refused call allowed, as the token's page tells it of recorded ones.
async fn way_on(
    app: &App,
    signed_in: &SignedIn,
    token: &Token,
    asked: &Asked,
    explained: &Explanation,
) -> PageResult<Option<Remedy>> {
    let Some(reason) = explained.ruling.decision.reason() else {
        return Ok(None);
    };
    let catalog = app.context.catalog;
    let current = edit_token::load(&app.context, signed_in.user.id, token.id).await?;
    let current = current.ok_or(PageError::NotFound)?;
    let mut db = app.context.store.reader();
    let places = place::load(&mut db, catalog, token, &current, signed_in.now()).await?;
    let finder = Finder {
        catalog,
        token: token.id,
        user: (signed_in.user.id, &signed_in.user.login),
        places: &places,
    };
    let call = remedy::Call {
        reason: reason.as_str(),
        method: asked.method,
        path: &asked.path,
    };
    Ok(finder.find(&mut db, call).await?)
}
