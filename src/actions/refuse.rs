//! What several actions share: why they cannot be done, and how permissions are written in events.

use serde_json::{Map, Value};

use crate::domain::approval::decide::{DecideError, LONGEST_REASON, RevokeError};
use crate::domain::catalog::Catalog;
use crate::domain::permission::PermissionSet;
use crate::store::StoreError;

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
