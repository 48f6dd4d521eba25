//! Fonts for the letters that the embedded faces lack, from folders that are named once.
//!
//! Nothing is read before a document has such a letter; then the folders are looked through once, and what a face has is kept, not the
//! face. What must never happen here: a look into a folder that was not named, an error where a font is damaged or gone.

mod face;
mod folders;
mod letters;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use typst::foundations::Bytes;
use typst::text::{Font, FontInfo};

use self::face::Face;
use self::letters::{Letters, SCRIPTS, drawn};

/// Families in one document at most, beside the embedded one.
const MOST_FAMILIES: usize = 8;
/// Bytes of fonts that are kept for the next document: the two files for Chinese, Japanese and Korean are 40 MB.
const MOST_KEPT: usize = 64 << 20;

/// The faces that are part of the program.
pub(crate) static EMBEDDED: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let faces = [dejavu::sans_condensed::regular(), dejavu::sans_condensed::bold(), dejavu::sans_condensed::oblique()];
    faces.into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect()
});

/// What they have together.
static EMBEDDED_LETTERS: LazyLock<Letters> = LazyLock::new(|| letters_of(EMBEDDED.iter().map(Font::info)));

fn letters_of<'a>(infos: impl Iterator<Item = &'a FontInfo>) -> Letters {
    let mut letters = Letters::default();
    for info in infos {
        letters.add(&info.coverage);
    }
    letters
}

/// The letters of a text that the embedded faces lack, each once. A look into a table for each letter beyond ASCII.
pub fn not_embedded(text: &str) -> String {
    let letters: BTreeSet<char> = drawn(text).filter(|letter| !EMBEDDED_LETTERS.have(*letter)).collect();
    letters.into_iter().collect()
}

/// The folders that fonts may be taken from, and what was found there. A font that is put there later is found after the next start.
pub struct Fonts {
    folders: Vec<PathBuf>,
    index: OnceLock<Index>,
    /// The files that were used last, the latest at the end.
    kept: Mutex<Vec<(Arc<Path>, Bytes)>>,
}

/// What lies in the folders.
struct Index {
    faces: Vec<Face>,
    letters: Letters,
}

/// The faces that one document takes beside the embedded ones, each by the name of its family in that document: the names are of our
/// making, so that none stands for an embedded one.
pub(crate) struct Borrowed {
    pub families: Vec<String>,
    pub fonts: Vec<(String, Font)>,
}

impl Fonts {
    /// Of these folders, the earlier before the later; none: the embedded faces only.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders, index: OnceLock::new(), kept: Mutex::default() }
    }

    /// Whether the folders have been looked through, so that [`Self::lacking`] does not wait for a disk.
    pub fn are_known(&self) -> bool {
        self.index.get().is_some()
    }

    /// The letters of a text that no font has, each once. May look through the folders: call it where blocking is allowed.
    pub fn lacking(&self, text: &str) -> String {
        let beyond = not_embedded(text);
        if beyond.is_empty() {
            return beyond;
        }
        let known = &self.index().letters;
        beyond.chars().filter(|letter| !known.have(*letter)).collect()
    }

    /// The scripts, of those that the embedded faces lack, that no font has, by their names in Unicode; and how many were looked for.
    pub fn scripts_lacking(&self) -> (Vec<&'static str>, usize) {
        let lacking = SCRIPTS.iter().filter(|(_, letters)| !self.lacking(letters).is_empty()).map(|(name, _)| *name);
        (lacking.collect(), SCRIPTS.len())
    }

    /// The faces that have the letters of this text that the embedded ones lack; `None` where these lack none, or no face has them.
    pub(crate) fn borrow_for(&self, text: &str) -> Option<Borrowed> {
        let mut left: BTreeSet<char> = not_embedded(text).chars().collect();
        if left.is_empty() {
            return None;
        }
        let mut borrowed = Borrowed { families: Vec::new(), fonts: Vec::new() };
        for number in 1..=MOST_FAMILIES {
            let Some((regular, bold)) = face::best(&self.index().faces, &left) else { break };
            left.retain(|letter| !regular.has(*letter));
            let family = format!("machine {number}");
            let fonts = std::iter::once(regular).chain(bold).filter_map(|face| self.load(face));
            borrowed.fonts.extend(fonts.map(|font| (family.clone(), font)));
            borrowed.families.push(family);
        }
        borrowed.families.retain(|family| borrowed.fonts.iter().any(|(known, _)| known == family));
        (!borrowed.fonts.is_empty()).then_some(borrowed)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let faces: Vec<Face> = folders::files(&self.folders).into_iter().flat_map(face::of_file).collect();
            tracing::info!(faces = faces.len(), "the folders of fonts were looked through");
            Index { letters: letters_of(faces.iter().map(|face| &face.info)), faces }
        })
    }

    fn load(&self, face: &Face) -> Option<Font> {
        let bytes = self.bytes_of(&face.path);
        let font = bytes.and_then(|bytes| Font::new(bytes, face.number).ok_or_else(|| io::Error::other("it was changed")));
        let warn = |error: &io::Error| tracing::warn!(font = %face.path.display(), %error, "a font can't be read any more");
        font.inspect_err(warn).ok()
    }

    /// The bytes of a file, from memory where it was used lately.
    fn bytes_of(&self, path: &Arc<Path>) -> io::Result<Bytes> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match kept.iter().position(|(known, _)| known == path) {
            Some(at) => kept.remove(at),
            None => (path.clone(), Bytes::new(face::read(path)?)),
        };
        let bytes = file.1.clone();
        kept.push(file);
        while kept.len() > 1 && kept.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MOST_KEPT {
            kept.remove(0);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests;
