//! `/settings/personal-access-tokens/{id}/edit`: the form filled with what the token has or waits for, a page that says
//! what applies at once and what waits, and saving. The form carries the version that it was shown with.

mod add;
pub(super) mod changes;
mod check;
mod moved;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::form::{self, Answers, FormView, Purpose, Sheet, Step, mistake};
use super::new::NO_BUTTON;
use super::one::find_own;
use super::{LIST, nav};
use crate::actions::create_link::code_hash;
use crate::actions::edit_token::{self, EditError};
use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::token::draft::{Draft, Field, Mistake};
use crate::domain::token::edit::{Current, EditPlan};
use crate::domain::token::expiry::Expiration;
use crate::domain::token::summary;
use crate::store::{repositories, rights};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};

#[derive(Template)]
#[template(path = "pages/tokens/edit.html")]
struct EditPage {
    chrome: Chrome,
    nav: Nav,
    view: FormView,
    summary: Vec<String>,
    is_moved: bool,
}

/// An edit with everything that its steps work with.
struct Visit {
    sheet: Sheet,
    token: TokenId,
    current: Current,
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn, id: &str) -> PageResult<Self> {
        let token = find_own(&app, &signed_in, id).await?;
        let user = signed_in.user.id;
        let current = edit_token::load(&app.context, user, token.id).await?;
        let mut sheet = Sheet::lay(app, signed_in).await?;
        sheet.life = Some(summary::life(token.expires_at));
        Ok(Self {
            sheet,
            token: token.id,
            current: current.ok_or(PageError::NotFound)?,
        })
    }

    fn path(&self) -> String {
        format!("{LIST}/{}/edit", self.token)
    }

    fn chrome(&self, title: &str) -> Chrome {
        let name = &self.current.name;
        self.sheet
            .signed_in
            .chrome(title)
            .crumb("Fine-grained tokens", LIST)
            .crumb(name, format!("{LIST}/{}", self.token))
            .here("Edit")
    }

    /// The form as it begins: what the token has or waits for, and what was lost.
    async fn beginning(&self) -> PageResult<(Answers, Vec<String>)> {
        let mut answers = Answers {
            name: self.current.name.clone(),
            description: self.current.description.clone(),
            rev: version(&self.current),
            shown: self.sheet.desk.now.as_micros().to_string(),
            ..Answers::default()
        };
        let mut db = self.sheet.app.context.store.reader();
        let user = self.sheet.signed_in.user.id;
        let mut notes = Vec::new();
        for grant in &self.current.grants {
            let (Some(wished), Some(owner)) = (grant.wished(), self.sheet.desk.owner(grant.owner))
            else {
                continue;
            };
            let listed: Vec<_> = wished.selection.listed().collect();
            let relation = owner.choice.relation;
            let kept =
                rights::filter_selectable(&mut db, user, grant.owner, relation, &listed).await?;
            let lost: Vec<_> = listed.into_iter().filter(|id| !kept.contains(id)).collect();
            for gone in repositories::list_by_ids(&mut db, &lost).await? {
                notes.push(format!(
                    "{} is not shown: you cannot choose it any more. Saving takes it out of the token.",
                    gone.full_name()
                ));
            }
            let section = answers.choose(grant.owner);
            section.kind = Some(wished.selection.kind());
            section.permissions = wished.permissions.clone();
            section.repositories = kept.into_iter().collect();
        }
        Ok((answers, notes))
    }

    async fn form(
        &self,
        answers: Answers,
        mistakes: &[Mistake],
        notes: Vec<String>,
        is_changed: bool,
    ) -> PageResult {
        self.form_page(answers, mistakes, notes, is_changed, form::status(mistakes))
            .await
    }

    async fn form_page(
        &self,
        answers: Answers,
        mistakes: &[Mistake],
        notes: Vec<String>,
        is_changed: bool,
        status: StatusCode,
    ) -> PageResult {
        let summary = self.sheet.summary(&answers).await?;
        let purpose = Purpose {
            action: self.path(),
            edits: Some(self.token),
            cancel: format!("{LIST}/{}", self.token),
            notes,
            is_changed,
        };
        let title = format!("Edit {}", self.current.name);
        let template = EditPage {
            chrome: self.chrome(&title),
            nav: nav(LIST),
            view: self.sheet.draw(answers, mistakes, purpose).await?,
            summary,
            is_moved: status == StatusCode::CONFLICT,
        };
        Ok(page(status, template))
    }

    /// The draft of an edit: its end, conditions and rotation stay as they are.
    fn draft(&self, answers: &Answers) -> Draft {
        Draft {
            name: answers.name.clone(),
            description: answers.description.clone(),
            expiration: Expiration::Never,
            justification: answers.justification.clone(),
            wants_rotation: self.current.wants_rotation,
            conditions: self.current.conditions.clone(),
            wishes: answers.wishes(),
        }
    }

    fn is_out_of_date(&self, answers: &Answers) -> bool {
        answers.rev != version(&self.current)
    }

    /// Judges the answers: what saving would do, or the page that says why it cannot be.
    async fn judge(&self, answers: &Answers) -> PageResult<Result<EditPlan, Vec<Mistake>>> {
        let context = &self.sheet.app.context;
        let user = self.sheet.signed_in.user.id;
        let mut mistakes = answers.mistakes.clone();
        match edit_token::preview(context, user, self.token, &self.draft(answers)).await {
            Ok(plan) if mistakes.is_empty() => return Ok(Ok(plan)),
            Ok(_) => {}
            Err(error) => mistakes.extend(refused(error)?),
        }
        mistakes.sort_by_key(|mistake| mistake.field);
        mistakes.dedup();
        Ok(Err(mistakes))
    }

    async fn check(&self, fields: &Fields, answers: Answers) -> PageResult {
        if self.is_out_of_date(&answers) {
            return moved::show(self, answers).await;
        }
        match self.judge(&answers).await? {
            Ok(plan) => check::show(self, fields, &answers, &plan).await,
            Err(mistakes) => self.form(answers, &mistakes, Vec::new(), true).await,
        }
    }

    async fn save(&self, fields: &Fields, answers: Answers) -> PageResult {
        if self.is_out_of_date(&answers) {
            return moved::show(self, answers).await;
        }
        let plan = match self.judge(&answers).await? {
            Ok(plan) => plan,
            Err(mistakes) => return self.form(answers, &mistakes, Vec::new(), true).await,
        };
        let (app, signed_in) = (&self.sheet.app, &self.sheet.signed_in);
        if plan.widens()
            && let Some(response) = signed_in
                .ask_first(app, "give a token more", &self.path(), fields)
                .await
        {
            return Ok(response);
        }
        let (origin, user) = (signed_in.origin(), signed_in.user.id);
        let draft = self.draft(&answers);
        let context = &app.context;
        match edit_token::edit_token(context, &origin, user, self.token, self.current.rev, &draft)
            .await
        {
            Ok(plan) => {
                signed_in
                    .flash(FlashKind::Success, check::saved(&plan))
                    .await;
                Ok(Redirect::to(&format!("{LIST}/{}", self.token)).into_response())
            }
            Err(EditError::Moved) => moved::show(self, answers).await,
            Err(error) => {
                let mistakes = refused(error)?;
                self.form(answers, &mistakes, Vec::new(), true).await
            }
        }
    }
}

