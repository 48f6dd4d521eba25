//! What the tests stand on: databases of their own, and the tools that look at a running server from outside.
//!
//! What must never happen here: a test that needs something set up by hand. What is missing is started, and what can't be started
//! fails with the command that helps.

mod app;
pub mod mail_server;
pub mod postgres;
pub mod redis_server;
pub mod schemathesis;

use std::path::PathBuf;

pub use app::{Answer, BOUNDARY, Client, Engine, NOW, PASSWORD, TestApp, Who, form};

/// The top of the source tree.
#[must_use]
pub fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The interpreter that has what `tests/requirements.txt` lists: what `cargo xtask test` names, or the one it has set up before.
///
/// # Errors
/// There is none, and the command that sets it up.
pub fn python() -> Result<PathBuf, String> {
    std::env::var_os("CLINICHUB_TEST_PYTHON")
        .map(PathBuf::from)
        .into_iter()
        .chain([workspace().join(".xtask/venv/bin/python")])
        .find(|python| python.exists())
        .ok_or_else(|| "the Python tools are not set up: run `cargo xtask test`, which does it".to_owned())
}
