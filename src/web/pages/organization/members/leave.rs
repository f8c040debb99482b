//! Somebody's own place in an organization: what they are there, whom to ask, and leaving.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use serde::Deserialize;

use super::toll::Toll;
use super::{leave_path, repositories, role_word, shown_role};
use crate::actions::end_relation::Consequence;
use crate::actions::membership::{self, MemberError, Wish};
use crate::actions::remove_member::remove_member;
use crate::actions::remove_outside_collaborator::{self, remove_outside_collaborator};
use crate::app::App;
use crate::domain::access::membership::{MembershipChange, MembershipRefusal};
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::ids::AccountId;
use crate::domain::token::summary;
use crate::store::accounts::{self, Account};
use crate::store::members;
use crate::web::chrome::{Chrome, Crumb, FlashKind};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Form, QueryFields};

/// So many repositories are named; more are counted.
const NAMED: i64 = 20;

/// The part of a path that names the organization.
#[derive(Debug, Deserialize)]
pub struct Organization {
    org: String,
}

#[derive(Template)]
#[template(path = "pages/organization/members/leave.html")]
struct Leave {
    chrome: Chrome,
    organization: Account,
    path: String,
    base: BasePermission,
    role: Option<MemberRole>,
    role_word: &'static str,
    owners: String,
    repositories: Vec<String>,
    collaborates: bool,
    keeps: bool,
    is_last_owner: bool,
    ends: Vec<String>,
}

impl Leave {
    /// The role that this page is about; empty for an outside collaborator.
    fn shown(&self) -> &'static str {
        self.role.map_or("", MemberRole::as_str)
    }
}

/// A person's own place in an organization. Where they have none, the page does not exist.
struct Place {
    organization: Account,
    role: Option<MemberRole>,
    repositories: Vec<String>,
}

impl Place {
    async fn find(app: &App, signed_in: &SignedIn, at: &Organization) -> PageResult<Self> {
        let user = signed_in.user.id;
        let mut db = app.context.store.reader();
        let organization = accounts::find_organization(&mut db, &at.org)
            .await?
            .ok_or(PageError::NotFound)?;
        let role = accounts::find_role(&mut db, organization.id, user).await?;
        let roles = members::list_collaborations(&mut db, organization.id, &[user], NAMED).await?;
        let repositories = roles
            .get(&user)
            .map_or_else(Vec::new, |found| repositories(found));
        if role.is_none() && repositories.is_empty() {
            return Err(PageError::NotFound);
        }
        Ok(Self {
            organization,
            role,
            repositories,
        })
    }

    /// What leaving ends, at whichever owner: it is the person's own.
    async fn preview(&self, app: &App, user: AccountId) -> PageResult<Vec<Consequence>> {
        let found = if self.role.is_some() {
            let wish = Wish {
                organization: self.organization.id,
                user,
                shown: self.role,
                change: MembershipChange::End,
                keeps_repositories: false,
            };
            membership::preview(&app.context, &wish).await
        } else {
            remove_outside_collaborator::preview(&app.context, self.organization.id, user).await
        };
        match found {
            Ok(found) => Ok(found),
            Err(MemberError::Store(cause)) => Err(cause.into()),
            Err(MemberError::NotFound | MemberError::Refused(_)) => Err(PageError::NotFound),
        }
    }
}

/// Shows it.
pub async fn get(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(at): Path<Organization>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let place = Place::find(&app, &signed_in, &at).await?;
    let restored = signed_in.restored(&app, &query).await?;
    let keeps = restored.is_some_and(|fields| fields.get("repositories") == "keep");
    let ends = sentences(&app, &place.preview(&app, signed_in.user.id).await?).await?;
    let organization = place.organization;
    let mut db = app.context.store.reader();
    let owners = accounts::list_owners(&mut db, organization.id).await?;
    let is_last =
        members::count_other_owners(&mut db, organization.id, signed_in.user.id).await? == 0;
    let title = format!("Your place in {}", organization.name);
    let trail = vec![Crumb::text(&organization.name), Crumb::text("Your place")];
    let owners: Vec<_> = owners.into_iter().map(|owner| owner.login).collect();
    let template = Leave {
        chrome: signed_in.chrome(&title).trail(trail),
        path: leave_path(&organization.login),
        base: organization.base_permission,
        role: place.role,
        role_word: role_word(place.role),
        owners: summary::join(&owners),
        collaborates: !place.repositories.is_empty(),
        repositories: place.repositories,
        keeps,
        is_last_owner: is_last && place.role == Some(MemberRole::Owner),
        ends,
        organization,
    };
    Ok(page(StatusCode::OK, template))
}

/// Ends it.
pub async fn post(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(at): Path<Organization>,
    Form(fields): Form,
) -> PageResult {
    let place = Place::find(&app, &signed_in, &at).await?;
    let name = &place.organization.name;
    let path = leave_path(&place.organization.login);
    let act = format!("leave {name}");
    if let Some(way) = signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let (origin, user) = (signed_in.origin(), signed_in.user.id);
    let (context, id) = (&app.context, place.organization.id);
    let left = match shown_role(fields.get("shown")) {
        Some(shown) => {
            let keeps = fields.get("repositories") == "keep";
            remove_member(context, &origin, id, user, shown, keeps).await
        }
        None => remove_outside_collaborator(context, &origin, id, user).await,
    };
    match left {
        Ok(found) => {
            let text = format!("You have left {name}.{}", Toll::of(&found).past());
            signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to("/").into_response())
        }
        Err(MemberError::Refused(refusal)) => Err(refused(&place, refusal)),
        Err(MemberError::NotFound) => Err(PageError::NotFound),
        Err(MemberError::Store(cause)) => Err(cause.into()),
    }
}

fn refused(place: &Place, refusal: MembershipRefusal) -> PageError {
    let name = &place.organization.name;
    let back = (
        format!("See your place in {name}"),
        leave_path(&place.organization.login),
    );
    match refusal {
        MembershipRefusal::LastOwner => PageError::Conflict {
            title: format!("You are the last owner of {name}"),
            text: "Nobody else who can sign in would be left to decide requests and set policies. Nothing was changed: \
                   make somebody else an owner first."
                .to_owned(),
            back,
        },
        MembershipRefusal::Moved { .. } => PageError::Conflict {
            title: format!("Your role in {name} changed since you opened the page"),
            text: "Nothing was changed. Look at what you are there now, and decide then.".to_owned(),
            back,
        },
        MembershipRefusal::NotAnOwner | MembershipRefusal::Suspended => PageError::NotFound,
    }
}

/// What ends, a sentence each, owner by owner.
async fn sentences(app: &App, consequences: &[Consequence]) -> PageResult<Vec<String>> {
    let mut by_owner = BTreeMap::<AccountId, Vec<&Consequence>>::new();
    for consequence in consequences {
        by_owner
            .entry(consequence.owner)
            .or_default()
            .push(consequence);
    }
    let ids: Vec<_> = by_owner.keys().copied().collect();
    let found = accounts::list_by_ids(&mut app.context.store.reader(), &ids).await?;
    let name = |id: &AccountId| {
        let account = found.iter().find(|account| account.id == *id);
        account.map_or("another owner", |account| account.name.as_str())
    };
    Ok(by_owner
        .iter()
        .flat_map(|(id, part)| Toll::of(part.iter().copied()).ahead(name(id)))
        .collect())
}
