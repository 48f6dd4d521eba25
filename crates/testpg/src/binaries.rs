//! Where the system keeps `initdb` and `postgres`.

use std::path::{Path, PathBuf};

/// The folder of one PostgreSQL installation's programs.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// The newest installation: Debian's folders (which are not on the PATH) first, then the PATH.
    #[must_use]
    pub fn find() -> Option<Self> {
        debian_folders().into_iter().chain(path_folders()).find(|folder| is_complete(folder)).map(|folder| Self { folder })
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Both programs from one folder: an `initdb` whose `postgres` is of another version refuses to work.
fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file())
}

fn debian_folders() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}
