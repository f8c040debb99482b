//! `/settings/personal-access-tokens/{id}/regenerate`: a new secret and a new life, with a choice of what becomes of the
//! old secret; then the new one, once. Pressing twice replaces a new secret that nobody has used.

mod done;
mod typed;
mod view;

pub use done::{Done, show};
pub use typed::Typed;
pub use view::RegeneratePage;

use axum::extract::{Path, State};

use super::dependents::Dependents;
use super::form::{self, Answers, Sheet, field_id, settle_expiration};
use super::new::like::choose_life;
use super::one::find_own;
use super::{LIST, nav};
use crate::actions::edit_token;
use crate::actions::regenerate::{self, RegenerateError};
use crate::app::App;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::{DEFAULT_DAYS, Expiration};
use crate::domain::token::rotation::{LONGEST_OVERLAP, OwnerRotation, RotationOutcome};
use crate::domain::token::summary;
use crate::store::tokens::Token;
use crate::web::chrome::Chrome;
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};

/// A token with everything that the steps work with.
struct Visit {
    sheet: Sheet,
    token: Token,
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn, id: &str) -> PageResult<Self> {
        let token = find_own(&app, &signed_in, id).await?;
        let sheet = Sheet::lay(app, signed_in).await?;
        Ok(Self { sheet, token })
    }

    fn token_page(&self) -> String {
        format!("{LIST}/{}", self.token.id)
    }

    fn path(&self) -> String {
        format!("{}/regenerate", self.token_page())
    }

    fn chrome(&self, title: &str) -> Chrome {
        self.sheet
            .signed_in
            .chrome(title)
            .crumb("Fine-grained tokens", LIST)
            .crumb(&self.token.name, self.token_page())
            .here("Regenerate")
    }

    /// The form as it begins: as long a life as before, where the owners allow it, and the old secret stops now.
    async fn beginning(&self) -> PageResult<(Typed, Vec<String>)> {
        let mut answers = Answers::default();
        choose_life(self.sheet.desk.now, &self.token, &mut answers);
        self.choose_owners(&mut answers).await?;
        let notes = settle_expiration(&self.sheet.desk, &mut answers);
        Ok((Typed::beginning(answers), notes.into_iter().collect()))
    }

    /// The owners whose limits count: those at which the token has or asks for anything.
    async fn choose_owners(&self, answers: &mut Answers) -> PageResult<()> {
        let context = &self.sheet.app.context;
        let user = self.sheet.signed_in.user.id;
        let current = edit_token::load(context, user, self.token.id).await?;
        let grants = current.ok_or(PageError::NotFound)?.grants;
        for grant in grants.iter().filter(|grant| grant.holds_anything()) {
            answers.choose(grant.owner);
        }
        Ok(())
    }

    async fn form(
        &self,
        typed: Typed,
        errors: Vec<(String, String)>,
        mut notes: Vec<String>,
    ) -> PageResult {
        let mut typed = typed.numbered(&*self.sheet.app.context.entropy);
        self.choose_owners(&mut typed.answers).await?;
        notes.extend(self.asked(&typed.answers).await?);
        let desk = &self.sheet.desk;
        let limit = desk.limit(&typed.answers);
        let mut db = self.sheet.app.context.store.reader();
        let status = form::status_of(errors.is_empty());
        let title = format!("Regenerate {}", self.token.name);
        let template = RegeneratePage {
            chrome: self.chrome(&title),
            nav: nav(LIST),
            now: desk.now.as_micros(),
            action: self.path(),
            cancel: self.token_page(),
            expires: form::draw_expires(&typed.answers, limit, desk.now),
            expires_help: form::expires_help(limit),
            number: typed.answers.number,
            expires_on: typed.answers.expires_on,
            is_overlapping: typed.is_overlapping,
            hours: typed.hours,
            longest: LONGEST_OVERLAP.to_string(),
            notes,
            dependents: Dependents::find(&mut db, self.token.id, desk.now).await?,
            errors,
        };
        Ok(page(status, template))
    }

    /// Which owners would have to agree to a life as long as chosen, as sentences.
    async fn asked(&self, answers: &Answers) -> PageResult<Vec<String>> {
        let expiration = answers
            .expiration()
            .unwrap_or(Expiration::Days(DEFAULT_DAYS));
        let context = &self.sheet.app.context;
        let user = self.sheet.signed_in.user.id;
        match regenerate::preview(context, user, self.token.id, expiration, None).await {
            Ok(plan) => Ok(plan.owners.iter().filter_map(asked_words).collect()),
            Err(RegenerateError::Store(error)) => Err(error.into()),
            // Whatever else stands against it is told when the form is sent.
            Err(_) => Ok(Vec::new()),
        }
    }

    async fn regenerate(&self, fields: &Fields) -> PageResult {
        let typed = Typed::read(fields);
        let wish = match typed.wish(fields.get("old")) {
            Ok(wish) => wish,
            Err(errors) => return self.form(typed, errors, Vec::new()).await,
        };
        let (app, signed_in) = (&self.sheet.app, &self.sheet.signed_in);
        let path = self.path();
        let confirm = signed_in.ask_first(app, "regenerate a token", &path, fields);
        if let Some(response) = confirm.await {
            return Ok(response);
        }
        let (origin, user) = (signed_in.origin(), signed_in.user.id);
        match regenerate::regenerate(&app.context, &origin, user, self.token.id, &wish).await {
            Ok(made) => Ok(done::show(Done {
                chrome: self.chrome("Your new secret"),
                list: LIST,
                token: &self.token,
                made: &made,
                now: self.sheet.desk.now,
            })),
            Err(error) => {
                let errors = mistakes_of(error, self.token_page())?;
                self.form(typed, errors, Vec::new()).await
            }
        }
    }
}

