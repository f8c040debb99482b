//! One organization as a site administrator sees it: its names, its enterprise, and an owner where nobody can act.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::one::{self, AccountAct, Case, Done};
use super::typed::Typed;
use super::{Id, account_path, around_account};
use crate::actions::administer::describe_account::{self, describe_account};
use crate::actions::administer::move_organization::move_organization;
use crate::actions::administer::rename_account::{self, rename_account};
use crate::actions::administer::set_owner::add_owner;
use crate::actions::administer::{AdminError, Mistake};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::store::accounts::{self, Account, Member};
use crate::store::administration;
use crate::web::chrome::{Chrome, Nav};
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

impl AccountAct for Act {
    const KIND: AccountKind = AccountKind::Organization;

    fn read(fields: &Fields) -> Option<Self> {
        match fields.get("act") {
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

    async fn carry_out(self, case: &Case<'_>) -> Result<Done, AdminError> {
        let login = &case.account.login;
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
                format!("Saved the name of {login}.")
            }
            Self::Rename => {
                let new = case.fields.get("login").trim();
                rename_account(case.context, &case.origin, case.by, case.target, new).await?;
                format!(
                    "{login} is now {new}. Tokens go on working; addresses with {login} in them do not."
                )
            }
            Self::Move => {
                let slug = case.fields.get("enterprise").trim();
                move_organization(case.context, &case.origin, case.by, case.target, slug).await?;
                if slug.is_empty() {
                    format!("{login} belongs to no enterprise any more.")
                } else {
                    format!("{login} belongs to {slug} now.")
                }
            }
            Self::AddOwner => {
                let owner = case.fields.get("owner").trim();
                add_owner(case.context, &case.origin, case.by, case.target, owner).await?;
                format!("{owner} owns {login} now.")
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
}

/// Shows the organization.
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
