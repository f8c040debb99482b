//! One enterprise as a site administrator sees it: its names, its owners, and how much belongs to it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::one::{self, AccountAct, Case, Done};
use super::typed::Typed;
use super::{Id, account_path, around_account};
use crate::actions::administer::describe_account::{self, describe_account};
use crate::actions::administer::rename_account::{self, rename_account};
use crate::actions::administer::set_owner::{add_owner, remove_owner};
use crate::actions::administer::{AdminError, Mistake};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account, Member};
use crate::store::administration::{self, AccountFilter};
use crate::web::chrome::{Chrome, Nav};
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

impl AccountAct for Act {
    const KIND: AccountKind = AccountKind::Enterprise;

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

    async fn carry_out(self, case: &Case<'_>) -> Result<Done, AdminError> {
        let slug = &case.account.login;
        let told = match self {
            Self::Describe => {
                describe_account(
                    case.context,
                    &case.origin,
                    case.by,
                    case.target,
                    case.fields.get("name"),
                    "",
                )
                .await?;
                format!("Saved the name of {slug}.")
            }
            Self::Rename => {
                let new = case.fields.get("login").trim();
                rename_account(case.context, &case.origin, case.by, case.target, new).await?;
                format!("{slug} is now {new}. Addresses with {slug} in them lead nowhere.")
            }
            Self::AddOwner => {
                let owner = case.fields.get("owner").trim();
                add_owner(case.context, &case.origin, case.by, case.target, owner).await?;
                format!("{owner} owns {slug} now.")
            }
            Self::RemoveOwner(user) => {
                remove_owner(case.context, &case.origin, case.by, case.target, user).await?;
                format!("One owner of {slug} was taken away.")
            }
        };
        Ok(Done::Told(told))
    }

    async fn show(
        app: &App,
        admin: &SiteAdmin,
        account: Account,
        typed: Typed,
        status: StatusCode,
    ) -> PageResult {
        let mut db = app.context.store.reader();
        let of_it = AccountFilter {
            enterprise: Some(account.id),
            ..AccountFilter::default()
        };
        let organizations =
            administration::count(&mut db, AccountKind::Organization, &of_it).await?;
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
}

/// Shows the enterprise.
pub async fn get(
    app: State<App>,
    admin: SiteAdmin,
    id: Path<Id>,
    query: QueryFields,
) -> PageResult {
    one::get::<Act>(app, admin, id, query).await
}

/// Does what its form asks.
pub async fn post(app: State<App>, admin: SiteAdmin, id: Path<Id>, form: Form) -> PageResult {
    one::post::<Act>(app, admin, id, form).await
}
