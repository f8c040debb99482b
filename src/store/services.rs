//! The services that Grantry guards, their hosts and owners, and the hashes of their secrets.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::{AccountId, ServiceId, ServiceSecretId};
use crate::domain::names;
use crate::domain::service::Proxy;
use crate::domain::time::Timestamp;
use crate::domain::token::secret::SecretHash;

/// What describes a service.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Service {
    /// Which.
    pub id: ServiceId,
    /// Its name, which stands in the address that its proxy asks at.
    pub name: String,
    /// The catalog of its endpoints.
    pub catalog: String,
    /// The headers in which its proxy asks.
    pub proxy: Proxy,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    /// When it was entered.
    pub created_at: Timestamp,
    /// The version, for compare-and-swap.
    pub rev: i64,
}

/// A service in a list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ServiceRow {
    /// Which.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// The headers in which its proxy asks.
    pub proxy: Proxy,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    /// How many hosts it lists.
    pub hosts: i64,
    /// How many owners it lists.
    pub owners: i64,
    /// How many of its secrets count now.
    pub secrets: i64,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A secret as the pages show it, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ServiceSecret {
    /// Which.
    pub id: ServiceSecretId,
    /// By what people know it: the part of the string that may be logged.
    pub label: String,
    /// When it was made or imported.
    pub created_at: Timestamp,
    /// By whom, by login; none for the operator.
    pub created_by: Option<String>,
    /// When it ends; none while nothing ends it.
    pub ends_at: Option<Timestamp>,
}

/// A service to enter.
#[derive(Debug, Clone, Copy)]
pub struct NewService<'a> {
    /// Its name.
    pub name: &'a str,
    /// The catalog of its endpoints.
    pub catalog: &'a str,
    /// The headers in which its proxy asks.
    pub proxy: Proxy,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    /// The moment.
    pub created_at: Timestamp,
}

/// A secret to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewSecret<'a> {
    /// What is kept of it.
    pub hash: SecretHash,
    /// By what people will know it.
    pub label: &'a str,
    /// Who made it; none for the operator.
    pub by: Option<AccountId>,
    /// The moment.
    pub at: Timestamp,
}

const SERVICE: &str = "SELECT id, name, catalog, proxy, filters, created_at, rev FROM services WHERE removed_at IS NULL";

/// Every service, by name.
pub async fn list(db: &mut impl Db) -> Result<Vec<Service>> {
    db.query(super::Statement::join(&[SERVICE, "ORDER BY name_key"]))
        .all()
        .await
}

/// Every service as lists show it, by name.
pub async fn list_rows(db: &mut impl Db, now: Timestamp) -> Result<Vec<ServiceRow>> {
    db.query(
        "SELECT s.id, s.name, s.proxy, s.filters, \
         (SELECT COUNT(*) FROM service_hosts h WHERE h.service_id = s.id) AS hosts, \
         (SELECT COUNT(*) FROM service_owners o WHERE o.service_id = s.id) AS owners, \
         (SELECT COUNT(*) FROM service_secrets c WHERE c.service_id = s.id \
          AND (c.ends_at IS NULL OR c.ends_at > $1)) AS secrets, s.created_at \
         FROM services s WHERE s.removed_at IS NULL ORDER BY s.name_key",
    )
    .bind(now)
    .all()
    .await
}

/// A service by its id.
pub async fn find(db: &mut impl Db, id: ServiceId) -> Result<Option<Service>> {
    db.query(super::Statement::join(&[SERVICE, "AND id = $1"]))
        .bind(id)
        .optional()
        .await
}

/// A service by its name.
pub async fn find_named(db: &mut impl Db, name: &str) -> Result<Option<Service>> {
    db.query(super::Statement::join(&[SERVICE, "AND name_key = $1"]))
        .bind(names::key(name))
        .optional()
        .await
}

