//! What a service may learn of a token: what it can do at the owners whom the service serves, and nothing where it can
//! do nothing there.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::token::TokenKind;
use crate::gate::effective::{AtOwner, effective};
use crate::gate::{Credential, GuardedService, Unavailable};
use crate::store::snapshots::Snapshot;

/// A good token with what it may do at a service's owners.
#[derive(Debug)]
pub struct Reach<'c> {
    /// The token.
    pub snapshot: &'c Snapshot,
    /// The login of its user.
    pub login: &'c str,
    /// Owner by owner, those at which something is allowed beyond what anyone may read.
    pub owners: Vec<AtOwner>,
}

/// What a service may learn of a token; nothing where the token is not good or cannot reach its owners.
pub async fn reach<'c>(
    app: &App,
    service: &GuardedService,
    credential: &'c Credential,
    client: Option<IpAddr>,
) -> Result<Option<Reach<'c>>, Unavailable> {
    let Some(snapshot) = credential.snapshot() else {
        return Ok(None);
    };
    let kind = snapshot.facts.kind;
    let everywhere = effective(&app.gate, credential, client).await?;
    let owners: Vec<_> = everywhere
        .into_iter()
        .filter(|at| service.serves(at.owner.account.id) && allows_something(kind, at))
        .collect();
    // A classic token always reaches what its own user owns.
    let is_of_user = kind == TokenKind::Classic && service.serves(snapshot.facts.user);
    let is_reached = !service.is_narrow() || is_of_user || !owners.is_empty();
    Ok(is_reached.then(|| Reach {
        snapshot,
        login: credential.login(),
        owners,
    }))
}

fn allows_something(kind: TokenKind, at: &AtOwner) -> bool {
    at.block.is_none()
        && match kind {
            TokenKind::Classic => true,
            TokenKind::FineGrained => {
                !at.permissions.is_empty()
                    || at
                        .repositories
                        .iter()
                        .any(|one| !one.permissions.is_empty())
            }
        }
}
