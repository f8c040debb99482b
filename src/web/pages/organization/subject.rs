//! A token at an account, as reviewers meet it: the grant, the token and its user. Requests and active tokens are both
//! about one.

use super::outcome::Matter;
use super::reviewer::Reviewer;
use crate::app::App;
use crate::domain::approval::words::Names;
use crate::domain::ids::GrantId;
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::tokens::{self, Token};
use crate::web::error::{PageError, PageResult};

/// A grant with everything it is about. Only a grant of the reviewer's account makes one.
#[derive(Debug)]
pub struct Subject {
    /// The grant, in whatever state.
    pub grant: Grant,
    /// Its token.
    pub token: Token,
    /// The token's user.
    pub user: Account,
}

impl Subject {
    /// Finds a grant of the reviewer's account; any other does not exist.
    pub async fn find(app: &App, reviewer: &Reviewer, id: GrantId) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let grant = grants::find(&mut db, id)
            .await?
            .filter(|grant| grant.owner_id == reviewer.owner.id)
            .ok_or(PageError::NotFound)?;
        let token = tokens::find(&mut db, grant.token_id)
            .await?
            .ok_or(PageError::NotFound)?;
        let user = accounts::find(&mut db, token.user_id)
            .await?
            .ok_or(PageError::NotFound)?;
        Ok(Self { grant, token, user })
    }

    /// Names for sentences.
    pub fn names<'a>(&'a self, reviewer: &'a Reviewer) -> Names<'a> {
        Names {
            owner: reviewer.name(),
            user: &self.user.login,
            token: &self.token.name,
        }
    }

    /// What a decision is about, with the way back to its list.
    pub fn matter<'a>(
        &'a self,
        reviewer: &'a Reviewer,
        back: &'static str,
        list: String,
    ) -> Matter<'a> {
        Matter {
            names: self.names(reviewer),
            back: (back, list),
        }
    }
}
