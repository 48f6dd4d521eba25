//! PostgreSQL's errors, by what the program can do about them.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError as Report, SqlState};

use crate::DbError;

/// What `error` means.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn explain(error: Error) -> DbError {
    if is_lost(&error) {
        return DbError::Unavailable(chain(&error));
    }
    match error.as_db_error() {
        Some(report) => by_state(report).unwrap_or_else(|| fault(report)),
        None => DbError::other(chain(&error)),
    }
}

/// A fault of ours, without the report's detail and, where a value was refused, without its message: both can quote people's data.
fn fault(report: &Report) -> DbError {
    let code = report.code().code();
    if code.starts_with("22") {
        return DbError::other(format!("PostgreSQL refused a value ({code})"));
    }
    DbError::other(format!("{} ({code})", report.message()))
}

fn by_state(report: &Report) -> Option<DbError> {
    let constraint = || report.constraint().unwrap_or_default().to_owned();
    Some(match *report.code() {
        SqlState::UNIQUE_VIOLATION => DbError::Unique(constraint()),
        SqlState::EXCLUSION_VIOLATION => DbError::Overlap,
        SqlState::FOREIGN_KEY_VIOLATION => DbError::ForeignKey(report.constraint().map(str::to_owned)),
        SqlState::CHECK_VIOLATION => DbError::Check(constraint()),
        SqlState::NOT_NULL_VIOLATION => DbError::NotNull(report.column().unwrap_or_default().to_owned()),
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => DbError::Retry,
        // After a migration, or a DISCARD by a pooler in between: the prepared statement no longer holds.
        _ if is_stale(report) => DbError::Retry,
        SqlState::QUERY_CANCELED => DbError::Unavailable("a statement took too long".to_owned()),
        SqlState::READ_ONLY_SQL_TRANSACTION => DbError::Unavailable("this PostgreSQL is not the primary".to_owned()),
        ref code if matches!(code.code().get(..2), Some("08" | "53" | "57" | "58")) => DbError::Unavailable(report.message().to_owned()),
        _ => return None,
    })
}

/// Whether a prepared statement no longer holds.
pub(super) fn is_stale(report: &Report) -> bool {
    *report.code() == SqlState::INVALID_SQL_STATEMENT_NAME
        || (*report.code() == SqlState::FEATURE_NOT_SUPPORTED && report.message().contains("cached plan"))
}

/// Whether the connection must not be used again: it is gone, going, or leads to what is no longer the primary.
pub(super) fn is_lost(error: &Error) -> bool {
    if error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>) {
        return true;
    }
    let Some(code) = error.code() else { return false };
    let gone = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    gone.contains(code) || code.code().starts_with("08")
}

/// The error with its causes; the client's own says only "error connecting to server".
pub(super) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
