//! A fresh PostgreSQL database per test, in a throw-away cluster that all test processes share.
//!
//! `scripts/test` starts the cluster and names it in `GRANTRY_TEST_POSTGRES`. Where the variable is
//! missing, as in `cargo nextest run` by hand, the first test process starts one by the same script,
//! the others find it, and it ends by itself two minutes after its last use.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

/// The variable that names a running cluster by the address of its `postgres` database.
pub const VARIABLE: &str = "GRANTRY_TEST_POSTGRES";

static CLUSTER: LazyLock<Url> = LazyLock::new(|| {
    let address = std::env::var(VARIABLE).unwrap_or_else(|_| start_cluster());
    Url::parse(&address)
        .unwrap_or_else(|error| panic!("`{address}` is no PostgreSQL address: {error}"))
});

/// A database of one test. Dropping it drops the database, also when the test panics and while
/// connections are still open.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// The address to connect to. Keep pools small: all tests share 200 connections.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread and a runtime of its own: a drop cannot await, and the test's runtime may be
        // single-threaded or already unwinding. What fails here goes with the cluster.
        let _ = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime of one thread starts")
                .block_on(async { execute(&mut connect().await, statement).await });
        })
        .join();
    }
}

/// An empty database for one test.
pub async fn database() -> TestDatabase {
    create(&mut connect().await, None).await
}

/// A database for one test, copied from a template that `prepare` filled once for the whole
/// cluster, given the template's address: a copy is several times faster than migrating anew.
///
/// The cluster may outlive a build, so `fingerprint` must change with what `prepare` does: letters,
/// digits and `_`, for instance a hash of the migrations. `prepare` must close its connections.
pub async fn database_like(fingerprint: &str, prepare: impl AsyncFnOnce(&str)) -> TestDatabase {
    let mut connection = connect().await;
    let template = format!("template_{fingerprint}");
    if !exists(&mut connection, &template).await {
        make_template(&mut connection, &template, prepare).await;
    }
    create(&mut connection, Some(&template)).await
}

/// Makes the template unless another process was faster. It gets its name last, so that a
/// half-filled one is never copied.
async fn make_template(
    connection: &mut PgConnection,
    template: &str,
    prepare: impl AsyncFnOnce(&str),
) {
    lock(connection, template).await;
    if !exists(connection, template).await {
        let draft = format!("{template}_draft");
        execute(
            connection,
            format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
        )
        .await;
        execute(connection, format!("CREATE DATABASE {draft}")).await;
        prepare(&address(&draft)).await;
        execute(
            connection,
            format!("ALTER DATABASE {draft} RENAME TO {template}"),
        )
        .await;
    }
    unlock(connection, template).await;
}

async fn create(connection: &mut PgConnection, template: Option<&str>) -> TestDatabase {
    let name: String =
        sqlx::query_scalar("SELECT 't_' || replace(gen_random_uuid()::text, '-', '')")
            .fetch_one(&mut *connection)
            .await
            .expect("the cluster draws a random name");
    // `template0` cannot be connected to, so that nobody can be in the way of the copy.
    let template = template.unwrap_or("template0");
    execute(
        connection,
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await;
    let url = address(&name);
    TestDatabase { name, url }
}

async fn exists(connection: &mut PgConnection, database: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
        .expect("the cluster lists its databases")
}

async fn lock(connection: &mut PgConnection, name: &str) {
    sqlx::query("SELECT pg_advisory_lock(hashtext($1))")
        .bind(name)
        .execute(connection)
        .await
        .expect("the cluster gives the lock of a template");
}

async fn unlock(connection: &mut PgConnection, name: &str) {
    sqlx::query("SELECT pg_advisory_unlock(hashtext($1))")
        .bind(name)
        .execute(connection)
        .await
        .expect("the cluster takes the lock of a template back");
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement.clone()))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("`{statement}` failed: {error}"));
}

async fn connect() -> PgConnection {
    PgConnection::connect(CLUSTER.as_str())
        .await
        .unwrap_or_else(|error| panic!("no PostgreSQL answers at `{}`: {error}", CLUSTER.as_str()))
}

fn address(database: &str) -> String {
    let mut url = CLUSTER.clone();
    url.set_path(database);
    url.into()
}

/// Starts the cluster of this build folder, or finds it running, and gives its address.
fn start_cluster() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/test-postgres");
    let output = Command::new(&script)
        .arg("start")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres"))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("`{}` does not run: {error}", script.display()));
    assert!(
        output.status.success(),
        "the tests need PostgreSQL, and `{} start` failed: {}",
        script.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
