//! Where objects are: a folder or an S3-compatible store. They are written in parts and appear under their name whole or not at all.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clinichub_core::Entropy;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};
use secrecy::{ExposeSecret, SecretString};

use crate::seal::{FileKey, Layout, Opener};
use crate::writing::Writing;
use crate::{CHUNK, FileError, KeyRing, Wrapped};

pub(crate) const MIB: usize = 1024 * 1024;
/// What marks a file that the folder's driver has not finished: `name#1`.
const UNFINISHED: char = '#';

/// An S3-compatible store.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// `https://s3.example`; none: Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// Who signs in there.
    pub access_key: SecretString,
    /// With what.
    pub secret_key: SecretString,
}

/// The store of sealed files. Cheap to clone.
#[derive(Clone)]
pub struct FileStore(Arc<Inner>);

struct Inner {
    objects: Arc<dyn ObjectStore>,
    /// Where they lie, if that is a folder.
    folder: Option<PathBuf>,
    /// How much goes to the store, and comes from it, at once.
    part: usize,
    keys: KeyRing,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for FileStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileStore({})", self.0.objects)
    }
}

/// An object of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its size, sealed.
    pub bytes: u64,
    /// When it was written, in microseconds since 1970.
    pub written_micros: i64,
}

/// What there is to know of a file that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The size of its contents.
    pub size: u64,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
    /// What opens it.
    pub key: Wrapped,
}

impl FileStore {
    /// Files in a folder, which is made when it is missing. Each is on the disk when [`Writing::finish`] returns.
    pub fn in_folder(folder: &Path, keys: KeyRing, entropy: Arc<dyn Entropy>) -> Result<Self, FileError> {
        use std::os::unix::fs::DirBuilderExt;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| FileError::Store(object_store::Error::Generic { store: "folder", source: Box::new(error) }))?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(FileError::Store)?.with_fsync(true);
        Ok(Self(Arc::new(Inner { objects: Arc::new(objects), folder: Some(folder.to_owned()), part: MIB, keys, entropy })))
    }

    /// Files in an S3-compatible store. Nothing is asked of it yet.
    pub fn in_s3(settings: &S3Settings, keys: KeyRing, entropy: Arc<dyn Entropy>) -> Result<Self, FileError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(settings.access_key.expose_secret())
            .with_secret_access_key(settings.secret_key.expose_secret());
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let objects = builder.build().map_err(FileError::Store)?;
        // A part of an upload has 5 MiB at least, and there are 10,000 at most.
        Ok(Self(Arc::new(Inner { objects: Arc::new(objects), folder: None, part: 8 * MIB, keys, entropy })))
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    /// A name that no object has: unpredictable, and told apart from others by its first two digits, so that no folder grows large.
    pub fn new_name(&self, group: &str) -> String {
        let name: String = self.0.entropy.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{group}/{}/{name}", &name[..2])
    }

    /// Begins an object of at most `most` bytes. `context` says what it belongs to; it opens with the same one only.
    pub async fn begin(&self, name: &str, context: &str, most: u64) -> Result<Writing, FileError> {
        let (key, wrapped) = self.0.keys.new_file(name, context)?;
        let upload = self.0.objects.put_multipart(&path(name)?).await.map_err(|error| FileError::of(name, error))?;
        let upload = WriteMultipart::new_with_chunk_size(upload, self.0.part);
        let writing = Writing::new(name.to_owned(), upload, &key, wrapped, most);
        Ok(match &self.0.folder {
            Some(folder) => writing.growing(folder.join(format!("{name}{UNFINISHED}1"))),
            None => writing,
        })
    }

    /// Opens an object with `size` bytes of contents.
    pub fn open(&self, name: &str, context: &str, key: &Wrapped, size: u64) -> Result<Reading, FileError> {
        let key = self.0.keys.file(key, name, context)?;
        Ok(Reading { store: self.clone(), name: name.to_owned(), path: path(name)?, key, layout: Layout { size } })
    }

    /// Removes an object, and what an interrupted upload left of one; it is well when there is none.
    pub async fn delete(&self, name: &str) -> Result<(), FileError> {
        let removed = self.0.objects.delete(&path(name)?).await.map_err(|error| FileError::of(name, error));
        match removed {
            Ok(()) | Err(FileError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        if let Some(folder) = &self.0.folder {
            let target = folder.join(name);
            blocking(move || remove_unfinished(&target)).await?;
        }
        Ok(())
    }

    /// Every object.
    pub fn list(&self) -> impl Stream<Item = Result<Found, FileError>> + Send + '_ {
        self.0.objects.list(None).map_err(|error| FileError::of("", error)).map_ok(|meta| Found {
            name: meta.location.to_string(),
            bytes: meta.size,
            written_micros: meta.last_modified.timestamp_micros(),
        })
    }

    /// What interrupted uploads left in the folder, as names of objects that never came to be.
    pub async fn list_unfinished(&self) -> Result<Vec<Found>, FileError> {
        let Some(folder) = self.0.folder.clone() else { return Ok(Vec::new()) };
        blocking(move || unfinished_in(&folder, &folder)).await
    }

    async fn fetch(&self, reading: &Reading, range: Range<u64>) -> Result<Bytes, FileError> {
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let cut = || FileError::Damaged(reading.name.clone(), "its size is not the one that was stored");
        let got = self.0.objects.get_opts(&reading.path, options).await;
        let got = match got.map_err(|error| FileError::of(&reading.name, error)) {
            Ok(got) => got,
            // A range that begins behind the end is an error of the store's own.
            Err(FileError::Store(error)) => {
                let is_whole = self.size_of(reading).await? == reading.layout.sealed_size();
                return Err(if is_whole { FileError::Store(error) } else { cut() });
            }
            Err(error) => return Err(error),
        };
        if got.meta.size != reading.layout.sealed_size() {
            return Err(cut());
        }
        let bytes = got.bytes().await.map_err(|error| FileError::of(&reading.name, error))?;
        if bytes.len() as u64 == range.end - range.start { Ok(bytes) } else { Err(cut()) }
    }

    async fn size_of(&self, reading: &Reading) -> Result<u64, FileError> {
        let head = self.0.objects.head(&reading.path).await;
        Ok(head.map_err(|error| FileError::of(&reading.name, error))?.size)
    }
}

