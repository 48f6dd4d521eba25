//! A PostgreSQL server of one's own: made by the system's `initdb` in a temporary folder, gone with the process that asked for it.
//!
//! Used by `cargo xtask test`, so that one server serves all test processes, and by the test kit when a test runs without xtask.
//! It stands alone, on the standard library only, because xtask must start without compiling anything else.
//!
//! What must never happen here: a server that outlives its owner, or that listens anywhere but on the loopback address.

mod account;
mod binaries;
mod server;

pub use binaries::Binaries;
pub use server::Server;

/// What to type on Debian when [`Binaries::find`] finds nothing.
pub const DEBIAN_LINE: &str = "apt-get install -y postgresql";

/// Why no server could be started, in a sentence for a person.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
