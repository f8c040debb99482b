//! The record of decisions: written in groups, one packed and chained row a group, with last use and daily counts.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::grants::CATALOG;
use super::{Change, Db, Result, Statement, Store, changes, decision_groups, tokens};
use crate::domain::ids::{AccountId, RepositoryId, SecretId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::secret::SecretHash;

/// One decision about a known token, as it is recorded. Paths come without their query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    /// When.
    pub at: Timestamp,
    /// Which token.
    pub token: TokenId,
    /// Which of its secrets, if this is that secret's first use.
    pub first_use_of: Option<SecretId>,
    /// The secret that was shown, by its hash.
    pub secret: SecretHash,
    /// Whose token it is.
    pub user: AccountId,
    /// The owner of the resource, where the call names one.
    pub owner: Option<AccountId>,
    /// The enterprise that governs the owner.
    pub enterprise: Option<AccountId>,
    /// The repository, where the call names one.
    pub repository: Option<RepositoryId>,
    /// The method, `GIT` for git.
    pub method: String,
    /// The path, or the repository and operation.
    pub path: String,
    /// The permission used, or empty.
    pub permission: String,
    /// The code of a refusal; none for an allow.
    pub reason: Option<&'static str>,
    /// What the client was told of a refusal.
    pub message: String,
    /// The client's address.
    pub address: String,
    /// The request's id.
    pub request_id: String,
}

impl DecisionRecord {
    /// Whether it is the first allowed use of a secret.
    pub const fn is_first_use(&self) -> bool {
        self.first_use_of.is_some() && self.reason.is_none()
    }

    pub(super) fn owner_number(&self) -> i64 {
        self.owner.map_or(0, AccountId::get)
    }
}

/// The latest time that anything was recorded at: no clock may go behind it.
pub async fn latest(db: &mut impl Db) -> Result<Timestamp> {
    let row: (Timestamp,) = db
        .query("SELECT MAX(last_at) FROM audit_heads")
        .one()
        .await?;
    Ok(row.0)
}

/// Commits a group of decisions in one transaction. Statements per group stay few however large it is.
pub async fn write_group(store: &Store, records: &[DecisionRecord]) -> Result<()> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Ok(());
    };
    let mut tx = store.begin().await?;
    write_last_uses(&mut tx, records).await?;
    write_days(&mut tx, records).await?;
    write_refusals(&mut tx, records).await?;
    let changes = write_first_uses(&mut tx, records).await?;
    let (seq, hash): (i64, Vec<u8>) = tx
        .query("UPDATE audit_heads SET seq = seq + 1 WHERE chain = 'decisions' RETURNING seq, hash")
        .one()
        .await?;
    let body = decision_groups::pack(records);
    let hash = decision_groups::link(&hash, seq, &body);
    let count = i64::try_from(records.len()).expect("a group is small");
    tx.query("INSERT INTO decision_groups (seq, first_at, last_at, count, body, hash) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(seq)
        .bind(first.at)
        .bind(last.at)
        .bind(count)
        .bind(body)
        .bind(hash.as_slice())
        .execute()
        .await?;
    decision_groups::write_places(&mut tx, seq, last.at, records).await?;
    tx.query("UPDATE audit_heads SET hash = $1, last_at = $2 WHERE chain = 'decisions'")
        .bind(hash)
        .bind(last.at)
        .execute()
        .await?;
    changes::write(&mut tx, &changes, last.at).await?;
    tx.commit().await
}

/// Notes the first use of secrets, which ends those that went on beside them. The tokens that lost one: other processes
/// must hear of it.
async fn write_first_uses(tx: &mut impl Db, records: &[DecisionRecord]) -> Result<Vec<Change>> {
    let first = records.iter().filter(|record| record.is_first_use());
    let by_secret: BTreeMap<_, _> = first
        .filter_map(|record| Some((record.first_use_of?, record)))
        .rev()
        .collect();
    let mut changes = Vec::new();
    for (secret, record) in by_secret {
        if tokens::note_first_use(tx, secret, record.at).await?
            && tokens::retire_overlapping(tx, secret).await?
        {
            changes.push(Change::Token(record.token));
        }
    }
    Ok(changes)
}

