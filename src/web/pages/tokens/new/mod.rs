//! `/settings/personal-access-tokens/new`: the form, its live summary, check your answers, and the secret once.
//!
//! Everything works without JavaScript: each button sends the whole form with a `step` that says what is wanted.

mod desk;
mod form;
mod made;
mod template_link;
mod view;

use std::str::FromStr;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use self::desk::Desk;
use self::form::Answers;
use self::view::FormView;
use crate::actions::create_link::code_hash;
use crate::actions::mint::{self, MintError};
use crate::app::App;
use crate::domain::token::draft::{Draft, Field, Mistake, Plan};
use crate::domain::token::summary::{self, Part};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};

/// The address of the form.
pub const PATH: &str = "/settings/personal-access-tokens/new";

/// What a button of the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Show the sections of the chosen owners.
    Owners,
    /// Search repositories.
    Find,
    /// The live summary alone.
    Summary,
    /// Check your answers.
    Check,
    /// Back from there.
    Edit,
    /// Make the token.
    Mint,
}

impl FromStr for Step {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "owners" => Ok(Self::Owners),
            "find" => Ok(Self::Find),
            "summary" => Ok(Self::Summary),
            "check" => Ok(Self::Check),
            "edit" => Ok(Self::Edit),
            "mint" => Ok(Self::Mint),
            _ => Err(()),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/tokens/new.html")]
struct NewPage {
    chrome: Chrome,
    nav: Nav,
    view: FormView,
    summary: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/tokens/summary.html")]
struct SummaryFragment {
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

/// Everything that a step works with.
struct Visit {
    app: App,
    signed_in: SignedIn,
    desk: Desk,
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let desk = Desk::lay(&mut db, signed_in.user.id, signed_in.now()).await?;
        Ok(Self {
            app,
            signed_in,
            desk,
        })
    }

    fn read(&self, fields: &Fields) -> Answers {
        let mut answers = Answers::read(fields, self.app.context.catalog, &self.desk.ids());
        for mistake in &mut answers.mistakes {
            mistake.field = match mistake.field {
                Field::Repositories(owner) | Field::Permissions(owner)
                    if !self.desk.ids().contains(&owner) =>
                {
                    Field::Owners
                }
                field => field,
            };
        }
        answers
    }

    /// Shows the form, filled.
    async fn form(&self, mut answers: Answers, mistakes: &[Mistake]) -> PageResult {
        if answers.number.is_empty() || !mistakes.is_empty() && answers.number.len() > 64 {
            answers.number = self.app.context.entropy.code();
        }
        let mut db = self.app.context.store.reader();
        let user = self.signed_in.user.id;
        let mut pickers = Vec::new();
        for (owner, section) in self.desk.chosen(&answers) {
            pickers.push(owner.picker(&mut db, user, section).await?);
        }
        let catalog = self.app.context.catalog;
        let view = FormView::draw(catalog, &self.desk, &answers, pickers, mistakes);
        let status = if mistakes.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let template = NewPage {
            chrome: chrome(&self.signed_in, "New fine-grained token"),
            nav: super::nav(super::LIST),
            view,
            summary: self.summary(&answers).await?,
        };
        Ok(page(status, template))
    }

    async fn summary(&self, answers: &Answers) -> PageResult<Vec<String>> {
        let mut db = self.app.context.store.reader();
        let names = self
            .desk
            .names(&mut db, self.signed_in.user.id, answers)
            .await?;
        let catalog = self.app.context.catalog;
        Ok(desk::summary(catalog, &self.desk, answers, &names))
    }

    /// Judges the answers: a draft with its plan, or every mistake.
    async fn judge(&self, answers: &Answers) -> PageResult<Result<(Draft, Plan), Vec<Mistake>>> {
        let (draft, mut mistakes) = answers.draft(self.desk.now);
        match mint::check(&self.app.context, self.signed_in.user.id, &draft).await {
            Ok(plan) if mistakes.is_empty() => return Ok(Ok((draft, plan))),
            Ok(_) | Err(MintError::AlreadyMade(_)) => {}
            Err(MintError::Mistakes(more)) => mistakes.extend(more),
            Err(MintError::Store(error)) => return Err(error.into()),
        }
        mistakes.sort_by_key(|mistake| mistake.field);
        mistakes.dedup();
        Ok(Err(mistakes))
    }