/// What the form was shown with: the token's version and everything that its owners decided, so that an approval or a
/// revocation meanwhile is noticed too.
fn version(current: &Current) -> String {
    use std::fmt::Write as _;
    let digest = code_hash(&format!("{current:?}"));
    let mut text = format!("{}-", current.rev);
    for byte in digest.iter().take(8) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The mistakes in a refusal; anything else is a page of its own.
fn refused(error: EditError) -> PageResult<Vec<Mistake>> {
    match error {
        EditError::Mistakes(mistakes) => Ok(mistakes),
        EditError::Expired => {
            let message = "The token's life is over: it can lose rights now, and get more after it is regenerated.";
            Ok(vec![mistake(Field::Owners, message)])
        }
        EditError::NotFound | EditError::Ended | EditError::Moved => Err(PageError::NotFound),
        EditError::Store(error) => Err(error.into()),
    }
}

/// Shows the form: as the token is, with what the address adds, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let visit = Visit::begin(app, signed_in, &id).await?;
    if let Some(fields) = restored {
        let answers = visit.sheet.read(&fields);
        return visit.check(&fields, answers).await;
    }
    let (mut answers, mut notes) = visit.beginning().await?;
    let query = query.without(&["draft"]);
    let is_added = add::apply(&visit, &query, &mut answers, &mut notes).await?;
    visit.form(answers, &[], notes, is_added).await
}

/// Does what a button of the form asks for.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id).await?;
    let mut answers = visit.sheet.read(&fields);
    match fields.get("step").parse::<Step>() {
        Ok(Step::Owners | Step::Find | Step::Edit) => {}
        Ok(Step::Preset(preset)) => visit.sheet.apply(preset, &mut answers),
        Ok(Step::Summary) => return visit.sheet.summary_page(&answers).await,
        Ok(Step::Check) => return visit.check(&fields, answers).await,
        Ok(Step::Save) => return visit.save(&fields, answers).await,
        Ok(Step::Mint) | Err(()) => answers.mistakes.push(mistake(Field::Name, NO_BUTTON)),
    }
    let mistakes = answers.mistakes.clone();
    visit.form(answers, &mistakes, Vec::new(), true).await
}
