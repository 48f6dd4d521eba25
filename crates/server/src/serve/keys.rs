//! The keys that sign access tokens, read again while the server runs: `clinichub key rotate` needs no restart.

use std::path::PathBuf;

use clinichub_app::{App, identity::keys};
use tokio_util::sync::CancellationToken;

/// Takes over the keys of the data folder again and again, until `stop`. Keys that can't be used leave those before in place.
pub async fn watch(app: App, data_dir: PathBuf, stop: CancellationToken) {
    while tokio::time::timeout(keys::RELOAD_EVERY.unsigned_abs(), stop.cancelled()).await.is_err() {
        if let Err(error) = reload(&app, data_dir.clone()).await {
            tracing::error!(error, "the keys can't be read; those from before stay in use");
        }
    }
}

async fn reload(app: &App, data_dir: PathBuf) -> Result<(), String> {
    let now = app.clock.now();
    let read = tokio::task::spawn_blocking(move || keys::load(&data_dir, now)).await;
    let keys = read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    app.tokens.replace(&keys).map_err(|error| error.to_string())
}
