//! The archive: POSIX ustar members, then `manifest.json`. Written under another name and put in place whole.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clinichub_core::UtcTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::shown;
use crate::failure::{Context, Failure};

const BLOCK: usize = 512;
const MANIFEST: &str = "manifest.json";
const FORMAT: &str = "clinichub-backup";
const FORMAT_VERSION: u32 = 1;

/// What a backup says about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `clinichub-backup`.
    pub format: String,
    /// The layout of the archive.
    pub format_version: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// When.
    pub created_at: UtcTime,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The last migration that the database had.
    pub migration: u32,
    /// For PostgreSQL: the tables in the order in which they can be filled.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// For PostgreSQL: the last number of each sequence.
    #[serde(default)]
    pub sequences: BTreeMap<String, i64>,
    /// SHA-256 and size of each member.
    pub members: BTreeMap<String, Member>,
}

/// A table in a backup of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name; the rows are the member `database/<name>.copy`.
    pub name: String,
    /// The columns, in the order of the rows' values.
    pub columns: Vec<String>,
}

/// A member of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Bytes.
    pub size: u64,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// A manifest without members.
    pub fn new(database: &str, migration: u32, created_at: UtcTime) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created_at,
            database: database.to_owned(),
            migration,
            tables: Vec::new(),
            sequences: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }
}

/// Writes an archive.
pub struct Writer {
    target: PathBuf,
    partial: PathBuf,
    out: Option<BufWriter<File>>,
    members: BTreeMap<String, Member>,
    mtime: u64,
}

impl Writer {
    /// Begins; `target` comes into being in [`Writer::finish`] only.
    pub fn create(target: &Path, now: UtcTime) -> Result<Self, Failure> {
        let mut partial = target.as_os_str().to_owned();
        partial.push(format!(".partial-{}", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)
            .could_not(|| format!("write {}", shown(&partial)))?;
        let mtime = u64::try_from(now.timestamp().as_second()).unwrap_or_default();
        Ok(Self { target: target.to_owned(), partial, out: Some(BufWriter::new(file)), members: BTreeMap::new(), mtime })
    }

    /// Adds a file under `name`.
    pub fn add(&mut self, name: &str, path: &Path) -> Result<(), Failure> {
        let doing = || format!("put {} into the backup", shown(path));
        let file = File::open(path).could_not(doing)?;
        let size = file.metadata().could_not(doing)?.len();
        let sha256 = self.copy(name, size, file).could_not(doing)?;
        self.members.insert(name.to_owned(), Member { size, sha256 });
        Ok(())
    }

    /// Adds the manifest, makes sure that everything is on the disk, and gives the archive its name.
    pub fn finish(mut self, manifest: &mut Manifest) -> Result<u64, Failure> {
        manifest.members = std::mem::take(&mut self.members);
        let text = serde_json::to_vec_pretty(manifest).could_not(|| "write the manifest".to_owned())?;
        self.copy(MANIFEST, text.len() as u64, text.as_slice()).could_not(|| "write the manifest".to_owned())?;
        let size = self.close().could_not(|| format!("write {}", shown(&self.target)))?;
        Ok(size)
    }

    fn close(&mut self) -> io::Result<u64> {
        let Some(mut out) = self.out.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        out.write_all(&[0; 2 * BLOCK])?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&self.partial, &self.target)?;
        sync_folder_of(&self.target)?;
        Ok(file.metadata()?.len())
    }

    fn copy(&mut self, name: &str, size: u64, from: impl Read) -> io::Result<String> {
        let out = self.out.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        out.write_all(&header(name, size, self.mtime)?)?;
        let mut hashing = Hashing { inner: from.take(size), hash: Sha256::new() };
        if io::copy(&mut hashing, out)? != size {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
        out.write_all(&[0; BLOCK][..padding(size)])?;
        Ok(crate::terminal::hex(&hashing.hash.finalize()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.partial));
    }
}

/// Makes a rename survive a loss of power.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// An archive whose every member was found whole.
#[derive(Debug)]
pub struct Archive {
    file: File,
    /// What it says about itself.
    pub manifest: Manifest,
    offsets: BTreeMap<String, u64>,
}

impl Archive {
    /// Reads the whole archive and compares each member with the manifest, before anything is done with it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let damaged = |what: &str| Failure::failed(format!("{} is not a whole backup: {what}", shown(path)));
        let mut file = File::open(path).could_not(|| format!("open the backup {}", shown(path)))?;
        let (found, offsets) = scan(&mut file).map_err(|error| damaged(&error.to_string()))?;
        let at = offsets.get(MANIFEST).ok_or_else(|| damaged("its manifest is missing"))?;
        let size = found.get(MANIFEST).map_or(0, |member| member.size);
        let text = read_at(&mut file, *at, size).map_err(|error| damaged(&error.to_string()))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| damaged(&format!("its manifest: {error}")))?;
        if manifest.format != FORMAT || manifest.format_version > FORMAT_VERSION {
            return Err(Failure::failed(format!(
                "{} was written by a newer ClinicHub ({}); update this one first",
                shown(path),
                manifest.program
            )));
        }
        for (name, member) in &manifest.members {
            if found.get(name) != Some(member) {
                return Err(damaged(&format!("{name} is not what was written")));
            }
        }
        if found.len() != manifest.members.len() + 1 {
            return Err(damaged("it holds something that its manifest does not name"));
        }
        Ok(Self { file, manifest, offsets })
    }

    /// The names of the members.
    pub fn names(&self) -> Vec<String> {
        self.manifest.members.keys().cloned().collect()
    }

    /// Reads one member.
    pub fn member(&mut self, name: &str) -> Result<impl Read + '_, Failure> {
        let missing = || Failure::failed(format!("the backup holds no {name}"));
        let size = self.manifest.members.get(name).ok_or_else(missing)?.size;
        let offset = *self.offsets.get(name).ok_or_else(missing)?;
        self.file.seek(io::SeekFrom::Start(offset)).could_not(|| format!("read {name} from the backup"))?;
        Ok(BufReader::new((&self.file).take(size)))
    }

    /// Writes one member to `target`, for its owner only, and waits until it is on the disk.
    pub fn extract(&mut self, name: &str, target: &Path) -> Result<(), Failure> {
        let doing = || format!("write {}", shown(target));
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target).could_not(doing)?;
        io::copy(&mut self.member(name)?, &mut out).could_not(doing)?;
        out.sync_all().could_not(doing)
    }
}

