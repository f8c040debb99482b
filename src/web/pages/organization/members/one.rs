//! One person at an organization: their role, what their tokens do there, and what changing that ends.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::toll::Toll;
use super::{
    member_consequence, of_person, outcome, person_path, repositories, role_word, shown_role,
};
use crate::actions::membership::{self, MemberError, Wish};
use crate::actions::remove_member::remove_member;
use crate::actions::remove_outside_collaborator::{self, remove_outside_collaborator};
use crate::actions::set_member::set_member;
use crate::app::App;
use crate::domain::access::membership::MembershipChange;
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account};
use crate::store::members::{self, Activity};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::frame;

/// So many repositories are named on a person's page; more are counted.
const NAMED: i64 = 50;

/// The part of a path that names one person.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

#[derive(Template)]
#[template(path = "pages/organization/members/one.html")]
struct One {
    chrome: Chrome,
    nav: Nav,
    organization: String,
    path: String,
    people: String,
    base: BasePermission,
    user: Account,
    is_self: bool,
    role: Option<MemberRole>,
    role_word: &'static str,
    activity: Activity,
    tokens_href: String,
    waiting_href: String,
    repositories: Vec<String>,
    collaborates: bool,
    is_last_owner: bool,
    demotion: Vec<String>,
    removal: Vec<String>,
    typed: Typed,
}

impl One {
    fn member(&self) -> String {
        member_consequence(self.base)
    }

    /// The role that the form holds: what was chosen, or what it is.
    fn current(&self) -> &str {
        if self.typed.role.is_empty() {
            self.shown()
        } else {
            &self.typed.role
        }
    }

    /// The role that this page is about; empty for an outside collaborator.
    fn shown(&self) -> &'static str {
        self.role.map_or("", MemberRole::as_str)
    }
}

/// What the forms hold.
#[derive(Debug, Clone, Default)]
struct Typed {
    role: String,
    repositories: String,
    error: String,
}

impl Typed {
    fn errors(&self) -> Vec<(&'static str, &str)> {
        let wrong = (!self.error.is_empty()).then_some(("role", self.error.as_str()));
        wrong.into_iter().collect()
    }
}

/// Somebody at the organization, as what.
struct Case {
    user: Account,
    role: Option<MemberRole>,
    repositories: Vec<String>,
    is_last_owner: bool,
}

impl Case {
    /// Finds a member or outside collaborator; anybody else does not exist here.
    async fn find(app: &App, owner: &OrganizationOwner, id: &Id) -> PageResult<Self> {
        let user: AccountId = id.id.parse().map_err(|_| PageError::NotFound)?;
        let organization = owner.organization.id;
        let mut db = app.context.store.reader();
        let account = accounts::find(&mut db, user)
            .await?
            .filter(|account| account.kind == AccountKind::User)
            .ok_or(PageError::NotFound)?;
        let role = accounts::find_role(&mut db, organization, user).await?;
        let roles = members::list_collaborations(&mut db, organization, &[user], NAMED).await?;
        let repositories = roles
            .get(&user)
            .map_or_else(Vec::new, |found| repositories(found));
        if role.is_none() && repositories.is_empty() {
            return Err(PageError::NotFound);
        }
        let others = members::count_other_owners(&mut db, organization, user).await?;
        Ok(Self {
            user: account,
            role,
            repositories,
            is_last_owner: role == Some(MemberRole::Owner) && others == 0,
        })
    }

    fn path(&self, owner: &OrganizationOwner) -> String {
        person_path(&owner.organization.login, self.user.id)
    }

    /// What a change would end at this organization: of others its owners learn nothing.
    async fn preview(
        &self,
        app: &App,
        owner: &OrganizationOwner,
        change: MembershipChange,
    ) -> PageResult<Vec<String>> {
        let organization = &owner.organization;
        let wish = Wish {
            organization: organization.id,
            user: self.user.id,
            shown: self.role,
            change,
            keeps_repositories: false,
        };
        let found = if self.role.is_some() {
            membership::preview(&app.context, &wish).await
        } else {
            remove_outside_collaborator::preview(&app.context, organization.id, self.user.id).await
        };
        let found = match found {
            Ok(found) => membership::at(found, organization.id),
            Err(MemberError::Store(cause)) => return Err(cause.into()),
            Err(MemberError::NotFound | MemberError::Refused(_)) => Vec::new(),
        };
        Ok(Toll::of(&found).ahead(&organization.name))
    }
}

/// Shows the person.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &owner, &id).await?;
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = restored.map_or_else(Typed::default, |fields| typed(&fields));
    show(&app, &owner, case, typed, StatusCode::OK).await
}

