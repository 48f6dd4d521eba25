//! `clinichub migrate`

use crate::boot;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::terminal::say;

/// Brings the database to this version's schema.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let data = DataDir::prepare(&config.data_dir)?;
    boot::recover(config, &data).await?;
    let db = boot::open_database(config).await?;
    let applied = db.migrate().await?;
    if applied.is_empty() {
        say("The database is up to date.");
    }
    for name in applied {
        say(format_args!("applied {name}"));
    }
    db.close().await;
    Ok(())
}
