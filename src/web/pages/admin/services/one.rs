//! One guarded service: what describes it, its secrets, and how its proxy is told to ask.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{around_service, gate_address, path, show_secret, wish};
use crate::actions::administer::{AdminError, Mistake};
use crate::actions::services::change_service::change_service;
use crate::actions::services::end_secret::end_secret;
use crate::actions::services::remove_service::remove_service;
use crate::actions::services::rotate_secret::{overlap, rotate_secret};
use crate::app::App;
use crate::domain::ids::{ServiceId, ServiceSecretId};
use crate::domain::service::OVERLAP_HOURS;
use crate::store::services::{self, Service, ServiceSecret};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::admin::typed::Typed;
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/services/one.html")]
struct Page {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    gate_address: String,
    service: Service,
    hosts: String,
    owners: String,
    secrets: Vec<ServiceSecret>,
    believes_proxies: bool,
    overlaps: Vec<(String, String, bool)>,
    typed: Typed,
}

/// The number in the address.
#[derive(Debug, Clone, Deserialize)]
pub struct Id {
    id: String,
}

impl Id {
    async fn find(&self, app: &App) -> PageResult<Service> {
        let id = self.id.parse().map_err(|_| PageError::NotFound)?;
        let found = services::find(&mut app.context.store.reader(), ServiceId::new(id)).await?;
        found.ok_or(PageError::NotFound)
    }
}

/// What is asked of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Change,
    Rotate,
    End(ServiceSecretId),
    Remove,
}

impl Act {
    fn read(fields: &Fields) -> Option<Self> {
        match fields.get("act") {
            "change" => Some(Self::Change),
            "rotate" => Some(Self::Rotate),
            "end" => {
                let id = fields.get("secret").parse().ok()?;
                Some(Self::End(ServiceSecretId::new(id)))
            }
            "remove" => Some(Self::Remove),
            _ => None,
        }
    }

    fn phrase(self, name: &str) -> String {
        match self {
            Self::Change => format!("change the service {name}"),
            Self::Rotate => format!("make a new secret of the service {name}"),
            Self::End(_) => format!("end a secret of the service {name}"),
            Self::Remove => format!("remove the service {name}"),
        }
    }

    fn mistakes(self, service: &Service, fields: &Fields) -> Vec<Mistake> {
        match self {
            Self::Change => wish(fields).mistakes(),
            Self::Rotate => overlap(fields.get("overlap")).err().into_iter().collect(),
            Self::Remove if fields.get("confirm").trim() != service.name => {
                let message = format!("Type {} to remove it.", service.name);
                vec![Mistake::new("confirm", message)]
            }
            Self::End(_) | Self::Remove => Vec::new(),
        }
    }
}

/// Shows the service.
pub async fn get(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let service = id.find(&app).await?;
    let typed = Typed::restored(admin.signed_in.restored(&app, &query).await?);
    show(&app, &admin, service, typed, StatusCode::OK).await
}

/// Does what one of the page's forms asks.
pub async fn post(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let service = id.find(&app).await?;
    let act = Act::read(&fields).ok_or_else(|| unreadable(&service))?;
    let mistakes = act.mistakes(&service, &fields);
    if !mistakes.is_empty() {
        return wrong(&app, &admin, service, &fields, mistakes).await;
    }
    let (phrase, path) = (act.phrase(&service.name), path(service.id));
    if let Some(way) = admin
        .signed_in
        .ask_first(&app, &phrase, &path, &fields)
        .await
    {
        return Ok(way);
    }
    match carry_out(&app, &admin, &service, act, &fields).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let mistakes = undone(&service, error)?;
            wrong(&app, &admin, service, &fields, mistakes).await
        }
    }
}

