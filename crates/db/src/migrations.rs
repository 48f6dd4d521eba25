//! The schema and how it got there: numbered SQL files, the same numbers and names for both engines, embedded in the program.

use clinichub_core::{Clock as _, SystemClock, UtcTime};
use sha2::{Digest as _, Sha256};

use crate::db::Engine;
use crate::lite::LiteConn;
use crate::pg::{Pg, explain};
use crate::tx::Mode;
use crate::{Db, DbError, Dialect};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its file's name without the ending: `0001_platform`.
    pub name: &'static str,
    /// Its text for SQLite.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// All steps, in order.
pub const MIGRATIONS: &[Migration] = migrations![
    "0001_platform",
    "0002_patients",
    "0003_scheduling",
    "0004_billing",
    "0005_invitations",
    "0006_search_counts",
    "0007_visits",
    "0008_prescriptions",
    "0009_documents",
    "0010_labs",
    "0011_sealed_fields",
    "0012_long_charts",
    "0013_timeline",
    "0014_metered_uses",
    "0015_deleted_patients",
    "0016_chart",
    "0017_orders",
    "0018_lab_results",
];

/// The advisory lock that a node holds on PostgreSQL while it migrates ("clinichub" on a telephone).
const LOCK: i64 = 254_642_482;

const TABLE_LITE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";
const TABLE_PG: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL)";
const APPLIED: &str = "SELECT number, name, sha256 FROM schema_migrations ORDER BY number";

impl std::fmt::Display for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Migration {
    /// The number that its name begins with.
    pub fn number(&self) -> u32 {
        self.name.split('_').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Its text for `dialect`.
    pub fn text(&self, dialect: Dialect) -> &'static str {
        dialect.pick(self.sqlite, self.postgres)
    }

    /// The SHA-256 of its text, whatever the line endings of the checkout.
    pub fn sha256(&self, dialect: Dialect) -> String {
        format!("{:x}", Sha256::digest(self.text(dialect).replace("\r\n", "\n")))
    }
}

/// What makes the tables of an empty PostgreSQL as they are after step `number`, for a restore; the rows of `schema_migrations` are not
/// in it.
pub fn script_postgres(number: u32) -> String {
    let steps = MIGRATIONS.iter().filter(|step| step.number() <= number).map(|step| step.postgres);
    std::iter::once(TABLE_PG).chain(steps).collect::<Vec<_>>().join(";\n")
}

/// A row of `schema_migrations`.
type Applied = (i64, String, String);

/// The steps of `set` that are not in `applied`; an error where one was changed or is unknown.
fn missing(set: &[Migration], applied: &[Applied], dialect: Dialect) -> Result<Vec<Migration>, DbError> {
    for (number, name, sha256) in applied {
        match set.iter().find(|known| i64::from(known.number()) == *number) {
            None => {
                let text = format!("the database is newer than this program: it has the migration {name}");
                return Err(DbError::other(text));
            }
            Some(known) if known.sha256(dialect) != *sha256 => {
                return Err(DbError::other(format!("the migration {name} was changed after it was applied")));
            }
            Some(_) => {}
        }
    }
    let is_new = |known: &&Migration| applied.iter().all(|(number, ..)| i64::from(known.number()) != *number);
    Ok(set.iter().filter(is_new).copied().collect())
}

/// The steps of `set` that the database lacks.
pub(crate) async fn pending(db: &Db, set: &'static [Migration]) -> Result<Vec<Migration>, DbError> {
    let applied = match db.engine() {
        Engine::Lite(lite) => lite.raw(Mode::Read, applied_lite).await?,
        Engine::Pg(pg) => applied_pg(&*pg.client().await?).await?,
    };
    missing(set, &applied, db.dialect())
}

/// Applies the steps of `set` that the database lacks, up to `number`; their names.
pub(crate) async fn apply(db: &Db, set: &'static [Migration], number: u32) -> Result<Vec<String>, DbError> {
    match db.engine() {
        Engine::Lite(lite) => lite.raw(Mode::Write, move |conn| apply_lite(conn, set, number)).await,
        Engine::Pg(pg) => apply_pg(pg, set, number).await,
    }
}

