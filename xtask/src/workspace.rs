//! Where things are in the source tree, and how cargo is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Failure, Outcome};

/// The top of the source tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// What xtask itself keeps: tools, the Python environment. Not in version control; may be deleted at any time.
pub fn cache() -> PathBuf {
    root().join(".xtask")
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that started us, in the source tree.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A file of the source tree.
pub fn read(path: &str) -> Outcome<String> {
    std::fs::read_to_string(root().join(path))
        .map_err(|error| Failure::new(format!("cannot read {path}: {error}"), "is the source tree whole? `git status` tells"))
}

/// Creates a folder with its parents.
pub fn make_folder(path: &Path) -> Outcome {
    std::fs::create_dir_all(path)
        .map_err(|error| Failure::new(format!("cannot make {}: {error}", path.display()), "check that you may write there"))
}
