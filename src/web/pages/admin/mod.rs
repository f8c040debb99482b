//! The pages of site administrators: who and what is in the directory, and how the installation does. Every handler
//! takes a `SiteAdmin`: for anybody else the pages do not exist.

pub mod enterprise;
pub mod health;
pub mod list;
pub mod new;
mod one;
pub mod organization;
mod outcome;
pub mod services;
mod typed;
pub mod user;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::administer::Target;
use crate::actions::administer::create_account::Link;
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::Fields;
use crate::web::site_admin::SiteAdmin;

/// The address of the health page.
const HEALTH: &str = "/admin/health";

/// The list of accounts of a kind.
const fn list_path(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::User => "/admin/users",
        AccountKind::Organization => "/admin/organizations",
        AccountKind::Enterprise => "/admin/enterprises",
    }
}

/// What a list is called.
const fn list_title(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::User => "Users",
        AccountKind::Organization => "Organizations",
        AccountKind::Enterprise => "Enterprises",
    }
}

/// The page of one account; by id, so that a rename breaks no link to it.
fn account_path(kind: AccountKind, id: AccountId) -> String {
    format!("{}/{id}", list_path(kind))
}

/// The number in an address of one account.
#[derive(Debug, Clone, Deserialize)]
pub struct Id {
    id: String,
}

impl Id {
    /// The living account of this kind.
    async fn find(&self, app: &App, kind: AccountKind) -> PageResult<Account> {
        let id = self.id.parse().map_err(|_| PageError::NotFound)?;
        let found = accounts::find(&mut app.context.store.reader(), AccountId::new(id)).await?;
        found
            .filter(|found| found.kind == kind)
            .ok_or(PageError::NotFound)
    }
}

/// The account as the form's page showed it.
fn target(account: &Account, fields: &Fields) -> PageResult<Target> {
    let rev = fields.get("rev").parse().map_err(|_| unreadable(account))?;
    Ok(Target {
        rev,
        ..Target::of(account)
    })
}

/// A form that none of our pages sends.
fn unreadable(account: &Account) -> PageError {
    PageError::Unprocessable {
        title: "This form cannot be read".to_owned(),
        text: "Nothing was changed. Open the account's page and use a form on it.".to_owned(),
        back: (
            format!("Open {}", account.login),
            account_path(account.kind, account.id),
        ),
    }
}

/// The frame of a page; `current` is the address of the part that it belongs to.
fn around(admin: &SiteAdmin, title: &str, current: &str, trail: Vec<Crumb>) -> (Chrome, Nav) {
    let mut whole = vec![Crumb::link(
        "Site administration",
        list_path(AccountKind::User),
    )];
    whole.extend(trail);
    let nav = Nav::new("Site administration");
    let nav = AccountKind::ALL.iter().fold(nav, |nav, kind| {
        nav.item(list_title(*kind), list_path(*kind), current)
    });
    let nav = nav
        .item("Services", services::LIST, current)
        .item("Health", HEALTH, current);
    (admin.signed_in.chrome(title).trail(whole), nav)
}

/// The frame of one account's page.
fn around_account(admin: &SiteAdmin, account: &Account) -> (Chrome, Nav) {
    let list = list_path(account.kind);
    let trail = vec![
        Crumb::link(list_title(account.kind), list),
        Crumb::text(&account.login),
    ];
    around(admin, &account.name, list, trail)
}

/// A sign-in link: shown in the answer to the act that made it, and never again.
#[derive(Template)]
#[template(path = "pages/admin/link.html")]
struct LinkPage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    login: String,
    name: String,
    link: String,
    until: i64,
    path: String,
    is_new: bool,
}

fn show_link(app: &App, admin: &SiteAdmin, user: &Account, link: &Link, is_new: bool) -> Response {
    let (chrome, nav) = around_account(admin, user);
    let template = LinkPage {
        chrome,
        nav,
        now: admin.signed_in.now().as_micros(),
        login: user.login.clone(),
        name: user.name.clone(),
        link: format!("{}/enroll/{}", app.config.base_url, link.code),
        until: link.until.as_micros(),
        path: account_path(AccountKind::User, user.id),
        is_new,
    };
    page(StatusCode::OK, template)
}
