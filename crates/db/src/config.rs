//! Where the database is.

use std::path::PathBuf;

use crate::DbError;

/// A URL that may hold a password; its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The URL itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretUrl(…)")
    }
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbUrl {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL, with a URL as libpq takes it (several hosts, `target_session_attrs`, `sslmode`, `sslrootcert`).
    Postgres(SecretUrl),
}

impl DbUrl {
    /// Reads `sqlite:/path/to/file` or `postgres://…` (`postgresql://…`).
    pub fn parse(text: &str) -> Result<Self, DbError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        match path {
            Some(path) if !path.is_empty() && !path.contains(":memory:") && !path.contains('?') => Ok(Self::Sqlite(path.into())),
            _ => Err(DbError::other("the database URL must be sqlite:/path/to/file or postgres://…")),
        }
    }
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// Which one.
    pub url: DbUrl,
    /// Connections to PostgreSQL at most.
    pub pg_pool_size: usize,
    /// Transactions that may read the embedded database at once. Each keeps the thread that runs it for as long as it takes: a program needs
    /// more threads than these.
    pub readers: usize,
}

impl DbConfig {
    /// With as many readers as there are processors (four at most), and 16 connections.
    pub fn new(url: DbUrl) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { url, pg_pool_size: 16, readers: Self::readers_for(cores) }
    }

    /// How many may read the embedded database at once on a machine with so many processors.
    pub fn readers_for(cores: usize) -> usize {
        cores.min(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_apart() {
        assert_eq!(DbUrl::parse("sqlite:/var/c.db").ok(), Some(DbUrl::Sqlite("/var/c.db".into())));
        assert_eq!(DbUrl::parse("sqlite:///var/c.db").ok(), Some(DbUrl::Sqlite("/var/c.db".into())));
        assert_eq!(DbUrl::parse("sqlite:c.db").ok(), Some(DbUrl::Sqlite("c.db".into())));
        assert!(matches!(DbUrl::parse("postgresql://u:p@h/d"), Ok(DbUrl::Postgres(_))));
        for wrong in ["", "sqlite:", "sqlite::memory:", "mysql://h/d", "/var/c.db"] {
            assert!(DbUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
