//! What an owner of an organization or enterprise needs for the pages of its policy.

use axum::response::Response;

use crate::app::App;
use crate::domain::policy::wish::PolicyMistake;
use crate::domain::token::TokenKind;
use crate::store::accounts;
use crate::web::error::PageResult;
use crate::web::form::Fields;
use crate::web::pages::scope_owner::ScopeOwner;
use crate::web::pages::{enterprise, organization};

impl ScopeOwner {
    /// Where the policy is.
    pub fn policy_path(&self) -> String {
        match self {
            Self::Organization(owner) => {
                organization::frame::policy_path(&owner.organization.login)
            }
            Self::Enterprise(owner) => enterprise::frame::policy_path(&owner.enterprise.login),
        }
    }

    /// Where the policy for one kind of token is.
    pub fn tab(&self, kind: TokenKind) -> String {
        match kind {
            TokenKind::FineGrained => self.policy_path(),
            TokenKind::Classic => format!("{}?tab=classic", self.policy_path()),
        }
    }

    /// Where a change is previewed; the fields say which.
    pub fn preview(&self, fields: &Fields) -> String {
        format!("{}/preview?{}", self.policy_path(), fields.encode())
    }

    /// The way back from a page that cannot be shown.
    pub fn back(&self, kind: TokenKind) -> (String, String) {
        let words = format!("Open the policy of {} again", self.account().name);
        (words, self.tab(kind))
    }

    /// Nothing where the person is confirmed; otherwise the way to the passkey, with the form kept for `path`.
    pub async fn confirm(&self, app: &App, path: &str, fields: &Fields) -> Option<Response> {
        let act = format!("change what {} allows of tokens", self.account().name);
        self.signed_in().ask_first(app, &act, path, fields).await
    }

    /// The name of the enterprise above an organization; empty where there is none.
    pub async fn enterprise(&self, app: &App) -> PageResult<String> {
        let Some(id) = self.account().enterprise_id else {
            return Ok(String::new());
        };
        let found = accounts::find(&mut app.context.store.reader(), id).await?;
        Ok(found.map(|account| account.name).unwrap_or_default())
    }

    /// Mistakes as their fields show them.
    pub async fn messages(
        &self,
        app: &App,
        mistakes: &[PolicyMistake],
    ) -> PageResult<Vec<(&'static str, String)>> {
        let enterprise = self.enterprise(app).await?;
        let messages = mistakes.iter();
        Ok(messages
            .map(|mistake| super::form::message(*mistake, &enterprise))
            .collect())
    }
}
