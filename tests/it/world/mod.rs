//! A small Grantry for one test: a database, the sample directory, a clock that the test moves, and the gate.
//!
//! [`on_every_database!`] runs a test on SQLite in memory, on SQLite in a file and on PostgreSQL; a test of several
//! processes or of races runs [`on_shared_databases!`], where more than one connection is possible.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test uses its own part of the world"
)]

mod calls;
mod directory;
mod tokens;

use std::path::Path;
use std::sync::Arc;

use grantry::actions::Context;
use grantry::app::{self, App, Running};
use grantry::clock::{Clock as _, ManualClock};
use grantry::config::{Config, Layers};
use grantry::domain::ids::{AccountId, RepositoryId};
use grantry::domain::time::Timestamp;
use grantry::entropy::SystemEntropy;
use grantry::git::backend::GitBackend;
use grantry::git::build::{SampleCommit, build_history};
use grantry::git::repository::Repository;
use grantry::store::{Reader, Store, accounts, repositories};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub use calls::{Answer, ask, reason, try_ask};
pub use tokens::{TokenDraft, draft};

use crate::support::postgres::{TestDatabase, database_like};

/// When every world begins: 2026-10-01 12:00 UTC.
pub const BEGINNING: Timestamp = Timestamp::from_micros(1_790_856_000_000_000);

/// One test's Grantry. Call [`World::stop`] at the end (the macros do).
pub struct World {
    /// What handlers share.
    pub app: App,
    /// What actions work with.
    pub context: Context,
    /// The time, which stands still until the test moves it.
    pub clock: Arc<ManualClock>,
    running: Running,
    // Dropped last: the database must not go while the app still writes.
    database: Database,
}

/// Where a world keeps its data.
struct Database {
    url: String,
    folder: TempDir,
    postgres_guard: Option<TestDatabase>,
}

impl Database {
    fn new(url: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self {
            url: url(folder.path()),
            folder,
            postgres_guard: None,
        }
    }
}

impl World {
    /// A world on SQLite in a file, as most installations have it.
    pub async fn sqlite() -> Self {
        let file = |folder: &Path| format!("sqlite://{}", folder.join("grantry.db").display());
        Self::on(Database::new(file)).await
    }

    /// A world on SQLite in memory: one connection, so a test that holds two at once stands still.
    pub async fn memory() -> Self {
        Self::on(Database::new(|_| "sqlite::memory:".to_owned())).await
    }

    /// A world on PostgreSQL.
    pub async fn postgres() -> Self {
        let postgres = database_like(&fingerprint(), async |url| {
            let store = Store::open(url).await.expect("the template opens");
            store.migrate().await.expect("an empty database migrates");
            store.close().await;
        })
        .await;
        let mut database = Database::new(|_| postgres.url().to_owned());
        database.postgres_guard = Some(postgres);
        Self::on(database).await
    }

    async fn on(database: Database) -> Self {
        let clock = Arc::new(ManualClock::new(BEGINNING));
        let (context, app, running) = start(&database, Arc::clone(&clock)).await;
        directory::enter(&context).await;
        Self {
            app,
            context,
            clock,
            running,
            database,
        }
    }

    /// A second server on the same database, with a memory of its own. Stop it before the world.
    pub async fn second_process(&self) -> Process {
        let clock = Arc::new(ManualClock::new(self.clock.now()));
        let (context, app, running) = start(&self.database, clock).await;
        Process {
            app,
            context,
            running,
        }
    }

    /// Writes what is still to be written and closes the database.
    pub async fn stop(self) {
        let Self {
            app,
            context,
            running,
            ..
        } = self;
        drop((app, context));
        running.stop().await;
    }

    /// The folder of the repositories.
    pub fn folder(&self) -> &Path {
        self.database.folder.path()
    }

    /// Something to read with.
    pub fn reader(&self) -> Reader {
        self.context.store.reader()
    }

    /// The present moment.
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock forwards.
    pub fn pass_days(&self, days: i64) {
        self.clock.set(self.clock.now().plus_days(days));
    }

