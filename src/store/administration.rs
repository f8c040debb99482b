//! What site administrators read and change: accounts of every sort in lists, and the few columns of an account that
//! nobody else writes. Nothing here reads a token's contents; tokens are only counted.

use sqlx::FromRow;

use super::db::{Compose, Row};
use super::{Db, Result};
use crate::domain::account::AccountKind;
use crate::domain::administration::{Sort, UserState};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::domain::time::Timestamp;

/// A person in the list of users.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct UserRow {
    /// Which.
    pub id: AccountId,
    /// The login.
    pub login: String,
    /// The name in full.
    pub name: String,
    /// Where mails go.
    pub email: Option<String>,
    /// Since when suspended.
    pub suspended_at: Option<Timestamp>,
    /// Whether the person runs the installation.
    pub site_admin: bool,
    /// How many passkeys the person has.
    pub passkeys: i64,
    /// The slug of the enterprise that owns the account.
    pub managed_by: Option<String>,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// An organization in its list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OrganizationRow {
    /// Which.
    pub id: AccountId,
    /// The login.
    pub login: String,
    /// The name.
    pub name: String,
    /// The slug of its enterprise.
    pub enterprise: Option<String>,
    /// How many owners can act: those not suspended.
    pub owners: i64,
    /// How many people have a role.
    pub members: i64,
    /// How many repositories it owns.
    pub repositories: i64,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// An enterprise in its list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct EnterpriseRow {
    /// Which.
    pub id: AccountId,
    /// The slug.
    pub login: String,
    /// The name.
    pub name: String,
    /// How many organizations it groups.
    pub organizations: i64,
    /// How many owners can act.
    pub owners: i64,
    /// How many accounts of people it owns.
    pub managed: i64,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A row that knows where it stands in its list.
pub trait Listed: Row {
    /// What the rows are.
    const KIND: AccountKind;
    /// Which columns they have, of `accounts a`.
    const HEAD: &'static str;

    /// Its id and login.
    fn place(&self) -> (AccountId, &str);
}

impl Listed for UserRow {
    const KIND: AccountKind = AccountKind::User;
    const HEAD: &'static str = "SELECT a.id, a.login, a.name, a.email, a.suspended_at, a.site_admin, \
         (SELECT COUNT(*) FROM passkeys p WHERE p.user_id = a.id) AS passkeys, \
         (SELECT e.login FROM accounts e WHERE e.id = a.managed_by) AS managed_by, a.created_at FROM accounts a";

    fn place(&self) -> (AccountId, &str) {
        (self.id, &self.login)
    }
}

impl Listed for OrganizationRow {
    const KIND: AccountKind = AccountKind::Organization;
    const HEAD: &'static str = "SELECT a.id, a.login, a.name, \
         (SELECT e.login FROM accounts e WHERE e.id = a.enterprise_id) AS enterprise, \
         (SELECT COUNT(*) FROM memberships m JOIN accounts u ON u.id = m.user_id WHERE m.account_id = a.id \
          AND m.role = 'owner' AND u.suspended_at IS NULL AND u.deleted_at IS NULL) AS owners, \
         (SELECT COUNT(*) FROM memberships m WHERE m.account_id = a.id) AS members, \
         (SELECT COUNT(*) FROM repositories r WHERE r.owner_id = a.id AND r.deleted_at IS NULL) AS repositories, \
         a.created_at FROM accounts a";

    fn place(&self) -> (AccountId, &str) {
        (self.id, &self.login)
    }
}

impl Listed for EnterpriseRow {
    const KIND: AccountKind = AccountKind::Enterprise;
    const HEAD: &'static str = "SELECT a.id, a.login, a.name, \
         (SELECT COUNT(*) FROM accounts o WHERE o.enterprise_id = a.id AND o.deleted_at IS NULL) AS organizations, \
         (SELECT COUNT(*) FROM memberships m JOIN accounts u ON u.id = m.user_id WHERE m.account_id = a.id \
          AND m.role = 'owner' AND u.suspended_at IS NULL AND u.deleted_at IS NULL) AS owners, \
         (SELECT COUNT(*) FROM accounts u WHERE u.managed_by = a.id AND u.deleted_at IS NULL) AS managed, \
         a.created_at FROM accounts a";

    fn place(&self) -> (AccountId, &str) {
        (self.id, &self.login)
    }
}