fn typed(fields: &Fields) -> Typed {
    Typed {
        role: fields.get("role").to_owned(),
        repositories: fields.get("repositories").to_owned(),
        error: String::new(),
    }
}

/// Gives the person another role.
pub async fn change_role(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &owner, &id).await?;
    let organization = &owner.organization;
    let Ok(role) = fields.get("role").parse::<MemberRole>() else {
        let typed = Typed {
            error: "Choose a role.".to_owned(),
            ..typed(&fields)
        };
        return show(&app, &owner, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let act = match role {
        MemberRole::Owner => format!("make {} an owner of {}", case.user.login, organization.name),
        MemberRole::Member => format!("make {} a member of {}", case.user.login, organization.name),
    };
    let path = case.path(&owner);
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let shown = shown_role(fields.get("shown"));
    let origin = owner.signed_in.origin();
    match set_member(
        &app.context,
        &origin,
        organization.id,
        case.user.id,
        shown,
        role,
    )
    .await
    {
        Ok(found) => {
            let toll = Toll::of(&membership::at(found, organization.id));
            let word = role_word(Some(role)).to_lowercase();
            let text = if shown == Some(role) {
                format!(
                    "Nothing was changed: {} is {word} already.",
                    case.user.login
                )
            } else {
                format!(
                    "{} is now {word} at {}.{}",
                    case.user.login,
                    organization.name,
                    toll.past()
                )
            };
            Ok(go_on(&owner, &case, &path, text).await)
        }
        Err(error) => Err(outcome::refused(&app, organization, &case.user, error).await),
    }
}

/// Removes the person: from the organization, or, without a membership, from all of its repositories.
pub async fn remove(
    State(app): State<App>,
    owner: OrganizationOwner,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &owner, &id).await?;
    let organization = &owner.organization;
    let act = format!("remove {} from {}", case.user.login, organization.name);
    let path = case.path(&owner);
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let origin = owner.signed_in.origin();
    let (id, user) = (organization.id, case.user.id);
    let removed = match shown_role(fields.get("shown")) {
        Some(shown) => {
            let keeps = fields.get("repositories") == "keep";
            remove_member(&app.context, &origin, id, user, shown, keeps).await
        }
        None => remove_outside_collaborator(&app.context, &origin, id, user).await,
    };
    match removed {
        Ok(found) => {
            let toll = Toll::of(&membership::at(found, organization.id));
            let text = format!(
                "Removed {} from {}.{}",
                case.user.login,
                organization.name,
                toll.past()
            );
            let people = frame::people_path(&organization.login);
            Ok(go_on(&owner, &case, &people, text).await)
        }
        Err(error) => Err(outcome::refused(&app, organization, &case.user, error).await),
    }
}

/// Says what was done. Somebody who took their own ownership away has no page of the organization to go to.
async fn go_on(owner: &OrganizationOwner, case: &Case, path: &str, text: String) -> Response {
    owner.signed_in.flash(FlashKind::Success, text).await;
    let is_self = owner.signed_in.user.id == case.user.id;
    Redirect::to(if is_self { "/" } else { path }).into_response()
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    case: Case,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let organization = &owner.organization;
    let login = case.user.login.clone();
    let people = frame::people_path(&organization.login);
    let trail = vec![Crumb::link("People", &people), Crumb::text(&login)];
    let (chrome, nav) = frame::around(app, owner, &login, &people, trail).await?;
    let mut db = app.context.store.reader();
    let activity = members::list_activity(&mut db, organization.id, &[case.user.id]).await?;
    let demotion = if case.role == Some(MemberRole::Owner) && !case.is_last_owner {
        let change = MembershipChange::Set(MemberRole::Member);
        case.preview(app, owner, change).await?
    } else {
        Vec::new()
    };
    let template = One {
        organization: organization.name.clone(),
        path: case.path(owner),
        base: organization.base_permission,
        is_self: case.user.id == owner.signed_in.user.id,
        role: case.role,
        role_word: role_word(case.role),
        activity: activity.get(&case.user.id).copied().unwrap_or_default(),
        tokens_href: of_person(&frame::active_path(&organization.login), &login),
        waiting_href: of_person(&frame::requests_path(&organization.login), &login),
        collaborates: !case.repositories.is_empty(),
        is_last_owner: case.is_last_owner,
        demotion,
        removal: case.preview(app, owner, MembershipChange::End).await?,
        repositories: case.repositories,
        user: case.user,
        chrome,
        nav,
        people,
        typed,
    };
    Ok(page(status, template))
}