type Found = (BTreeMap<String, Member>, BTreeMap<String, u64>);

fn scan(file: &mut File) -> io::Result<Found> {
    let mut reader = BufReader::with_capacity(1 << 20, &mut *file);
    let (mut members, mut offsets, mut at) = (BTreeMap::new(), BTreeMap::new(), 0_u64);
    loop {
        let mut block = [0; BLOCK];
        reader.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok((members, offsets));
        }
        let (name, size) = parse_header(&block)?;
        at += BLOCK as u64;
        let mut hashing = Hashing { inner: (&mut reader).take(size), hash: Sha256::new() };
        if io::copy(&mut hashing, &mut io::sink())? != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let sha256 = crate::terminal::hex(&hashing.hash.finalize());
        reader.read_exact(&mut [0; BLOCK][..padding(size)])?;
        offsets.insert(name.clone(), at);
        at += size + padding(size) as u64;
        if members.insert(name, Member { size, sha256 }).is_some() {
            return Err(io::Error::other("a member is there twice"));
        }
    }
}

fn read_at(file: &mut File, at: u64, size: u64) -> io::Result<Vec<u8>> {
    file.seek(io::SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}

fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    if over == 0 { 0 } else { BLOCK - over }
}

/// A ustar header (POSIX.1-1988): name, mode, size, time, checksum.
fn header(name: &str, size: u64, mtime: u64) -> io::Result<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    let (prefix, last) = split_name(name).ok_or_else(|| io::Error::other("the name is too long for the archive"))?;
    block[..last.len()].copy_from_slice(last.as_bytes());
    block[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
    block[100..108].copy_from_slice(b"0000600\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    if size < 1 << 33 {
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        // GNU's way for more than 8 GiB: the first bit set, then the number in binary.
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[136..148].copy_from_slice(format!("{mtime:011o}\0").as_bytes());
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum = checksum(&block);
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

fn checksum(block: &[u8; BLOCK]) -> u32 {
    block.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u32::from(*byte) }).sum()
}

fn split_name(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    let at = name.match_indices('/').map(|(at, _)| at).find(|at| name.len() - at - 1 <= 100)?;
    (at <= 155).then(|| (&name[..at], &name[at + 1..]))
}

fn parse_header(block: &[u8; BLOCK]) -> io::Result<(String, u64)> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a header is damaged");
    let text = |range: std::ops::Range<usize>| {
        let bytes = &block[range];
        std::str::from_utf8(&bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())]).map_err(|_| wrong())
    };
    let octal = |range| u64::from_str_radix(text(range)?.trim(), 8).map_err(|_| wrong());
    if octal(148..156)? != u64::from(checksum(block)) || block[156] != b'0' {
        return Err(wrong());
    }
    let size = if block[124] == 0x80 { u64::from_be_bytes(block[128..136].try_into().map_err(|_| wrong())?) } else { octal(124..136)? };
    let (prefix, last) = (text(345..500)?, text(0..100)?);
    let name = if prefix.is_empty() { last.to_owned() } else { format!("{prefix}/{last}") };
    let is_safe = !name.is_empty() && !name.starts_with('/') && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_safe { Ok((name, size)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(folder: &Path, bytes: &[u8]) -> PathBuf {
        let (source, target) = (folder.join("source"), folder.join("backup"));
        std::fs::write(&source, bytes).expect("a file");
        let mut writer = Writer::create(&target, UtcTime::from_micros(0)).expect("begun");
        writer.add("files/a", &source).expect("added");
        writer.add(&format!("files/{}/{}", "d".repeat(90), "n".repeat(90)), &source).expect("added");
        writer.finish(&mut Manifest::new("sqlite", 4, UtcTime::from_micros(0))).expect("finished");
        target
    }

    #[test]
    fn what_goes_in_comes_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for size in [0, 1, 511, 512, 513, 100_000] {
            let bytes: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).expect("small")).collect();
            let path = sample(folder.path(), &bytes);
            let mut archive = Archive::open(&path).expect("whole");
            let mut out = Vec::new();
            archive.member("files/a").expect("there").read_to_end(&mut out).expect("read");
            assert_eq!(out, bytes);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing half is left behind");
    }

    #[test]
    fn a_changed_byte_or_a_cut_end_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = sample(folder.path(), &[7; 2000]);
        let whole = std::fs::read(&path).expect("read");
        for at in (0..whole.len() - 2 * BLOCK).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).expect("written");
            if let Ok(archive) = Archive::open(&path) {
                assert_eq!(archive.manifest.members.len(), 2, "only padding and unused header fields may differ, at {at}");
            }
        }
        for end in [whole.len() / 2, whole.len() - 2 * BLOCK, 0] {
            std::fs::write(&path, &whole[..end]).expect("written");
            assert!(Archive::open(&path).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_member_can_not_leave_the_folder() {
        for name in ["../x", "/etc/passwd", "a/../../b", "a//b"] {
            let block = header(name, 0, 0).expect("made");
            assert!(parse_header(&block).is_err(), "{name}");
        }
    }
}
