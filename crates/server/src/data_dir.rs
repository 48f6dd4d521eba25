//! The data folder: made so that only its owner can look into it, and locked so that two servers can't work on one SQLite file.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::config::shown;
use crate::failure::{Context, Failure};

const LOCK_FILE: &str = "clinichub.lock";

/// The data folder.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

/// Held as long as it lives; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct DirLock(#[expect(dead_code, reason = "open as long as the lock is held")] File);

/// Who else may hold the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody: a server on SQLite, a restore.
    Alone,
    /// Other nodes that share the folder: servers on PostgreSQL.
    WithNodes,
}

impl DataDir {
    /// The folder, made when it is missing, found writable.
    pub fn prepare(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(path).could_not(|| format!("make the data folder {}", shown(path)))?;
        }
        let meta = std::fs::metadata(path).could_not(|| format!("look at the data folder {}", shown(path)))?;
        if !meta.is_dir() {
            return Err(Failure::failed(format!("{} is not a folder", shown(path))));
        }
        if rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
            return Err(Failure::failed(format!(
                "the data folder {} is not writable for this user; change its owner or give another --data-dir",
                shown(path)
            )));
        }
        Ok(Self(path.to_owned()))
    }

    /// The folder, which must be there.
    pub fn existing(path: &Path) -> Result<Self, Failure> {
        if path.exists() {
            return Self::prepare(path);
        }
        Err(Failure::failed(format!("there is no data folder {}; is --data-dir right?", shown(path))))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Locks the folder, or says which process has it.
    pub fn lock(&self, sharing: Sharing) -> Result<DirLock, Failure> {
        let path = self.0.join(LOCK_FILE);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .could_not(|| format!("open {}", shown(&path)))?;
        let taken = match sharing {
            Sharing::Alone => file.try_lock(),
            Sharing::WithNodes => file.try_lock_shared(),
        };
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.in_use(&mut file)),
            Err(TryLockError::Error(error)) => return Err(error).could_not(|| format!("lock {}", shown(&path))),
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).could_not(|| format!("write {}", shown(&path)))?;
        Ok(DirLock(file))
    }

    fn in_use(&self, file: &mut File) -> Failure {
        let mut holder = String::new();
        drop(file.read_to_string(&mut holder));
        let holder = holder.trim();
        let who = if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") };
        Failure::refused(format!("the data folder {} is in use by {who}; stop that server first", shown(&self.0)))
    }

    /// The mode bits that let others in, if any do.
    pub fn open_to_others(path: &Path) -> Option<u32> {
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDir::prepare(&folder.path().join("a/b")).expect("made");
        assert_eq!(DataDir::open_to_others(data.path()), None);
    }

    #[test]
    fn a_second_server_is_refused_and_told_who_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDir::prepare(folder.path()).expect("there");
        let held = data.lock(Sharing::Alone).expect("free");
        let error = data.lock(Sharing::WithNodes).expect_err("refused");
        assert!(error.message.contains(&std::process::id().to_string()), "{error}");
        drop(held);
        let first = data.lock(Sharing::WithNodes).expect("free again");
        let second = data.lock(Sharing::WithNodes).expect("nodes share");
        assert!(data.lock(Sharing::Alone).is_err());
        drop((first, second));
    }
}
