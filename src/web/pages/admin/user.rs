//! One person's account: what hangs on it, and what a site administrator does to it. Tokens are counted, never shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::one::{self, AccountAct, Case, Done};
use super::typed::Typed;
use super::{Id, account_path, around_account};
use crate::actions::administer::describe_account::{self, describe_account};
use crate::actions::administer::manage_user::manage_user;
use crate::actions::administer::rename_account::{self, rename_account};
use crate::actions::administer::{AdminError, Mistake, set_user};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::administration::{UserAct, check_user};
use crate::store::accounts::{self, Account, Belonging};
use crate::store::administration::{self, Footprint};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/user.html")]
struct Page {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    user: Account,
    email: String,
    enterprise: String,
    footprint: Footprint,
    belongings: Vec<Belonging>,
    typed: Typed,
    is_self: bool,
    /// The acts that may be done now.
    offered: Vec<UserAct>,
}

impl Page {
    /// Whether an act is offered.
    fn can(&self, act: &str) -> bool {
        self.offered.iter().any(|offered| offered.as_str() == act)
    }

    /// What stops when the person is suspended.
    fn ends(&self) -> String {
        let Footprint {
            tokens,
            sessions,
            requests,
            ..
        } = &self.footprint;
        format!(
            "{} of {} {} working at once, {} {}, and {} {} cancelled.",
            counted(tokens, "token", "tokens"),
            self.user.login,
            if *tokens == 1 { "stops" } else { "stop" },
            counted(sessions, "session", "sessions"),
            if *sessions == 1 { "ends" } else { "end" },
            counted(requests, "request that waits", "requests that wait"),
            if *requests == 1 { "is" } else { "are" },
        )
    }
}

/// What is asked of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Describe,
    Rename,
    Manage,
    User(UserAct),
}

impl AccountAct for Act {
    const KIND: AccountKind = AccountKind::User;

    fn read(fields: &Fields) -> Option<Self> {
        match fields.get("act") {
            "describe" => Some(Self::Describe),
            "rename" => Some(Self::Rename),
            "manage" => Some(Self::Manage),
            word => word.parse().ok().map(Self::User),
        }
    }

    fn phrase(self, login: &str) -> String {
        match self {
            Self::Describe => format!("change the name or address of {login}"),
            Self::Rename => format!("give {login} another login"),
            Self::Manage => format!("change who manages {login}"),
            Self::User(UserAct::Suspend) => format!("suspend {login}"),
            Self::User(UserAct::Unsuspend) => format!("lift the suspension of {login}"),
            Self::User(UserAct::Promote) => format!("make {login} a site administrator"),
            Self::User(UserAct::Demote) => format!("take site administration from {login}"),
            Self::User(UserAct::Link) => format!("make a sign-in link for {login}"),
        }
    }

    fn mistakes(self, fields: &Fields) -> Vec<Mistake> {
        match self {
            Self::Describe => describe_account::mistakes(fields.get("name"), fields.get("email")),
            Self::Rename => rename_account::mistake(fields.get("login"))
                .into_iter()
                .collect(),
            Self::Manage | Self::User(_) => Vec::new(),
        }
    }

    async fn carry_out(self, case: &Case<'_>) -> Result<Done, AdminError> {
        let login = &case.account.login;
        let told = match self {
            Self::Describe => {
                let (name, email) = (case.fields.get("name"), case.fields.get("email"));
                describe_account(
                    case.context,
                    &case.origin,
                    case.by,
                    case.target,
                    name,
                    email,
                )
                .await?;
                format!("Saved the name and address of {login}.")
            }
            Self::Rename => {
                let new = case.fields.get("login").trim();
                rename_account(case.context, &case.origin, case.by, case.target, new).await?;
                format!(
                    "{login} is now {new}. Tokens go on working; addresses with {login} in them do not."
                )
            }
            Self::Manage => {
                manage_user(
                    case.context,
                    &case.origin,
                    case.by,
                    case.target,
                    case.fields.get("enterprise"),
                )
                .await?;
                format!("Saved who manages {login}.")
            }
            Self::User(UserAct::Suspend) => {
                set_user::suspend(case.context, &case.origin, case.by, case.target).await?;
                format!("{login} is suspended: no token and no session of {login} works any more.")
            }
            Self::User(UserAct::Unsuspend) => {
                set_user::unsuspend(case.context, &case.origin, case.by, case.target).await?;
                format!("{login} is not suspended any more: tokens that have not ended work again.")
            }
            Self::User(act @ (UserAct::Promote | UserAct::Demote)) => {
                let on = act == UserAct::Promote;
                set_user::set_site_admin(case.context, &case.origin, case.by, case.target, on)
                    .await?;
                let word = if on { "now" } else { "not any more" };
                format!("{login} is {word} a site administrator.")
            }
            Self::User(UserAct::Link) => {
                let link =
                    set_user::make_link(case.context, &case.origin, case.by, case.target).await?;
                return Ok(Done::Link(link));
            }
        };
        Ok(Done::Told(told))
    }

    async fn show(
        app: &App,
        admin: &SiteAdmin,
        user: Account,
        typed: Typed,
        status: StatusCode,
    ) -> PageResult {
        let mut db = app.context.store.reader();
        let now = admin.signed_in.now();
        let enterprise = match user.managed_by {
            Some(id) => accounts::find(&mut db, id).await?.map(|found| found.login),
            None => None,
        };
        let facts = set_user::facts(&user, admin.signed_in.user.id);
        let all = UserAct::ALL.iter().copied();
        let offered = all.filter(|act| check_user(*act, facts).is_ok()).collect();
        let (chrome, nav) = around_account(admin, &user);
        let template = Page {
            chrome,
            nav,
            now: now.as_micros(),
            path: account_path(user.kind, user.id),
            email: user.email.clone().unwrap_or_default(),
            enterprise: enterprise.unwrap_or_default(),
            footprint: administration::find_footprint(&mut db, user.id, now).await?,
            belongings: accounts::list_belongings(&mut db, user.id).await?,
            typed,
            is_self: facts.is_self,
            offered,
            user,
        };
        Ok(page(status, template))
    }
}

/// Shows the account.
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
