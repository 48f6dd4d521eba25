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
    // What the cargo that started us says about the package xtask. Build scripts look at it: with it, half of what the same command built
    // without xtask would be built again, and the other way round.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
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
