//! Users, organizations, enterprises, and who is what to whom.

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, Statement};
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::time::Timestamp;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// What it is.
    pub kind: AccountKind,
    /// Its name in addresses.
    pub login: String,
    /// Its name in sentences.
    pub name: String,
    /// Where mails go (users).
    pub email: Option<String>,
    /// What authenticators know the user by.
    pub passkey_handle: Option<String>,
    /// The enterprise of an organization.
    pub enterprise_id: Option<AccountId>,
    /// The enterprise that owns this user's account.
    pub managed_by: Option<AccountId>,
    /// What an organization gives its members.
    pub base_permission: BasePermission,
    /// Whether the user runs the installation.
    pub site_admin: bool,
    /// Since when the user is suspended.
    pub suspended_at: Option<Timestamp>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Its version.
    pub rev: i64,
}

impl Account {
    /// Whether the user may do nothing.
    pub const fn is_suspended(&self) -> bool {
        self.suspended_at.is_some()
    }

    /// The enterprise that governs it: an organization's, or that of a managed user.
    pub const fn governed_by(&self) -> Option<AccountId> {
        match self.kind {
            AccountKind::User => self.managed_by,
            AccountKind::Organization => self.enterprise_id,
            AccountKind::Enterprise => Some(self.id),
        }
    }
}

const COLUMNS: &str = "SELECT id, kind, login, name, email, passkey_handle, enterprise_id, managed_by, \
     base_permission, site_admin, suspended_at, created_at, rev FROM accounts";

/// The living account with this login.
pub async fn find_login(db: &mut impl Db, login: &str) -> Result<Option<Account>> {
    find_named(db, "login", login).await
}

/// The living enterprise with this slug.
pub async fn find_slug(db: &mut impl Db, slug: &str) -> Result<Option<Account>> {
    find_named(db, "slug", slug).await
}

async fn find_named(db: &mut impl Db, namespace: &str, login: &str) -> Result<Option<Account>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE namespace = $1 AND login_key = $2 AND deleted_at IS NULL",
    ]))
    .bind(namespace)
    .bind(names::key(login))
    .optional()
    .await
}

/// The living user with this login.
pub async fn find_user(db: &mut impl Db, login: &str) -> Result<Option<Account>> {
    Ok(find_login(db, login)
        .await?
        .filter(|account| account.kind == AccountKind::User))
}

/// The living organization with this login.
pub async fn find_organization(db: &mut impl Db, login: &str) -> Result<Option<Account>> {
    Ok(find_login(db, login)
        .await?
        .filter(|account| account.kind == AccountKind::Organization))
}

/// The living account with this id.
pub async fn find(db: &mut impl Db, id: AccountId) -> Result<Option<Account>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE id = $1 AND deleted_at IS NULL",
    ]))
    .bind(id)
    .optional()
    .await
}

/// The user whom an authenticator knows by this handle.
pub async fn find_by_passkey_handle(db: &mut impl Db, handle: &str) -> Result<Option<Account>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE passkey_handle = $1 AND deleted_at IS NULL",
    ]))
    .bind(handle)
    .optional()
    .await
}

/// Every living account of a kind, by login.
pub async fn list(db: &mut impl Db, kind: AccountKind) -> Result<Vec<Account>> {
    db.query(Statement::join(&[
        COLUMNS,
        "WHERE kind = $1 AND deleted_at IS NULL ORDER BY login_key",
    ]))
    .bind(kind)
    .all()
    .await
}

/// Whether an enterprise owns accounts of users.
pub async fn manages_users(db: &mut impl Db, enterprise: AccountId) -> Result<bool> {
    db.query("SELECT id FROM accounts WHERE managed_by = $1 AND deleted_at IS NULL LIMIT 1")
        .bind(enterprise)
        .found()
        .await
}

/// The accounts with these ids, in no order.
pub async fn list_by_ids(db: &mut impl Db, ids: &[AccountId]) -> Result<Vec<Account>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let compose = Compose::new(COLUMNS)
        .then("WHERE id IN")
        .list(ids.iter().copied());
    db.composed(compose).all().await
}

/// A new account, as an insert needs it.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What it is.
    pub kind: AccountKind,
    /// Its name in addresses.
    pub login: &'a str,
    /// Its name in sentences.
    pub name: &'a str,
    /// Where mails go.
    pub email: Option<&'a str>,
    /// What authenticators will know a user by.
    pub passkey_handle: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Enters an account and gives its id.
pub async fn insert(db: &mut impl Db, new: &NewAccount<'_>) -> Result<AccountId> {
    let id = db
        .query(
            "INSERT INTO accounts (kind, namespace, login, login_key, name, email, passkey_handle, base_permission, \
             site_admin, created_at, rev) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) RETURNING id",
        )
        .bind(new.kind)
        .bind(new.kind.namespace())
        .bind(new.login)
        .bind(names::key(new.login))
        .bind(new.name)
        .bind(new.email)
        .bind(new.passkey_handle.clone())
        .bind(if new.kind == AccountKind::Organization { BasePermission::Read } else { BasePermission::None })
        .bind(false)
        .bind(new.created_at)
        .number()
        .await?;
    Ok(AccountId::new(id))
}

/// Writes everything of an account that can change, and raises its version.
pub async fn update(db: &mut impl Db, account: &Account) -> Result<()> {
    db.query(
        "UPDATE accounts SET name = $1, email = $2, enterprise_id = $3, managed_by = $4, base_permission = $5, \
         site_admin = $6, suspended_at = $7, rev = rev + 1 WHERE id = $8",
    )
    .bind(account.name.as_str())
    .bind(account.email.clone())
    .bind(account.enterprise_id)
    .bind(account.managed_by)
    .bind(account.base_permission)
    .bind(account.site_admin)
    .bind(account.suspended_at)
    .bind(account.id)
    .execute()
    .await
    .map(drop)
}

