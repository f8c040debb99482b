//! The inventory of an enterprise: every token that reaches its organizations, its own resources and the accounts of its
//! managed users; seen, taken away as a file, and taken back.

pub mod bulk;
pub mod export;
pub mod list;
pub mod revoke;
pub(super) mod rows;
pub mod show;
mod view;
mod window;

use serde::Deserialize;

use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::approval::words::Names;
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::enterprises::Rules;
use crate::store::grants::{self, Grant};
use crate::store::inventory::{self, Entry, Scope};
use crate::store::tokens::{self, Token};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::EnterpriseOwner;

/// The part of a path that names one entry: its grant, or, of a classic token, `TOKEN-OWNER`.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// The address of an entry's page.
pub(super) fn address(slug: &str, entry: &Entry) -> String {
    let list = super::frame::tokens_path(slug);
    match entry.grant_id {
        Some(grant) => format!("{list}/{grant}"),
        None => format!("{list}/{}-{}", entry.token_id, entry.owner_id),
    }
}

/// What an enterprise's owner looks at: a token at one owner that the enterprise governs.
#[derive(Debug)]
struct Subject {
    token: Token,
    user: Account,
    owner: Account,
    /// None of a classic token.
    grant: Option<Grant>,
    /// How it stands in the inventory; none where it does not reach the owner any more.
    entry: Option<Entry>,
}

impl Subject {
    /// Finds an entry of this enterprise; whatever reaches other owners alone does not exist.
    async fn find(app: &App, owner: &EnterpriseOwner, rules: &Rules, id: &Id) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let (grant, token, at) = place(&mut db, id).await?;
        let account = accounts::find(&mut db, at)
            .await?
            .filter(|account| account.governed_by() == Some(owner.enterprise.id))
            .ok_or(PageError::NotFound)?;
        let token = tokens::find(&mut db, token)
            .await?
            .ok_or(PageError::NotFound)?;
        let user = accounts::find(&mut db, token.user_id)
            .await?
            .ok_or(PageError::NotFound)?;
        let scope = scope(owner, rules);
        let entry = inventory::find(&mut db, scope, token.id, at).await?;
        let has_worked = grant
            .as_ref()
            .is_some_and(|grant| grant.activated_at.is_some());
        if entry.is_none() && !has_worked {
            return Err(PageError::NotFound);
        }
        Ok(Self {
            token,
            user,
            owner: account,
            grant,
            entry,
        })
    }

    /// What the owner is called in sentences.
    fn at(&self) -> &str {
        match self.owner.kind {
            AccountKind::User => &self.owner.login,
            AccountKind::Organization | AccountKind::Enterprise => &self.owner.name,
        }
    }

    fn names(&self) -> Names<'_> {
        Names {
            owner: self.at(),
            user: &self.user.login,
            token: &self.token.name,
        }
    }

    /// Its page.
    fn path(&self, slug: &str) -> String {
        let list = super::frame::tokens_path(slug);
        match &self.grant {
            Some(grant) => format!("{list}/{}", grant.id),
            None => format!("{list}/{}-{}", self.token.id, self.owner.id),
        }
    }

    /// Whether there is something to take back, and it is the enterprise's to take.
    fn can_be_revoked(&self) -> bool {
        use crate::domain::approval::GrantState;
        let works = self
            .grant
            .as_ref()
            .is_some_and(|grant| matches!(grant.state, GrantState::Active | GrantState::Suspended));
        works && self.owner.kind == AccountKind::Organization
    }
}

async fn place(
    db: &mut impl crate::store::Db,
    id: &Id,
) -> PageResult<(Option<Grant>, TokenId, AccountId)> {
    if let Some((token, owner)) = id.id.split_once('-') {
        let token: TokenId = token.parse().map_err(|_| PageError::NotFound)?;
        let owner: AccountId = owner.parse().map_err(|_| PageError::NotFound)?;
        let found = tokens::find(db, token).await?;
        let is_classic = found.is_some_and(|found| found.kind == TokenKind::Classic);
        return is_classic
            .then_some((None, token, owner))
            .ok_or(PageError::NotFound);
    }
    let id: GrantId = id.id.parse().map_err(|_| PageError::NotFound)?;
    let grant = grants::find(db, id).await?.ok_or(PageError::NotFound)?;
    Ok((Some(grant.clone()), grant.token_id, grant.owner_id))
}

/// The enterprise whose inventory it is.
pub(super) const fn scope<'a>(owner: &EnterpriseOwner, rules: &'a Rules) -> Scope<'a> {
    Scope {
        enterprise: owner.enterprise.id,
        rules,
        now: owner.signed_in.now(),
    }
}

/// What is in force now at everything that the enterprise governs.
pub(super) async fn rules(app: &App, owner: &EnterpriseOwner) -> PageResult<Rules> {
    let mut db = app.context.store.reader();
    let now = owner.signed_in.now();
    Ok(Rules::load(&mut db, owner.enterprise.id, now).await?)
}