async fn write_last_uses(tx: &mut impl Db, records: &[DecisionRecord]) -> Result<()> {
    let allowed = records.iter().filter(|record| record.reason.is_none());
    let latest: BTreeMap<_, _> = allowed
        .map(|record| ((record.token, record.owner_number()), record))
        .collect();
    if latest.is_empty() {
        return Ok(());
    }
    let tail = "ON CONFLICT (token_id, owner_id) DO UPDATE SET at = excluded.at, method = excluded.method, \
                path = excluded.path, address = excluded.address WHERE excluded.at >= last_uses.at";
    let insert = "INSERT INTO last_uses (token_id, owner_id, at, method, path, address) VALUES";
    let mut query = tx.query(Statement::rows(insert, 6, latest.len(), tail));
    for ((token, owner), record) in latest {
        query = query.bind(token).bind(owner).bind(record.at);
        query = query
            .bind(&record.method)
            .bind(&record.path)
            .bind(&record.address);
    }
    query.execute().await.map(drop)
}

struct Day<'a> {
    allowed: i64,
    refused: i64,
    first_at: Timestamp,
    last: &'a DecisionRecord,
}

async fn write_days(tx: &mut impl Db, records: &[DecisionRecord]) -> Result<()> {
    let mut days: BTreeMap<(TokenId, i64, &str, i64), Day<'_>> = BTreeMap::new();
    for record in records {
        let key = (
            record.token,
            record.owner_number(),
            record.permission.as_str(),
            record.at.day_number(),
        );
        let day = days.entry(key).or_insert(Day {
            allowed: 0,
            refused: 0,
            first_at: record.at,
            last: record,
        });
        *(if record.reason.is_none() {
            &mut day.allowed
        } else {
            &mut day.refused
        }) += 1;
        day.last = record;
    }
    let tail = "ON CONFLICT (token_id, owner_id, catalog, permission, day) DO UPDATE SET \
                allowed = use_days.allowed + excluded.allowed, refused = use_days.refused + excluded.refused, \
                last_at = excluded.last_at, address = excluded.address";
    let insert = "INSERT INTO use_days (token_id, owner_id, catalog, permission, day, allowed, refused, first_at, \
                  last_at, address) VALUES";
    let mut query = tx.query(Statement::rows(insert, 10, days.len(), tail));
    for ((token, owner, permission, number), day) in days {
        query = query
            .bind(token)
            .bind(owner)
            .bind(CATALOG)
            .bind(permission)
            .bind(number);
        query = query
            .bind(day.allowed)
            .bind(day.refused)
            .bind(day.first_at)
            .bind(day.last.at)
            .bind(&day.last.address);
    }
    query.execute().await.map(drop)
}

async fn write_refusals(tx: &mut impl Db, records: &[DecisionRecord]) -> Result<()> {
    let refused: Vec<_> = records
        .iter()
        .filter_map(|record| Some((record, record.reason?)))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let insert =
        "INSERT INTO refusals (token_id, owner_id, at, reason, method, path, message) VALUES";
    let mut query = tx.query(Statement::rows(insert, 7, refused.len(), ""));
    for (record, reason) in refused {
        query = query
            .bind(record.token)
            .bind(record.owner_number())
            .bind(record.at)
            .bind(reason);
        query = query
            .bind(&record.method)
            .bind(&record.path)
            .bind(&record.message);
    }
    query.execute().await.map(drop)
}

/// A refusal, as its token's holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RefusalRow {
    /// When.
    pub at: Timestamp,
    /// The code.
    pub reason: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// What the client was told.
    pub message: String,
}

/// A token's most recent refusals, newest first.
pub async fn list_refusals(
    db: &mut impl Db,
    token: TokenId,
    limit: i64,
) -> Result<Vec<RefusalRow>> {
    db.query("SELECT at, reason, method, path, message FROM refusals WHERE token_id = $1 ORDER BY id DESC LIMIT $2")
        .bind(token)
        .bind(limit)
        .all()
        .await
}

