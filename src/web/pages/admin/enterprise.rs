//! One enterprise as a site administrator sees it: its names, its owners, and how much belongs to it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::typed::Typed;
use super::{Id, account_path, around_account, outcome, target, unreadable};
use crate::actions::administer::describe_account::{self, describe_account};
use crate::actions::administer::rename_account::{self, rename_account};
use crate::actions::administer::set_owner::{add_owner, remove_owner};
use crate::actions::administer::{AdminError, Mistake, Target};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account, Member};
use crate::store::administration::{self, AccountFilter};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/enterprise.html")]
struct Page {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    account: Account,
    owners: Vec<Member>,
    organizations: i64,
    managed: i64,
    typed: Typed,
}

/// What is asked of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Describe,
    Rename,
    AddOwner,
    RemoveOwner(AccountId),
}

impl Act {
    fn read(fields: &Fields) -> Option<Self> {
        match fields.get("act") {
            "describe" => Some(Self::Describe),
            "rename" => Some(Self::Rename),
            "add_owner" => Some(Self::AddOwner),
            "remove_owner" => {
                let id = fields.get("user").parse().ok()?;
                Some(Self::RemoveOwner(AccountId::new(id)))
            }
            _ => None,
        }
    }

    fn phrase(self, slug: &str) -> String {
        match self {
            Self::Describe => format!("change the name of {slug}"),
            Self::Rename => format!("give {slug} another slug"),
            Self::AddOwner => format!("name an owner of {slug}"),
            Self::RemoveOwner(_) => format!("take an owner of {slug} away"),
        }
    }

    fn mistakes(self, fields: &Fields) -> Vec<Mistake> {
        match self {
            Self::Describe => describe_account::mistakes(fields.get("name"), ""),
            Self::Rename => rename_account::mistake(fields.get("login"))
                .into_iter()
                .collect(),
            Self::AddOwner | Self::RemoveOwner(_) => Vec::new(),
        }
    }
}

/// Shows the enterprise.
pub async fn get(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let account = id.find(&app, AccountKind::Enterprise).await?;
    let typed = Typed::restored(admin.signed_in.restored(&app, &query).await?);
    show(&app, &admin, account, typed, StatusCode::OK).await
}

/// Does what its form asks.
pub async fn post(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let account = id.find(&app, AccountKind::Enterprise).await?;
    let act = Act::read(&fields).ok_or_else(|| unreadable(&account))?;
    let mistakes = act.mistakes(&fields);
    if !mistakes.is_empty() {
        return wrong(&app, &admin, account, &fields, mistakes).await;
    }
    let path = account_path(account.kind, account.id);
    let phrase = act.phrase(&account.login);
    if let Some(way) = admin
        .signed_in
        .ask_first(&app, &phrase, &path, &fields)
        .await
    {
        return Ok(way);
    }
    let target = target(&account, &fields)?;
    match carry_out(&app, &admin, &account, target, act, &fields).await {
        Ok(text) => {
            admin.signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let mistakes = outcome::undone(&account, error)?;
            wrong(&app, &admin, account, &fields, mistakes).await
        }
    }
}

async fn carry_out(
    app: &App,
    admin: &SiteAdmin,
    account: &Account,
    target: Target,
    act: Act,
    fields: &Fields,
) -> Result<String, AdminError> {
    let (context, origin, by) = (
        &app.context,
        admin.signed_in.origin(),
        admin.signed_in.user.id,
    );
    let slug = &account.login;
    Ok(match act {
        Act::Describe => {
            describe_account(context, &origin, by, target, fields.get("name"), "").await?;
            format!("Saved the name of {slug}.")
        }
        Act::Rename => {
            let new = fields.get("login").trim();
            rename_account(context, &origin, by, target, new).await?;
            format!("{slug} is now {new}. Addresses with {slug} in them lead nowhere.")
        }
        Act::AddOwner => {
            let owner = fields.get("owner").trim();
            add_owner(context, &origin, by, target, owner).await?;
            format!("{owner} owns {slug} now.")
        }
        Act::RemoveOwner(user) => {
            remove_owner(context, &origin, by, target, user).await?;
            format!("One owner of {slug} was taken away.")
        }
    })
}

async fn wrong(
    app: &App,
    admin: &SiteAdmin,
    account: Account,
    fields: &Fields,
    mistakes: Vec<Mistake>,
) -> PageResult {
    let typed = Typed::wrong(fields, mistakes);
    show(app, admin, account, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn show(
    app: &App,
    admin: &SiteAdmin,
    account: Account,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let mut db = app.context.store.reader();
    let of_it = AccountFilter {
        enterprise: Some(account.id),
        ..AccountFilter::default()
    };
    let organizations = administration::count(&mut db, AccountKind::Organization, &of_it).await?;
    let managed = administration::count(&mut db, AccountKind::User, &of_it).await?;
    let members = accounts::list_members(&mut db, account.id).await?;
    let (chrome, nav) = around_account(admin, &account);
    let template = Page {
        chrome,
        nav,
        now: admin.signed_in.now().as_micros(),
        path: account_path(account.kind, account.id),
        owners: members,
        organizations,
        managed,
        typed,
        account,
    };
    Ok(page(status, template))
}
