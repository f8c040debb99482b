//! `/{owner}/{repo}/settings`: what it is about, its name, who can read it, and its end.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::frame::{self, Paths};
use super::new::choices;
use super::outcome::{Mistakes, Undone, undone};
use super::visitor::{RepositoryAdmin, RepositoryVisitor};
use crate::actions::change_repository::{Edit, change_repository};
use crate::actions::delete_repository::delete_repository;
use crate::actions::repositories::RepositoryError;
use crate::app::App;
use crate::domain::access::rights::Visibility;
use crate::domain::repository::{Field, Mistake};
use crate::store::departures::{Named, count_named};
use crate::store::repositories::Repository;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};

#[derive(Template)]
#[template(path = "pages/repository/settings.html")]
struct Settings {
    chrome: Chrome,
    nav: Nav,
    paths: Paths,
    repository: Repository,
    typed: Typed,
    choices: Vec<(Visibility, String)>,
    mistakes: Mistakes,
    confirmation_error: String,
    named: Named,
}

/// What the forms hold.
#[derive(Debug, Clone)]
struct Typed {
    name: String,
    description: String,
    visibility: String,
    confirmation: String,
}

impl Typed {
    /// What was typed, over what is so.
    fn read(repository: &Repository, fields: &Fields) -> Self {
        let typed = |field: &str, now: &str| {
            if fields.has(field) {
                fields.get(field).trim().to_owned()
            } else {
                now.to_owned()
            }
        };
        Self {
            name: typed("name", &repository.name),
            description: typed("description", &repository.description),
            visibility: typed("visibility", repository.visibility.as_str()),
            confirmation: typed("confirmation", ""),
        }
    }
}

/// What a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Describe,
    Rename,
    Show,
    Delete,
}

impl Act {
    fn read(fields: &Fields) -> Self {
        match fields.get("act") {
            "rename" => Self::Rename,
            "visibility" => Self::Show,
            "delete" => Self::Delete,
            _ => Self::Describe,
        }
    }

    /// The act in the words of the page that asks for the passkey; none where it is harmless.
    fn sensitive(self, repository: &Repository, typed: &Typed) -> Option<String> {
        let name = repository.full_name();
        match self {
            Self::Describe => None,
            Self::Rename => Some(format!("rename {name} to {}", typed.name)),
            Self::Show => Some(format!("make {name} {}", typed.visibility)),
            Self::Delete => Some(format!("delete {name}")),
        }
    }

    fn edit(self, typed: &Typed) -> Result<Edit, Mistake> {
        let nothing = Edit::default();
        Ok(match self {
            Self::Describe => Edit {
                description: Some(typed.description.clone()),
                ..nothing
            },
            Self::Rename => Edit {
                name: Some(typed.name.clone()),
                ..nothing
            },
            Self::Show => Edit {
                visibility: Some(typed.visibility.parse().map_err(|_| {
                    let message = "Choose who can read it: one of the answers below.";
                    Mistake::new(Field::Visibility, message)
                })?),
                ..nothing
            },
            Self::Delete => nothing,
        })
    }
}

/// Shows the settings, filled with what was typed before a confirmation.
pub async fn get(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = visitor.signed_in.restored(&app, &query).await?;
    let typed = Typed::read(&visitor.repository, &restored.unwrap_or_default());
    draw(&app, &visitor, typed, Mistakes::default(), "").await
}