/// The hosts of a service, in order.
pub async fn list_hosts(db: &mut impl Db, id: ServiceId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query("SELECT host FROM service_hosts WHERE service_id = $1 ORDER BY host")
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The living owners of a service with their logins, in order.
pub async fn list_owners(db: &mut impl Db, id: ServiceId) -> Result<Vec<(AccountId, String)>> {
    db.query(
        "SELECT a.id, a.login FROM service_owners o JOIN accounts a ON a.id = o.owner_id \
         WHERE o.service_id = $1 AND a.deleted_at IS NULL ORDER BY a.login_key, a.id",
    )
    .bind(id)
    .all()
    .await
}

/// The secrets of a service that still count, newest first.
pub async fn list_secrets(
    db: &mut impl Db,
    id: ServiceId,
    now: Timestamp,
) -> Result<Vec<ServiceSecret>> {
    db.query(
        "SELECT s.id, s.label, s.created_at, a.login AS created_by, s.ends_at FROM service_secrets s \
         LEFT JOIN accounts a ON a.id = s.created_by \
         WHERE s.service_id = $1 AND (s.ends_at IS NULL OR s.ends_at > $2) ORDER BY s.id DESC",
    )
    .bind(id)
    .bind(now)
    .all()
    .await
}

/// Hosts, owners and secrets of every service, as the gate keeps them.
#[derive(Debug, Default)]
pub struct Parts {
    /// Hosts.
    pub hosts: Vec<(ServiceId, String)>,
    /// Owners. A service whose owners are all gone keeps their ids: it serves nobody, not everybody.
    pub owners: Vec<(ServiceId, AccountId)>,
    /// Hashes, each with the end of its secret.
    pub secrets: Vec<(ServiceId, Vec<u8>, Option<Timestamp>)>,
}

/// The parts of every service.
pub async fn list_parts(db: &mut impl Db, now: Timestamp) -> Result<Parts> {
    Ok(Parts {
        hosts: db
            .query("SELECT service_id, host FROM service_hosts")
            .all()
            .await?,
        owners: db
            .query("SELECT service_id, owner_id FROM service_owners")
            .all()
            .await?,
        secrets: db
            .query("SELECT service_id, hash, ends_at FROM service_secrets WHERE ends_at IS NULL OR ends_at > $1")
            .bind(now)
            .all()
            .await?,
    })
}

/// Enters a service.
pub async fn insert(db: &mut impl Db, new: &NewService<'_>) -> Result<ServiceId> {
    db.query(
        "INSERT INTO services (name, name_key, catalog, proxy, filters, created_at, rev) \
         VALUES ($1, $2, $3, $4, $5, $6, 1) RETURNING id",
    )
    .bind(new.name)
    .bind(names::key(new.name))
    .bind(new.catalog)
    .bind(new.proxy)
    .bind(new.filters)
    .bind(new.created_at)
    .number()
    .await
    .map(ServiceId::new)
}

/// Writes what describes a service, if it still is the version that was read. False when somebody was faster.
pub async fn update(db: &mut impl Db, service: &Service) -> Result<bool> {
    db.query(
        "UPDATE services SET catalog = $1, proxy = $2, filters = $3, rev = rev + 1 \
         WHERE id = $4 AND rev = $5 AND removed_at IS NULL RETURNING id",
    )
    .bind(service.catalog.as_str())
    .bind(service.proxy)
    .bind(service.filters)
    .bind(service.id)
    .bind(service.rev)
    .found()
    .await
}

/// Makes these the hosts of a service.
pub async fn replace_hosts(db: &mut impl Db, id: ServiceId, hosts: &[String]) -> Result<()> {
    db.query("DELETE FROM service_hosts WHERE service_id = $1")
        .bind(id)
        .execute()
        .await?;
    for host in hosts {
        db.query("INSERT INTO service_hosts (service_id, host) VALUES ($1, $2)")
            .bind(id)
            .bind(host)
            .execute()
            .await?;
    }
    Ok(())
}

/// Makes these the owners of a service.
pub async fn replace_owners(db: &mut impl Db, id: ServiceId, owners: &[AccountId]) -> Result<()> {
    db.query("DELETE FROM service_owners WHERE service_id = $1")
        .bind(id)
        .execute()
        .await?;
    for owner in owners {
        db.query("INSERT INTO service_owners (service_id, owner_id) VALUES ($1, $2)")
            .bind(id)
            .bind(*owner)
            .execute()
            .await?;
    }
    Ok(())
}

/// Removes a service, and ends its secrets. False when it was removed already.
pub async fn remove(db: &mut impl Db, id: ServiceId, now: Timestamp) -> Result<bool> {
    let removed = db
        .query(
            "UPDATE services SET removed_at = $2, rev = rev + 1 WHERE id = $1 AND removed_at IS NULL RETURNING id",
        )
        .bind(id)
        .bind(now)
        .found()
        .await?;
    end_secrets_by(db, id, now).await?;
    Ok(removed)
}

/// Keeps the hash of a new secret.
pub async fn insert_secret(db: &mut impl Db, id: ServiceId, new: &NewSecret<'_>) -> Result<()> {
    db.query(
        "INSERT INTO service_secrets (service_id, hash, label, created_at, created_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(new.hash)
    .bind(new.label)
    .bind(new.at)
    .bind(new.by)
    .execute()
    .await
    .map(drop)
}

/// Whose secret has this hash, and when it ends, be it over.
pub async fn find_secret(
    db: &mut impl Db,
    hash: SecretHash,
) -> Result<Option<(ServiceId, Option<Timestamp>)>> {
    db.query("SELECT service_id, ends_at FROM service_secrets WHERE hash = $1")
        .bind(hash)
        .optional()
        .await
}

/// Lets every secret of a service end at `at`, but for those that end before.
pub async fn end_secrets_by(db: &mut impl Db, id: ServiceId, at: Timestamp) -> Result<u64> {
    db.query(
        "UPDATE service_secrets SET ends_at = $2 WHERE service_id = $1 AND (ends_at IS NULL OR ends_at > $2)",
    )
    .bind(id)
    .bind(at)
    .execute()
    .await
}

/// Ends one secret of a service; its label. Nothing when it does not count any more.
pub async fn end_secret(
    db: &mut impl Db,
    id: ServiceId,
    secret: ServiceSecretId,
    now: Timestamp,
) -> Result<Option<String>> {
    let row: Option<(String,)> = db
        .query(
            "UPDATE service_secrets SET ends_at = $3 \
             WHERE id = $2 AND service_id = $1 AND (ends_at IS NULL OR ends_at > $3) RETURNING label",
        )
        .bind(id)
        .bind(secret)
        .bind(now)
        .optional()
        .await?;
    Ok(row.map(|row| row.0))
}
