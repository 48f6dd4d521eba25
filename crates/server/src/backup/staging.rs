//! How a restore is all or nothing in the data folder: everything is put beside first, a mark says that it is whole, then it
//! is moved into place. Whoever finds the mark finishes the move; whoever finds no mark throws away what is beside.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::FOLDERS;
use super::container::sync_folder_of;
use crate::config::{SQLITE_FILE, shown};
use crate::data_dir::DataDir;
use crate::failure::{Context, Failure};

const STAGING: &str = ".restore";
const READY: &str = "READY";
const PREPARED: &str = "PREPARED";
const REPLACED: &str = ".restore-replaced";

/// The folder beside. Dropped without a mark it is removed.
pub struct Staging {
    folder: PathBuf,
}

impl Drop for Staging {
    fn drop(&mut self) {
        let is_marked = [PREPARED, READY].iter().any(|mark| self.folder.join(mark).exists());
        if !is_marked {
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }
}

impl Staging {
    /// An empty one.
    pub fn begin(data: &DataDir) -> Result<Self, Failure> {
        let staging = Self::of(data);
        remove_all(&staging.folder)?;
        for name in ["", FOLDERS[0], FOLDERS[1]] {
            make(&staging.folder.join(name))?;
        }
        Ok(staging)
    }

    fn of(data: &DataDir) -> Self {
        Self { folder: data.path().join(STAGING) }
    }

    /// Where a file of this name goes.
    pub fn place(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.join(name);
        make(path.parent().unwrap_or(&self.folder))?;
        Ok(path)
    }

    /// Notes that another database is about to commit what belongs to these files; `id` is found there when it has.
    pub fn prepare(&self, id: &str) -> Result<(), Failure> {
        self.mark(PREPARED, id)
    }

    /// From now on the restore has happened.
    pub fn commit(&self) -> Result<(), Failure> {
        self.mark(READY, "")
    }

    fn mark(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let write = || {
            let beside = self.folder.join(format!("{name}.new"));
            std::fs::write(&beside, text)?;
            std::fs::File::open(&beside)?.sync_all()?;
            std::fs::rename(&beside, &path)?;
            sync_folder_of(&path)
        };
        write().could_not(|| format!("write {}", shown(&path)))
    }

    /// Moves everything into place. May be run again after it was interrupted.
    pub fn put_in_place(&self, data: &DataDir) -> Result<(), Failure> {
        let replaced = data.path().join(REPLACED);
        make(&replaced)?;
        let names = std::iter::once(SQLITE_FILE).chain(FOLDERS);
        for name in names.filter(|name| self.folder.join(name).exists()) {
            let companions: &[&str] = if name == SQLITE_FILE { &["-wal", "-shm"] } else { &[] };
            for companion in companions.iter().chain(&[""]) {
                let old = format!("{name}{companion}");
                move_away(&data.path().join(&old), &replaced.join(&old))?;
            }
            let target = data.path().join(name);
            std::fs::rename(self.folder.join(name), &target).could_not(|| format!("put {} in place", shown(&target)))?;
        }
        sync_folder_of(&self.folder).could_not(|| format!("write {}", shown(data.path())))?;
        remove_all(&self.folder)?;
        remove_all(&replaced)
    }
}

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).could_not(|| format!("make {}", shown(folder)))
}

fn move_away(old: &Path, to: &Path) -> Result<(), Failure> {
    if !old.exists() {
        return Ok(());
    }
    remove_all(to)?;
    std::fs::rename(old, to).could_not(|| format!("move {} away", shown(old)))
}

fn remove_all(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).could_not(|| format!("remove {}", shown(path))),
        _ => Ok(()),
    }
}

/// Finishes or throws away a restore that was interrupted. `has_committed` says whether a database holds this id.
pub async fn finish_interrupted<F>(data: &DataDir, has_committed: impl FnOnce(String) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<bool, Failure>>,
{
    let staging = Staging::of(data);
    if !staging.folder.exists() {
        return Ok(());
    }
    let id = std::fs::read_to_string(staging.folder.join(PREPARED)).ok();
    let is_ready = staging.folder.join(READY).exists()
        || match id {
            Some(id) => has_committed(id).await?,
            None => false,
        };
    if is_ready {
        tracing::warn!("a restore was interrupted; it is finished now");
        return staging.put_in_place(data);
    }
    tracing::warn!("a restore was interrupted before it was whole; what it left is removed");
    remove_all(&staging.folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (tempfile::TempDir, DataDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDir::prepare(folder.path()).expect("there");
        std::fs::write(data.path().join(SQLITE_FILE), "before").expect("written");
        std::fs::write(data.path().join("clinichub.db-wal"), "before").expect("written");
        std::fs::create_dir(data.path().join("keys")).expect("made");
        std::fs::write(data.path().join("keys/old"), "before").expect("written");
        (folder, data)
    }

    fn staged(data: &DataDir) -> Staging {
        let staging = Staging::begin(data).expect("begun");
        std::fs::write(staging.place(SQLITE_FILE).expect("a place"), "after").expect("written");
        std::fs::write(staging.place("keys/new").expect("a place"), "after").expect("written");
        staging
    }

    fn state(data: &DataDir) -> (String, bool, bool, bool) {
        let exists = |name: &str| data.path().join(name).exists();
        let database = std::fs::read_to_string(data.path().join(SQLITE_FILE)).expect("a database");
        (database, exists("clinichub.db-wal"), exists("keys/old"), exists("keys/new"))
    }

    async fn restart(data: &DataDir, has_committed: bool) {
        finish_interrupted(data, async |_| Ok(has_committed)).await.expect("finished");
        assert!(!data.path().join(STAGING).exists() && !data.path().join(REPLACED).exists());
    }

    const BEFORE: (&str, bool, bool, bool) = ("before", true, true, false);
    const AFTER: (&str, bool, bool, bool) = ("after", false, false, true);

    #[tokio::test]
    async fn before_the_mark_nothing_has_happened() {
        let (_folder, data) = data();
        std::mem::forget(staged(&data));
        restart(&data, true).await;
        let (database, wal, old, new) = state(&data);
        assert_eq!((database.as_str(), wal, old, new), BEFORE);
    }

    #[tokio::test]
    async fn after_the_mark_it_is_finished() {
        let (_folder, data) = data();
        staged(&data).commit().expect("marked");
        restart(&data, false).await;
        let (database, wal, old, new) = state(&data);
        assert_eq!((database.as_str(), wal, old, new), AFTER);
    }

    #[tokio::test]
    async fn a_database_elsewhere_decides() {
        for (committed, expected) in [(false, BEFORE), (true, AFTER)] {
            let (_folder, data) = data();
            staged(&data).prepare("id").expect("marked");
            restart(&data, committed).await;
            let (database, wal, old, new) = state(&data);
            assert_eq!((database.as_str(), wal, old, new), expected);
        }
    }

    #[tokio::test]
    async fn an_interrupted_move_is_finished() {
        let (_folder, data) = data();
        let staging = staged(&data);
        staging.commit().expect("marked");
        // The old file is away, the new one not yet there.
        std::fs::create_dir(data.path().join(REPLACED)).expect("made");
        std::fs::rename(data.path().join(SQLITE_FILE), data.path().join(REPLACED).join(SQLITE_FILE)).expect("moved");
        restart(&data, false).await;
        let (database, wal, old, new) = state(&data);
        assert_eq!((database.as_str(), wal, old, new), AFTER);
    }
}
