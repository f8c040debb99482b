//! Tokens that an organization's owners let in, and taking that back.

pub mod list;
pub mod revoke;
pub mod show;

use serde::Deserialize;

use super::frame;
use super::outcome::Matter;
use crate::app::App;
use crate::domain::approval::GrantState;
use crate::domain::approval::words::Names;
use crate::domain::ids::GrantId;
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::tokens::{self, Token};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::OrganizationOwner;

/// The part of a path that names one grant.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// A grant with everything it is about. Only a grant of the owner's organization that once worked makes one.
#[derive(Debug)]
struct Case {
    grant: Grant,
    token: Token,
    user: Account,
}

impl Case {
    /// Finds a grant of this organization; any other, and one that never worked, does not exist.
    async fn find(app: &App, owner: &OrganizationOwner, id: &Id) -> PageResult<Self> {
        let id: GrantId = id.id.parse().map_err(|_| PageError::NotFound)?;
        let mut db = app.context.store.reader();
        let grant = grants::find(&mut db, id)
            .await?
            .filter(|grant| grant.owner_id == owner.organization.id)
            .filter(|grant| grant.state != GrantState::None)
            .ok_or(PageError::NotFound)?;
        let token = tokens::find(&mut db, grant.token_id)
            .await?
            .ok_or(PageError::NotFound)?;
        let user = accounts::find(&mut db, token.user_id)
            .await?
            .ok_or(PageError::NotFound)?;
        Ok(Self { grant, token, user })
    }

    fn matter<'a>(&'a self, owner: &'a OrganizationOwner) -> Matter<'a> {
        Matter {
            names: Names {
                owner: &owner.organization.name,
                user: &self.user.login,
                token: &self.token.name,
            },
            back: (
                "Back to the active tokens",
                frame::active_path(&owner.organization.login),
            ),
        }
    }

    fn path(&self, owner: &OrganizationOwner) -> String {
        frame::grant_path(&owner.organization.login, self.grant.id)
    }

    /// Whether there is something to take back.
    fn can_be_revoked(&self) -> bool {
        matches!(self.grant.state, GrantState::Active | GrantState::Suspended)
    }
}
