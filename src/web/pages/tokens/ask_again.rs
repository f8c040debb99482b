//! `/settings/personal-access-tokens/{id}/ask-again?owner=LOGIN`: asks an owner once more for what it denied or revoked.
//! The answer is always an owner's, and the earlier one is shown to whoever decides.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect};

use super::form::field_id;
use super::one::find_own;
use super::standing::reviewers;
use super::{LIST, nav};
use crate::actions::ask_again::{AskAgainError, ask_again};
use crate::actions::edit_token;
use crate::app::App;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::edit::CurrentGrant;
use crate::domain::token::summary::{self, Part};
use crate::store::tokens::Token;
use crate::store::{grants, repositories, requests};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Form, QueryFields};

#[derive(Template)]
#[template(path = "pages/tokens/ask_again.html")]
struct AskPage {
    chrome: Chrome,
    nav: Nav,
    action: String,
    cancel: String,
    owner: String,
    who: String,
    said: String,
    sentences: Vec<String>,
    justification: String,
    errors: Vec<(String, String)>,
}

/// A token with its part at the owner that is asked again.
struct Visit {
    app: App,
    signed_in: SignedIn,
    token: Token,
    grant: CurrentGrant,
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn, id: &str, login: &str) -> PageResult<Self> {
        let token = find_own(&app, &signed_in, id).await?;
        let current = edit_token::load(&app.context, signed_in.user.id, token.id).await?;
        let grants = current.ok_or(PageError::NotFound)?.grants;
        let grant = grants
            .into_iter()
            .find(|grant| grant.login.eq_ignore_ascii_case(login.trim()));
        Ok(Self {
            grant: grant.ok_or(PageError::NotFound)?,
            app,
            signed_in,
            token,
        })
    }

    fn token_page(&self) -> String {
        format!("{LIST}/{}", self.token.id)
    }

    async fn form(&self, justification: &str, mistakes: &[Mistake]) -> PageResult {
        let mut db = self.app.context.store.reader();
        let login = &self.grant.login;
        let title = format!("Ask {login} again");
        let template = AskPage {
            chrome: self
                .signed_in
                .chrome(&title)
                .crumb("Fine-grained tokens", LIST)
                .crumb(&self.token.name, self.token_page())
                .here("Ask again"),
            nav: nav(LIST),
            action: format!("{}/ask-again", self.token_page()),
            cancel: self.token_page(),
            owner: login.clone(),
            who: summary::approval(login, &reviewers(&mut db, self.grant.owner).await?),
            said: self.said().await?,
            sentences: self.sentences().await?,
            justification: justification.to_owned(),
            errors: mistakes
                .iter()
                .map(|mistake| (place(mistake.field), mistake.message.clone()))
                .collect(),
        };
        Ok(page(super::form::status(mistakes), template))
    }

    /// What was lost, in plain words.
    async fn sentences(&self) -> PageResult<Vec<String>> {
        let mut db = self.app.context.store.reader();
        let Some(ask) = self.grant.wished() else {
            return Ok(Vec::new());
        };
        let listed: Vec<_> = ask.selection.listed().collect();
        let found = repositories::list_by_ids(&mut db, &listed).await?;
        let names: Vec<_> = found
            .iter()
            .map(repositories::Repository::full_name)
            .collect();
        let part = Part {
            owner: &self.grant.login,
            repositories: &names,
            ask,
        };
        Ok(summary::sentences(self.app.context.catalog, &part))
    }

    /// What the owner wrote with the last answer; empty for nothing.
    async fn said(&self) -> PageResult<String> {
        let mut db = self.app.context.store.reader();
        let rows = grants::list_of_token(&mut db, self.token.id).await?;
        let Some(row) = rows
            .into_iter()
            .find(|row| row.owner_id == self.grant.owner)
        else {
            return Ok(String::new());
        };
        if !row.reason.is_empty() {
            return Ok(row.reason);
        }
        let latest = requests::find_latest(&mut db, row.id).await?;
        Ok(latest
            .map(|request| request.decision_reason)
            .unwrap_or_default())
    }

    fn conflict(&self, title: &str, text: &str) -> PageError {
        PageError::Conflict {
            title: title.to_owned(),
            text: text.to_owned(),
            back: ("See the token".to_owned(), self.token_page()),
        }
    }

    fn refused(&self, error: AskAgainError) -> PageError {
        match error {
            AskAgainError::NotFound | AskAgainError::Ended => PageError::NotFound,
            AskAgainError::Expired => self.conflict(
                "The token's life is over",
                "Nothing was asked. Regenerate the token first; then ask again.",
            ),
            AskAgainError::Waiting(_) => self.conflict(
                "A request waits there already",
                "Nothing more was asked. Withdraw the one that waits if it should be another.",
            ),
            AskAgainError::NothingLost => self.conflict(
                "Nothing was denied or revoked there",
                "Nothing was asked. Edit the token to ask for more than it has.",
            ),
            AskAgainError::Moved | AskAgainError::Mistakes(_) => self.conflict(
                "The token changed at the same moment",
                "Nothing was asked. Look at the token, then ask again.",
            ),
            AskAgainError::Store(error) => error.into(),
        }
    }
}

/// Every mistake has its place on this page: what does not concern the text stands at what is asked for.
fn place(field: Field) -> String {
    match field {
        Field::Justification => field_id(field),
        _ => "asked".to_owned(),
    }
}

/// Shows what would be asked for, and asks why.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id, query.get("owner")).await?;
    visit.form("", &[]).await
}

/// Asks the owner.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id, fields.get("owner")).await?;
    let why = fields.get("justification");
    let (origin, user) = (visit.signed_in.origin(), visit.signed_in.user.id);
    let (context, owner) = (&visit.app.context, visit.grant.owner);
    match ask_again(context, &origin, user, visit.token.id, owner, why).await {
        Ok(_) => {
            let text = format!(
                "Asked {} again. What the token has goes on meanwhile.",
                visit.grant.login
            );
            visit.signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&visit.token_page()).into_response())
        }
        Err(AskAgainError::Mistakes(mistakes)) => visit.form(why, &mistakes).await,
        Err(error) => Err(visit.refused(error)),
    }
}
