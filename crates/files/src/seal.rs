//! How contents are sealed: chunks of [`CHUNK`] bytes, each with its place and whether it is the last one bound to it (STREAM, Hoang,
//! Reyhanitabar, Rogaway and Vizár 2015), so that any part can be opened without the rest and none can be cut off or moved.

use std::ops::Range;

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::aead::{self, Buffer};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of the contents in a chunk.
pub const CHUNK: usize = 64 * 1024;
/// What sealing adds to a chunk.
const TAG: usize = 16;
/// What a sealed chunk takes.
pub const SEALED_CHUNK: usize = CHUNK + TAG;
/// The part of the nonce that a whole file shares; STREAM adds a counter of 32 bits and the mark of the last chunk.
const NONCE: usize = 19;

/// What opens one file: its key and its part of the nonce.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; FileKey::BYTES]);

impl FileKey {
    /// Key and nonce together.
    pub const BYTES: usize = 32 + NONCE;

    /// From its bytes.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be wrapped.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn stream(&self) -> StreamBE32<XChaCha20Poly1305> {
        let (mut key, mut nonce) = ([0; 32], [0; NONCE]);
        key.copy_from_slice(&self.0[..32]);
        nonce.copy_from_slice(&self.0[32..]);
        let aead = XChaCha20Poly1305::new(&key.into());
        key.zeroize();
        StreamBE32::from_aead(aead, &nonce.into())
    }
}

/// The cipher said no: too much was sealed, or what was opened is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Seals contents as they come.
pub struct Sealer {
    stream: StreamBE32<XChaCha20Poly1305>,
    position: u32,
    /// What may be the last chunk; it is sealed when more comes, or at the end.
    held: Vec<u8>,
}

impl Sealer {
    /// Begins a file.
    pub fn new(key: &FileKey) -> Self {
        Self { stream: key.stream(), position: 0, held: Vec::with_capacity(SEALED_CHUNK) }
    }

    /// Takes more contents; what is ready is added to `out`.
    pub fn push(&mut self, mut contents: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        while !contents.is_empty() {
            if self.held.len() == CHUNK {
                self.seal(false, out)?;
                self.position = self.position.checked_add(1).ok_or(Refused)?;
            }
            // A chunk that is surely not the last one is sealed where it goes.
            while self.held.is_empty() && contents.len() > CHUNK {
                let (chunk, rest) = contents.split_at(CHUNK);
                let mut tail = Tail { start: out.len(), whole: out };
                tail.whole.extend_from_slice(chunk);
                self.stream.encrypt_in_place(self.position, false, b"", &mut tail).map_err(|_| Refused)?;
                self.position = self.position.checked_add(1).ok_or(Refused)?;
                contents = rest;
            }
            let taken = contents.len().min(CHUNK - self.held.len());
            self.held.extend_from_slice(&contents[..taken]);
            contents = &contents[taken..];
        }
        Ok(())
    }

    /// Ends the file; the last chunk is added to `out`. An empty file has one chunk, an empty one.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Refused> {
        self.seal(true, out)
    }

    fn seal(&mut self, is_last: bool, out: &mut Vec<u8>) -> Result<(), Refused> {
        self.stream.encrypt_in_place(self.position, is_last, b"", &mut self.held).map_err(|_| Refused)?;
        out.extend_from_slice(&self.held);
        self.held.clear();
        Ok(())
    }
}

/// The end of a vector as something to be sealed.
struct Tail<'a> {
    whole: &'a mut Vec<u8>,
    start: usize,
}

impl AsRef<[u8]> for Tail<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.whole[self.start..]
    }
}

impl AsMut<[u8]> for Tail<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.whole[self.start..]
    }
}

impl Buffer for Tail<'_> {
    fn extend_from_slice(&mut self, more: &[u8]) -> aead::Result<()> {
        self.whole.extend_from_slice(more);
        Ok(())
    }

    fn truncate(&mut self, length: usize) {
        self.whole.truncate(self.start + length);
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

/// Opens the chunks of a file of a known size.
pub struct Opener {
    stream: StreamBE32<XChaCha20Poly1305>,
    layout: Layout,
}

impl Opener {
    /// For a file with `size` bytes of contents.
    pub fn new(key: &FileKey, size: u64) -> Self {
        Self { stream: key.stream(), layout: Layout { size } }
    }

    /// Opens the sealed chunks that begin with the one numbered `first`.
    pub fn open(&self, first: u64, sealed: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut contents = Vec::with_capacity(sealed.len());
        let mut chunk = Vec::with_capacity(SEALED_CHUNK);
        for (number, piece) in (first..).zip(sealed.chunks(SEALED_CHUNK)) {
            let position = u32::try_from(number).map_err(|_| Refused)?;
            chunk.clear();
            chunk.extend_from_slice(piece);
            self.stream.decrypt_in_place(position, number == self.layout.last_chunk(), b"", &mut chunk).map_err(|_| Refused)?;
            contents.extend_from_slice(&chunk);
        }
        Ok(contents)
    }
}

/// Where the chunks of a file lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The size of the contents.
    pub size: u64,
}

impl Layout {
    const CHUNK: u64 = CHUNK as u64;
    const SEALED: u64 = SEALED_CHUNK as u64;

    /// The number of the last chunk, from 0.
    pub fn last_chunk(self) -> u64 {
        self.size.saturating_sub(1) / Self::CHUNK
    }

    /// The size of the sealed file.
    pub fn sealed_size(self) -> u64 {
        self.size + (self.last_chunk() + 1) * TAG as u64
    }

    /// The chunks that hold these bytes of the contents: the number of the first, and the number after the last.
    pub fn chunks_of(self, bytes: &Range<u64>) -> Range<u64> {
        let end = if bytes.is_empty() { bytes.start / Self::CHUNK + 1 } else { (bytes.end - 1) / Self::CHUNK + 1 };
        bytes.start / Self::CHUNK..end.min(self.last_chunk() + 1)
    }

    /// Where these chunks lie in the sealed file.
    pub fn sealed_range(self, chunks: &Range<u64>) -> Range<u64> {
        chunks.start * Self::SEALED..(chunks.end * Self::SEALED).min(self.sealed_size())
    }
}
