//! `/settings/personal-access-tokens/new`: the form, check your answers, and the secret once.

pub mod like;
pub mod made;
mod template_link;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{self, Answers, FormView, Purpose, Sheet, Step, mistake, settle_expiration};
use crate::actions::create_link::code_hash;
use crate::actions::mint::{self, MintError};
use crate::app::App;
use crate::domain::approval::request::Beginning;
use crate::domain::token::draft::{Draft, Field, Mistake, Plan, PlannedGrant};
use crate::domain::token::summary::{self, Part};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};

/// The address of the form.
pub const PATH: &str = "/settings/personal-access-tokens/new";

/// What a form without a step that this page knows is told.
pub(super) const NO_BUTTON: &str = "The form was sent by none of its buttons: press one of them.";

#[derive(Template)]
#[template(path = "pages/tokens/new.html")]
struct NewPage {
    chrome: Chrome,
    nav: Nav,
    view: FormView,
    summary: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/tokens/check.html")]
struct CheckPage {
    chrome: Chrome,
    nav: Nav,
    name: String,
    description: String,
    justification: String,
    life: String,
    owners: Vec<CheckOwner>,
    hidden: Vec<(String, String)>,
}

/// What one owner will read.
struct CheckOwner {
    login: String,
    sentences: Vec<String>,
    begins: String,
    is_pending: bool,
    repositories: Vec<String>,
}

/// Shows the form, filled. `is_changed` says whether it holds what would be lost.
async fn form_page(
    sheet: &Sheet,
    answers: Answers,
    mistakes: &[Mistake],
    notes: Vec<String>,
    is_changed: bool,
) -> PageResult {
    let summary = sheet.summary(&answers).await?;
    let purpose = Purpose {
        action: PATH.to_owned(),
        edits: None,
        cancel: super::LIST.to_owned(),
        notes,
        is_changed,
    };
    let template = NewPage {
        chrome: chrome(&sheet.signed_in, "New fine-grained token"),
        nav: super::nav(super::LIST),
        view: sheet.draw(answers, mistakes, purpose).await?,
        summary,
    };
    Ok(page(form::status(mistakes), template))
}

/// The form as it was sent.
async fn again(sheet: &Sheet, answers: Answers, mistakes: &[Mistake]) -> PageResult {
    form_page(sheet, answers, mistakes, Vec::new(), true).await
}

/// Judges the answers: a draft with its plan, or every mistake.
async fn judge(
    sheet: &Sheet,
    answers: &Answers,
) -> PageResult<Result<(Draft, Plan), Vec<Mistake>>> {
    let (draft, mut mistakes) = answers.draft(sheet.desk.now);
    match mint::check(&sheet.app.context, sheet.signed_in.user.id, &draft).await {
        Ok(plan) if mistakes.is_empty() => return Ok(Ok((draft, plan))),
        Ok(_) | Err(MintError::AlreadyMade(_)) => {}
        Err(MintError::Mistakes(more)) => mistakes.extend(more),
        Err(MintError::Store(error)) => return Err(error.into()),
    }
    mistakes.sort_by_key(|mistake| mistake.field);
    mistakes.dedup();
    Ok(Err(mistakes))
}

async fn check(sheet: &Sheet, fields: &Fields, answers: Answers) -> PageResult {
    let plan = match judge(sheet, &answers).await? {
        Ok((_, plan)) => plan,
        Err(mistakes) => return again(sheet, answers, &mistakes).await,
    };
    let mut db = sheet.app.context.store.reader();
    let user = sheet.signed_in.user.id;
    let names = sheet.desk.names(&mut db, user, &answers).await?;
    let owners = plan.grants.iter();
    let template = CheckPage {
        chrome: chrome(&sheet.signed_in, "Check your answers"),
        nav: super::nav(super::LIST),
        name: answers.name.trim().to_owned(),
        description: answers.description.trim().to_owned(),
        justification: answers.justification.trim().to_owned(),
        life: summary::life(plan.lifetime.end_from(sheet.desk.now)),
        owners: owners
            .filter_map(|grant| {
                let names = form::full_names(&grant.ask, &names);
                check_owner(sheet, grant, names)
            })
            .collect(),
        hidden: super::hidden(fields),
    };
    Ok(page(StatusCode::OK, template))
}

fn check_owner(
    sheet: &Sheet,
    grant: &PlannedGrant,
    repositories: Vec<String>,
) -> Option<CheckOwner> {
    let owner = sheet.desk.owner(grant.owner)?;
    let login = owner.account.login.as_str();
    let part = Part {
        owner: login,
        repositories: &repositories,
        ask: &grant.ask,
    };
    Some(CheckOwner {
        sentences: summary::sentences(sheet.app.context.catalog, &part),
        begins: form::begins(owner, &grant.ask),
        is_pending: grant.beginning == Beginning::Pending,
        login: login.to_owned(),
        repositories,
    })
}

async fn mint(sheet: &Sheet, fields: &Fields, answers: Answers) -> PageResult {
    if answers.number.is_empty() {
        let message = "The form has lost its one-time number: check it and press again.";
        return again(sheet, answers, &[mistake(Field::Name, message)]).await;
    }
    let signed_in = &sheet.signed_in;
    let confirm = signed_in.ask_first(&sheet.app, "generate a token", PATH, fields);
    if let Some(response) = confirm.await {
        return Ok(response);
    }
    let (draft, mistakes) = answers.draft(sheet.desk.now);
    if !mistakes.is_empty() {
        return check(sheet, fields, answers).await;
    }
    let number = code_hash(&answers.number);
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    match mint::mint(&sheet.app.context, &origin, user, &draft, Some(&number)).await {
        Ok(minted) => made::show(&sheet.app, signed_in, &minted).await,
        Err(MintError::Mistakes(mistakes)) => again(sheet, answers, &mistakes).await,
        Err(MintError::AlreadyMade(token)) => Err(already_made(token)),
        Err(MintError::Store(error)) => Err(error.into()),
    }
}

fn chrome(signed_in: &SignedIn, title: &str) -> Chrome {
    signed_in
        .chrome(title)
        .crumb("Fine-grained tokens", super::LIST)
        .here("New")
}

fn already_made(token: crate::domain::ids::TokenId) -> PageError {
    PageError::Conflict {
        title: "This form has made its token already".to_owned(),
        text: "The token has been used or deleted since, so its secret cannot be shown again. If you do not have the \
               secret, delete the token and make another one."
            .to_owned(),
        back: ("See the token".to_owned(), format!("{}/{token}", super::LIST)),
    }
}

/// Shows the form: empty, filled from a template link or from another token, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let sheet = Sheet::lay(app, signed_in).await?;
    if let Some(fields) = restored {
        let answers = sheet.read(&fields);
        return check(&sheet, &fields, answers).await;
    }
    let query = query.without(&["draft"]);
    if query.has("like") {
        let (mut answers, mut notes) = like::read(&sheet, query.get("like")).await?;
        notes.extend(settle_expiration(&sheet.desk, &mut answers));
        return form_page(&sheet, answers, &[], notes, true).await;
    }
    let (mut answers, mistakes) =
        template_link::read(&query, sheet.app.context.catalog, &sheet.desk);
    let notes = settle_expiration(&sheet.desk, &mut answers);
    form_page(
        &sheet,
        answers,
        &mistakes,
        notes.into_iter().collect(),
        false,
    )
    .await
}

/// Does what a button of the form asks for.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Form(fields): Form,
) -> PageResult<Response> {
    let sheet = Sheet::lay(app, signed_in).await?;
    let mut answers = sheet.read(&fields);
    match fields.get("step").parse::<Step>() {
        Ok(Step::Owners | Step::Find | Step::Edit) => refill(&sheet, answers).await,
        Ok(Step::Preset(preset)) => {
            sheet.apply(preset, &mut answers);
            refill(&sheet, answers).await
        }
        Ok(Step::Summary) => sheet.summary_page(&answers).await,
        Ok(Step::Check) => check(&sheet, &fields, answers).await,
        Ok(Step::Mint) => mint(&sheet, &fields, answers).await,
        Ok(Step::Save) | Err(()) => {
            answers.mistakes.push(mistake(Field::Name, NO_BUTTON));
            let mistakes = answers.mistakes.clone();
            again(&sheet, answers, &mistakes).await
        }
    }
}

/// The form with what a button added to it.
async fn refill(sheet: &Sheet, mut answers: Answers) -> PageResult {
    let notes = settle_expiration(&sheet.desk, &mut answers);
    let mistakes = answers.mistakes.clone();
    form_page(sheet, answers, &mistakes, notes.into_iter().collect(), true).await
}
