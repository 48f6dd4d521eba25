//! PostgreSQL: a pool, transactions with bounded retries, and the connection that one transaction works with.

mod config;
mod conn;
mod errors;
mod listen;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use clinichub_core::{AppError, Grant};
use deadpool_postgres::{Object, Pool, PoolError};

pub(crate) use conn::PgConn;
pub(crate) use errors::explain;

use crate::hooks::Hooks;
use crate::tx::{Conn, Handle, Inner, Mode, flag};
use crate::{DbError, SecretUrl};

/// How often a transaction that lost is run again.
const RETRIES: u32 = 5;

pub(crate) struct Pg {
    way: config::Way,
    pool: Pool,
    hooks: Arc<Hooks>,
}

impl Pg {
    pub(crate) fn open(url: &SecretUrl, size: usize, hooks: Arc<Hooks>) -> Result<Self, DbError> {
        let way = config::way(url)?;
        Ok(Self { pool: config::pool(&way, size)?, way, hooks })
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) async fn client(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => DbError::Unavailable(format!("no connection to PostgreSQL: {}", errors::chain(&error))),
            other => DbError::Unavailable(format!("no connection to PostgreSQL: {other}")),
        })
    }

    pub(crate) async fn run<H, A, T, F, Fut>(&self, mode: Mode, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        H: Handle,
        A: Clone + Send + 'static,
        F: Fn(H, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let mut lost = 0;
        let mut was_closed = false;
        loop {
            let conn = PgConn::new(self.client().await?, mode);
            let inner = Arc::new(Inner::new(Conn::Pg(conn), grant.clone(), self.hooks.clone(), mode));
            let result = f(H::over(inner.clone()), args.clone()).await;
            let result = settle(&inner, result).await;
            // Somebody else changed the row between our reading and our writing. Who named no version reads again what is there now.
            let was_overtaken = matches!(result, Err(AppError::Stale)) && mode == Mode::Write && grant.origin().if_match.is_none();
            if result.is_err() && (inner.is(flag::RETRY) || was_overtaken) && lost < RETRIES {
                lost += 1;
                drop(inner);
                tokio::time::sleep(back_off(lost)).await;
                continue;
            }
            // A connection that had died in the pool: nothing was done on it, so a fresh one may do it. Those that wait there are likely
            // dead too, of the same restart.
            if result.is_err() && is_lost_unused(&inner) && !was_closed {
                was_closed = true;
                self.pool.retain(|_, _| false);
                continue;
            }
            if result.is_ok() && inner.committed() {
                self.hooks.call();
            }
            return result;
        }
    }
}

fn is_lost_unused(inner: &Inner) -> bool {
    let Conn::Pg(conn) = inner.conn() else { return false };
    conn.is_lost() && !conn.is_committing() && !inner.is(flag::SUCCEEDED)
}

/// Ends the transaction: commits what is good, rolls back what is not.
async fn settle<T>(inner: &Inner, result: Result<T, AppError>) -> Result<T, AppError> {
    let result = inner.verdict(result);
    inner.set(flag::OVER);
    let Conn::Pg(conn) = inner.conn() else { return result };
    match result {
        Ok(value) => match conn.commit().await {
            Ok(()) => Ok(value),
            Err(error) => {
                if matches!(error, DbError::Retry) {
                    inner.set(flag::RETRY);
                }
                conn.roll_back().await;
                Err(error.into())
            }
        },
        Err(error) => {
            conn.roll_back().await;
            Err(error)
        }
    }
}

/// Some milliseconds, more each time, with a random part so that two that met don't meet again.
fn back_off(attempt: u32) -> Duration {
    let random = RandomState::new().hash_one(attempt) % 1000;
    let base = 500_u64 << attempt.min(6);
    Duration::from_micros(base + base * random / 1000)
}
