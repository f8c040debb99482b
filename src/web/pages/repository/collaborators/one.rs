//! One collaborator: another role, or none.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use serde::Deserialize;

use super::roles;
use crate::actions::remove_collaborator::remove_collaborator;
use crate::actions::set_collaborator::set_collaborator;
use crate::app::App;
use crate::domain::role::RepositoryRole;
use crate::store::accounts::{self, Account};
use crate::store::reach;
use crate::store::repositories;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::repository::frame::{self, Paths};
use crate::web::pages::repository::outcome::{Undone, undone};
use crate::web::pages::repository::{RepositoryAdmin, RepositoryVisitor};

#[derive(Template)]
#[template(path = "pages/repository/collaborators/one.html")]
struct One {
    chrome: Chrome,
    nav: Nav,
    path: String,
    full_name: String,
    login: String,
    name: String,
    is_suspended: bool,
    role: String,
    roles: Vec<(&'static str, &'static str)>,
    error: String,
    after: String,
}

/// The part of the path that names a person.
#[derive(Debug, Deserialize)]
pub struct Whom {
    login: String,
}

/// A collaborator of the repository; anybody else is none.
struct Case {
    user: Account,
    role: RepositoryRole,
    path: String,
}

impl Case {
    async fn find(app: &App, visitor: &RepositoryVisitor, whom: &Whom) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let user = accounts::find_user(&mut db, &whom.login).await?;
        let user = user.ok_or(PageError::NotFound)?;
        let role = repositories::find_collaborator(&mut db, visitor.repository.id, user.id).await?;
        let list = Paths::of(visitor).collaborators;
        Ok(Self {
            path: format!("{list}/{}", user.login),
            role: role.ok_or(PageError::NotFound)?,
            user,
        })
    }
}

/// Shows the person's role.
pub async fn get(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    Path(whom): Path<Whom>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &visitor, &whom).await?;
    let typed = visitor.signed_in.restored(&app, &query).await?;
    let typed = typed.unwrap_or_default();
    draw(&app, &visitor, &case, typed.get("role"), "").await
}

/// Gives the person another role.
pub async fn post(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    Path(whom): Path<Whom>,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &visitor, &whom).await?;
    let login = &case.user.login;
    let Ok(role) = fields.get("role").parse::<RepositoryRole>() else {
        let error = "Choose a role: one of the answers below.";
        return draw(&app, &visitor, &case, "", error).await;
    };
    let full_name = visitor.repository.full_name();
    let act = format!("give {login} the role {} on {full_name}", role.as_str());
    let signed_in = &visitor.signed_in;
    if let Some(way) = signed_in.ask_first(&app, &act, &case.path, &fields).await {
        return Ok(way);
    }
    let (origin, by) = (signed_in.origin(), signed_in.user.id);
    let id = visitor.repository.id;
    let set = set_collaborator(&app.context, &origin, by, id, login, role).await;
    match set.map_err(|error| undone(error, &case.path)) {
        Ok(_) => {
            let text = format!("{login} has the role {} now.", role.as_str());
            signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&Paths::of(&visitor).collaborators).into_response())
        }
        Err(Undone::Mistakes(mistakes)) => {
            let message = mistakes
                .first()
                .map_or("", |mistake| mistake.message.as_str());
            draw(&app, &visitor, &case, fields.get("role"), message).await
        }
        Err(Undone::Page(error)) => Err(error),
    }
}

/// Takes the person's role away.
pub async fn remove(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    Path(whom): Path<Whom>,
    Form(_): Form,
) -> PageResult {
    let case = Case::find(&app, &visitor, &whom).await?;
    let login = &case.user.login;
    let full_name = visitor.repository.full_name();
    let act = format!("take {login}'s role on {full_name} away");
    let signed_in = &visitor.signed_in;
    let nothing = Fields::default();
    if let Some(way) = signed_in.ask_first(&app, &act, &case.path, &nothing).await {
        return Ok(way);
    }
    let (origin, by) = (signed_in.origin(), signed_in.user.id);
    let id = visitor.repository.id;
    let removed = remove_collaborator(&app.context, &origin, by, id, case.user.id).await;
    match removed.map_err(|error| undone(error, &case.path)) {
        Ok(_) => {
            let text = format!("{login} has no role of their own on {full_name} any more.");
            signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&Paths::of(&visitor).collaborators).into_response())
        }
        Err(Undone::Page(error)) => Err(error),
        Err(Undone::Mistakes(_)) => Err(PageError::internal("nothing was typed")),
    }
}

async fn draw(
    app: &App,
    visitor: &RepositoryVisitor,
    case: &Case,
    typed: &str,
    error: &str,
) -> PageResult {
    let paths = Paths::of(visitor);
    let login = &case.user.login;
    let trail = vec![
        Crumb::link("Settings", &paths.settings),
        Crumb::link("Collaborators", &paths.collaborators),
        Crumb::text(login),
    ];
    let (chrome, nav) = frame::around(visitor, login, &paths.collaborators, trail);
    let status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = One {
        chrome,
        nav,
        path: case.path.clone(),
        full_name: visitor.repository.full_name(),
        login: login.clone(),
        name: case.user.name.clone(),
        is_suspended: case.user.is_suspended(),
        role: match typed {
            "" => case.role.as_str().to_owned(),
            typed => typed.to_owned(),
        },
        roles: roles(),
        error: error.to_owned(),
        after: after(app, visitor, case).await?,
    };
    Ok(page(status, template))
}

/// What the person can still do once the role is gone, as a sentence.
async fn after(app: &App, visitor: &RepositoryVisitor, case: &Case) -> PageResult<String> {
    let mut db = app.context.store.reader();
    let repository = &visitor.repository;
    let login = &case.user.login;
    let left = reach::find_role_without_collaboration(&mut db, case.user.id, repository).await?;
    Ok(match left {
        Some(role) => format!(
            "{login} keeps the role {}, which comes from elsewhere.",
            role.as_str()
        ),
        None => format!(
            "{login} cannot see {} any more. Where this was the last role at {}, {login}'s tokens lose what they hold there \
             for good, and requests that wait are cancelled.",
            repository.full_name(),
            visitor.owner.name
        ),
    })
}