    async fn check(&self, fields: &Fields, answers: Answers) -> PageResult {
        let plan = match self.judge(&answers).await? {
            Ok((_, plan)) => plan,
            Err(mistakes) => return self.form(answers, &mistakes).await,
        };
        let mut db = self.app.context.store.reader();
        let names = self
            .desk
            .names(&mut db, self.signed_in.user.id, &answers)
            .await?;
        let owners = plan.grants.iter().filter_map(|grant| {
            let owner = self.desk.owner(grant.owner)?;
            let repositories = desk::full_names(&grant.ask, &names);
            let login = owner.account.login.as_str();
            let part = Part {
                owner: login,
                repositories: &repositories,
                ask: &grant.ask,
            };
            Some(CheckOwner {
                sentences: summary::sentences(self.app.context.catalog, &part),
                begins: desk::begins(owner, &grant.ask),
                is_pending: matches!(
                    grant.beginning,
                    crate::domain::approval::request::Beginning::Pending
                ),
                login: login.to_owned(),
                repositories,
            })
        });
        let hidden = fields.without(&["csrf", "step", "draft"]);
        let template = CheckPage {
            chrome: chrome(&self.signed_in, "Check your answers"),
            nav: super::nav(super::LIST),
            name: answers.name.trim().to_owned(),
            description: answers.description.trim().to_owned(),
            justification: answers.justification.trim().to_owned(),
            life: summary::life(plan.lifetime.end_from(self.desk.now)),
            owners: owners.collect(),
            hidden: hidden
                .pairs()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        Ok(page(StatusCode::OK, template))
    }

    async fn mint(&self, fields: &Fields, answers: Answers) -> PageResult {
        if answers.number.is_empty() {
            let message = "The form has lost its one-time number: check it and press again.";
            let mistake = Mistake {
                field: Field::Name,
                message: message.to_owned(),
            };
            return self.form(answers, &[mistake]).await;
        }
        let confirm = self
            .signed_in
            .ask_first(&self.app, "generate a token", PATH, fields);
        if let Some(response) = confirm.await {
            return Ok(response);
        }
        let (draft, mistakes) = answers.draft(self.desk.now);
        if !mistakes.is_empty() {
            return self.check(fields, answers).await;
        }
        let number = code_hash(&answers.number);
        let (origin, user) = (self.signed_in.origin(), self.signed_in.user.id);
        match mint::mint(&self.app.context, &origin, user, &draft, Some(&number)).await {
            Ok(minted) => made::show(&self.app, &self.signed_in, &minted).await,
            Err(MintError::Mistakes(mistakes)) => self.form(answers, &mistakes).await,
            Err(MintError::AlreadyMade(token)) => Err(already_made(token)),
            Err(MintError::Store(error)) => Err(error.into()),
        }
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

/// Shows the form: empty, filled from a template link, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let visit = Visit::begin(app, signed_in).await?;
    if let Some(fields) = restored {
        let answers = visit.read(&fields);
        return visit.check(&fields, answers).await;
    }
    let query = query.without(&["draft"]);
    let (mut answers, mistakes) =
        template_link::read(&query, visit.app.context.catalog, &visit.desk);
    view::settle_expiration(&visit.desk, &mut answers);
    visit.form(answers, &mistakes).await
}

/// Does what a button of the form asks for.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Form(fields): Form,
) -> PageResult<Response> {
    let visit = Visit::begin(app, signed_in).await?;
    let mut answers = visit.read(&fields);
    let Ok(step) = fields.get("step").parse::<Step>() else {
        let message = "The form was sent by none of its buttons: press one of them.";
        answers.mistakes.push(Mistake {
            field: Field::Name,
            message: message.to_owned(),
        });
        let mistakes = answers.mistakes.clone();
        return visit.form(answers, &mistakes).await;
    };
    match step {
        Step::Owners | Step::Find | Step::Edit => {
            view::settle_expiration(&visit.desk, &mut answers);
            let mistakes = answers.mistakes.clone();
            visit.form(answers, &mistakes).await
        }
        Step::Summary => {
            let summary = visit.summary(&answers).await?;
            Ok(page(StatusCode::OK, SummaryFragment { summary }))
        }
        Step::Check => visit.check(&fields, answers).await,
        Step::Mint => visit.mint(&fields, answers).await,
    }
}
