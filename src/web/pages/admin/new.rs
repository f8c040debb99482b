//! The forms that enter a user, an organization or an enterprise.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::typed::Typed;
use super::{account_path, around, list_path, list_title, show_link};
use crate::actions::administer::create_account::{
    self, Wish, create_enterprise, create_organization, create_user,
};
use crate::actions::administer::{AdminError, Mistake};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::store::accounts;
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/new.html")]
struct New {
    chrome: Chrome,
    nav: Nav,
    kind: AccountKind,
    list: &'static str,
    typed: Typed,
}

impl New {
    fn is(&self, word: &str) -> bool {
        self.kind.as_str() == word
    }
}

/// The form of a new user.
pub async fn user(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    get(&app, &admin, AccountKind::User, &query).await
}

/// Enters a user and shows the link of the first sign-in.
pub async fn post_user(State(app): State<App>, admin: SiteAdmin, Form(fields): Form) -> PageResult {
    post(&app, &admin, AccountKind::User, &fields).await
}

/// The form of a new organization.
pub async fn organization(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    get(&app, &admin, AccountKind::Organization, &query).await
}

/// Enters an organization.
pub async fn post_organization(
    State(app): State<App>,
    admin: SiteAdmin,
    Form(fields): Form,
) -> PageResult {
    post(&app, &admin, AccountKind::Organization, &fields).await
}

/// The form of a new enterprise.
pub async fn enterprise(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    get(&app, &admin, AccountKind::Enterprise, &query).await
}

/// Enters an enterprise.
pub async fn post_enterprise(
    State(app): State<App>,
    admin: SiteAdmin,
    Form(fields): Form,
) -> PageResult {
    post(&app, &admin, AccountKind::Enterprise, &fields).await
}

async fn get(app: &App, admin: &SiteAdmin, kind: AccountKind, query: &Fields) -> PageResult {
    let restored = admin.signed_in.restored(app, query).await?;
    Ok(show(admin, kind, Typed::restored(restored), StatusCode::OK))
}

async fn post(app: &App, admin: &SiteAdmin, kind: AccountKind, fields: &Fields) -> PageResult {
    let wish = wish(fields);
    let mistakes = create_account::mistakes(kind, &wish);
    if !mistakes.is_empty() {
        return Ok(wrong(admin, kind, fields, mistakes));
    }
    let act = format!("make the {kind} {}", wish.login.trim());
    let path = path(kind);
    if let Some(way) = admin.signed_in.ask_first(app, &act, &path, fields).await {
        return Ok(way);
    }
    match make(app, admin, kind, &wish).await {
        Ok(answer) => answer,
        Err(AdminError::Mistakes(mistakes)) => Ok(wrong(admin, kind, fields, mistakes)),
        Err(AdminError::Store(cause)) => Err(cause.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

fn path(kind: AccountKind) -> String {
    format!("{}/new", list_path(kind))
}

fn wish(fields: &Fields) -> Wish {
    let text = |name| fields.get(name).to_owned();
    Wish {
        login: text("login"),
        name: text("name"),
        email: text("email"),
        enterprise: text("enterprise"),
        owner: text("owner"),
    }
}

async fn make(
    app: &App,
    admin: &SiteAdmin,
    kind: AccountKind,
    wish: &Wish,
) -> Result<PageResult, AdminError> {
    let (context, origin, by) = (
        &app.context,
        admin.signed_in.origin(),
        admin.signed_in.user.id,
    );
    let id = match kind {
        AccountKind::User => {
            let (id, link) = create_user(context, &origin, by, wish).await?;
            let user = accounts::find(&mut context.store.reader(), id).await?;
            let user = user.ok_or(AdminError::NotFound)?;
            return Ok(Ok(show_link(app, admin, &user, &link, true)));
        }
        AccountKind::Organization => create_organization(context, &origin, by, wish).await?,
        AccountKind::Enterprise => create_enterprise(context, &origin, by, wish).await?,
    };
    Ok(lead_on(admin, kind, wish, id).await)
}

async fn lead_on(admin: &SiteAdmin, kind: AccountKind, wish: &Wish, id: AccountId) -> PageResult {
    let (login, owner) = (wish.login.trim(), wish.owner.trim());
    let text =
        format!("Made the {kind} {login}. {owner} owns it and sees it from the next page on.");
    admin.signed_in.flash(FlashKind::Success, text).await;
    Ok(Redirect::to(&account_path(kind, id)).into_response())
}

fn wrong(
    admin: &SiteAdmin,
    kind: AccountKind,
    fields: &Fields,
    mistakes: Vec<Mistake>,
) -> axum::response::Response {
    let typed = Typed::wrong(fields, mistakes);
    show(admin, kind, typed, StatusCode::UNPROCESSABLE_ENTITY)
}

fn show(
    admin: &SiteAdmin,
    kind: AccountKind,
    typed: Typed,
    status: StatusCode,
) -> axum::response::Response {
    let title = format!("New {kind}");
    let list = list_path(kind);
    let trail = vec![Crumb::link(list_title(kind), list), Crumb::text(&title)];
    let (chrome, nav) = around(admin, &title, list, trail);
    let template = New {
        chrome,
        nav,
        kind,
        list,
        typed,
    };
    page(status, template)
}
