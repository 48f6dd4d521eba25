//! From a configuration to an open database and an [`App`]: what the server and the commands have in common.

use std::path::PathBuf;
use std::sync::Arc;

use clinichub_app::{App, Settings, identity};
use clinichub_core::{AppError, ClinicId, Clock, Entropy, Grant, OsEntropy, SystemClock};
use clinichub_db::{Db, DbConfig, DbUrl, PlatformTx};
use clinichub_jobs::system_grant;
use secrecy::ExposeSecret;
use tokio_util::task::TaskTracker;

use crate::backup;
use crate::config::{Config, Environment, Flags, shown};
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::terminal::hex;

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

/// The data folder of an installation that is there: a mistyped folder is not made into an empty one.
pub async fn existing(config: &Config) -> Result<DataDir, Failure> {
    let data = DataDir::existing(&config.data_dir)?;
    recover(config, &data).await?;
    if config.database_url.is_none() && !config.sqlite_file().exists() {
        return Err(Failure::failed(format!("there is no database in {}; is --data-dir right?", shown(data.path()))));
    }
    Ok(data)
}

/// The machine's clock.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Reads across clinics on behalf of a command.
pub async fn look<T, F, Fut>(db: &Db, f: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Fn(PlatformTx, ()) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, AppError>> + Send + 'static,
{
    Ok(db.platform_read(&grant(None, "command"), (), f).await?)
}

/// The grant of a command, for a clinic or what belongs to none.
pub fn grant(clinic: Option<ClinicId>, action: &str) -> Grant {
    system_grant(clinic, action, &*clock())
}

/// An [`App`] for a command, without a network and without background work of its own.
pub struct Opened {
    /// The program.
    pub app: App,
    scratch: Option<PathBuf>,
}

impl Opened {
    /// The configured installation, brought to this version's schema.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        let data = DataDir::prepare(&config.data_dir)?;
        recover(config, &data).await?;
        Self::open_in(config, &data).await
    }

    /// The configured installation, which has been used before.
    pub async fn existing(config: &Config) -> Result<Self, Failure> {
        let data = existing(config).await?;
        Self::open_in(config, &data).await
    }

    async fn open_in(config: &Config, data: &DataDir) -> Result<Self, Failure> {
        let db = open_migrated(config).await?;
        let url = config.public_url.clone().unwrap_or_else(|| "http://localhost".to_owned());
        let settings = settings(config, data, url, false)?;
        Ok(Self { app: app(db, settings, TaskTracker::new())?, scratch: None })
    }

    /// An empty installation in a folder of its own, to ask the program about itself.
    pub async fn scratch() -> Result<Self, Failure> {
        let entropy: &dyn Entropy = &OsEntropy;
        let folder = std::env::temp_dir().join(format!("clinichub-{}", hex(&entropy.bytes::<8>())));
        let flags = Flags { values: [("data_dir", folder.display().to_string())].into(), ..Flags::default() };
        let opened = Self::open(&Config::load(&flags, &Environment::new())?).await?;
        Ok(Self { scratch: Some(folder), ..opened })
    }

    /// Lets go of the database.
    pub async fn close(self) {
        self.app.db.close().await;
        if let Some(folder) = self.scratch {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Opens the database and brings it to this version's schema.
pub async fn open_migrated(config: &Config) -> Result<Db, Failure> {
    let db = open_database(config).await?;
    for name in db.migrate().await? {
        tracing::info!(migration = %name, "applied");
    }
    Ok(db)
}

/// What the slices are told.
pub fn settings(config: &Config, data: &DataDir, public_url: String, demo: bool) -> Result<Settings, Failure> {
    let jwt_keys = match &config.jwt_key {
        Some(key) => vec![("configured".to_owned(), key.clone())],
        None => {
            identity::keys::load_or_generate(data.path(), &SystemClock, &OsEntropy).map_err(|error| Failure::failed(error.to_string()))?
        }
    };
    Ok(Settings {
        public_url,
        data_dir: data.path().to_owned(),
        demo,
        trust_proxy: config.behind_proxy,
        bcrypt_cost: config.bcrypt_cost,
        jwt_keys,
        smtp: config.smtp(),
        files: config.files()?,
        font_dirs: config.font_dirs(),
    })
}

/// The program around an open, migrated database.
pub fn app(db: Db, settings: Settings, tasks: TaskTracker) -> Result<App, Failure> {
    Ok(App::start(db, clock(), Arc::new(OsEntropy), settings, tasks)?)
}
