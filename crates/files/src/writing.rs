//! How an object is written: while a block comes in, the one before is sealed and hashed on two threads, and the one before that goes to the
//! store. What a folder got of a long one is brought to the disk meanwhile.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use object_store::WriteMultipart;
use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::seal::{FileKey, Refused, Sealer};
use crate::store::MIB;
use crate::{FileError, Stored, Wrapped};

/// So much is sealed at once. Of an upload at most two blocks wait, one that comes in and one that is being sealed.
const BLOCK: usize = MIB;
/// Parts on their way to the store at once; with their size it bounds what an upload takes of memory.
const PARTS_AHEAD: usize = 2;
/// After so many bytes what is in the file goes to the disk.
const EARLY: usize = 8 * MIB;

/// An object that is being written. Dropped before [`Writing::finish`] it never comes to be in a folder; in S3 what was sent of it is
/// removed by [`Writing::abort`], or by the bucket's rule for incomplete uploads.
pub struct Writing {
    name: String,
    upload: WriteMultipart,
    /// None: it goes to a store that has no disk of ours.
    early: Option<Early>,
    /// What came and is not a whole block yet.
    waiting: Vec<u8>,
    /// None while a block changes hands: whoever gave up waiting then has lost the object.
    hands: Option<Hands>,
    size: u64,
    most: u64,
    key: Wrapped,
}

/// What a block goes through.
enum Hands {
    Idle(Sealer, Sha256),
    Busy(JoinHandle<Result<(Sealer, Vec<u8>), Refused>>, JoinHandle<Sha256>),
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writing({})", self.name)
    }
}

impl Writing {
    /// Of at most `most` bytes, sealed by `key`.
    pub(crate) fn new(name: String, upload: WriteMultipart, key: &FileKey, wrapped: Wrapped, most: u64) -> Self {
        let hands = Some(Hands::Idle(Sealer::new(key), Sha256::new()));
        Self { name, upload, early: None, waiting: Vec::new(), hands, size: 0, most, key: wrapped }
    }

    /// With the file that grows until the object is finished.
    pub(crate) fn growing(self, file: PathBuf) -> Self {
        Self { early: Some(Early { file, written: 0, under_way: None }), ..self }
    }

    /// Adds to the contents; waits while the store is behind.
    pub async fn push(&mut self, mut contents: &[u8]) -> Result<(), FileError> {
        self.size += contents.len() as u64;
        if self.size > self.most {
            return Err(FileError::TooLarge(self.most));
        }
        while !contents.is_empty() {
            let taken = contents.len().min(BLOCK - self.waiting.len());
            self.waiting.extend_from_slice(&contents[..taken]);
            contents = &contents[taken..];
            if self.waiting.len() == BLOCK {
                let (sealer, hash) = self.free().await?;
                self.hands = Some(begin(sealer, hash, std::mem::replace(&mut self.waiting, Vec::with_capacity(BLOCK))));
            }
        }
        Ok(())
    }

    /// Waits for the block that is being sealed and hands it to the store.
    async fn free(&mut self) -> Result<(Sealer, Sha256), FileError> {
        match self.hands.take() {
            Some(Hands::Idle(sealer, hash)) => Ok((sealer, hash)),
            Some(Hands::Busy(sealing, hashing)) => {
                let (sealer, sealed) = done(&self.name, sealing).await?.map_err(|_| FileError::TooLarge(self.most))?;
                let hash = done(&self.name, hashing).await?;
                self.send(sealed).await?;
                Ok((sealer, hash))
            }
            None => Err(failed(&self.name, "an earlier block was given up")),
        }
    }

    async fn send(&mut self, sealed: Vec<u8>) -> Result<(), FileError> {
        self.upload.wait_for_capacity(PARTS_AHEAD).await.map_err(|error| FileError::of(&self.name, error))?;
        let size = sealed.len();
        self.upload.put(Bytes::from(sealed));
        if let Some(early) = &mut self.early {
            early.wrote(size);
        }
        Ok(())
    }

    /// Ends the object; when this returns it is there and stays there.
    pub async fn finish(mut self) -> Result<Stored, FileError> {
        let (mut sealer, mut hash) = self.free().await?;
        let (rest, mut last) = (std::mem::take(&mut self.waiting), Vec::new());
        let end = move || {
            hash.update(&rest);
            sealer.push(&rest, &mut last).and_then(|()| sealer.finish(&mut last)).map(|()| (last, hash))
        };
        let (last, hash) = done(&self.name, spawn_blocking(end)).await?.map_err(|_| FileError::TooLarge(self.most))?;
        self.send(last).await?;
        self.upload.finish().await.map_err(|error| FileError::of(&self.name, error))?;
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Stored { size: self.size, sha256, key: self.key })
    }

    /// Gives the object up and removes what was sent of it.
    pub async fn abort(self) -> Result<(), FileError> {
        self.upload.abort().await.map_err(|error| FileError::of(&self.name, error))
    }
}

/// Brings to the disk what is in a file while more comes, so that little is left to wait for at its end. Whether all of it is there is what the
/// store finds out then, with its own handle; here nothing that goes wrong matters.
struct Early {
    file: PathBuf,
    written: usize,
    under_way: Option<JoinHandle<()>>,
}

impl Early {
    fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written >= EARLY && self.under_way.as_ref().is_none_or(JoinHandle::is_finished) {
            self.written = 0;
            let file = self.file.clone();
            self.under_way = Some(spawn_blocking(move || drop(File::open(file).and_then(|file| file.sync_data()))));
        }
    }
}

async fn done<T>(name: &str, work: JoinHandle<T>) -> Result<T, FileError> {
    work.await.map_err(|error| failed(name, error))
}

fn failed(name: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> FileError {
    FileError::of(name, object_store::Error::Generic { store: "sealing", source: error.into() })
}

/// Seals a block and hashes it, each on a thread of its own.
fn begin(mut sealer: Sealer, mut hash: Sha256, block: Vec<u8>) -> Hands {
    let block = Arc::new(block);
    let hashed = block.clone();
    let sealing = spawn_blocking(move || {
        let mut sealed = Vec::with_capacity(block.len() + block.len() / 1024);
        sealer.push(&block, &mut sealed).map(|()| (sealer, sealed))
    });
    let hashing = spawn_blocking(move || {
        hash.update(hashed.as_slice());
        hash
    });
    Hands::Busy(sealing, hashing)
}
