//! One organization as a site administrator sees it: its names, its enterprise, and an owner where nobody can act.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::typed::Typed;
use super::{Id, account_path, around_account, outcome, target, unreadable};
use crate::actions::administer::describe_account::{self, describe_account};
use crate::actions::administer::move_organization::move_organization;
use crate::actions::administer::rename_account::{self, rename_account};
use crate::actions::administer::set_owner::add_owner;
use crate::actions::administer::{AdminError, Mistake, Target};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::store::accounts::{self, Account, Member};
use crate::store::administration;
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/organization.html")]
struct Page {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    account: Account,
    enterprise: Option<Account>,
    owners: Vec<Member>,
    internal: i64,
    typed: Typed,
}

impl Page {
    fn slug(&self) -> &str {
        self.enterprise
            .as_ref()
            .map_or("", |found| found.login.as_str())
    }
}

/// What is asked of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Describe,
    Rename,
    Move,
    AddOwner,
}

impl Act {
    fn read(word: &str) -> Option<Self> {
        match word {
            "describe" => Some(Self::Describe),
            "rename" => Some(Self::Rename),
            "move" => Some(Self::Move),
            "add_owner" => Some(Self::AddOwner),
            _ => None,
        }
    }

    fn phrase(self, login: &str) -> String {
        match self {
            Self::Describe => format!("change the name of {login}"),
            Self::Rename => format!("give {login} another login"),
            Self::Move => format!("change the enterprise of {login}"),
            Self::AddOwner => format!("name an owner of {login}"),
        }
    }

    fn mistakes(self, fields: &Fields) -> Vec<Mistake> {
        match self {
            Self::Describe => describe_account::mistakes(fields.get("name"), ""),
            Self::Rename => rename_account::mistake(fields.get("login"))
                .into_iter()
                .collect(),
            Self::Move | Self::AddOwner => Vec::new(),
        }
    }
}

/// Shows the organization.
pub async fn get(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let account = id.find(&app, AccountKind::Organization).await?;
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
    let account = id.find(&app, AccountKind::Organization).await?;
    let act = Act::read(fields.get("act")).ok_or_else(|| unreadable(&account))?;
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
    let login = &account.login;
    Ok(match act {
        Act::Describe => {
            describe_account(context, &origin, by, target, fields.get("name"), "").await?;
            format!("Saved the name of {login}.")
        }
        Act::Rename => {
            let new = fields.get("login").trim();
            rename_account(context, &origin, by, target, new).await?;
            format!(
                "{login} is now {new}. Tokens go on working; addresses with {login} in them do not."
            )
        }
        Act::Move => {
            let slug = fields.get("enterprise").trim();
            move_organization(context, &origin, by, target, slug).await?;
            if slug.is_empty() {
                format!("{login} belongs to no enterprise any more.")
            } else {
                format!("{login} belongs to {slug} now.")
            }
        }
        Act::AddOwner => {
            let owner = fields.get("owner").trim();
            add_owner(context, &origin, by, target, owner).await?;
            format!("{owner} owns {login} now.")
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
    let enterprise = match account.enterprise_id {
        Some(id) => accounts::find(&mut db, id).await?,
        None => None,
    };
    let (chrome, nav) = around_account(admin, &account);
    let template = Page {
        chrome,
        nav,
        now: admin.signed_in.now().as_micros(),
        path: account_path(account.kind, account.id),
        enterprise,
        owners: accounts::list_owners(&mut db, account.id).await?,
        internal: administration::count_internal_repositories(&mut db, account.id).await?,
        typed,
        account,
    };
    Ok(page(status, template))
}
