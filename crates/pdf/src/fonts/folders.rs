//! Looks for the files of fonts in folders: so many, so deep, and no folder twice, whatever links lead round.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Files at most; the packages of Noto that are recommended have three hundred.
const MOST_FILES: usize = 4096;
/// Entries of all folders together at most.
const MOST_ENTRIES: usize = 50_000;
/// Folders in folders at most.
const DEEPEST: usize = 8;
/// What the files of fonts are called.
const ENDINGS: [&str; 4] = ["ttf", "otf", "ttc", "otc"];

/// The files, folder by folder in the order given, each folder's by name: the same folders give the same list.
pub(super) fn files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut walk = Walk { seen: HashSet::new(), left: MOST_ENTRIES, files: Vec::new() };
    for folder in folders {
        walk.enter(folder, 0);
    }
    if walk.is_over() {
        tracing::warn!(files = walk.files.len(), "there are more fonts than are looked at; name a smaller folder");
    }
    walk.files
}

struct Walk {
    /// The folders that were entered, by their real names.
    seen: HashSet<PathBuf>,
    left: usize,
    files: Vec<PathBuf>,
}

impl Walk {
    fn enter(&mut self, folder: &Path, depth: usize) {
        let entered = folder.canonicalize().and_then(|real| {
            let is_new = depth <= DEEPEST && self.seen.insert(real);
            is_new.then(|| std::fs::read_dir(folder)).transpose()
        });
        let mut paths: Vec<PathBuf> = match entered {
            Ok(None) => return,
            Ok(Some(entries)) => entries.flatten().take(self.left).map(|entry| entry.path()).collect(),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "a folder of fonts can't be read; it is left out");
                return;
            }
        };
        self.left -= paths.len();
        paths.sort_unstable();
        for path in paths {
            if self.is_over() {
                return;
            }
            if path.is_dir() {
                self.enter(&path, depth + 1);
            } else if is_named_as_font(&path) && path.is_file() {
                self.files.push(path);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.left == 0 || self.files.len() >= MOST_FILES
    }
}

fn is_named_as_font(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