/// Which accounts are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// What stands in the login, the name or the address for mails.
    pub search: String,
    /// In which state, for users.
    pub state: Option<UserState>,
    /// Belonging to this enterprise: its organizations, or the users it manages.
    pub enterprise: Option<AccountId>,
}

/// Which part of the list is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The order.
    pub sort: Sort,
    /// Against the order, for a page before another.
    pub is_reversed: bool,
    /// Only what lies beyond this login, or this id.
    pub beyond: Option<String>,
    /// How many at most.
    pub limit: i64,
}

/// One page of accounts of a kind.
pub async fn list<T: Listed>(
    db: &mut impl Db,
    filter: &AccountFilter,
    part: &Part,
) -> Result<Vec<T>> {
    let compose = narrowed(Compose::new(T::HEAD), T::KIND, filter);
    let beyond = part.beyond.clone();
    let (is_before, order) = match (part.sort, part.is_reversed) {
        (Sort::Login, false) => ("AND a.login_key >", "ORDER BY a.login_key LIMIT"),
        (Sort::Login, true) => ("AND a.login_key <", "ORDER BY a.login_key DESC LIMIT"),
        (Sort::Newest, false) => ("AND a.id <", "ORDER BY a.id DESC LIMIT"),
        (Sort::Newest, true) => ("AND a.id >", "ORDER BY a.id LIMIT"),
    };
    let compose = compose.when(beyond, |compose, beyond| match part.sort {
        Sort::Login => compose.then(is_before).value(names::key(&beyond)),
        // What is no number lies beyond every id.
        Sort::Newest => compose
            .then(is_before)
            .value(beyond.parse().unwrap_or(0_i64)),
    });
    db.composed(compose.then(order).value(part.limit))
        .all()
        .await
}

/// How many accounts of a kind the filter leaves.
pub async fn count(db: &mut impl Db, kind: AccountKind, filter: &AccountFilter) -> Result<i64> {
    let compose = narrowed(
        Compose::new("SELECT COUNT(*) FROM accounts a"),
        kind,
        filter,
    );
    db.composed(compose).number().await
}

fn narrowed(compose: Compose, kind: AccountKind, filter: &AccountFilter) -> Compose {
    let pattern = (!filter.search.is_empty()).then(|| pattern(&filter.search));
    let compose = compose
        .then("WHERE a.deleted_at IS NULL AND a.kind =")
        .value(kind)
        .when(pattern, |compose, pattern| {
            compose
                .then("AND (a.login_key LIKE")
                .value(pattern.clone())
                .then("ESCAPE '!' OR LOWER(a.name) LIKE")
                .value(pattern.clone())
                .then("ESCAPE '!' OR LOWER(a.email) LIKE")
                .value(pattern)
                .then("ESCAPE '!')")
        })
        .when(filter.enterprise, |compose, enterprise| match kind {
            AccountKind::User => compose.then("AND a.managed_by =").value(enterprise),
            _ => compose.then("AND a.enterprise_id =").value(enterprise),
        });
    compose.when(filter.state, |compose, state| match state {
        UserState::Suspended => compose.then("AND a.suspended_at IS NOT NULL"),
        UserState::SiteAdmin => compose.then("AND a.site_admin =").value(true),
        UserState::NoPasskey => {
            compose.then("AND NOT EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = a.id)")
        }
    })
}

/// What to compare with for texts that hold `search`.
fn pattern(search: &str) -> String {
    let escaped = search
        .to_lowercase()
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

/// What a suspension would end, and what a person can do alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Tokens that live.
    pub tokens: i64,
    /// Sessions that live.
    pub sessions: i64,
    /// Requests that wait.
    pub requests: i64,
    /// Passkeys.
    pub passkeys: i64,
    /// Names of organizations and enterprises that nobody else can act for.
    pub sole_owner_of: Vec<String>,
}

