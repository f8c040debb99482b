//! What depends on a token: its calls since yesterday at each owner, its last use, and the requests that wait. Pages that
//! stop a secret from working say so first.

use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::store::records::{self, LastUse};
use crate::store::{Db, StoreError, grants, requests, token_story};

/// What depends on a token.
#[derive(Debug)]
pub struct Dependents {
    /// Calls that went on today and yesterday (UTC), by the login of the owner; empty for calls that name none.
    pub calls: Vec<(String, i64)>,
    /// The last use.
    pub last_use: Option<LastUse>,
    /// How many requests wait.
    pub waiting: i64,
}

impl Dependents {
    /// Finds what depends on a token.
    pub async fn find(
        db: &mut impl Db,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut waiting = 0;
        for grant in grants::list_of_token(db, token).await? {
            waiting += i64::from(requests::find_pending(db, grant.id).await?.is_some());
        }
        let last_uses = records::list_last_uses(db, token).await?;
        Ok(Self {
            calls: token_story::count_calls(db, token, now.day_number() - 1).await?,
            last_use: last_uses.into_iter().next(),
            waiting,
        })
    }
}
