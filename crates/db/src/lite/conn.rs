//! One SQLite connection, owned by one transaction at a time.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags, Statement};

use super::errors::explain;
use crate::row::Row;
use crate::{DbError, FromRow, Value};

/// A reader's statement that takes longer is interrupted.
const LONGEST_READ: Duration = Duration::from_secs(15);
/// How long to wait for another program that holds the file.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(300) } else { Duration::from_secs(5) };
/// How many of SQLite's steps pass between two looks at the clock.
const STEPS_A_LOOK: std::ffi::c_int = 100_000;

/// A connection. The lock is never contended: only the transaction that has it works with it.
pub(crate) struct LiteConn {
    conn: Mutex<Connection>,
    deadline: Arc<Deadline>,
}

struct Deadline {
    start: Instant,
    millis: AtomicU64,
}

impl Deadline {
    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn passed(&self) -> bool {
        self.elapsed() > self.millis.load(Ordering::Relaxed)
    }
}

impl LiteConn {
    /// Opens the file, and makes it where it is not there.
    pub(super) fn open(path: &Path, reads_only: bool) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let away = |error: rusqlite::Error| DbError::Unavailable(format!("{}: {error}", path.display()));
        let mut conn = Connection::open_with_flags(path, flags).map_err(away)?;
        set_up(&conn, reads_only).map_err(away)?;
        let deadline = Arc::new(Deadline { start: Instant::now(), millis: AtomicU64::new(u64::MAX) });
        if reads_only {
            let watched = deadline.clone();
            conn.progress_handler(STEPS_A_LOOK, Some(move || watched.passed())).map_err(away)?;
        }
        Ok(Self { conn: Mutex::new(conn), deadline })
    }

    /// The connection itself.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets what follows take as long as a read may.
    pub(super) fn start_clock(&self) {
        let longest = u64::try_from(LONGEST_READ.as_millis()).unwrap_or(u64::MAX);
        self.deadline.millis.store(self.deadline.elapsed().saturating_add(longest), Ordering::Relaxed);
    }

    /// Runs a statement without parameters, as `BEGIN`.
    pub(super) fn simple(&self, text: &'static str) -> Result<(), DbError> {
        let conn = self.lock();
        let run = || conn.prepare_cached(text)?.raw_execute();
        run().map(drop).map_err(|error| explain(&conn, error))
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.lock().is_autocommit()
    }

    /// Leaves no transaction open. A COMMIT of a reader has nothing to fail on, but what is interrupted was rolled back already.
    pub(super) fn end(&self) {
        if self.in_transaction() && self.simple("COMMIT").is_err() {
            self.roll_back();
        }
    }

    /// Undoes what is open.
    pub(super) fn roll_back(&self) {
        if self.in_transaction()
            && let Err(error) = self.simple("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// All rows.
    pub(crate) fn all<T: FromRow>(&self, text: &str, values: &[Value]) -> Result<Vec<T>, DbError> {
        let conn = self.lock();
        let mut statement = prepare(&conn, text, values)?;
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|error| explain(&conn, error))? {
            all.push(T::from_row(&Row::lite(row))?);
        }
        Ok(all)
    }

    /// The first row.
    pub(crate) fn opt<T: FromRow>(&self, text: &str, values: &[Value]) -> Result<Option<T>, DbError> {
        let conn = self.lock();
        let mut statement = prepare(&conn, text, values)?;
        let mut rows = statement.raw_query();
        let row = rows.next().map_err(|error| explain(&conn, error))?;
        row.map(|row| T::from_row(&Row::lite(row))).transpose()
    }

    /// How many rows were changed.
    pub(crate) fn exec(&self, text: &str, values: &[Value]) -> Result<u64, DbError> {
        let conn = self.lock();
        let mut statement = prepare(&conn, text, values)?;
        finish(&conn, &mut statement)
    }

    /// As [`Self::exec`]; the statement is kept prepared only where `keep` says so.
    pub(crate) fn exec_once(&self, text: &str, values: &[Value], keep: bool) -> Result<u64, DbError> {
        if keep {
            return self.exec(text, values);
        }
        let conn = self.lock();
        let mut statement = conn.prepare(text).map_err(|error| explain(&conn, error))?;
        bind(&conn, &mut statement, values)?;
        finish(&conn, &mut statement)
    }
}

/// The file is not mapped into memory: SQLite drops a reader's mapping with its cache after each commit, and taking it down and up again
/// costs more than reading the pages. Nor can a fault of the disk end the process then.
fn set_up(conn: &Connection, reads_only: bool) -> rusqlite::Result<()> {
    conn.busy_timeout(PATIENCE)?;
    // Otherwise a statement whose plan could depend on its parameters is compiled anew each time that they are bound.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(256);
    if !reads_only {
        conn.pragma_update(None, "journal_mode", "WAL")?;
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -65536;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA trusted_schema = OFF;",
    )?;
    conn.pragma_update(None, "query_only", reads_only)
}

fn prepare<'a>(conn: &'a Connection, text: &str, values: &[Value]) -> Result<CachedStatement<'a>, DbError> {
    let mut statement = conn.prepare_cached(text).map_err(|error| explain(conn, error))?;
    bind(conn, &mut statement, values)?;
    Ok(statement)
}

fn bind(conn: &Connection, statement: &mut Statement<'_>, values: &[Value]) -> Result<(), DbError> {
    if statement.parameter_count() != values.len() {
        let (wanted, given) = (statement.parameter_count(), values.len());
        return Err(DbError::other(format!("a statement wants {wanted} parameters and got {given}")));
    }
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value).map_err(|error| explain(conn, error))?;
    }
    Ok(())
}

/// Runs it to the end; the rows changed or, for a statement that answers with rows, their number.
fn finish(conn: &Connection, statement: &mut Statement<'_>) -> Result<u64, DbError> {
    let run = |statement: &mut Statement<'_>| {
        if statement.column_count() == 0 {
            return statement.raw_execute();
        }
        let (mut rows, mut count) = (statement.raw_query(), 0);
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    };
    let count = run(statement).map_err(|error| explain(conn, error))?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}
