//! What stands against each of a user's classic tokens: the policies of the owners that they reach, what a token is
//! spared, and where it was blocked for good.

use std::collections::BTreeMap;

use super::LIST;
use super::ground::{Ground, Obstacle};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::exemption::Exemption;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{Lifetime, is_over};
use crate::store::exceptions::{self, Block};
use crate::store::listings::Direction;
use crate::store::own_tokens::{self, Filter, OwnToken, Sort};
use crate::store::{Db, StoreError, tokens};

/// So many tokens are looked at for those that need a look; the newest.
const LOOKED_AT: i64 = 200;

/// Everything that stands against a user's tokens, beside what each is itself.
#[derive(Debug)]
pub struct Against {
    /// The owners that they reach.
    pub ground: Ground,
    /// The moment at which it is judged.
    pub now: Timestamp,
    exemptions: BTreeMap<TokenId, Vec<Exemption>>,
    blocks: Vec<Block>,
}

impl Against {
    /// Loads it for a user.
    pub async fn load(
        db: &mut impl Db,
        user: AccountId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            ground: Ground::load(db, user, now).await?,
            exemptions: exceptions::list_of_user(db, user, TokenKind::Classic).await?,
            blocks: exceptions::list_blocks_of_user(db, user).await?,
            now,
        })
    }

    /// Where an exemption lifts everything that would stand against a token.
    pub async fn spared(&self, db: &mut impl Db) -> Result<Vec<(TokenId, AccountId)>, StoreError> {
        let ids: Vec<_> = self.exemptions.keys().copied().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut spared = Vec::new();
        for token in tokens::list_by_ids(db, &ids).await? {
            let lifetime = Lifetime::between(token.starts_at, token.expires_at);
            let free = self.ground.spared(lifetime, self.exempt(token.id));
            spared.extend(free.into_iter().map(|owner| (token.id, owner)));
        }
        Ok(spared)
    }

    fn exempt(&self, token: TokenId) -> &[Exemption] {
        self.exemptions.get(&token).map_or(&[], Vec::as_slice)
    }

    /// The same of one token, as sentences; of one whose life is over, nothing more is told.
    pub fn sentences(&self, token: &OwnToken) -> Vec<String> {
        if is_over(token.expires_at, self.now) {
            return Vec::new();
        }
        let lifetime = Lifetime::between(token.starts_at, token.expires_at);
        let found = self.ground.obstacles(lifetime, self.exempt(token.id));
        let policies = found.iter().map(Obstacle::sentence);
        let blocks = self
            .blocks
            .iter()
            .filter(|block| block.token_id == token.id);
        let blocks = blocks.map(|block| format!("{} blocked it for good.", block.owner_login));
        policies.chain(blocks).collect()
    }
}

/// A token with what stands against it.
#[derive(Debug)]
pub struct Troubled {
    /// The token.
    pub token: OwnToken,
    /// Its page.
    pub page: String,
    /// What stands against it, as sentences; it may only end soon.
    pub sentences: Vec<String>,
}

/// A user's classic tokens, newest first, each with what stands against it.
pub async fn list(
    db: &mut impl Db,
    user: AccountId,
    now: Timestamp,
) -> Result<Vec<Troubled>, StoreError> {
    let filter = Filter {
        user,
        kind: TokenKind::Classic,
        now,
        state: None,
        owner: None,
        unused_since: None,
        ends_before: None,
        search: String::new(),
        bars: Vec::new(),
        spared: Vec::new(),
    };
    let (sort, way) = (Sort::Made, Direction::Descending);
    let found = own_tokens::list(db, &filter, sort, way, None, LOOKED_AT).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let against = Against::load(db, user, now).await?;
    let told = found.into_iter().map(|token| Troubled {
        page: format!("{LIST}/{}", token.id),
        sentences: against.sentences(&token),
        token,
    });
    Ok(told.collect())
}
