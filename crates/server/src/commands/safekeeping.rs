//! `clinichub backup` and `clinichub restore`

use std::path::Path;

use crate::backup::{self, Summary};
use crate::boot;
use crate::config::{Config, shown};
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::terminal::say;

/// Writes everything into one file.
pub async fn back_up(config: &Config, file: &Path, force: bool) -> Result<(), Failure> {
    DataDir::existing(&config.data_dir)?;
    if file.exists() && !force {
        return Err(Failure::refused(format!("{} is there already; add --force to overwrite it", shown(file))));
    }
    let data = boot::existing(config).await?;
    let db = boot::open_database(config).await?;
    let summary = backup::create(&db, &data, file, boot::clock().now()).await?;
    db.close().await;
    say(format_args!("{}: {}", shown(file), describe(&summary)));
    Ok(())
}

/// Brings back what a backup holds.
pub async fn restore(config: &Config, file: &Path, force: bool) -> Result<(), Failure> {
    let data = DataDir::prepare(&config.data_dir)?;
    boot::recover(config, &data).await?;
    let summary = backup::restore(config, &data, file, force).await?;
    say(format_args!("Restored into {}: {}", shown(data.path()), describe(&summary)));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn describe(summary: &Summary) -> String {
    let manifest = &summary.manifest;
    format!(
        "{:.1} MB, {} members, {} database at migration {}, taken {}",
        summary.bytes as f64 / 1e6,
        manifest.members.len(),
        manifest.database,
        manifest.migration,
        manifest.created_at
    )
}
