//! Requests that wait for an organization's owners.

pub(super) mod change;
pub mod decide;
pub mod list;
pub mod show;

use serde::Deserialize;

use super::frame;
use super::outcome::Matter;
use crate::app::App;
use crate::domain::approval::words::Names;
use crate::domain::ids::RequestId;
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::listings::Place;
use crate::store::requests::{self, Request};
use crate::store::tokens::{self, Token};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::OrganizationOwner;

/// The part of a path that names one request.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// A request with everything it is about. Only a request of the owner's organization makes one.
#[derive(Debug)]
struct Case {
    request: Request,
    grant: Grant,
    token: Token,
    user: Account,
}

impl Case {
    /// Finds a request of this organization; any other does not exist.
    async fn find(app: &App, owner: &OrganizationOwner, id: &Id) -> PageResult<Self> {
        let id: RequestId = id.id.parse().map_err(|_| PageError::NotFound)?;
        let mut db = app.context.store.reader();
        let request = requests::find(&mut db, id)
            .await?
            .filter(|request| request.owner_id == owner.organization.id)
            .ok_or(PageError::NotFound)?;
        let grant = grants::find(&mut db, request.grant_id)
            .await?
            .ok_or(PageError::NotFound)?;
        let token = tokens::find(&mut db, grant.token_id)
            .await?
            .ok_or(PageError::NotFound)?;
        let user = accounts::find(&mut db, token.user_id)
            .await?
            .ok_or(PageError::NotFound)?;
        Ok(Self {
            request,
            grant,
            token,
            user,
        })
    }

    fn names<'a>(&'a self, owner: &'a OrganizationOwner) -> Names<'a> {
        Names {
            owner: &owner.organization.name,
            user: &self.user.login,
            token: &self.token.name,
        }
    }

    fn matter<'a>(&'a self, owner: &'a OrganizationOwner) -> Matter<'a> {
        Matter {
            names: self.names(owner),
            back: (
                "Back to the pending requests",
                frame::requests_path(&owner.organization.login),
            ),
        }
    }

    fn path(&self, owner: &OrganizationOwner) -> String {
        frame::request_path(&owner.organization.login, self.request.id)
    }

    fn place(&self) -> Place {
        Place {
            at: self.request.created_at,
            id: self.request.id.get(),
        }
    }
}
