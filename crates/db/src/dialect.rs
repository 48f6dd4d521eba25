//! The two engines, and the few places where their SQL differs, each with a name.

use crate::{PlatformSql, platform_sql};

/// Which engine is behind the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// Locks the person `$1` against other bookings until the transaction ends, and returns their id. Without it two bookings that race
    /// deadlock on PostgreSQL's exclusion constraint. SQLite has one writer: there it only looks the person up.
    pub fn lock_provider(self) -> PlatformSql {
        self.pick(
            platform_sql!("SELECT user_id FROM users WHERE user_id = $1"),
            platform_sql!("SELECT user_id FROM users WHERE user_id = $1 FOR NO KEY UPDATE"),
        )
    }

    /// Ends a `SELECT` whose rows are to be changed in the same transaction: for [`Query::tail`](crate::Query::tail).
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// Ends a `SELECT` that claims rows which others may be claiming too; theirs are passed over.
    pub fn claim(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Tells other nodes `$2` on the channel `$1`, when the transaction commits. SQLite has no other nodes.
    pub(crate) fn notify(self) -> Option<PlatformSql> {
        self.pick(None, Some(platform_sql!("SELECT pg_notify($1, $2)")))
    }

    /// The one of this engine.
    pub(crate) fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
