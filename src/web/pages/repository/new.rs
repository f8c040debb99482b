//! A new repository, at a person's account or an organization.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::outcome::{Mistakes, Undone, undone};
use super::{frame, words};
use crate::actions::create_repository::{Draft, create_repository};
use crate::app::App;
use crate::domain::access::rights::Visibility;
use crate::domain::repository::{Field, Mistake};
use crate::store::accounts::{self, Account};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::Fields;

#[derive(Template)]
#[template(path = "pages/repository/new.html")]
struct New {
    chrome: Chrome,
    nav: Nav,
    path: String,
    owner: String,
    typed: Typed,
    choices: Vec<(Visibility, String)>,
    mistakes: Mistakes,
}

/// Who creates where.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The person.
    pub signed_in: &'a SignedIn,
    /// Who will own it.
    pub owner: &'a Account,
    /// The frame of the page.
    pub frame: (Chrome, Nav),
}

/// What the form holds.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    description: String,
    visibility: String,
    has_readme: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").trim().to_owned(),
            description: fields.get("description").trim().to_owned(),
            visibility: fields.get("visibility").to_owned(),
            has_readme: fields.has("readme"),
        }
    }

    fn empty() -> Self {
        Self {
            visibility: Visibility::Private.as_str().to_owned(),
            has_readme: true,
            ..Self::default()
        }
    }

    /// The draft; a visibility that is none is a mistake.
    fn draft(&self) -> Result<Draft, Mistake> {
        let visibility = self.visibility.parse().map_err(|_| {
            Mistake::new(
                Field::Visibility,
                "Choose who can read it: one of the answers below.",
            )
        })?;
        Ok(Draft {
            name: self.name.clone(),
            description: self.description.clone(),
            visibility,
            has_readme: self.has_readme,
        })
    }
}

/// Shows the empty form.
pub async fn show(app: &App, desk: Desk<'_>) -> PageResult {
    draw(app, desk, Typed::empty(), Mistakes::default()).await
}

/// Creates the repository and goes to it.
pub async fn create(app: &App, desk: Desk<'_>, fields: &Fields) -> PageResult {
    let typed = Typed::read(fields);
    let draft = match typed.draft() {
        Ok(draft) => draft,
        Err(mistake) => return draw(app, desk, typed, Mistakes::new(vec![mistake])).await,
    };
    let (origin, by) = (desk.signed_in.origin(), desk.signed_in.user.id);
    let layout = &app.git.layout;
    let created = create_repository(&app.context, layout, &origin, by, desk.owner.id, &draft).await;
    match created {
        Ok(created) => {
            let text = format!("Created {}.", created.full_name());
            desk.signed_in.flash(FlashKind::Success, text).await;
            let path = frame::path(&created.owner_login, &created.name);
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => match undone(error, &frame::list_of(desk.owner)) {
            Undone::Mistakes(mistakes) => draw(app, desk, typed, Mistakes::new(mistakes)).await,
            Undone::Page(error) => Err(error),
        },
    }
}

async fn draw(app: &App, desk: Desk<'_>, typed: Typed, mistakes: Mistakes) -> PageResult {
    let (chrome, nav) = desk.frame;
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = New {
        chrome,
        nav,
        path: format!("{}/new", frame::list_of(desk.owner)),
        owner: desk.owner.login.clone(),
        choices: choices(app, desk.owner).await?,
        typed,
        mistakes,
    };
    Ok(page(status, template))
}

/// The visibilities that an owner can choose, each with who reads it then.
pub async fn choices(app: &App, owner: &Account) -> PageResult<Vec<(Visibility, String)>> {
    let enterprise = match owner.governed_by() {
        Some(enterprise) => accounts::find(&mut app.context.store.reader(), enterprise).await?,
        None => None,
    };
    let offered = [
        Visibility::Private,
        Visibility::Internal,
        Visibility::Public,
    ];
    let name = enterprise
        .as_ref()
        .map_or("", |enterprise| enterprise.name.as_str());
    let choices = offered
        .into_iter()
        .filter(|visibility| *visibility != Visibility::Internal || enterprise.is_some())
        .map(|visibility| (visibility, words::readers(visibility, name)));
    Ok(choices.collect())
}
