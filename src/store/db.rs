//! One way to run a statement on either database.

use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, SqlSafeStr as _, SqlStr};

use super::{Result, Store};

/// A row type that both databases can fill.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A value for a placeholder: the closed list of what is ever bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number, an id or a moment.
    Int(Option<i64>),
    /// A text or a word.
    Text(Option<String>),
    /// Yes or no.
    Bool(bool),
    /// A hash or a body.
    Bytes(Option<Vec<u8>>),
}

/// The text of a statement: constants, or constants put together. Nothing typed by anybody can enter it.
#[derive(Debug, Clone)]
pub struct Statement(SqlStr);

impl From<&'static str> for Statement {
    fn from(sql: &'static str) -> Self {
        Self(sql.into_sql_str())
    }
}

impl Statement {
    /// The fragments one after the other, with spaces between.
    pub fn join(fragments: &[&'static str]) -> Self {
        Self(AssertSqlSafe(fragments.join(" ")).into_sql_str())
    }

    /// `{head} ($1,$2),($3,$4)… {tail}` for so many rows of so many columns.
    pub fn rows(head: &'static str, columns: usize, rows: usize, tail: &'static str) -> Self {
        let row = |row: usize| {
            let places = (1..=columns).map(|column| format!("${}", row * columns + column));
            format!("({})", places.collect::<Vec<_>>().join(","))
        };
        let values = (0..rows).map(row).collect::<Vec<_>>().join(",");
        Self(AssertSqlSafe(format!("{head} {values} {tail}")).into_sql_str())
    }

    /// The text, for the test that prepares every statement.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A statement put together for one call, with its values: a filter that is not asked for leaves no trace in it.
///
/// Only constants enter the text; what was typed enters as values.
#[derive(Debug, Clone)]
pub struct Compose {
    text: String,
    values: Vec<Value>,
}

impl Compose {
    /// Begins with this text.
    pub fn new(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Goes on with this text.
    #[must_use]
    pub fn then(mut self, text: &'static str) -> Self {
        self.text.push(' ');
        self.text.push_str(text);
        self
    }

    /// Goes on with a placeholder for `value`.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let place = self.values.len();
        self.text.push_str(" $");
        self.text.push_str(&place.to_string());
        self
    }

    /// Goes on with `(…)`, a placeholder for each value. An empty list matches nothing.
    #[must_use]
    pub fn list(mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        let first = self.values.len() + 1;
        self.values.extend(values.into_iter().map(Into::into));
        let places = (first..=self.values.len())
            .map(|place| format!("${place}"))
            .collect::<Vec<_>>();
        let places = if places.is_empty() {
            "NULL".to_owned()
        } else {
            places.join(",")
        };
        self.text.push_str(" (");
        self.text.push_str(&places);
        self.text.push(')');
        self
    }

    /// Goes on as `more` says, where there is something to say.
    #[must_use]
    pub fn when<T>(self, some: Option<T>, more: impl FnOnce(Self, T) -> Self) -> Self {
        match some {
            Some(value) => more(self, value),
            None => self,
        }
    }
}

/// Something statements run on.
pub trait Db: Send {
    /// Where they run.
    fn on(&mut self) -> On<'_>;

    /// Begins a statement.
    fn query(&mut self, statement: impl Into<Statement>) -> Query<'_> {
        Query {
            on: self.on(),
            statement: statement.into(),
            values: Vec::new(),
        }
    }

    /// Begins a statement that was put together with its values.
    fn composed(&mut self, compose: Compose) -> Query<'_> {
        let statement = Statement(AssertSqlSafe(compose.text).into_sql_str());
        Query {
            on: self.on(),
            statement,
            values: compose.values,
        }
    }
}

/// Where a statement runs.
#[derive(Debug)]
pub enum On<'c> {
    /// Any connection of the pool.
    SqlitePool(&'c SqlitePool),
    /// This connection.
    Sqlite(&'c mut SqliteConnection),
    /// Any connection of the pool.
    PostgresPool(&'c PgPool),
    /// This connection.
    Postgres(&'c mut PgConnection),
}

/// Runs each statement on any free connection.
#[derive(Debug, Clone)]
pub struct Reader(Store);

impl Reader {
    pub(super) const fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Db for Reader {
    fn on(&mut self) -> On<'_> {
        match &self.0 {
            Store::Sqlite(pool) => On::SqlitePool(pool),
            Store::Postgres(pool) => On::PostgresPool(pool),
        }
    }
}

/// An open transaction; rolled back when dropped.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes its changes last.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Db for Tx {
    fn on(&mut self) -> On<'_> {
        match self {
            Self::Sqlite(tx) => On::Sqlite(tx),
            Self::Postgres(tx) => On::Postgres(tx),
        }
    }
}

/// A statement with its values, ready to run.
#[derive(Debug)]
pub struct Query<'c> {
    on: On<'c>,
    statement: Statement,
    values: Vec<Value>,
}

macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bool(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

macro_rules! run {
    ($this:ident, $build:ident :: <$($row:ty)?>, $finish:ident) => {
        match $this.on {
            On::SqlitePool(pool) => {
                bound!(sqlx::$build::<Sqlite $(, $row)?>($this.statement.0), $this.values).$finish(pool).await
            }
            On::Sqlite(connection) => {
                bound!(sqlx::$build::<Sqlite $(, $row)?>($this.statement.0), $this.values).$finish(connection).await
            }
            On::PostgresPool(pool) => {
                bound!(sqlx::$build::<Postgres $(, $row)?>($this.statement.0), $this.values).$finish(pool).await
            }
            On::Postgres(connection) => {
                bound!(sqlx::$build::<Postgres $(, $row)?>($this.statement.0), $this.values).$finish(connection).await
            }
        }
    };
}

impl Query<'_> {
    /// The value of the next placeholder.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The values of the next placeholders.
    #[must_use]
    pub fn bind_all(mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    /// Runs it; how many rows changed.
    pub async fn execute(self) -> Result<u64> {
        match self.on {
            On::SqlitePool(pool) => {
                let done = bound!(sqlx::query::<Sqlite>(self.statement.0), self.values)
                    .execute(pool)
                    .await?;
                Ok(done.rows_affected())
            }
            On::Sqlite(connection) => {
                let done = bound!(sqlx::query::<Sqlite>(self.statement.0), self.values)
                    .execute(connection)
                    .await?;
                Ok(done.rows_affected())
            }
            On::PostgresPool(pool) => {
                let done = bound!(sqlx::query::<Postgres>(self.statement.0), self.values)
                    .execute(pool)
                    .await?;
                Ok(done.rows_affected())
            }
            On::Postgres(connection) => {
                let done = bound!(sqlx::query::<Postgres>(self.statement.0), self.values)
                    .execute(connection)
                    .await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// The only row; an error when there is none.
    pub async fn one<T: Row>(self) -> Result<T> {
        run!(self, query_as::<T>, fetch_one)
    }

    /// The row, if there is one.
    pub async fn optional<T: Row>(self) -> Result<Option<T>> {
        run!(self, query_as::<T>, fetch_optional)
    }

    /// Every row.
    pub async fn all<T: Row>(self) -> Result<Vec<T>> {
        run!(self, query_as::<T>, fetch_all)
    }

    /// The first column of the only row.
    pub async fn number(self) -> Result<i64> {
        self.one::<(i64,)>().await.map(|row| row.0)
    }

    /// Whether it finds or changes anything: for compare-and-swap with `RETURNING id`.
    pub async fn found(self) -> Result<bool> {
        self.optional::<(i64,)>().await.map(|row| row.is_some())
    }
}
