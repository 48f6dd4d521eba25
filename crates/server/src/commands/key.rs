//! `clinichub key rotate`

use clinichub_app::identity::keys::{self, KeyError};
use clinichub_core::{Clock as _, OsEntropy, SystemClock};

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
    let data = DataDir::prepare(&config.data_dir)?;
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

fn minutes(duration: jiff::SignedDuration) -> i64 {
    duration.as_mins()
}

fn failed(error: KeyError) -> Failure {
    Failure::failed(error.to_string())
}