fn applied_lite(conn: &LiteConn) -> Result<Vec<Applied>, DbError> {
    let is_there: Option<i64> = conn.opt("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", &[])?;
    is_there.map_or_else(|| Ok(Vec::new()), |_| conn.all(APPLIED, &[]))
}

fn apply_lite(conn: &LiteConn, set: &[Migration], number: u32) -> Result<Vec<String>, DbError> {
    let batch = |text: &str| conn.lock().execute_batch(text).map_err(DbError::other);
    // A step that builds a table anew drops the old one; what refers to it is checked before the commit instead.
    batch("PRAGMA foreign_keys = OFF")?;
    let mut names = Vec::new();
    let result = loop {
        match step_lite(conn, set, number) {
            Ok(Some(name)) => names.push(name),
            Ok(None) => break Ok(names),
            Err(error) => {
                // Nothing is open where the error was that BEGIN found the file locked.
                let _ = batch("ROLLBACK");
                break Err(error);
            }
        }
    };
    batch("PRAGMA foreign_keys = ON")?;
    result
}

/// Applies the next step in a transaction of its own.
fn step_lite(conn: &LiteConn, set: &[Migration], most: u32) -> Result<Option<String>, DbError> {
    let batch = |text: &str, name: &str| conn.lock().execute_batch(text).map_err(|error| failed(name, error));
    batch("BEGIN IMMEDIATE", "BEGIN")?;
    let applied = applied_lite(conn)?;
    let next = missing(set, &applied, Dialect::Sqlite)?.into_iter().find(|step| step.number() <= most);
    let Some(next) = next else {
        batch("COMMIT", "COMMIT")?;
        return Ok(None);
    };
    batch(TABLE_LITE, next.name)?;
    batch(next.sqlite, next.name)?;
    let broken: Option<(String, Option<i64>)> = conn.opt("SELECT \"table\", rowid FROM pragma_foreign_key_check", &[])?;
    if let Some((table, _)) = broken {
        return Err(failed(next.name, format!("a row of {table} refers to one that is not there")));
    }
    let row = crate::params![next.number(), next.name, next.sha256(Dialect::Sqlite), now()];
    conn.exec("INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)", row.plain())?;
    batch("COMMIT", next.name)?;
    Ok(Some(next.name.to_owned()))
}

fn failed(name: &str, error: impl std::fmt::Display) -> DbError {
    DbError::other(format!("the migration {name} failed: {error}"))
}

fn now() -> UtcTime {
    SystemClock.now()
}

async fn applied_pg(client: &tokio_postgres::Client) -> Result<Vec<Applied>, DbError> {
    let there = client.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await.map_err(explain)?;
    if !there.try_get::<_, bool>(0).map_err(explain)? {
        return Ok(Vec::new());
    }
    let rows = client.query(APPLIED, &[]).await.map_err(explain)?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect::<Result<_, _>>().map_err(explain)
}

async fn apply_pg(pg: &Pg, set: &[Migration], number: u32) -> Result<Vec<String>, DbError> {
    // The connection is closed afterwards: that gives the lock back, whatever happened, and the session's settings with it.
    let client = deadpool_postgres::Object::take(pg.client().await?);
    let session = format!("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SELECT pg_advisory_lock({LOCK})");
    client.batch_execute(&session).await.map_err(explain)?;
    let steps = missing(set, &applied_pg(&client).await?, Dialect::Postgres)?;
    let mut names = Vec::new();
    for step in steps.into_iter().filter(|step| step.number() <= number) {
        step_pg(&client, &step).await?;
        names.push(step.name.to_owned());
    }
    client.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).await.map_err(explain)?;
    Ok(names)
}

async fn step_pg(client: &tokio_postgres::Client, step: &Migration) -> Result<(), DbError> {
    let text = format!("BEGIN; {TABLE_PG}; {}\n", step.postgres);
    client.batch_execute(&text).await.map_err(|error| failed(step.name, describe(&error)))?;
    let insert = "INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4)";
    let row = crate::params![step.number(), step.name, step.sha256(Dialect::Postgres), now()];
    let statement = client.prepare(insert).await.map_err(explain)?;
    client.execute_raw(&statement, row.plain()).await.map_err(explain)?;
    client.batch_execute("COMMIT").await.map_err(|error| failed(step.name, describe(&error)))
}

fn describe(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |report| format!("{} ({})", report.message(), report.code().code()))
}