/// An object that can be read.
pub struct Reading {
    store: FileStore,
    name: String,
    path: ObjectPath,
    key: FileKey,
    layout: Layout,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reading({})", self.name)
    }
}

impl Reading {
    /// The contents, or the part of them from `bytes.start` to before `bytes.end`, which must lie inside. What is wrong with the beginning is
    /// known when this returns; each later piece is verified before it is handed out.
    pub async fn read(self, bytes: Range<u64>) -> Result<impl Stream<Item = Result<Bytes, FileError>> + Send + 'static, FileError> {
        let bytes = bytes.start.min(self.layout.size)..bytes.end.min(self.layout.size);
        let opener = Opener::new(&self.key, self.layout.size);
        let mut blocks = Blocks { reading: self, opener, bytes: bytes.clone(), next: bytes.start };
        let first = blocks.next().await?;
        let rest = stream::try_unfold(blocks, |mut blocks| async move {
            if blocks.next >= blocks.bytes.end { Ok(None) } else { blocks.next().await.map(|block| Some((block, blocks))) }
        });
        Ok(stream::once(std::future::ready(Ok(first))).chain(rest))
    }

    /// The whole contents, for small objects.
    pub async fn read_all(self) -> Result<Vec<u8>, FileError> {
        let size = self.layout.size;
        let pieces: Vec<Bytes> = self.read(0..size).await?.try_collect().await?;
        Ok(pieces.concat())
    }
}

/// Goes through the chunks of a range, as many at once as the store gives well.
struct Blocks {
    reading: Reading,
    opener: Opener,
    bytes: Range<u64>,
    /// The next byte of the contents to be handed out.
    next: u64,
}

impl Blocks {
    async fn next(&mut self) -> Result<Bytes, FileError> {
        let chunk = CHUNK as u64;
        let at_once = (self.reading.store.0.part / CHUNK) as u64;
        let all = self.reading.layout.chunks_of(&(self.next..self.bytes.end));
        let chunks = all.start..all.end.min(all.start + at_once);
        let sealed = self.reading.store.fetch(&self.reading, self.reading.layout.sealed_range(&chunks)).await?;
        let damaged = |_| FileError::Damaged(self.reading.name.clone(), "a part of it was changed");
        let contents = Bytes::from(self.opener.open(chunks.start, &sealed).map_err(damaged)?);
        let begin = usize::try_from(self.next - chunks.start * chunk).unwrap_or(usize::MAX).min(contents.len());
        let end = usize::try_from(self.bytes.end - chunks.start * chunk).unwrap_or(usize::MAX).min(contents.len());
        self.next = (chunks.end * chunk).min(self.bytes.end);
        Ok(contents.slice(begin..end.max(begin)))
    }
}

fn path(name: &str) -> Result<ObjectPath, FileError> {
    ObjectPath::parse(name).map_err(|error| FileError::Store(error.into()))
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, FileError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other).flatten();
    done.map_err(|error| FileError::of("", object_store::Error::Generic { store: "folder", source: Box::new(error) }))
}

/// The name that an unfinished file would have got.
fn name_of_unfinished(file: &str) -> Option<&str> {
    let (name, number) = file.rsplit_once(UNFINISHED)?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

fn remove_unfinished(target: &Path) -> std::io::Result<()> {
    let (Some(folder), Some(wanted)) = (target.parent(), target.file_name().and_then(|name| name.to_str())) else { return Ok(()) };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().and_then(name_of_unfinished) == Some(wanted) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn unfinished_in(folder: &Path, base: &Path) -> std::io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            found.extend(unfinished_in(&path, base)?);
        } else if let Some(name) = entry.file_name().to_str().and_then(name_of_unfinished) {
            let object = path.strip_prefix(base).unwrap_or(&path).with_file_name(name);
            let meta = entry.metadata()?;
            let since = meta.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let written_micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
            found.push(Found { name: object.display().to_string(), bytes: meta.len(), written_micros });
        }
    }
    Ok(found)
}
