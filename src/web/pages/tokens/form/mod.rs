//! The form of a fine-grained token, shared by a new one and an edit: what was answered, what lies on the desk to choose
//! from, and how it is drawn.
//!
//! Everything works without JavaScript: each button sends the whole form with a `step` that says what is wanted.

mod answers;
mod desk;
mod expires;
mod fields;
mod permissions;
mod picker;
mod preset;
mod step;
mod view;

pub use answers::{Answers, field_id, mistake};
pub use desk::{Desk, DeskOwner, begins, full_names};
pub use expires::{ExpiresView, choose_days, draw_expires, expires_help, settle_expiration};
pub use fields::LONGEST_NUMBER;
pub use preset::Preset;
pub use step::Step;
pub use view::{FormView, Purpose};

use askama::Template;
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::token::draft::{Field, Mistake};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::Fields;

#[derive(Template)]
#[template(path = "pages/tokens/summary.html")]
struct SummaryFragment {
    summary: Vec<String>,
}

/// Everything that a step of the form works with.
#[derive(Debug)]
pub struct Sheet {
    /// What handlers share.
    pub app: App,
    /// Who fills it in.
    pub signed_in: SignedIn,
    /// What there is to choose from.
    pub desk: Desk,
    /// How long the token lives, as a sentence, where the form does not change it.
    pub life: Option<String>,
}

impl Sheet {
    /// Lays everything out for somebody.
    pub async fn lay(app: App, signed_in: SignedIn) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let desk = Desk::lay(&mut db, signed_in.user.id, signed_in.now()).await?;
        Ok(Self {
            app,
            signed_in,
            desk,
            life: None,
        })
    }

    /// Reads what was sent. A mistake in the section of an owner that is not shown stands at the owners.
    pub fn read(&self, fields: &Fields) -> Answers {
        let ids = self.desk.ids();
        let mut answers = Answers::read(fields, self.app.context.catalog, &ids);
        for mistake in &mut answers.mistakes {
            mistake.field = match mistake.field {
                Field::Repositories(owner) | Field::Permissions(owner) if !ids.contains(&owner) => {
                    Field::Owners
                }
                field => field,
            };
        }
        answers
    }

    /// Draws the form, filled; a form without a one-time number gets one.
    pub async fn draw(
        &self,
        mut answers: Answers,
        mistakes: &[Mistake],
        purpose: Purpose,
    ) -> PageResult<FormView> {
        if answers.number.is_empty() || answers.number.len() > LONGEST_NUMBER {
            answers.number = self.app.context.entropy.code();
        }
        let mut db = self.app.context.store.reader();
        let user = self.signed_in.user.id;
        let mut pickers = Vec::new();
        for (owner, section) in self.desk.chosen(&answers) {
            pickers.push(owner.picker(&mut db, user, section).await?);
        }
        let catalog = self.app.context.catalog;
        Ok(FormView::draw(
            catalog, &self.desk, &answers, pickers, mistakes, purpose,
        ))
    }

    /// What the token would be, in plain words.
    pub async fn summary(&self, answers: &Answers) -> PageResult<Vec<String>> {
        let mut db = self.app.context.store.reader();
        let user = self.signed_in.user.id;
        let names = self.desk.names(&mut db, user, answers).await?;
        let catalog = self.app.context.catalog;
        Ok(desk::summary(
            catalog,
            &self.desk,
            answers,
            &names,
            self.life.as_deref(),
        ))
    }

    /// The same alone, for the script that keeps it in step.
    pub async fn summary_page(&self, answers: &Answers) -> PageResult {
        let summary = self.summary(answers).await?;
        Ok(page(StatusCode::OK, SummaryFragment { summary }))
    }

    /// Chooses what a preset names at every chosen owner.
    pub fn apply(&self, preset: Preset, answers: &mut Answers) {
        preset.apply(self.app.context.catalog, &self.desk, answers);
    }
}

/// The status of a page that shows these mistakes.
pub const fn status(mistakes: &[Mistake]) -> StatusCode {
    status_of(mistakes.is_empty())
}

/// The status of a page whose form is right, or is not.
pub const fn status_of(is_right: bool) -> StatusCode {
    if is_right {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
