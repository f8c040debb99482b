//! The form that enters a guarded service.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, show_secret, wish};
use crate::actions::administer::{AdminError, Mistake};
use crate::actions::services::create_service::{self, create_service};
use crate::app::App;
use crate::store::services;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::admin::around;
use crate::web::pages::admin::typed::Typed;
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/services/new.html")]
struct New {
    chrome: Chrome,
    nav: Nav,
    typed: Typed,
}

/// Shows the form.
pub async fn get(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = admin.signed_in.restored(&app, &query).await?;
    Ok(show(&admin, Typed::restored(restored), StatusCode::OK))
}

/// Enters a service and shows its first secret.
pub async fn post(State(app): State<App>, admin: SiteAdmin, Form(fields): Form) -> PageResult {
    let wish = wish(&fields);
    let mistakes = create_service::mistakes(&wish);
    if !mistakes.is_empty() {
        return Ok(wrong(&admin, &fields, mistakes));
    }
    let act = format!("guard the service {}", wish.name.trim());
    let path = format!("{LIST}/new");
    if let Some(way) = admin.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let (origin, by) = (admin.signed_in.origin(), admin.signed_in.user.id);
    match create_service(&app.context, &origin, by, &wish).await {
        Ok((id, secret)) => {
            let found = services::find(&mut app.context.store.reader(), id).await?;
            let service = found.ok_or(PageError::NotFound)?;
            Ok(show_secret(&app, &admin, &service, &secret, None))
        }
        Err(AdminError::Mistakes(mistakes)) => Ok(wrong(&admin, &fields, mistakes)),
        Err(AdminError::Store(cause)) => Err(cause.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

fn wrong(admin: &SiteAdmin, fields: &Fields, mistakes: Vec<Mistake>) -> Response {
    let typed = Typed::wrong(fields, mistakes);
    show(admin, typed, StatusCode::UNPROCESSABLE_ENTITY)
}

fn show(admin: &SiteAdmin, typed: Typed, status: StatusCode) -> Response {
    let trail = vec![Crumb::link("Services", LIST), Crumb::text("New service")];
    let (chrome, nav) = around(admin, "New service", LIST, trail);
    page(status, New { chrome, nav, typed })
}
