//! `/settings/profile`: what a person says of themselves, and where they belong.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use crate::actions::change_profile::{self, Profile, ProfileError};
use crate::app::App;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::profile;
use crate::store::accounts::{self, Belonging};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::settings::nav;

/// The address of the page.
pub const PATH: &str = "/settings/profile";

/// The page.
#[derive(Template)]
#[template(path = "pages/account/profile.html")]
struct ProfilePage {
    chrome: Chrome,
    nav: Nav,
    login: String,
    /// The name that stands in the form. (A macro's own parameter would hide a field called `name`.)
    full_name: String,
    email: String,
    rev: String,
    /// The enterprise that owns the account, and says what stands in it.
    managed_by: Option<String>,
    organizations: Vec<Place>,
    enterprises: Vec<Place>,
    is_site_admin: bool,
    name_error: &'static str,
    email_error: &'static str,
}

impl ProfilePage {
    fn errors(&self) -> Vec<(&'static str, &'static str)> {
        [("name", self.name_error), ("email", self.email_error)]
            .into_iter()
            .filter(|(_, error)| !error.is_empty())
            .collect()
    }
}

/// Where the person belongs.
struct Place {
    login: String,
    name: String,
    is_owner: bool,
    /// Its page; empty where the person has none to open.
    href: String,
}

impl Place {
    fn new(at: &Belonging) -> Self {
        let is_owner = at.role == MemberRole::Owner;
        // Enterprises have no pages yet.
        let has_page = is_owner && at.kind == AccountKind::Organization;
        let href = format!(
            "/organizations/{}/settings/personal-access-tokens",
            at.login
        );
        Self {
            login: at.login.clone(),
            name: at.name.clone(),
            is_owner,
            href: if has_page { href } else { String::new() },
        }
    }
}

/// What was typed, with what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    email: String,
    rev: String,
    name_error: &'static str,
    email_error: &'static str,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let (name, email) = (fields.get("name"), fields.get("email"));
        Self {
            name: name.to_owned(),
            email: email.to_owned(),
            rev: fields.get("rev").to_owned(),
            name_error: profile::name(name).err().unwrap_or_default(),
            email_error: profile::email(email).err().unwrap_or_default(),
        }
    }

    fn of(signed_in: &SignedIn) -> Self {
        Self {
            name: signed_in.user.name.clone(),
            email: signed_in.user.email.clone().unwrap_or_default(),
            rev: signed_in.user.rev.to_string(),
            ..Self::default()
        }
    }
}

/// Shows the profile; after a confirmation as it was typed.
pub async fn get(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let typed = restored.map_or_else(|| Typed::of(&signed_in), |fields| Typed::read(&fields));
    show(&app, &signed_in, typed, StatusCode::OK).await
}

/// Saves the profile.
pub async fn post(State(app): State<App>, signed_in: SignedIn, Form(fields): Form) -> PageResult {
    let (Ok(name), Ok(email), Ok(rev)) = (
        profile::name(fields.get("name")),
        profile::email(fields.get("email")),
        fields.get("rev").parse::<i64>(),
    ) else {
        let typed = Typed::read(&fields);
        return show(&app, &signed_in, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let user = &signed_in.user;
    if user.email.as_deref() != email && user.managed_by.is_none() {
        let act = "change your email address";
        if let Some(way) = signed_in.ask_first(&app, act, PATH, &fields).await {
            return Ok(way);
        }
    }
    let (origin, profile) = (signed_in.origin(), Profile { name, email });
    change_profile::change_profile(&app.context, &origin, user.id, rev, profile)
        .await
        .map_err(refused)?;
    signed_in
        .flash(FlashKind::Success, "Your profile is saved.")
        .await;
    Ok(Redirect::to(PATH).into_response())
}

fn refused(error: ProfileError) -> PageError {
    let back = ("Back to your profile".to_owned(), PATH.to_owned());
    match error {
        ProfileError::Moved => PageError::Conflict {
            title: "Your account changed meanwhile".to_owned(),
            text: "It was changed in another window or by the people who run this installation since you opened the \
                   form. Nothing of yours was saved: look at what stands there now, and save again."
                .to_owned(),
            back,
        },
        ProfileError::Managed => PageError::Unprocessable {
            title: "Your enterprise keeps your profile".to_owned(),
            text: "It owns your account, so its owners say what stands in it. Ask one of them to change it.".to_owned(),
            back,
        },
        ProfileError::Store(cause) => cause.into(),
    }
}

async fn show(app: &App, signed_in: &SignedIn, typed: Typed, status: StatusCode) -> PageResult {
    let mut db = app.context.store.reader();
    let user = &signed_in.user;
    let manager = match user.managed_by {
        Some(enterprise) => accounts::find(&mut db, enterprise).await?,
        None => None,
    };
    let places = accounts::list_belongings(&mut db, user.id).await?;
    let of_kind = |kind| {
        let places = places.iter().filter(move |at| at.kind == kind);
        places.map(Place::new).collect()
    };
    let template = ProfilePage {
        chrome: signed_in.chrome("Profile").here("Profile"),
        nav: nav(PATH),
        login: user.login.clone(),
        full_name: typed.name,
        email: typed.email,
        rev: typed.rev,
        managed_by: manager.map(|enterprise| enterprise.name),
        organizations: of_kind(AccountKind::Organization),
        enterprises: of_kind(AccountKind::Enterprise),
        is_site_admin: user.site_admin,
        name_error: typed.name_error,
        email_error: typed.email_error,
    };
    Ok(page(status, template))
}