/// What hangs on a person.
pub async fn find_footprint(
    db: &mut impl Db,
    user: AccountId,
    now: Timestamp,
) -> Result<Footprint> {
    let (tokens, sessions, requests, passkeys): (i64, i64, i64, i64) = db
        .query(
            "SELECT (SELECT COUNT(*) FROM tokens t WHERE t.user_id = $1 AND t.state = 'live' \
                     AND (t.expires_at IS NULL OR t.expires_at > $2)), \
             (SELECT COUNT(*) FROM sessions s WHERE s.user_id = $1 AND s.expires_at > $2), \
             (SELECT COUNT(*) FROM requests r JOIN grants g ON g.id = r.grant_id JOIN tokens t ON t.id = g.token_id \
              WHERE t.user_id = $1 AND t.state = 'live' AND r.state = 'pending'), \
             (SELECT COUNT(*) FROM passkeys p WHERE p.user_id = $1)",
        )
        .bind(user)
        .bind(now)
        .one()
        .await?;
    let owned: Vec<(String,)> = db
        .query(
            "SELECT a.name FROM memberships m JOIN accounts a ON a.id = m.account_id \
             WHERE m.user_id = $1 AND m.role = 'owner' AND a.deleted_at IS NULL AND NOT EXISTS ( \
                 SELECT 1 FROM memberships o JOIN accounts u ON u.id = o.user_id WHERE o.account_id = m.account_id \
                 AND o.role = 'owner' AND o.user_id <> $1 AND u.suspended_at IS NULL AND u.deleted_at IS NULL) \
             ORDER BY a.login_key LIMIT 20",
        )
        .bind(user)
        .all()
        .await?;
    Ok(Footprint {
        tokens,
        sessions,
        requests,
        passkeys,
        sole_owner_of: owned.into_iter().map(|row| row.0).collect(),
    })
}

/// Holds an account until the end of the transaction. False when it does not live any more.
pub async fn hold(db: &mut impl Db, id: AccountId) -> Result<bool> {
    db.query("UPDATE accounts SET rev = rev WHERE id = $1 AND deleted_at IS NULL RETURNING id")
        .bind(id)
        .found()
        .await
}

/// Raises an account's version if it still is `rev`. False when somebody was faster.
pub async fn step(db: &mut impl Db, id: AccountId, rev: i64) -> Result<bool> {
    db.query(
        "UPDATE accounts SET rev = rev + 1 WHERE id = $1 AND rev = $2 AND deleted_at IS NULL RETURNING id",
    )
    .bind(id)
    .bind(rev)
    .found()
    .await
}

/// Makes an owner's internal repositories private; which they were.
pub async fn close_internal_repositories(
    db: &mut impl Db,
    owner: AccountId,
    now: Timestamp,
) -> Result<Vec<(RepositoryId, String)>> {
    db.query(
        "UPDATE repositories SET visibility = 'private', updated_at = $2, rev = rev + 1 \
         WHERE owner_id = $1 AND visibility = 'internal' AND deleted_at IS NULL RETURNING id, name",
    )
    .bind(owner)
    .bind(now)
    .all()
    .await
}

/// How many internal repositories an account owns.
pub async fn count_internal_repositories(db: &mut impl Db, owner: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM repositories WHERE owner_id = $1 AND visibility = 'internal' AND deleted_at IS NULL",
    )
    .bind(owner)
    .number()
    .await
}

/// Withdraws the sign-in link of a person that was not used.
pub async fn withdraw_enrolment(db: &mut impl Db, user: AccountId) -> Result<()> {
    db.query("DELETE FROM enrolments WHERE user_id = $1 AND used_at IS NULL")
        .bind(user)
        .execute()
        .await
        .map(drop)
}

/// What there is in the whole installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// Users.
    pub users: i64,
    /// Users who are suspended.
    pub suspended: i64,
    /// Organizations.
    pub organizations: i64,
    /// Enterprises.
    pub enterprises: i64,
    /// Tokens that live.
    pub tokens: i64,
    /// Requests that wait.
    pub requests: i64,
    /// Notices that wait to be sent.
    pub outbox: i64,
}

/// Counts everything.
pub async fn count_all(db: &mut impl Db, now: Timestamp) -> Result<Counts> {
    db.query(
        "SELECT (SELECT COUNT(*) FROM accounts WHERE kind = 'user' AND deleted_at IS NULL) AS users, \
         (SELECT COUNT(*) FROM accounts WHERE kind = 'user' AND deleted_at IS NULL AND suspended_at IS NOT NULL) \
             AS suspended, \
         (SELECT COUNT(*) FROM accounts WHERE kind = 'organization' AND deleted_at IS NULL) AS organizations, \
         (SELECT COUNT(*) FROM accounts WHERE kind = 'enterprise' AND deleted_at IS NULL) AS enterprises, \
         (SELECT COUNT(*) FROM tokens WHERE state = 'live' AND (expires_at IS NULL OR expires_at > $1)) AS tokens, \
         (SELECT COUNT(*) FROM requests WHERE state = 'pending') AS requests, \
         (SELECT COUNT(*) FROM outbox WHERE state = 'waiting') AS outbox",
    )
    .bind(now)
    .one()
    .await
}
