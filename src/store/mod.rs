//! Everything Grantry remembers, and the only place with SQL.
//!
//! Statements are constants with `$1` placeholders that both databases understand; [`db`] runs them on either. Reads
//! for pages go through [`Store::reader`]; every change goes through a [`Work`], which writes the audit rows and the
//! change feed last in the same transaction, so that neither can be forgotten.
//!
//! A file here belongs to one group of tables; its functions take any [`Db`], so that they serve readers and works.

pub mod account_names;
pub mod accounts;
pub mod activity;
pub mod administration;
pub mod ahead;
pub mod asks;
pub mod attempts;
pub mod audit_chain;
pub mod audit_log;
pub mod audit_streams;
pub mod changes;
pub mod circles;
pub mod classic_visits;
pub mod comments;
pub mod credentials;
pub mod db;
pub mod decision_groups;
pub mod departures;
pub mod enterprises;
pub mod exceptions;
pub mod exemption_lists;
pub mod forms;
pub mod grants;
pub mod health;
pub mod home;
pub mod imports;
pub mod inventory;
pub mod issues;
pub mod listings;
pub mod members;
pub mod own_tokens;
pub mod policies;
pub mod policy_reach;
pub mod reach;
pub mod records;
pub mod recovery;
pub mod repositories;
pub mod repository_lists;
pub mod requests;
pub mod reviews;
pub mod rights;
pub mod saved_searches;
pub mod services;
pub mod sessions;
pub mod sign_in;
pub mod snapshots;
pub mod subjects;
pub mod token_story;
pub mod tokens;
mod types;
pub mod unknown_secrets;
mod work;

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

pub use changes::Change;
pub use db::{Db, Reader, Statement, Tx, Value};
pub use work::{Committed, Work};

/// A failure of the database itself: never the visitor's fault, never shown to them.
pub type StoreError = sqlx::Error;

/// What store functions return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Store {
    /// One file, or memory.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

impl Store {
    /// Opens `sqlite://path`, `sqlite::memory:` or `postgres://…`. A missing SQLite file is created.
    pub async fn open(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            open_sqlite(url).await
        } else {
            open_postgres(url).await
        }
    }

    /// Brings the tables up to date. Safe when several servers start at once.
    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite(pool) => self.migrator().run(pool).await,
            Self::Postgres(pool) => self.migrator().run(pool).await,
        }
    }

    /// The migrations of this kind of database.
    fn migrator(&self) -> sqlx::migrate::Migrator {
        match self {
            Self::Sqlite(_) => sqlx::migrate!("migrations/sqlite"),
            Self::Postgres(_) => sqlx::migrate!("migrations/postgres"),
        }
    }

    /// Something to read with, outside of any transaction.
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }

    /// Begins a transaction that will write. On SQLite it takes the write lock at once, so that what it reads cannot
    /// change before it writes.
    pub async fn begin(&self) -> Result<Tx> {
        match self {
            Self::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        }
    }

    /// Closes every connection, finishing what they do.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// The name of the database, for messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Store> {
    let in_memory = url.contains(":memory:");
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(10));
    // A database in memory belongs to its one connection and would be lost with it.
    let pool = SqlitePoolOptions::new()
        .max_connections(if in_memory { 1 } else { 8 })
        .idle_timeout(if in_memory {
            None
        } else {
            Some(Duration::from_mins(10))
        })
        .max_lifetime(if in_memory {
            None
        } else {
            Some(Duration::from_hours(1))
        })
        .test_before_acquire(false);
    pool.connect_with(options).await.map(Store::Sqlite)
}

async fn open_postgres(url: &str) -> Result<Store> {
    let options = PgConnectOptions::from_str(url)?;
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false);
    pool.connect_with(options).await.map(Store::Postgres)
}
