//! [`Db`]: the database, and the doors into it.

use std::path::Path;
use std::sync::Arc;

use clinichub_core::{AppError, ClinicId, Grant};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::hooks::{Heard, Hooks};
use crate::idempotency::{create_once, owner_of};
use crate::lite::Lite;
use crate::migrations::{self, MIGRATIONS, Migration};
use crate::pg::Pg;
use crate::sequences::{Counter, Sequences};
use crate::tx::{Handle, Mode, PlatformTx, TenantTx};
use crate::{DbConfig, DbError, DbUrl, Dialect, sql};

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

struct Shared {
    engine: Engine,
    hooks: Arc<Hooks>,
    sequences: Sequences,
}

pub(crate) enum Engine {
    Lite(Lite),
    Pg(Pg),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.dialect())
    }
}

impl Db {
    /// Opens the database and looks whether it answers; does not migrate it.
    pub async fn open(config: &DbConfig) -> Result<Self, DbError> {
        let hooks = Arc::new(Hooks::default());
        let engine = match &config.url {
            DbUrl::Sqlite(path) => {
                let (path, readers, hooks) = (path.clone(), config.readers, hooks.clone());
                let opened = tokio::task::spawn_blocking(move || Lite::open(&path, readers, hooks)).await;
                Engine::Lite(opened.map_err(DbError::other)??)
            }
            DbUrl::Postgres(url) => Engine::Pg(Pg::open(url, config.pg_pool_size, hooks.clone())?),
        };
        let db = Self(Arc::new(Shared { engine, hooks, sequences: Sequences::default() }));
        db.ping().await?;
        Ok(db)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The engine.
    pub fn dialect(&self) -> Dialect {
        match self.0.engine {
            Engine::Lite(_) => Dialect::Sqlite,
            Engine::Pg(_) => Dialect::Postgres,
        }
    }

    /// The embedded database, if this is it: for backup and tools.
    pub fn lite(&self) -> Option<&Lite> {
        match &self.0.engine {
            Engine::Lite(lite) => Some(lite),
            Engine::Pg(_) => None,
        }
    }

    /// The pool of connections to PostgreSQL, if this is one: for backup and tools.
    pub fn pg_pool(&self) -> Option<&deadpool_postgres::Pool> {
        match &self.0.engine {
            Engine::Lite(_) => None,
            Engine::Pg(pg) => Some(pg.pool()),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Lite(lite) => lite.raw(Mode::Read, |conn| conn.opt::<i64>("SELECT 1", &[]).map(drop)).await,
            Engine::Pg(pg) => pg.client().await?.batch_execute("SELECT 1").await.map_err(crate::pg::explain),
        }
    }

    /// Finishes what is under way and lets go of the database. What comes after it is refused as unavailable.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Lite(lite) => lite.close().await,
            Engine::Pg(pg) => pg.pool().close(),
        }
    }

    /// Calls `f` after each commit that put something into the outbox or the queue, or called `nudge`. It must return at once.
    pub fn on_commit(&self, f: impl Fn() + Send + Sync + 'static) {
        self.0.hooks.add(Box::new(f));
    }

    /// Calls `f` with what transactions announce on `channel`, right after their commit; it must return at once. What other nodes announce
    /// is heard while [`Db::hear`] runs.
    pub fn listen(&self, channel: &'static str, f: impl Fn(Heard<'_>) + Send + Sync + 'static) {
        self.0.hooks.listen(channel, Box::new(f));
    }

    /// Calls `f` with the text of each statement of a transaction before it runs: for tests that count statements and look at their plans.
    /// The first call holds for as long as the database is open.
    pub fn watch_statements(&self, f: impl Fn(&str) + Send + Sync + 'static) {
        self.0.hooks.watch(Box::new(f));
    }

    /// Hears what other nodes announce, until the connection is lost; to be run again then. Returns at once where there are no other nodes.
    pub async fn hear(&self) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Lite(_) => Ok(()),
            Engine::Pg(pg) => pg.hear().await,
        }
    }

    /// Applies the migrations that are missing; their names. Fails where an applied one was changed or the database is newer than
    /// the program.
    pub async fn migrate(&self) -> Result<Vec<String>, DbError> {
        migrations::apply(self, MIGRATIONS, u32::MAX).await
    }

    /// Applies the migrations that are missing up to `number`.
    pub async fn migrate_to(&self, number: u32) -> Result<Vec<String>, DbError> {
        migrations::apply(self, MIGRATIONS, number).await
    }

    /// The names of the migrations that are missing.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        let pending = migrations::pending(self, MIGRATIONS).await?;
        Ok(pending.iter().map(Migration::to_string).collect())
    }

    /// Prepares a statement without running it: whether it is right for this engine.
    pub async fn prepare_only(&self, text: &str) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Lite(lite) => {
                let text = sql::to_sqlite(text);
                lite.raw(Mode::Read, move |conn| conn.lock().prepare(&text).map(drop).map_err(DbError::other)).await
            }
            Engine::Pg(pg) => pg.client().await?.prepare(text).await.map(drop).map_err(crate::pg::explain),
        }
    }

    /// Writes a consistent, compact copy of the embedded database to `to`, a file that is not there or empty; work goes on meanwhile.
    pub async fn backup_lite(&self, to: &Path) -> Result<(), DbError> {
        let lite = self.lite().ok_or_else(|| DbError::other("this is no embedded database"))?;
        lite.backup(to).await
    }

    /// The next number of a clinic's references. Unique, rising, without a promise that none is left out.
    pub async fn next_number(&self, clinic: ClinicId, counter: Counter) -> Result<i64, AppError> {
        self.0.sequences.next(self, clinic, counter).await
    }

    /// As [`Db::next_number`], for the clinic that `grant` reaches.
    pub async fn number_for(&self, grant: &Grant, counter: Counter) -> Result<i64, AppError> {
        self.next_number(clinic_of(grant)?, counter).await
    }

    /// Takes `count` numbers in a row for the clinic that `grant` reaches; the first of them.
    pub async fn take_numbers(&self, grant: &Grant, counter: Counter, count: usize) -> Result<i64, AppError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let last = crate::sequences::take(self, clinic_of(grant)?, counter, count).await?;
        Ok(last - count + 1)
    }

    /// Reads a clinic's data. On SQLite all statements see the same state; on PostgreSQL each sees what is committed when it begins (use
    /// [`Db::read_snapshot`] where that matters).
    ///
    /// The closure captures nothing (it may run again on PostgreSQL) and awaits nothing but the transaction.
    pub async fn read<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(TenantTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        clinic_of(grant)?;
        self.run(Mode::Read, grant, args, f).await
    }

    /// As [`Db::read`], with all statements seeing the same state on both engines.
    pub async fn read_snapshot<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(TenantTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        clinic_of(grant)?;
        self.run(Mode::Snapshot, grant, args, f).await
    }

    /// Reads and writes a clinic's data in one transaction, committed when the closure returns `Ok`. What was answered is durable.
    ///
    /// The closure captures nothing, awaits nothing but the transaction, and audits what it wrote. On PostgreSQL it may run up to six
    /// times, where it lost against other transactions.
    pub async fn write<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(TenantTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        clinic_of(grant)?;
        self.run(Mode::Write, grant, args, f).await
    }

    /// As [`Db::write`], once for each `Idempotency-Key`: the same request again gets the stored answer, another request with the same key
    /// an [`AppError::IdempotencyMismatch`]. The key of a file must be finished. What `T` serialises to is kept: no token may be in it, nor
    /// anything that is sealed elsewhere.
    pub async fn create<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(TenantTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        clinic_of(grant)?;
        self.run_once(grant, args, f).await
    }

    /// As [`Db::read`], across clinics.
    pub async fn platform_read<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(PlatformTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        self.run(Mode::Read, grant, args, f).await
    }

    /// As [`Db::write`], across clinics.
    pub async fn platform_write<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(PlatformTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        self.run(Mode::Write, grant, args, f).await
    }

    /// As [`Db::create`], across clinics.
    pub async fn platform_create<A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        A: Clone + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(PlatformTx, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        self.run_once(grant, args, f).await
    }

    async fn run_once<H, A, T, F, Fut>(&self, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        H: Handle,
        A: Clone + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(H, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        if grant.origin().unfinished_key.is_some() {
            return Err(AppError::internal(
                "a file came with an Idempotency-Key that was not finished: create with the grant that reading it gave",
            ));
        }
        if grant.origin().idempotency.is_none() || owner_of(grant).is_none() {
            return self.run(Mode::Write, grant, args, f).await;
        }
        let f = Arc::new(f);
        self.run(Mode::Write, grant, args, move |tx: H, args| create_once(tx, args, f.clone())).await
    }

    async fn run<H, A, T, F, Fut>(&self, mode: Mode, grant: &Grant, args: A, f: F) -> Result<T, AppError>
    where
        H: Handle,
        A: Clone + Send + 'static,
        T: Send + 'static,
        F: Fn(H, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        match &self.0.engine {
            Engine::Lite(lite) => lite.run(mode, grant.clone(), args, f).await,
            Engine::Pg(pg) => pg.run(mode, grant, args, f).await,
        }
    }
}

fn clinic_of(grant: &Grant) -> Result<ClinicId, AppError> {
    grant.clinic_id().ok_or_else(|| AppError::forbidden("This needs an active clinic"))
}