    /// Moves the clock forwards.
    pub fn pass_seconds(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    /// The user with this login.
    pub async fn user(&self, login: &str) -> AccountId {
        self.account(login).await.id
    }

    /// The organization with this login.
    pub async fn organization(&self, login: &str) -> AccountId {
        self.account(login).await.id
    }

    /// The user or organization with this login.
    pub async fn account(&self, login: &str) -> accounts::Account {
        accounts::find_login(&mut self.reader(), login)
            .await
            .expect("the directory can be read")
            .unwrap_or_else(|| panic!("`{login}` is not in the directory"))
    }

    /// The enterprise with this slug.
    pub async fn enterprise(&self, slug: &str) -> AccountId {
        let found = accounts::find_slug(&mut self.reader(), slug).await;
        found
            .expect("the directory can be read")
            .unwrap_or_else(|| panic!("`{slug}` is not in the directory"))
            .id
    }

    /// The repository `owner/name`.
    pub async fn repository(&self, full_name: &str) -> RepositoryId {
        let (owner, name) = full_name
            .split_once('/')
            .expect("a full name has two parts");
        let owner = self.account(owner).await.id;
        repositories::find_named(&mut self.reader(), owner, name)
            .await
            .expect("the directory can be read")
            .unwrap_or_else(|| panic!("`{full_name}` is not in the directory"))
            .id
    }

    /// Gives a repository its bare one, with two commits on `main` and a workflow.
    pub async fn with_git(&self, full_name: &str) -> Repository {
        let id = self.repository(full_name).await;
        let path = self.app.git.layout.repository(id.get());
        std::fs::create_dir_all(path.parent().expect("it lies in a shard"))
            .expect("the data folder is writable");
        let repository = Repository::create_empty(path)
            .await
            .expect("git makes a repository");
        let files = [
            ("README.md", "# Web\n"),
            (".github/workflows/ci.yml", "on: push\n"),
        ];
        let commits = files.map(|(path, content)| SampleCommit {
            branch: "main".to_owned(),
            author: "Ana Lima".to_owned(),
            email: "ana@example.test".to_owned(),
            at: self.clock.now().to_utc(),
            message: format!("Add {path}"),
            files: vec![(path.to_owned(), Some(content.as_bytes().to_vec()))],
        });
        build_history(repository.path(), &commits)
            .await
            .expect("the commits can be written");
        repository
    }
}

/// A second server on a world's database.
pub struct Process {
    /// What its handlers share.
    pub app: App,
    /// What its actions work with.
    pub context: Context,
    running: Running,
}

impl Process {
    /// Stops it.
    pub async fn stop(self) {
        let Self {
            app,
            context,
            running,
        } = self;
        drop((app, context));
        running.stop().await;
    }
}

async fn start(database: &Database, clock: Arc<ManualClock>) -> (Context, App, Running) {
    let config = config(database);
    let context = app::open(&config, clock, Arc::new(SystemEntropy))
        .await
        .expect("a fresh database opens");
    let (mut app, running) = app::start(context.clone(), config)
        .await
        .expect("a fresh server starts");
    // Git's hook runs the program that serves; this program is not that one.
    let backend = GitBackend::find(app.git.layout.hooks(), env!("CARGO_BIN_EXE_grantry"));
    app.git.backend = Arc::new(backend.expect("git is installed"));
    (context, app, running)
}

fn config(database: &Database) -> Config {
    let folder = database.folder.path().display().to_string();
    let flag = |layers: Layers, name, value: &str| {
        layers
            .flag(name, Some(value.to_owned()))
            .expect("the setting exists")
    };
    let layers = flag(Layers::default(), "data_dir", &folder);
    let layers = flag(layers, "database_url", &database.url);
    let layers = flag(layers, "base_url", "http://localhost:8080");
    // Tests call as often as they like; what limits do has a test of its own.
    let layers = flag(layers, "limits.api_per_hour", "0");
    let layers = flag(layers, "limits.api_unauthenticated_per_hour", "0");
    layers.finish().expect("every setting fits")
}

/// Changes with the migrations, so that a cluster that outlives a build never gives out old tables.
fn fingerprint() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(std::fs::read(file).expect("a migration can be read"));
    }
    let hash: [u8; 32] = digest.finalize().into();
    let [a, b, c, d, ..] = hash;
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

/// Runs each test on SQLite in memory, on SQLite in a file and on PostgreSQL, as `name::in_memory`, `name::in_a_file`
/// and `name::on_postgres`.
macro_rules! on_every_database {
    ($($(#[doc = $doc:literal])* async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            async fn check($world: &World) $body

            databases!(in_memory: memory, in_a_file: sqlite, on_postgres: postgres);
        }
    )+};
}

/// The same on SQLite in a file and on PostgreSQL alone: for tests that need several connections.
#[allow(unused_macros)]
macro_rules! on_shared_databases {
    ($($(#[doc = $doc:literal])* async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            async fn check($world: &World) $body

            databases!(in_a_file: sqlite, on_postgres: postgres);
        }
    )+};
}

macro_rules! databases {
    ($($test:ident: $database:ident),+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            let world = World::$database().await;
            check(&world).await;
            world.stop().await;
        }
    )+};
}
