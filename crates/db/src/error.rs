//! What a database can answer instead of rows, the same on both engines.

use clinichub_core::AppError;

/// An error of the database, by what the program can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique index refused the row; its name (`patients_email`), for a primary key `table_pkey`.
    #[error("the unique index {0} refused the row")]
    Unique(String),
    /// A time overlaps another one of the same provider.
    #[error("the time overlaps another one")]
    Overlap,
    /// A foreign key refused the row; its name where the engine tells (PostgreSQL).
    #[error("a foreign key refused the row: {0:?}")]
    ForeignKey(Option<String>),
    /// A check refused the row; its name.
    #[error("the check {0} refused the row")]
    Check(String),
    /// A column that must have a value got none; its name.
    #[error("the column {0} must have a value")]
    NotNull(String),
    /// The database is away, busy, full or read-only; trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The transaction lost against another one; it is run again, a bounded number of times.
    #[error("the transaction lost against another one")]
    Retry,
    /// A fault of ours: a wrong statement, a wrong type, a row that is not there.
    #[error("{0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DbError {
    /// A fault of ours, with its cause.
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(source.into())
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(reason) => Self::Unavailable(reason),
            DbError::Retry => Self::Unavailable("the transaction lost against others too often".to_owned()),
            other => Self::internal(other),
        }
    }
}

/// Turns a refused row into the caller's own error. Can be chained: what does not match passes through.
///
/// A statement that failed has doomed its transaction on both engines; only return the error after it.
pub trait OnConflict<T> {
    /// The error of `conflict` where the unique index `index` refused the row.
    fn on_unique(self, index: &str, conflict: impl FnOnce() -> AppError) -> Result<T, AppError>;

    /// The error of `conflict` where the time overlaps another one.
    fn on_overlap(self, conflict: impl FnOnce() -> AppError) -> Result<T, AppError>;

    /// The error of `conflict` where a foreign key refused the row.
    fn on_foreign_key(self, conflict: impl FnOnce() -> AppError) -> Result<T, AppError>;

    /// The error of `conflict` where the check `name` refused the row.
    fn on_check(self, name: &str, conflict: impl FnOnce() -> AppError) -> Result<T, AppError>;
}

/// An error that may hold a [`DbError`].
trait Holds: Into<AppError> {
    fn db(&self) -> Option<&DbError>;
}

impl Holds for DbError {
    fn db(&self) -> Option<&DbError> {
        Some(self)
    }
}

impl Holds for AppError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Internal(source) => source.downcast_ref(),
            _ => None,
        }
    }
}

fn turn<T, E: Holds>(
    result: Result<T, E>,
    matches: impl FnOnce(&DbError) -> bool,
    conflict: impl FnOnce() -> AppError,
) -> Result<T, AppError> {
    result.map_err(|error| if error.db().is_some_and(matches) { conflict() } else { error.into() })
}

impl<T, E: Holds> OnConflict<T> for Result<T, E> {
    fn on_unique(self, index: &str, conflict: impl FnOnce() -> AppError) -> Result<T, AppError> {
        turn(self, |error| matches!(error, DbError::Unique(name) if name == index), conflict)
    }

    fn on_overlap(self, conflict: impl FnOnce() -> AppError) -> Result<T, AppError> {
        turn(self, |error| matches!(error, DbError::Overlap), conflict)
    }

    fn on_foreign_key(self, conflict: impl FnOnce() -> AppError) -> Result<T, AppError> {
        turn(self, |error| matches!(error, DbError::ForeignKey(_)), conflict)
    }

    fn on_check(self, name: &str, conflict: impl FnOnce() -> AppError) -> Result<T, AppError> {
        turn(self, |error| matches!(error, DbError::Check(check) if check == name), conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_chain() {
        let overlap: Result<(), _> = Err(DbError::Overlap);
        let error = overlap.on_unique("a", || AppError::conflict("a")).on_overlap(|| AppError::conflict("overlap"));
        assert_eq!(error.map_err(|error| error.to_string()), Err("overlap".to_owned()));
        let unique: Result<(), _> = Err(DbError::Unique("a".to_owned()));
        let error = unique.on_unique("a", || AppError::conflict("taken")).on_overlap(|| AppError::conflict("overlap"));
        assert_eq!(error.map_err(|error| error.to_string()), Err("taken".to_owned()));
    }

    #[test]
    fn what_is_away_is_a_503() {
        assert_eq!(AppError::from(DbError::Unavailable("x".to_owned())).status(), 503);
        assert_eq!(AppError::from(DbError::Retry).status(), 503);
        assert_eq!(AppError::from(DbError::Overlap).status(), 500);
    }
}