/// Does what a button asks for.
pub async fn post(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    Form(fields): Form,
) -> PageResult {
    let typed = Typed::read(&visitor.repository, &fields);
    let act = Act::read(&fields);
    if act == Act::Delete && !is_confirmed(&visitor.repository, &typed) {
        let error = format!(
            "This is not {}: type the name to delete it.",
            visitor.repository.full_name()
        );
        return draw(&app, &visitor, typed, Mistakes::default(), &error).await;
    }
    let edit = match act.edit(&typed) {
        Ok(edit) => edit,
        Err(mistake) => {
            return draw(&app, &visitor, typed, Mistakes::new(vec![mistake]), "").await;
        }
    };
    if let Some(way) = ask_first(&app, &visitor, act, &typed, &fields).await {
        return Ok(way);
    }
    // The version that was shown; a form that lost it is out of date.
    let rev = fields.get("rev").parse().unwrap_or(0);
    let done = if act == Act::Delete {
        delete(&app, &visitor, rev).await
    } else {
        change(&app, &visitor, act, rev, &edit).await
    };
    match done.map_err(|error| undone(error, &Paths::of(&visitor).settings)) {
        Ok(response) => Ok(response),
        Err(Undone::Mistakes(mistakes)) => {
            draw(&app, &visitor, typed, Mistakes::new(mistakes), "").await
        }
        Err(Undone::Page(error)) => Err(error),
    }
}

/// Names ignore case, and so does typing one.
fn is_confirmed(repository: &Repository, typed: &Typed) -> bool {
    typed
        .confirmation
        .eq_ignore_ascii_case(&repository.full_name())
}

async fn ask_first(
    app: &App,
    visitor: &RepositoryVisitor,
    act: Act,
    typed: &Typed,
    fields: &Fields,
) -> Option<Response> {
    let words = act.sensitive(&visitor.repository, typed)?;
    let path = Paths::of(visitor).settings;
    visitor
        .signed_in
        .ask_first(app, &words, &path, fields)
        .await
}

async fn change(
    app: &App,
    visitor: &RepositoryVisitor,
    act: Act,
    rev: i64,
    edit: &Edit,
) -> Result<Response, RepositoryError> {
    let (origin, by) = (visitor.signed_in.origin(), visitor.signed_in.user.id);
    let id = visitor.repository.id;
    let after = change_repository(&app.context, &origin, by, id, Some(rev), edit).await?;
    let name = after.full_name();
    let text = match act {
        Act::Rename => format!("It is {name} now. Clones need the new address."),
        Act::Show => format!("{name} is {} now.", after.visibility),
        Act::Describe | Act::Delete => format!("Saved what {name} is about."),
    };
    visitor.signed_in.flash(FlashKind::Success, text).await;
    let path = format!("{}/settings", frame::path(&after.owner_login, &after.name));
    Ok(Redirect::to(&path).into_response())
}

async fn delete(
    app: &App,
    visitor: &RepositoryVisitor,
    rev: i64,
) -> Result<Response, RepositoryError> {
    let (origin, by) = (visitor.signed_in.origin(), visitor.signed_in.user.id);
    let (id, layout) = (visitor.repository.id, &app.git.layout);
    delete_repository(&app.context, layout, &origin, by, id, Some(rev)).await?;
    let text = format!(
        "Deleted {}. It has left every token and request.",
        visitor.repository.full_name()
    );
    visitor.signed_in.flash(FlashKind::Success, text).await;
    let way = if visitor.owns_it() {
        frame::list_of(&visitor.owner)
    } else {
        "/".to_owned()
    };
    Ok(Redirect::to(&way).into_response())
}

async fn draw(
    app: &App,
    visitor: &RepositoryVisitor,
    typed: Typed,
    mistakes: Mistakes,
    confirmation_error: &str,
) -> PageResult {
    let paths = Paths::of(visitor);
    let trail = vec![Crumb::text("Settings")];
    let (chrome, nav) = frame::around(visitor, "Settings", &paths.settings, trail);
    let is_fine = mistakes.is_empty() && confirmation_error.is_empty();
    let status = if is_fine {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut db = app.context.store.reader();
    let (owner, id) = (visitor.owner.id, visitor.repository.id);
    let template = Settings {
        chrome,
        nav,
        paths,
        choices: choices(app, &visitor.owner).await?,
        named: count_named(&mut db, owner, id).await?,
        repository: visitor.repository.clone(),
        typed,
        mistakes,
        confirmation_error: confirmation_error.to_owned(),
    };
    Ok(page(status, template))
}
