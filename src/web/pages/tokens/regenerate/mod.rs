//! `/settings/personal-access-tokens/{id}/regenerate`: a new secret and a new life, with a choice of what becomes of the
//! old secret; then the new one, once. Pressing twice replaces a new secret that nobody has used.

mod done;

use askama::Template;
use axum::extract::{Path, State};

use super::dependents::Dependents;
use super::form::{self, Answers, ExpiresView, Sheet, field_id, settle_expiration};
use super::new::like::choose_life;
use super::one::find_own;
use super::{LIST, nav};
use crate::actions::create_link::code_hash;
use crate::actions::edit_token;
use crate::actions::regenerate::{self, RegenerateError, Wish};
use crate::app::App;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::{DEFAULT_DAYS, Expiration};
use crate::domain::token::rotation::{LONGEST_OVERLAP, Overlap, OwnerRotation, RotationOutcome};
use crate::domain::token::summary;
use crate::store::tokens::Token;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};

/// For how many hours the form offers that the old secret goes on.
const OFFERED_HOURS: &str = "24";

#[derive(Template)]
#[template(path = "pages/tokens/regenerate.html")]
struct RegeneratePage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    action: String,
    cancel: String,
    number: String,
    expires: Vec<ExpiresView>,
    expires_on: String,
    expires_help: String,
    is_overlapping: bool,
    hours: String,
    longest: String,
    notes: Vec<String>,
    dependents: Dependents,
    errors: Vec<(String, String)>,
}

impl RegeneratePage {
    fn error(&self, field: &str) -> String {
        let mut errors = self.errors.iter();
        let found = errors.find(|(place, _)| place == field);
        found.map_or_else(String::new, |(_, message)| message.clone())
    }
}

/// What was answered.
struct Typed {
    answers: Answers,
    is_overlapping: bool,
    hours: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            answers: Answers {
                expires: fields.get("expires").to_owned(),
                expires_on: fields.get("expires-on").to_owned(),
                number: fields.get("number").to_owned(),
                ..Answers::default()
            },
            is_overlapping: fields.get("old") == "overlap",
            hours: fields.get("hours").to_owned(),
        }
    }

    /// The wish, or every mistake: the id of its field, and what is wrong.
    fn wish(&self, old: &str) -> Result<Wish, Vec<(String, String)>> {
        let mut errors = Vec::new();
        let mut tell = |field: &str, message: String| errors.push((field.to_owned(), message));
        if !["stop", "overlap"].contains(&old) {
            tell("old", "Choose what becomes of the old secret.".to_owned());
        }
        let expiration = self.answers.expiration();
        if let Err(message) = &expiration {
            tell("expiration", message.clone());
        }
        let overlap = self
            .is_overlapping
            .then(|| Overlap::parse(&self.hours))
            .transpose();
        if overlap.is_err() {
            tell(
                "hours",
                format!("Write how many hours the old secret goes on: 1 to {LONGEST_OVERLAP}."),
            );
        }
        let number = &self.answers.number;
        if number.is_empty() || number.len() > form::LONGEST_NUMBER {
            tell(
                "expiration",
                "The form has lost its one-time number: load the page again.".to_owned(),
            );
        }
        match (expiration, overlap) {
            (Ok(expiration), Ok(overlap)) if errors.is_empty() => Ok(Wish {
                form_number: code_hash(number),
                expiration,
                overlap,
            }),
            _ => Err(errors),
        }
    }
}

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
        choose_life(&self.sheet, &self.token, &mut answers);
        self.choose_owners(&mut answers).await?;
        let notes = settle_expiration(&self.sheet.desk, &mut answers);
        let typed = Typed {
            answers,
            is_overlapping: false,
            hours: OFFERED_HOURS.to_owned(),
        };
        Ok((typed, notes.into_iter().collect()))
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
        mut typed: Typed,
        errors: Vec<(String, String)>,
        mut notes: Vec<String>,
    ) -> PageResult {
        if typed.answers.number.is_empty() || typed.answers.number.len() > form::LONGEST_NUMBER {
            typed.answers.number = self.sheet.app.context.entropy.code();
        }
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
            Ok(made) => Ok(done::show(self, &made)),
            Err(RegenerateError::Mistakes(mistakes)) => {
                self.form(typed, mistakes.iter().map(told).collect(), Vec::new()).await
            }
            Err(RegenerateError::NotFound | RegenerateError::Ended) => Err(PageError::NotFound),
            Err(RegenerateError::Moved) => Err(self.conflict(
                "The token changed at the same moment",
                "The secret was not replaced. Look at the token, then try again.",
            )),
            Err(RegenerateError::AlreadyMade) => Err(self.conflict(
                "This form has replaced the secret already",
                "The new secret has been used since, so it cannot be shown again. If you do not have it, regenerate \
                 once more.",
            )),
            Err(RegenerateError::Store(error)) => Err(error.into()),
        }
    }

    fn conflict(&self, title: &str, text: &str) -> PageError {
        PageError::Conflict {
            title: title.to_owned(),
            text: text.to_owned(),
            back: ("See the token".to_owned(), self.token_page()),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_its_place() {
        let table: [(&str, &[&str]); 6] = [
            ("number=n&expires=30&old=stop", &[]),
            ("number=n&expires=30&old=overlap&hours=72", &[]),
            ("number=n&expires=30&old=overlap&hours=73", &["hours"]),
            ("number=n&expires=30&old=overlap&hours=", &["hours"]),
            ("number=n&expires=&old=later", &["old", "expiration"]),
            ("expires=30&old=stop", &["expiration"]),
        ];
        for (form, places) in table {
            let fields = Fields::parse(form);
            let errors = Typed::read(&fields)
                .wish(fields.get("old"))
                .err()
                .unwrap_or_default();
            let found: Vec<_> = errors.iter().map(|(place, _)| place.as_str()).collect();
            assert_eq!(found, places, "{form}");
        }
    }
}
