//! What the pages of one account share: a page with several small forms, each of which says with `act` what it asks.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::typed::Typed;
use super::{Id, account_path, outcome, show_link, target, unreadable};
use crate::actions::Context;
use crate::actions::administer::create_account::Link;
use crate::actions::administer::{AdminError, Mistake, Target};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::audit::Origin;
use crate::domain::ids::AccountId;
use crate::store::accounts::Account;
use crate::web::chrome::FlashKind;
use crate::web::error::PageResult;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::site_admin::SiteAdmin;

/// Something that a site administrator can do on the page of an account of one kind.
pub(super) trait AccountAct: Copy + Sized {
    /// The kind of account that the page is about.
    const KIND: AccountKind;

    /// What a form asks for; nothing where it is none of the page's.
    fn read(fields: &Fields) -> Option<Self>;

    /// What waits, on the page that asks for the passkey.
    fn phrase(self, login: &str) -> String;

    /// What is wrong with the texts alone: said before anybody is asked for a passkey.
    fn mistakes(self, fields: &Fields) -> Vec<Mistake>;

    /// Does it.
    async fn carry_out(self, case: &Case<'_>) -> Result<Done, AdminError>;

    /// Draws the page.
    async fn show(
        app: &App,
        admin: &SiteAdmin,
        account: Account,
        typed: Typed,
        status: StatusCode,
    ) -> PageResult;
}

/// An act with everything that doing it needs.
pub(super) struct Case<'a> {
    /// What actions work with.
    pub context: &'a Context,
    /// Where the change comes from.
    pub origin: Origin,
    /// The site administrator.
    pub by: AccountId,
    /// The account as it is.
    pub account: &'a Account,
    /// The account as the form showed it.
    pub target: Target,
    /// The form.
    pub fields: &'a Fields,
}

/// What an act left to tell.
pub(super) enum Done {
    /// A sentence for the page.
    Told(String),
    /// A sign-in link, which is shown once.
    Link(Link),
}

/// Shows an account's page.
pub(super) async fn get<A: AccountAct>(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let account = id.find(&app, A::KIND).await?;
    let typed = Typed::restored(admin.signed_in.restored(&app, &query).await?);
    A::show(&app, &admin, account, typed, StatusCode::OK).await
}

/// Does what one of the page's forms asks.
pub(super) async fn post<A: AccountAct>(
    State(app): State<App>,
    admin: SiteAdmin,
    Path(id): Path<Id>,
    Form(fields): Form,
) -> PageResult {
    let account = id.find(&app, A::KIND).await?;
    let act = A::read(&fields).ok_or_else(|| unreadable(&account))?;
    let mistakes = act.mistakes(&fields);
    if !mistakes.is_empty() {
        return wrong::<A>(&app, &admin, account, &fields, mistakes).await;
    }
    let path = account_path(account.kind, account.id);
    let phrase = act.phrase(&account.login);
    let waits = admin.signed_in.ask_first(&app, &phrase, &path, &fields);
    if let Some(way) = waits.await {
        return Ok(way);
    }
    let case = Case {
        context: &app.context,
        origin: admin.signed_in.origin(),
        by: admin.signed_in.user.id,
        account: &account,
        target: target(&account, &fields)?,
        fields: &fields,
    };
    match act.carry_out(&case).await {
        Ok(Done::Link(link)) => Ok(show_link(&app, &admin, &account, &link, false)),
        Ok(Done::Told(text)) => {
            admin.signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let mistakes = outcome::undone(&account, error)?;
            wrong::<A>(&app, &admin, account, &fields, mistakes).await
        }
    }
}

async fn wrong<A: AccountAct>(
    app: &App,
    admin: &SiteAdmin,
    account: Account,
    fields: &Fields,
    mistakes: Vec<Mistake>,
) -> PageResult {
    let typed = Typed::wrong(fields, mistakes);
    A::show(app, admin, account, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}
