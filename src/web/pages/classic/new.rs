//! `/settings/tokens/new`: the form of a new classic token, and the secret once.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::expires::Limits;
use super::form::{Errors, Typed, error_at, told};
use super::ground::{Ground, Obstacle};
use super::scopes::ScopeView;
use super::{LIST, link, made, nav, scopes};
use crate::actions::create_link::code_hash;
use crate::actions::mint::MintError;
use crate::actions::mint_classic::{ClassicDraft, check, mint_classic_once};
use crate::app::App;
use crate::domain::token::draft::Mistake;
use crate::domain::token::expiry::Lifetime;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::tokens::form::{ExpiresView, LONGEST_NUMBER, status_of};

/// The address of the form.
pub const PATH: &str = "/settings/tokens/new";

/// What is told of a form that its user confirmed.
pub const CONFIRMED: &str =
    "You are confirmed. Nothing has happened yet: press the button once more.";

#[derive(Template)]
#[template(path = "pages/classic/new.html")]
struct NewPage {
    chrome: Chrome,
    nav: Nav,
    number: String,
    note: String,
    expires: Vec<ExpiresView>,
    expires_on: String,
    scopes: Vec<ScopeView>,
    warnings: Vec<String>,
    notes: Vec<String>,
    errors: Errors,
}

impl NewPage {
    fn error(&self, field: &str) -> String {
        error_at(&self.errors, field)
    }
}

/// What the form works with.
struct Sheet {
    app: App,
    signed_in: SignedIn,
    ground: Ground,
}

impl Sheet {
    async fn lay(app: App, signed_in: SignedIn) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let ground = Ground::load(&mut db, signed_in.user.id, signed_in.now()).await?;
        Ok(Self {
            app,
            signed_in,
            ground,
        })
    }

    fn limits(&self) -> Limits<'_> {
        Limits {
            ground: &self.ground,
            exemptions: &[],
            now: self.signed_in.now(),
        }
    }

    fn show(&self, typed: Typed, errors: Errors, notes: Vec<String>) -> Response {
        let number = Some(typed.answers.number.clone())
            .filter(|number| !number.is_empty() && number.len() <= LONGEST_NUMBER);
        let status = status_of(errors.is_empty());
        let anything = self.ground.obstacles(Lifetime::Unlimited, &[]);
        let template = NewPage {
            chrome: super::chrome(&self.signed_in, "New classic token").here("New"),
            nav: nav(LIST),
            number: number.unwrap_or_else(|| self.app.context.entropy.code()),
            expires: self.limits().draw(&typed.answers),
            expires_on: typed.answers.expires_on,
            note: typed.note,
            scopes: scopes::draw(self.app.context.catalog, typed.scopes),
            warnings: anything.iter().map(warning).collect(),
            notes,
            errors,
        };
        page(status, template)
    }

    async fn mint(&self, fields: &Fields) -> PageResult {
        let (app, signed_in) = (&self.app, &self.signed_in);
        let typed = Typed::read(app.context.catalog, fields);
        let (draft, mut errors) = typed.draft(signed_in.now());
        if !errors.is_empty() || !signed_in.is_confirmed() {
            told(&mut errors, self.mistakes(&draft).await?);
        }
        if !errors.is_empty() {
            return Ok(self.show(typed, errors, Vec::new()));
        }
        let confirm = signed_in.ask_first(app, "generate a classic token", PATH, fields);
        if let Some(response) = confirm.await {
            return Ok(response);
        }
        let number = code_hash(&typed.answers.number);
        let (origin, user) = (signed_in.origin(), signed_in.user.id);
        match mint_classic_once(&app.context, &origin, user, &draft, &number).await {
            Ok(minted) => made::show(app, signed_in, &self.ground, &minted).await,
            Err(MintError::Mistakes(mistakes)) => {
                told(&mut errors, mistakes);
                Ok(self.show(typed, errors, Vec::new()))
            }
            Err(MintError::AlreadyMade(token)) => Err(already_made(&format!("{LIST}/{token}"))),
            Err(MintError::Store(error)) => Err(error.into()),
        }
    }

    /// What the rules say against a draft, before the passkey is asked for. Whoever is confirmed hears it when the token is
    /// made: only there a form that is sent twice is known.
    async fn mistakes(&self, draft: &ClassicDraft) -> PageResult<Vec<Mistake>> {
        match check(&self.app.context, self.signed_in.user.id, draft).await {
            Err(MintError::Mistakes(mistakes)) => Ok(mistakes),
            Err(MintError::Store(error)) => Err(error.into()),
            Ok(()) | Err(MintError::AlreadyMade(_)) => Ok(Vec::new()),
        }
    }
}

/// What will be refused, before the token is there.
fn warning(obstacle: &Obstacle) -> String {
    let clause = obstacle.clause();
    match obstacle.limit() {
        None => format!("{clause}: this one will read only public things there."),
        Some(_) => {
            format!("{clause}: one that lives longer will read only public things there.")
        }
    }
}

fn already_made(page: &str) -> PageError {
    PageError::Conflict {
        title: "This form has made its token already".to_owned(),
        text: "The token has been used or deleted since, so its secret cannot be shown again. If you do not have the \
               secret, delete the token and make another one."
            .to_owned(),
        back: ("See the token".to_owned(), page.to_owned()),
    }
}

/// Shows the form: empty, filled from a link, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let sheet = Sheet::lay(app, signed_in).await?;
    let catalog = sheet.app.context.catalog;
    if let Some(fields) = restored {
        let typed = Typed::read(catalog, &fields);
        return Ok(sheet.show(typed, Errors::new(), vec![CONFIRMED.to_owned()]));
    }
    let query = query.without(&["draft"]);
    let (typed, errors) = link::read(&query, catalog, sheet.limits());
    Ok(sheet.show(typed, errors, Vec::new()))
}

/// Makes the token.
pub async fn post(signed_in: SignedIn, State(app): State<App>, Form(fields): Form) -> PageResult {
    let sheet = Sheet::lay(app, signed_in).await?;
    sheet.mint(&fields).await
}
