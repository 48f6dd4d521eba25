//! What the tests stand on: databases of their own, and the tools that look at a running server from outside.
//!
//! What must never happen here: a test that needs something set up by hand. What is missing is started, and what can't be started
//! fails with the command that helps.

mod app;
pub mod postgres;
pub mod schemathesis;

use std::path::PathBuf;

pub use app::{Answer, Client, Engine, NOW, PASSWORD, TestApp, Who};

/// The top of the source tree.
#[must_use]
pub fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