/// What a token did in a day with one permission, at any owner.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct UseRow {
    /// Days since the epoch.
    pub day: i64,
    /// At whom; 0 for calls that name no owner.
    pub owner_id: i64,
    /// The permission used, or empty.
    pub permission: String,
    /// Calls that went on.
    pub allowed: i64,
    /// Calls that did not.
    pub refused: i64,
    /// The first of them that day.
    pub first_at: Timestamp,
    /// The last of them that day.
    pub last_at: Timestamp,
    /// Where the last one came from; empty where that is not known.
    pub address: String,
}

/// A token's use since a day, oldest first; of one owner's resources, or of all.
pub async fn list_use(
    db: &mut impl Db,
    token: TokenId,
    owner: Option<AccountId>,
    since_day: i64,
) -> Result<Vec<UseRow>> {
    let compose = super::db::Compose::new(
        "SELECT day, owner_id, permission, allowed, refused, first_at, last_at, address FROM use_days WHERE token_id =",
    )
    .value(token)
    .then("AND day >=")
    .value(since_day)
    .when(owner, |text, owner| {
        text.then("AND owner_id =").value(owner)
    })
    .then("ORDER BY day, owner_id, permission");
    db.composed(compose).all().await
}

/// Where and when a token was last allowed anything.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LastUse {
    /// At whom; 0 for calls that name no owner.
    pub owner_id: i64,
    /// When.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// From which address.
    pub address: String,
}

/// When one of a user's tokens was last allowed anything, and what.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TokenUse {
    /// Which token.
    pub token_id: TokenId,
    /// When.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
}

/// The last uses of a user's live tokens at every owner, latest first.
pub async fn list_last_uses_of_user(db: &mut impl Db, user: AccountId) -> Result<Vec<TokenUse>> {
    db.query(
        "SELECT l.token_id, l.at, l.method, l.path FROM last_uses l JOIN tokens t ON t.id = l.token_id \
         WHERE t.user_id = $1 AND t.state = 'live' ORDER BY l.at DESC",
    )
    .bind(user)
    .all()
    .await
}

/// A token's last use at every owner, latest first.
pub async fn list_last_uses(db: &mut impl Db, token: TokenId) -> Result<Vec<LastUse>> {
    db.query("SELECT owner_id, at, method, path, address FROM last_uses WHERE token_id = $1 ORDER BY at DESC")
        .bind(token)
        .all()
        .await
}

/// Whether a token was ever allowed anything at an owner.
pub async fn was_used_at(db: &mut impl Db, token: TokenId, owner: AccountId) -> Result<bool> {
    db.query("SELECT 1 FROM last_uses WHERE token_id = $1 AND owner_id = $2")
        .bind(token)
        .bind(owner)
        .optional::<(i32,)>()
        .await
        .map(|row| row.is_some())
}

/// Whether a token is one that an organization, or an enterprise for anything that it governs, may know of: a
/// fine-grained one by its grants there, a classic one by its uses.
pub async fn reaches(
    db: &mut impl Db,
    token: TokenId,
    kind: TokenKind,
    scope: AccountId,
) -> Result<bool> {
    let known = match kind {
        TokenKind::FineGrained => {
            "SELECT 1 FROM grants x JOIN accounts a ON a.id = x.owner_id WHERE x.token_id = $1 \
             AND (a.id = $2 OR a.enterprise_id = $2 OR a.managed_by = $2) LIMIT 1"
        }
        TokenKind::Classic => {
            "SELECT 1 FROM last_uses x JOIN accounts a ON a.id = x.owner_id WHERE x.token_id = $1 \
             AND (a.id = $2 OR a.enterprise_id = $2 OR a.managed_by = $2) LIMIT 1"
        }
    };
    let found = db.query(known).bind(token).bind(scope);
    found.optional::<(i32,)>().await.map(|row| row.is_some())
}
