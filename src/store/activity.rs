//! What happened to a person's own account, as they see it: a part of the audit log.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result};
use crate::domain::audit::Action;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

/// One event about an account.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ActivityRow {
    /// When.
    pub at: Timestamp,
    /// What, in the audit log's word.
    pub action: String,
    /// Who did it: `person`, `operator`, `system`.
    pub actor_kind: String,
    /// From where.
    pub address: Option<String>,
    /// With which browser.
    pub user_agent: Option<String>,
    /// The rest, as JSON.
    pub data: String,
}

/// The latest events of these kinds about a user since a moment, newest first.
pub async fn list_of_user(
    db: &mut impl Db,
    user: AccountId,
    actions: &[Action],
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ActivityRow>> {
    let compose = Compose::new(
        "SELECT at, action, actor_kind, address, user_agent, data FROM audit_events WHERE user_id =",
    )
    .value(user)
    .then("AND at >")
    .value(since)
    .then("AND action IN")
    .list(actions.iter().map(|action| action.as_str()))
    .then("ORDER BY at DESC, seq DESC LIMIT")
    .value(limit);
    db.composed(compose).all().await
}
