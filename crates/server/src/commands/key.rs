//! `clinichub key rotate`

use clinichub_app::files;
use clinichub_app::identity::keys::{self, KeyError};
use clinichub_core::{Clock as _, OsEntropy, SystemClock};

use crate::boot::Opened;
use crate::cli::KeyRotate;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::terminal::say;

/// Makes a new key to sign access tokens with, and on demand removes those that are needed no longer.
pub fn rotate(config: &Config, args: &KeyRotate) -> Result<(), Failure> {
    if config.jwt_key.is_some() {
        return Err(Failure::refused("the key comes from jwt_key_file: replace that file on every node, and restart them"));
    }
    let data = DataDir::existing(&config.data_dir)?;
    let kid = keys::rotate(data.path(), &SystemClock, &OsEntropy).map_err(failed)?;
    say(format_args!("The key {kid} signs in {} minutes, also in a server that runs.", minutes(keys::SIGNS_AFTER + keys::RELOAD_EVERY)));
    if args.prune {
        let removed = keys::prune(data.path(), SystemClock.now()).map_err(failed)?;
        if removed.is_empty() {
            say("No key is old enough to be removed.");
        }
        for kid in removed {
            say(format_args!("The key {kid} was removed."));
        }
    }
    Ok(())
}

/// Wraps the keys of all files by a new key, and on demand removes those that no file needs any more.
pub async fn rotate_files(config: &Config, prune: bool) -> Result<(), Failure> {
    let opened = Opened::existing(config).await?;
    let done = rotate_files_of(config, &opened, prune).await;
    opened.close().await;
    done
}

async fn rotate_files_of(config: &Config, opened: &Opened, prune: bool) -> Result<(), Failure> {
    let rotated = files::rotate_keys(&opened.app).await?;
    say(format_args!(
        "The key {} wraps the keys of files and clinics; those of {} files and {} clinics were wrapped anew.",
        rotated.kid, rotated.files, rotated.clinics
    ));
    for (object, reason) in &rotated.failed {
        say(format_args!("✗ {object}: {reason}"));
    }
    if prune && config.files_key.is_some() {
        say("The keys come from the configuration: remove files_key_previous there.");
    } else if prune {
        for kid in files::prune_keys(&opened.app).await? {
            say(format_args!("The key {kid} was removed."));
        }
    }
    match rotated.failed.len() {
        0 => Ok(()),
        failed => Err(Failure::findings(format!("{failed} key(s) can't be opened and were left as they are"))),
    }
}

fn minutes(duration: jiff::SignedDuration) -> i64 {
    duration.as_mins()
}

fn failed(error: KeyError) -> Failure {
    Failure::failed(error.to_string())
}
