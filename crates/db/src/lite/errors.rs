//! SQLite's errors, by what the program can do about them.

use rusqlite::{Connection, ErrorCode, ffi};

use crate::DbError;

/// What `error` of a statement on `conn` means.
pub(super) fn explain(conn: &Connection, error: rusqlite::Error) -> DbError {
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return DbError::other(error);
    };
    let message = message.as_deref().unwrap_or_default();
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            DbError::Unique(unique_name(conn, after_colon(message)))
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => DbError::ForeignKey(None),
        ffi::SQLITE_CONSTRAINT_CHECK => DbError::Check(after_colon(message).to_owned()),
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let column = after_colon(message);
            DbError::NotNull(column.rsplit_once('.').map_or(column, |(_, name)| name).to_owned())
        }
        ffi::SQLITE_CONSTRAINT_TRIGGER if message == "overlap" => DbError::Overlap,
        ffi::SQLITE_CONSTRAINT_TRIGGER => DbError::Check(message.to_owned()),
        _ => by_code(failure.code, error),
    }
}

fn by_code(code: ErrorCode, error: rusqlite::Error) -> DbError {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            DbError::Unavailable("the database file is locked by another program".to_owned())
        }
        ErrorCode::OperationInterrupted => DbError::Unavailable("a statement took too long".to_owned()),
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::OutOfMemory
        | ErrorCode::FileLockingProtocolFailed => DbError::Unavailable(error.to_string()),
        _ => DbError::other(error),
    }
}

fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or(message, |(_, rest)| rest)
}

/// The name of the unique index of `columns`, which SQLite gives as `t.a, t.b` or `index 'name'`. A primary key is called `t_pkey`, as
/// PostgreSQL does.
fn unique_name(conn: &Connection, columns: &str) -> String {
    if let Some(name) = columns.strip_prefix("index '") {
        return name.trim_end_matches('\'').to_owned();
    }
    let table = columns.split('.').next().unwrap_or_default();
    let names: Vec<_> = columns.split(", ").filter_map(|column| column.split_once('.')).map(|(_, name)| name).collect();
    match index_of(conn, table, &names) {
        Ok(Some((name, origin))) if origin != "pk" => name,
        _ => format!("{table}_pkey"),
    }
}

fn index_of(conn: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<Option<(String, String)>> {
    let mut indexes = conn.prepare_cached("SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\"")?;
    let mut rows = indexes.query([table])?;
    while let Some(row) = rows.next()? {
        let (name, origin): (String, String) = (row.get(0)?, row.get(1)?);
        let mut info = conn.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        let of_index: Vec<Option<String>> = info.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if of_index.iter().map(Option::as_deref).eq(columns.iter().map(|column| Some(*column))) {
            return Ok(Some((name, origin)));
        }
    }
    Ok(None)
}
