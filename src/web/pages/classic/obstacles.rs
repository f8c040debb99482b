//! What stands against one classic token, with since when, who can change it and the way out.

use super::ground::{Ground, Obstacle};
use super::page_of;
use crate::domain::account::AccountKind;
use crate::domain::policy::setting::{EnterpriseLayer, OrganizationLayer, Version};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::exceptions::{self, Block};
use crate::store::tokens::Token;
use crate::store::{Db, StoreError, accounts, policies};

/// A policy that stands against the token.
#[derive(Debug)]
pub struct ObstacleView {
    /// Who set it.
    pub setter: String,
    /// The policy, as a sentence.
    pub sentence: String,
    /// When it was last saved; none where nobody ever set it.
    pub since: Option<Timestamp>,
    /// Who can change it, by login.
    pub owners: String,
    /// The longest life that it lets in, in words, and the page that gives the token such a life; empty for none.
    pub way_out: Option<(String, String)>,
}

/// An owner that blocked the token for good.
#[derive(Debug)]
pub struct BlockView {
    /// Which.
    pub block: Block,
    /// Who can be asked, by login.
    pub owners: String,
}

/// Loads the policies that stand against a token.
pub async fn load(
    db: &mut impl Db,
    ground: &Ground,
    token: &Token,
    now: Timestamp,
) -> Result<Vec<ObstacleView>, StoreError> {
    if token.is_expired(now) {
        return Ok(Vec::new());
    }
    let lifetime = Lifetime::between(token.starts_at, token.expires_at);
    let exemptions = exceptions::list_of_token(db, token.id).await?;
    let mut views = Vec::new();
    for obstacle in ground.obstacles(lifetime, &exemptions) {
        let since = since(db, &obstacle, now).await?;
        let owners = owners(db, obstacle.setter).await?;
        let page = format!("{}/regenerate", page_of(token));
        views.push(ObstacleView {
            sentence: obstacle.sentence(),
            since,
            owners,
            way_out: obstacle.limit().map(|days| {
                let label = format!("Regenerate with at most {days} days");
                (label, format!("{page}?expires={days}"))
            }),
            setter: obstacle.setter_login,
        });
    }
    Ok(views)
}

/// Loads where a token is blocked for good.
pub async fn blocks(db: &mut impl Db, token: &Token) -> Result<Vec<BlockView>, StoreError> {
    let mut views = Vec::new();
    for block in exceptions::list_blocks(db, token.id).await? {
        let owners = owners(db, block.owner_id).await?;
        views.push(BlockView { block, owners });
    }
    Ok(views)
}

async fn since(
    db: &mut impl Db,
    obstacle: &Obstacle,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let (setter, kind) = (obstacle.setter, TokenKind::Classic);
    let account = accounts::find(db, setter).await?;
    Ok(match account.map(|account| account.kind) {
        Some(AccountKind::Organization) => {
            let saved = policies::list_versions::<OrganizationLayer>(db, setter, kind);
            begun(&saved.await?, now)
        }
        Some(AccountKind::Enterprise) => {
            let saved = policies::list_versions::<EnterpriseLayer>(db, setter, kind);
            begun(&saved.await?, now)
        }
        Some(AccountKind::User) | None => None,
    })
}

/// Since when the version in force is.
fn begun<Layer>(versions: &[Version<Layer>], now: Timestamp) -> Option<Timestamp> {
    let begun = versions
        .iter()
        .filter(|version| version.effective_at <= now);
    begun
        .max_by_key(|version| version.version)
        .map(|version| version.effective_at)
}

async fn owners(
    db: &mut impl Db,
    account: crate::domain::ids::AccountId,
) -> Result<String, StoreError> {
    let found = accounts::list_owners(db, account).await?;
    let logins: Vec<_> = found.into_iter().map(|owner| owner.login).collect();
    Ok(summary::join(&logins))
}