/// Writes what a user says of themselves, if the account still is of version `rev`. False when it moved.
pub async fn update_profile(
    db: &mut impl Db,
    user: AccountId,
    rev: i64,
    name: &str,
    email: Option<&str>,
) -> Result<bool> {
    db.query(
        "UPDATE accounts SET name = $1, email = $2, rev = rev + 1 WHERE id = $3 AND rev = $4 AND deleted_at IS NULL \
         RETURNING id",
    )
    .bind(name)
    .bind(email)
    .bind(user)
    .bind(rev)
    .found()
    .await
}

/// Whether a freed name is still kept back.
pub async fn is_name_reserved(
    db: &mut impl Db,
    kind: AccountKind,
    login: &str,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "SELECT parent_id FROM reserved_names WHERE namespace = $1 AND parent_id = 0 AND name_key = $2 AND until_at > $3",
    )
    .bind(kind.namespace())
    .bind(names::key(login))
    .bind(now)
    .found()
    .await
}

/// A membership seen from the account.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Member {
    /// The user.
    pub user_id: AccountId,
    /// The role.
    pub role: MemberRole,
    /// The user's login.
    pub login: String,
    /// The user's name.
    pub name: String,
}

/// Everybody with a role in an organization or enterprise, by login.
pub async fn list_members(db: &mut impl Db, account: AccountId) -> Result<Vec<Member>> {
    db.query(
        "SELECT m.user_id, m.role, u.login, u.name FROM memberships m JOIN accounts u ON u.id = m.user_id \
         WHERE m.account_id = $1 AND u.deleted_at IS NULL ORDER BY u.login_key",
    )
    .bind(account)
    .all()
    .await
}

/// The owners of an organization or enterprise who are not suspended, by login: whom to ask, and whom to tell.
pub async fn list_owners(db: &mut impl Db, account: AccountId) -> Result<Vec<Member>> {
    db.query(
        "SELECT m.user_id, m.role, u.login, u.name FROM memberships m JOIN accounts u ON u.id = m.user_id \
         WHERE m.account_id = $1 AND m.role = 'owner' AND u.deleted_at IS NULL AND u.suspended_at IS NULL \
         ORDER BY u.login_key",
    )
    .bind(account)
    .all()
    .await
}

/// Who decides requests at an account, by login: the user whose account it is, or the owners as `list_owners` has them.
pub async fn list_reviewers(db: &mut impl Db, account: AccountId) -> Result<Vec<Member>> {
    db.query(
        "SELECT u.id AS user_id, 'owner' AS role, u.login, u.name FROM accounts u WHERE u.deleted_at IS NULL \
         AND (u.id = $1 AND u.kind = 'user' OR u.suspended_at IS NULL AND u.id IN ( \
              SELECT m.user_id FROM memberships m WHERE m.account_id = $1 AND m.role = 'owner')) \
         ORDER BY u.login_key",
    )
    .bind(account)
    .all()
    .await
}

/// The role of a user in an organization or enterprise.
pub async fn find_role(
    db: &mut impl Db,
    account: AccountId,
    user: AccountId,
) -> Result<Option<MemberRole>> {
    let row: Option<(MemberRole,)> = db
        .query("SELECT role FROM memberships WHERE account_id = $1 AND user_id = $2")
        .bind(account)
        .bind(user)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// A membership seen from the user.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Belonging {
    /// The organization or enterprise.
    pub account_id: AccountId,
    /// Which of the two.
    pub kind: AccountKind,
    /// Its login or slug.
    pub login: String,
    /// Its name.
    pub name: String,
    /// The user's role.
    pub role: MemberRole,
}

/// Where a user has a role, by login.
pub async fn list_belongings(db: &mut impl Db, user: AccountId) -> Result<Vec<Belonging>> {
    db.query(
        "SELECT m.account_id, a.kind, a.login, a.name, m.role FROM memberships m JOIN accounts a ON a.id = m.account_id \
         WHERE m.user_id = $1 AND a.deleted_at IS NULL ORDER BY a.login_key",
    )
    .bind(user)
    .all()
    .await
}

/// Gives a user a role, or another one.
pub async fn put_member(
    db: &mut impl Db,
    account: AccountId,
    user: AccountId,
    role: MemberRole,
    now: Timestamp,
) -> Result<()> {
    db.query(
        "INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(account)
    .bind(user)
    .bind(role)
    .bind(now)
    .execute()
    .await
    .map(drop)
}

/// Takes a user's role away.
pub async fn remove_member(db: &mut impl Db, account: AccountId, user: AccountId) -> Result<()> {
    db.query("DELETE FROM memberships WHERE account_id = $1 AND user_id = $2")
        .bind(account)
        .bind(user)
        .execute()
        .await
        .map(drop)
}

/// The enterprises of which a user is a member: through one of its organizations, as its owner, or as its managed user.
pub async fn list_enterprises_of(db: &mut impl Db, user: AccountId) -> Result<Vec<AccountId>> {
    let rows: Vec<(AccountId,)> = db
        .query(
            "SELECT o.enterprise_id AS id FROM memberships m JOIN accounts o ON o.id = m.account_id \
             WHERE m.user_id = $1 AND o.enterprise_id IS NOT NULL AND o.deleted_at IS NULL \
             UNION SELECT e.id FROM memberships m JOIN accounts e ON e.id = m.account_id \
             WHERE m.user_id = $1 AND e.kind = 'enterprise' AND e.deleted_at IS NULL \
             UNION SELECT u.managed_by FROM accounts u WHERE u.id = $1 AND u.managed_by IS NOT NULL",
        )
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
