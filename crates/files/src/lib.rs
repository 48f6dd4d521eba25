//! Files that nobody but this program can read: sealed while they stream into a folder or an S3-compatible store, opened while they stream
//! out. Nothing here holds a whole file in memory, knows a clinic, or speaks HTTP. Short texts are sealed by the same keys.
//!
//! Each file has a key of its own, and its contents are sealed in chunks (XChaCha20-Poly1305 in STREAM mode), so that a chunk that is missing,
//! moved or changed is noticed before a byte of it is handed out. The file's key is [`Wrapped`] by a key of the [`KeyRing`], bound to the
//! object's name and to what the caller says it belongs to.
//!
//! What must never happen here: contents on a disk in the clear, a byte handed out that was not verified, half an object under its name.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod keys;
mod kind;
mod scan;
mod seal;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod writing;

pub use error::FileError;
pub use keys::{KeyRing, Wrapped};
pub use kind::{HEAD_BYTES, Kind, kind_of};
pub use scan::{Scan, ScanError, Scanner, Verdict};
pub use seal::CHUNK;
pub use store::{FileStore, Found, Reading, S3Settings, Stored};
pub use text::TextKey;
pub use writing::Writing;
