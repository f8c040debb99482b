//! Exemptions as people read of them: in lists of those who give them, beside a token, and for its holder.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::reach::like;
use super::{Db, Result, Statement};
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::Exempted;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// So many days back, a list still tells of exemptions that are over.
pub const KEPT_DAYS: i64 = 90;

/// An exemption with who gave it, and how it ended if it did.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Given {
    /// Which.
    pub id: i64,
    /// The token.
    pub token_id: TokenId,
    /// Its name, or note.
    pub token_name: String,
    /// Which of the two models it follows.
    pub token_kind: TokenKind,
    /// Whose token, by login.
    pub user_login: String,
    /// The user's name.
    pub user_name: String,
    /// Who spares it: what kind of account.
    pub scope_kind: AccountKind,
    /// The name of the organization or enterprise that spares it.
    pub scope_name: String,
    /// What it lifts.
    pub policy: Exempted,
    /// Until when.
    pub until_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Who gave it, by login; none for the operator.
    pub given_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken back or replaced, if it was.
    pub ended_at: Option<Timestamp>,
    /// By whom, by login; none for the operator.
    pub ended_by: Option<String>,
    /// Whether another one took its place.
    pub is_replaced: bool,
}

impl Given {
    /// Whether it counts no more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ended_at.is_some() || now >= self.until_at
    }

    /// Whether it was taken back or replaced before its date.
    pub fn is_cut_short(&self) -> bool {
        self.ended_at.is_some_and(|ended| ended < self.until_at)
    }
}

const HEAD: &str = "\
SELECT e.id, e.token_id, t.name AS token_name, t.kind AS token_kind, u.login AS user_login, u.name AS user_name,
       s.kind AS scope_kind, s.name AS scope_name, e.policy, e.until_at, e.reason, g.login AS given_by, e.created_at,
       e.ended_at, b.login AS ended_by,
       EXISTS (SELECT 1 FROM exemptions n WHERE n.token_id = e.token_id AND n.scope_id = e.scope_id
               AND n.policy = e.policy AND n.id > e.id AND n.created_at = e.ended_at) AS is_replaced
FROM exemptions e JOIN tokens t ON t.id = e.token_id JOIN accounts u ON u.id = t.user_id
JOIN accounts s ON s.id = e.scope_id LEFT JOIN accounts g ON g.id = e.given_by
LEFT JOIN accounts b ON b.id = e.ended_by";

const COUNT: &str = "SELECT COUNT(*) FROM exemptions e JOIN tokens t ON t.id = e.token_id \
                     JOIN accounts u ON u.id = t.user_id";

/// Which exemptions a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those that count now.
    InForce,
    /// Those that ended in the last [`KEPT_DAYS`].
    Ended,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// In force or ended.
    pub part: Part,
    /// Of tokens or people whose names hold this; of all where it is empty.
    pub search: String,
    /// The moment at which they are judged.
    pub now: Timestamp,
}

/// The exemptions that an organization or enterprise gave, newest first: those older than `older_than`, or the oldest
/// of those newer than `newer_than`, which come in the same order.
pub async fn list(
    db: &mut impl Db,
    scope: AccountId,
    filter: &Filter,
    (older_than, newer_than): (Option<i64>, Option<i64>),
    limit: i64,
) -> Result<Vec<Given>> {
    let compose = narrow(Compose::new(HEAD), scope, filter)
        .when(older_than, |text, id| text.then("AND e.id <").value(id))
        .when(newer_than, |text, id| text.then("AND e.id >").value(id))
        .then(if newer_than.is_some() {
            "ORDER BY e.id LIMIT"
        } else {
            "ORDER BY e.id DESC LIMIT"
        })
        .value(limit);
    let mut found: Vec<Given> = db.composed(compose).all().await?;
    found.sort_by_key(|given| std::cmp::Reverse(given.id));
    Ok(found)
}

/// How many such exemptions there are.
pub async fn count(db: &mut impl Db, scope: AccountId, filter: &Filter) -> Result<i64> {
    db.composed(narrow(Compose::new(COUNT), scope, filter))
        .number()
        .await
}

fn narrow(compose: Compose, scope: AccountId, filter: &Filter) -> Compose {
    let compose = compose.then("WHERE e.scope_id =").value(scope);
    let now = filter.now;
    let compose = match filter.part {
        Part::InForce => compose
            .then("AND e.ended_at IS NULL AND e.until_at >")
            .value(now),
        Part::Ended => compose
            .then("AND COALESCE(e.ended_at, e.until_at) <=")
            .value(now)
            .then("AND COALESCE(e.ended_at, e.until_at) >")
            .value(now.plus_days(-KEPT_DAYS)),
    };
    compose.when(like(&filter.search), |text, pattern| {
        text.then("AND (u.login_key LIKE")
            .value(&pattern)
            .then("ESCAPE '!' OR LOWER(u.name) LIKE")
            .value(&pattern)
            .then("ESCAPE '!' OR t.name_key LIKE")
            .value(&pattern)
            .then("ESCAPE '!')")
    })
}

/// One exemption of an organization or enterprise, in force or not.
pub async fn find(db: &mut impl Db, scope: AccountId, id: i64) -> Result<Option<Given>> {
    let tail = "WHERE e.scope_id = $1 AND e.id = $2";
    db.query(Statement::join(&[HEAD, tail]))
        .bind(scope)
        .bind(id)
        .optional()
        .await
}

/// The exemptions of these tokens by one organization or enterprise that count now, by token.
pub async fn list_of_tokens(
    db: &mut impl Db,
    scope: AccountId,
    tokens: &[TokenId],
    now: Timestamp,
) -> Result<BTreeMap<TokenId, Vec<Given>>> {
    let compose = Compose::new(HEAD)
        .then("WHERE e.scope_id =")
        .value(scope)
        .then("AND e.ended_at IS NULL AND e.until_at >")
        .value(now)
        .then("AND e.token_id IN")
        .list(tokens.iter().copied())
        .then("ORDER BY e.policy, e.id");
    let mut by_token = BTreeMap::<_, Vec<Given>>::new();
    for given in db.composed(compose).all::<Given>().await? {
        by_token.entry(given.token_id).or_default().push(given);
    }
    Ok(by_token)
}

/// The exemptions by one organization or enterprise that count now, newest first, at most `limit`.
pub async fn list_in_force(
    db: &mut impl Db,
    scope: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Given>> {
    let tail = "WHERE e.scope_id = $1 AND e.ended_at IS NULL AND e.until_at > $2 ORDER BY e.id DESC LIMIT $3";
    db.query(Statement::join(&[HEAD, tail]))
        .bind(scope)
        .bind(now)
        .bind(limit)
        .all()
        .await
}

/// The exemptions of one token by whomever that count now: what its holder reads.
pub async fn list_for_holder(
    db: &mut impl Db,
    token: TokenId,
    now: Timestamp,
) -> Result<Vec<Given>> {
    let tail = "WHERE e.token_id = $1 AND e.ended_at IS NULL AND e.until_at > $2 ORDER BY s.name, e.policy, e.id";
    db.query(Statement::join(&[HEAD, tail]))
        .bind(token)
        .bind(now)
        .all()
        .await
}
