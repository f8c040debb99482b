//! What happened to a token at one owner, read from the audit log for the token's own user.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result};
use crate::domain::audit::Action;
use crate::domain::ids::{AccountId, RequestId, TokenId};
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;

/// An event, with what a story tells of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StoryRow {
    /// When.
    pub at: Timestamp,
    /// What happened, as the log writes it.
    pub action: String,
    /// The person behind it, if any.
    pub actor_id: Option<AccountId>,
    /// Everything else, as JSON.
    pub data: String,
}

/// The latest events of a token at an owner, newest first, and its making.
pub async fn list(
    db: &mut impl Db,
    token: TokenId,
    owner: AccountId,
    limit: i64,
) -> Result<Vec<StoryRow>> {
    db.query(
        "SELECT at, action, actor_id, data FROM audit_events WHERE token_id = $1 \
         AND (owner_id = $2 OR (owner_id IS NULL AND action = $3)) ORDER BY at DESC, seq DESC LIMIT $4",
    )
    .bind(token)
    .bind(owner)
    .bind(Action::TokenCreate.as_str())
    .bind(limit)
    .all()
    .await
}

/// The permissions that approving a request left out or lowered: its published name, what was asked and what was
/// granted.
pub async fn list_dropped_permissions(
    db: &mut impl Db,
    request: RequestId,
) -> Result<Vec<(String, Level, Option<Level>)>> {
    db.query(
        "SELECT permission, asked, granted FROM request_permissions \
         WHERE request_id = $1 AND (granted IS NULL OR granted <> asked) ORDER BY permission",
    )
    .bind(request)
    .all()
    .await
}

/// The full names of the repositories that approving a request left out.
pub async fn list_dropped_repositories(
    db: &mut impl Db,
    request: RequestId,
) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = db
        .query(
            "SELECT o.login, p.name FROM request_targets x JOIN repositories p ON p.id = x.target_id \
             JOIN accounts o ON o.id = p.owner_id \
             WHERE x.request_id = $1 AND x.kind = 'repository' AND x.outcome = 'dropped' ORDER BY p.name_key",
        )
        .bind(request)
        .all()
        .await?;
    let full_name = |(owner, name): (String, String)| format!("{owner}/{name}");
    Ok(rows.into_iter().map(full_name).collect())
}

/// How many calls went on at each owner since a day: the owner's login, empty for calls that name none.
pub async fn count_calls(
    db: &mut impl Db,
    token: TokenId,
    since_day: i64,
) -> Result<Vec<(String, i64)>> {
    let compose = Compose::new(
        "SELECT COALESCE(o.login, '') AS login, CAST(SUM(u.allowed) AS BIGINT) AS calls FROM use_days u \
         LEFT JOIN accounts o ON o.id = u.owner_id WHERE u.token_id =",
    );
    let compose = compose.value(token).then("AND u.day >=").value(since_day);
    db.composed(compose.then("GROUP BY o.login HAVING SUM(u.allowed) > 0 ORDER BY 2 DESC, 1"))
        .all()
        .await
}
