//! What an organization gives its members on its private and internal repositories.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::{base_path, outcome};
use crate::actions::set_base_permission::{BasePermissionError, set_base_permission};
use crate::app::App;
use crate::domain::access::rights::BasePermission;
use crate::domain::audit::Action;
use crate::store::accounts::Account;
use crate::store::members;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::frame;

#[derive(Template)]
#[template(path = "pages/organization/members/base.html")]
struct Base {
    chrome: Chrome,
    nav: Nav,
    organization: String,
    path: String,
    people: String,
    members: i64,
    closed: i64,
    has_enterprise: bool,
    now: BasePermission,
    shown: String,
    chosen: String,
    error: String,
}

impl Base {
    /// What follows where members have nothing; internal repositories stay open to members of the enterprise.
    fn nothing(&self) -> &'static str {
        if self.has_enterprise {
            "Members reach private repositories only where they have a role of their own. Internal ones they read all \
             the same, as members of the enterprise."
        } else {
            "Members reach private repositories only where they have a role of their own."
        }
    }

    /// The mistake as the summary on top of the form lists it.
    fn errors(&self) -> Vec<(&'static str, &str)> {
        let wrong = (!self.error.is_empty()).then_some(("base_permission", self.error.as_str()));
        wrong.into_iter().collect()
    }
}

/// Shows what members have, and the other choices with what follows from each.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in.restored(&app, &query).await?;
    let now = owner.organization.base_permission.as_str();
    let fields =
        restored.unwrap_or_else(|| Fields::new([("base_permission", now), ("shown", now)]));
    show(&app, &owner, &fields, "", StatusCode::OK).await
}

/// Changes it.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Form(fields): Form,
) -> PageResult {
    let organization = &owner.organization;
    let path = base_path(&organization.login);
    let (Ok(wanted), Ok(shown)) = (
        fields.get("base_permission").parse(),
        fields.get("shown").parse(),
    ) else {
        let message = "Choose what members may do.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&app, &owner, &fields, message, status).await;
    };
    let act = format!("change what members of {} may do", organization.name);
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let origin = owner.signed_in.origin();
    match set_base_permission(&app.context, &origin, organization.id, shown, wanted).await {
        Ok(()) => {
            let text = done(organization, shown, wanted);
            owner.signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&frame::people_path(&organization.login)).into_response())
        }
        Err(BasePermissionError::Moved(now)) => Err(overtaken(&app, organization, now).await?),
        Err(BasePermissionError::NotFound | BasePermissionError::NotAnOwner) => {
            Err(PageError::NotFound)
        }
        Err(BasePermissionError::Store(cause)) => Err(cause.into()),
    }
}

fn done(organization: &Account, before: BasePermission, after: BasePermission) -> String {
    let name = &organization.name;
    if before == after {
        return format!("Nothing was changed: members of {name} have {after} already.");
    }
    let follow = if after < before {
        " Their tokens do less from the next call on."
    } else {
        ""
    };
    format!(
        "Members of {name} now have {after} on its private and internal repositories; it was {before}.{follow}"
    )
}

async fn overtaken(
    app: &App,
    organization: &Account,
    now: BasePermission,
) -> PageResult<PageError> {
    let actions = [Action::BasePermissionUpdate, Action::OrganizationUpdate];
    let mut db = app.context.store.reader();
    let act = members::find_last_act(&mut db, organization.id, None, &actions).await?;
    Ok(PageError::Conflict {
        title: "The base permission was changed by somebody else since you opened the page"
            .to_owned(),
        text: format!(
            "{}Members have {now} now. What you chose was not saved.",
            outcome::by(act.as_ref())
        ),
        back: (
            "Open the base permission again".to_owned(),
            base_path(&organization.login),
        ),
    })
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    fields: &Fields,
    error: &str,
    status: StatusCode,
) -> PageResult {
    let organization = &owner.organization;
    let people = frame::people_path(&organization.login);
    let trail = vec![
        Crumb::link("People", &people),
        Crumb::text("Base permission"),
    ];
    let (chrome, nav) = frame::around(app, owner, "Base permission", &people, trail).await?;
    let mut db = app.context.store.reader();
    let template = Base {
        chrome,
        nav,
        organization: organization.name.clone(),
        path: base_path(&organization.login),
        people,
        members: members::count_people(&mut db, organization.id)
            .await?
            .members,
        closed: members::count_closed(&mut db, organization.id).await?,
        has_enterprise: organization.enterprise_id.is_some(),
        now: organization.base_permission,
        shown: fields.get("shown").to_owned(),
        chosen: fields.get("base_permission").to_owned(),
        error: error.to_owned(),
    };
    Ok(page(status, template))
}
