//! A face of a font file: what it has, and how well it stands beside the embedded ones. Keeps nothing of the file itself.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ttf_parser::{Permissions, Tag};
use typst::text::{FontFlags, FontInfo, FontStyle, FontWeight};

/// A larger file is no font that a document needs; Noto's collections for Chinese, Japanese and Korean have up to 27 MB.
const MOST_BYTES: u64 = 64 << 20;
/// Faces of one file at most.
const MOST_FACES: u32 = 64;
/// Tables of letters in one face at most; there are three to six.
const MOST_TABLES: usize = 64;
/// What Unicode ends with.
const LAST_LETTER: u32 = char::MAX as u32;
/// From here on a face is bold.
const BOLD: FontWeight = FontWeight::SEMIBOLD;

/// A face, and where it is.
#[derive(Debug)]
pub(super) struct Face {
    pub path: Arc<Path>,
    /// Which of the file's.
    pub number: u32,
    pub info: FontInfo,
    /// Smaller is better: Noto's sans serif, then any, then the others.
    rank: u8,
}

/// The upright faces of a file that may be put into a document. What can't be read is named in the log and has none.
pub(super) fn of_file(path: PathBuf) -> Vec<Face> {
    let path: Arc<Path> = path.into();
    match read(&path).and_then(|bytes| parse(&bytes)) {
        Ok(found) => found
            .into_iter()
            .filter(|(_, info)| is_fit(info))
            .map(|(number, info)| Face { path: path.clone(), number, rank: rank(&info), info })
            .collect(),
        Err(error) => {
            tracing::warn!(font = %path.display(), %error, "a font can't be read; it is left out");
            Vec::new()
        }
    }
}

/// The bytes of a font file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    std::fs::read(path)
}

/// The faces by their numbers; an error where there is none, or one is damaged.
fn parse(bytes: &[u8]) -> io::Result<Vec<(u32, FontInfo)>> {
    let damaged = || io::Error::other("it is damaged, or no font");
    let count = ttf_parser::fonts_in_collection(bytes).unwrap_or(1).min(MOST_FACES);
    let mut faces = Vec::new();
    for number in 0..count {
        let face = ttf_parser::Face::parse(bytes, number).map_err(|_| damaged())?;
        if !is_plausible(&face) {
            return Err(damaged());
        }
        // What may not be embedded would cost every document the promise that it can be kept.
        if face.permissions() != Some(Permissions::Restricted) {
            faces.push((number, FontInfo::new(bytes, number).ok_or_else(damaged)?));
        }
    }
    if count == 0 { Err(damaged()) } else { Ok(faces) }
}

/// Whether the tables say which letters there are in a size that letters can have. The library believes them: a damaged range is four
/// billion letters.
fn is_plausible(face: &ttf_parser::Face) -> bool {
    let Some(table) = face.raw_face().table(Tag::from_bytes(b"cmap")) else { return true };
    let count = usize::from(short(table, 2).unwrap_or(0));
    let mut starts = (0..count).map_while(|record| number(table, 8 + 8 * record));
    count <= MOST_TABLES && starts.all(|start| has_plausible_ranges(table, start as usize))
}

/// Ranges have numbers of 32 bits in the formats 12 and 13 (OpenType, cmap); the others can't say much.
fn has_plausible_ranges(table: &[u8], start: usize) -> bool {
    if !matches!(short(table, start), Some(12 | 13)) {
        return true;
    }
    let ranges = (0_usize..).map_while(|range| {
        let at = start.checked_add(16)?.checked_add(range.checked_mul(12)?)?;
        Some((number(table, at)?, number(table, at + 4)?))
    });
    let count = number(table, start + 12).unwrap_or(0) as usize;
    let mut letters: u64 = 0;
    for (first, last) in ranges.take(count) {
        letters += u64::from(last.saturating_sub(first)) + 1;
        if last > LAST_LETTER || letters > u64::from(LAST_LETTER) {
            return false;
        }
    }
    true
}

fn short(table: &[u8], at: usize) -> Option<u16> {
    table.get(at..)?.first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes))
}

fn number(table: &[u8], at: usize) -> Option<u32> {
    table.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))
}

/// Upright, and drawing letters: some fonts have a box or nothing for every letter there is.
fn is_fit(info: &FontInfo) -> bool {
    let is_empty = ["Adobe Blank", "Adobe NotDef"].iter().any(|name| info.family.starts_with(name));
    info.variant.style == FontStyle::Normal && !is_empty && !info.is_last_resort()
}

fn rank(info: &FontInfo) -> u8 {
    let family = info.family.to_lowercase();
    let odd = info.flags.contains(FontFlags::MONOSPACE) || info.flags.contains(FontFlags::SERIF);
    let odd = odd || family.contains("mono") || (family.contains("serif") && !family.contains("sans"));
    match (odd, family.starts_with("noto sans")) {
        (false, true) => 0,
        (false, false) => 1,
        (true, _) => 2,
    }
}

impl Face {
    /// How many of these letters it has.
    fn counts(&self, letters: &BTreeSet<char>) -> usize {
        letters.iter().filter(|letter| self.has(**letter)).count()
    }

    pub(super) fn has(&self, letter: char) -> bool {
        self.info.coverage.contains(letter.into())
    }

    /// Whether it can be drawn in any weight.
    fn is_variable(&self) -> bool {
        self.info.flags.contains(FontFlags::VARIABLE)
    }

    /// How far it is from this weight.
    fn off(&self, weight: FontWeight) -> u16 {
        if self.is_variable() { 0 } else { self.info.variant.weight.distance(weight) }
    }
}

/// The best face for as many of the letters as one has, and its bold one if there is; the earlier of equals. `None` where none has any.
pub(super) fn best<'a>(faces: &'a [Face], letters: &BTreeSet<char>) -> Option<(&'a Face, Option<&'a Face>)> {
    let able = faces.iter().map(|face| (face, face.counts(letters))).filter(|(_, count)| *count > 0);
    let (regular, count) = able.min_by_key(|(face, count)| {
        let off = face.off(FontWeight::REGULAR);
        (face.rank, off > 0, Reverse(*count), off)
    })?;
    let needs_one = !regular.is_variable() && regular.info.variant.weight < BOLD;
    let is_sister = |face: &&Face| needs_one && face.info.family == regular.info.family && face.info.variant.weight >= BOLD;
    let sisters = faces.iter().filter(is_sister).filter(|face| face.counts(letters) >= count);
    Some((regular, sisters.min_by_key(|face| face.off(FontWeight::BOLD))))
}
