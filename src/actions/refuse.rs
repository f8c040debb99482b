//! What several actions share: why they cannot be done, and how permissions are written in events.

use serde_json::{Map, Value};

use crate::domain::access::rights::MemberRole;
use crate::domain::approval::decide::{DecideError, LONGEST_REASON, RevokeError};
use crate::domain::approval::part::PartMistake;
use crate::domain::catalog::Catalog;
use crate::domain::ids::AccountId;
use crate::domain::permission::PermissionSet;
use crate::store::{Db, StoreError, accounts};

/// Whether somebody still decides about other people's tokens at an account: an owner of the organization, or the user
/// whose own account it is. Asked in the transaction of the decision, because the page or call was let in before it.
pub(super) async fn may_decide(
    db: &mut impl Db,
    owner: AccountId,
    by: AccountId,
) -> Result<bool, StoreError> {
    let role = accounts::find_role(db, owner, by).await?;
    Ok(owner == by || role == Some(MemberRole::Owner))
}

/// Why a request or grant was not decided as asked.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no such request or grant at this owner.
    #[error("there is no such request here")]
    NotFound,
    /// A rule stands against it, or somebody else was first.
    #[error("the request cannot be decided as asked")]
    Request(DecideError),
    /// The same, of a grant.
    #[error("the grant cannot be revoked")]
    Grant(RevokeError),
    /// What is to be granted of the request is no part of it.
    #[error("that is no part of the request")]
    Part(Vec<PartMistake>),
    /// The reason is too long.
    #[error("the reason has {0} characters; {LONGEST_REASON} fit")]
    ReasonTooLong(usize),
    /// The decider would decide on their own request.
    #[error("nobody decides on their own requests by API")]
    OwnRequest,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stands against deciding one of several requests or grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no such request or grant at this owner.
    NotFound,
    /// A rule stands against it, or somebody else was first.
    Request(DecideError),
    /// The same, of a grant.
    Grant(RevokeError),
    /// What is to be granted of the request is no part of it.
    Part(Vec<PartMistake>),
    /// The decider would decide on their own request.
    OwnRequest,
}

impl From<Obstacle> for ReviewError {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::NotFound => Self::NotFound,
            Obstacle::Request(error) => Self::Request(error),
            Obstacle::Grant(error) => Self::Grant(error),
            Obstacle::Part(mistakes) => Self::Part(mistakes),
            Obstacle::OwnRequest => Self::OwnRequest,
        }
    }
}

/// One of several requests or grants that cannot be decided as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked<Id> {
    /// Which.
    pub id: Id,
    /// Why.
    pub why: Obstacle,
}

/// Turns "nothing is blocked" into a success, for a decision on one alone.
pub(super) fn single<Id>(blocked: Vec<Blocked<Id>>) -> Result<(), ReviewError> {
    match blocked.into_iter().next() {
        Some(one) => Err(one.why.into()),
        None => Ok(()),
    }
}

/// Checks the length of a reason and takes white space off its ends.
pub fn reason(text: &str) -> Result<&str, ReviewError> {
    let text = text.trim();
    let length = text.chars().count();
    if length > LONGEST_REASON {
        Err(ReviewError::ReasonTooLong(length))
    } else {
        Ok(text)
    }
}

/// Permissions as events and answers write them: `{"issues": "read"}`.
pub fn permissions_json(catalog: &Catalog, permissions: &PermissionSet) -> Value {
    let pairs = permissions.iter().map(|(permission, level)| {
        (
            catalog.permission(permission).slug.clone(),
            Value::from(level.as_str()),
        )
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
