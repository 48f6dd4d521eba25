//! From a configuration to an open database and an [`App`]: what the server and the commands have in common.

use std::sync::Arc;

use clinichub_core::{AppError, Clock, Mint, SystemClock};
use clinichub_db::{Db, DbConfig, DbUrl, PlatformTx};
use secrecy::ExposeSecret;

use crate::backup;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Where the database is.
pub fn database_config(config: &Config) -> DbConfig {
    let url = match &config.database_url {
        Some(url) => DbUrl::Postgres(url.expose_secret().into()),
        None => DbUrl::Sqlite(config.sqlite_file()),
    };
    DbConfig { pg_pool_size: config.database_connections, ..DbConfig::new(url) }
}

/// The name of the engine, for people.
pub fn engine(config: &Config) -> &'static str {
    if config.database_url.is_some() { "PostgreSQL" } else { "SQLite" }
}

/// Opens the database, which may be of an older version.
pub async fn open_database(config: &Config) -> Result<Db, Failure> {
    Ok(Db::open(&database_config(config)).await?)
}

/// Finishes what an interrupted restore left in the data folder.
pub async fn recover(config: &Config, data: &DataDir) -> Result<(), Failure> {
    backup::finish_interrupted(data, async |id| {
        let db = open_database(config).await?;
        match db.pg_pool() {
            Some(pool) => backup::was_restored(pool, &id).await,
            None => Ok(false),
        }
    })
    .await
}

/// The machine's clock.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Reads across clinics on behalf of a command.
#[expect(clippy::disallowed_methods, reason = "the door for commands")]
pub async fn look<T, F, Fut>(db: &Db, f: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Fn(PlatformTx, ()) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let grant = Mint::system(None, "command", clock().now());
    Ok(db.platform_read(&grant, (), f).await?)
}

/// Opens the database and brings it to this version's schema.
pub async fn open_migrated(config: &Config) -> Result<Db, Failure> {
    let db = open_database(config).await?;
    for name in db.migrate().await? {
        tracing::info!(migration = %name, "applied");
    }
    Ok(db)
}