/// The mistakes for which a secret was not replaced, each with the id of its place; whatever else kept it from being
/// replaced is a page of its own.
pub fn mistakes_of(
    error: RegenerateError,
    token_page: String,
) -> Result<Vec<(String, String)>, PageError> {
    let conflict = |title: &str, text: &str| PageError::Conflict {
        title: title.to_owned(),
        text: text.to_owned(),
        back: ("See the token".to_owned(), token_page),
    };
    Err(match error {
        RegenerateError::Mistakes(mistakes) => return Ok(mistakes.iter().map(told).collect()),
        RegenerateError::NotFound | RegenerateError::Ended => PageError::NotFound,
        RegenerateError::Moved => conflict(
            "The token changed at the same moment",
            "The secret was not replaced. Look at the token, then try again.",
        ),
        RegenerateError::AlreadyMade => conflict(
            "This form has replaced the secret already",
            "The new secret has been used since, so it cannot be shown again. If you do not have it, regenerate once more.",
        ),
        RegenerateError::Store(error) => error.into(),
    })
}

/// A mistake of the rules with the id of its place on this page.
fn told(mistake: &Mistake) -> (String, String) {
    let field = match mistake.field {
        Field::Expiration => field_id(Field::Expiration),
        _ => "expiration".to_owned(),
    };
    (field, mistake.message.clone())
}

/// What an owner that has to agree to the new life means for the token.
fn asked_words(owner: &OwnerRotation) -> Option<String> {
    let login = &owner.login;
    match &owner.outcome {
        RotationOutcome::Unchanged | RotationOutcome::Extended(_) => None,
        RotationOutcome::Requested {
            works_until: Some(end),
            ..
        } => Some(format!(
            "{login} approved a shorter life: the longer one becomes a request. Until it is approved, the token works there until {}.",
            summary::date(*end)
        )),
        RotationOutcome::Requested {
            works_until: None, ..
        } => Some(format!("{login} is asked to approve the new life.")),
    }
}

/// Shows the form: as it begins, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let visit = Visit::begin(app, signed_in, &id).await?;
    if let Some(fields) = restored {
        let note = "You are confirmed. Nothing has happened yet: press the button once more.";
        let notes = vec![note.to_owned()];
        return visit.form(Typed::read(&fields), Vec::new(), notes).await;
    }
    let (typed, notes) = visit.beginning().await?;
    visit.form(typed, Vec::new(), notes).await
}

/// Replaces the secret.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id).await?;
    visit.regenerate(&fields).await
}