async fn carry_out(
    app: &App,
    admin: &SiteAdmin,
    service: &Service,
    act: Act,
    fields: &Fields,
) -> Result<Response, AdminError> {
    let (context, id, name) = (&app.context, service.id, &service.name);
    let (origin, by) = (admin.signed_in.origin(), admin.signed_in.user.id);
    let (told, way) = match act {
        Act::Change => {
            let rev = fields.get("rev").parse().map_err(|_| AdminError::Moved)?;
            change_service(context, &origin, by, id, rev, &wish(fields)).await?;
            (format!("Saved the service {name}."), path(id))
        }
        Act::Rotate => {
            let overlap = overlap(fields.get("overlap"))?;
            let secret = rotate_secret(context, &origin, by, id, overlap).await?;
            return Ok(show_secret(app, admin, service, &secret, Some(overlap)));
        }
        Act::End(secret) => {
            let label = end_secret(context, &origin, by, id, secret).await?;
            (format!("The secret {label} of {name} is ended."), path(id))
        }
        Act::Remove => {
            remove_service(context, &origin, by, id).await?;
            let told = format!("The service {name} is removed: whoever asks as {name} is refused.");
            (told, super::LIST.to_owned())
        }
    };
    admin.signed_in.flash(FlashKind::Success, told).await;
    Ok(Redirect::to(&way).into_response())
}

fn undone(service: &Service, error: AdminError) -> Result<Vec<Mistake>, PageError> {
    match error {
        AdminError::Mistakes(mistakes) => Ok(mistakes),
        AdminError::NotFound | AdminError::NotAllowed => Err(PageError::NotFound),
        AdminError::Moved | AdminError::Refused(_) => Err(PageError::Conflict {
            title: "This service changed meanwhile".to_owned(),
            text: "Nothing was changed. Somebody changed it after you opened its page: look at it as it is now, then \
                   decide again."
                .to_owned(),
            back: back(service),
        }),
        AdminError::Store(cause) => Err(cause.into()),
    }
}

/// A form that none of our pages sends.
fn unreadable(service: &Service) -> PageError {
    PageError::Unprocessable {
        title: "This form cannot be read".to_owned(),
        text: "Nothing was changed. Open the service's page and use a form on it.".to_owned(),
        back: back(service),
    }
}

fn back(service: &Service) -> (String, String) {
    (format!("Open {}", service.name), path(service.id))
}

async fn wrong(
    app: &App,
    admin: &SiteAdmin,
    service: Service,
    fields: &Fields,
    mistakes: Vec<Mistake>,
) -> PageResult {
    let typed = Typed::wrong(fields, mistakes);
    show(app, admin, service, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn show(
    app: &App,
    admin: &SiteAdmin,
    service: Service,
    typed: Typed,
    status: StatusCode,
) -> PageResult {
    let mut db = app.context.store.reader();
    let now = admin.signed_in.now();
    let owners = services::list_owners(&mut db, service.id).await?;
    let owners: Vec<_> = owners.into_iter().map(|(_, login)| login).collect();
    let (chrome, nav) = around_service(admin, &service.name);
    let template = Page {
        chrome,
        nav,
        now: now.as_micros(),
        path: path(service.id),
        gate_address: gate_address(app, &service.name),
        hosts: services::list_hosts(&mut db, service.id).await?.join("\n"),
        owners: owners.join("\n"),
        secrets: services::list_secrets(&mut db, service.id, now).await?,
        believes_proxies: !app.config.trusted_proxies.is_empty(),
        overlaps: overlaps(&typed),
        typed,
        service,
    };
    Ok(page(status, template))
}

/// The choices of an overlap: value, words, and whether it is chosen.
fn overlaps(typed: &Typed) -> Vec<(String, String, bool)> {
    let first = OVERLAP_HOURS[0].to_string();
    let chosen = typed.value("overlap", &first);
    let choice = |hours: i64| {
        let words = match hours {
            0 => "Ends now".to_owned(),
            1 => "Goes on for 1 hour".to_owned(),
            hours => format!("Goes on for {hours} hours"),
        };
        (hours.to_string(), words, hours.to_string() == chosen)
    };
    OVERLAP_HOURS.into_iter().map(choice).collect()
}
