//! Adding somebody to an organization: by login, or found by how it begins.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{add_path, member_consequence, outcome, person_path};
use crate::actions::membership::MemberError;
use crate::actions::set_member::set_member;
use crate::app::App;
use crate::domain::access::membership::MembershipRefusal;
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::account::AccountKind;
use crate::store::accounts::{self, Account};
use crate::store::members::{self, Candidate};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::frame;

/// How many people a search shows.
const FOUND: i64 = 20;

#[derive(Template)]
#[template(path = "pages/organization/members/add.html")]
struct Add {
    chrome: Chrome,
    nav: Nav,
    organization: String,
    path: String,
    people: String,
    base: BasePermission,
    search: String,
    found: Vec<Candidate>,
    is_cut: bool,
    typed: Typed,
}

impl Add {
    fn member(&self) -> String {
        member_consequence(self.base)
    }
}

/// What the form holds.
#[derive(Debug, Clone, Default)]
struct Typed {
    login: String,
    role: String,
    errors: Vec<(&'static str, String)>,
}

impl Typed {
    fn sent(fields: &Fields) -> Self {
        Self {
            login: fields.get("login").trim().to_owned(),
            role: fields.get("role").to_owned(),
            errors: Vec::new(),
        }
    }

    fn wrong(mut self, field: &'static str, message: impl Into<String>) -> Self {
        self.errors.push((field, message.into()));
        self
    }

    fn error(&self, field: &str) -> &str {
        let found = self.errors.iter().find(|(at, _)| *at == field);
        found.map_or("", |(_, message)| message.as_str())
    }

    fn summary(&self) -> Vec<(&'static str, &str)> {
        self.errors
            .iter()
            .map(|(field, message)| (*field, message.as_str()))
            .collect()
    }
}

/// Shows the form, with whom a search found.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::sent(restored.as_ref().unwrap_or(&query));
    show(&app, &owner, query.get("q"), typed, StatusCode::OK).await
}

/// Adds the person.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Form(fields): Form,
) -> PageResult {
    let typed = Typed::sent(&fields);
    let organization = &owner.organization;
    let (user, role) = match check(&app, &owner, &typed).await? {
        Ok(found) => found,
        Err(typed) => return refuse(&app, &owner, typed).await,
    };
    let act = format!("add {} to {}", user.login, organization.name);
    let path = add_path(&organization.login);
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let origin = owner.signed_in.origin();
    match set_member(&app.context, &origin, organization.id, user.id, None, role).await {
        Ok(_) => Ok(done(&owner, &user, role).await),
        Err(MemberError::Refused(MembershipRefusal::Suspended)) => {
            let message = format!(
                "{} is suspended: a site administrator must lift that first.",
                user.login
            );
            refuse(&app, &owner, typed.wrong("login", message)).await
        }
        Err(MemberError::Refused(MembershipRefusal::Moved { .. })) => {
            let message = format!("{} belongs to {} already.", user.login, organization.name);
            refuse(&app, &owner, typed.wrong("login", message)).await
        }
        Err(error) => Err(outcome::refused(&app, organization, &user, error).await),
    }
}

/// Who is to be added, and as what; or the form with what is wrong.
async fn check(
    app: &App,
    owner: &OrganizationOwner,
    typed: &Typed,
) -> PageResult<Result<(Account, MemberRole), Typed>> {
    let mut wrong = typed.clone();
    let found = accounts::find_login(&mut app.context.store.reader(), &typed.login).await?;
    let login = &typed.login;
    let user = match found {
        _ if login.is_empty() => {
            wrong = wrong.wrong("login", "Write the login of the person.");
            None
        }
        Some(account) if account.kind == AccountKind::User => Some(account),
        Some(account) => {
            let message = format!(
                "`{}` is an organization: only people can belong to {}.",
                account.login, owner.organization.name
            );
            wrong = wrong.wrong("login", message);
            None
        }
        None => {
            let message =
                format!("There is nobody with the login `{login}`. Search for how it begins.");
            wrong = wrong.wrong("login", message);
            None
        }
    };
    let role = typed.role.parse::<MemberRole>().ok();
    if role.is_none() {
        wrong = wrong.wrong("role", "Choose a role.");
    }
    Ok(match (user, role) {
        (Some(user), Some(role)) => Ok((user, role)),
        _ => Err(wrong),
    })
}

async fn done(owner: &OrganizationOwner, user: &Account, role: MemberRole) -> Response {
    let (login, name) = (&user.login, &owner.organization.name);
    let text = match role {
        MemberRole::Owner => format!("Added {login} to {name} as an owner."),
        MemberRole::Member => format!("Added {login} to {name}."),
    };
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&person_path(&owner.organization.login, user.id)).into_response()
}

async fn refuse(app: &App, owner: &OrganizationOwner, typed: Typed) -> PageResult {
    show(app, owner, "", typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    search: &str,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let organization = &owner.organization;
    let people = frame::people_path(&organization.login);
    let trail = vec![Crumb::link("People", &people), Crumb::text("Add a person")];
    let (chrome, nav) = frame::around(app, owner, "Add a person", &people, trail).await?;
    let mut db = app.context.store.reader();
    let mut found = members::list_candidates(&mut db, organization.id, search, FOUND + 1).await?;
    let shown = usize::try_from(FOUND).expect("few are shown");
    let is_cut = found.len() > shown;
    found.truncate(shown);
    let template = Add {
        chrome,
        nav,
        organization: organization.name.clone(),
        path: add_path(&organization.login),
        people,
        base: organization.base_permission,
        search: search.trim().to_owned(),
        found,
        is_cut,
        typed,
    };
    Ok(page(status, template))
}
