//! How contents are sealed: chunks of [`CHUNK`] bytes, each with its place and whether it is the last one bound to it (STREAM, Hoang,
//! Reyhanitabar, Rogaway and Vizár 2015), so that any part can be opened without the rest and none can be cut off or moved.

use std::ops::Range;

use chacha20::{R20, hchacha};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of the contents in a chunk.
pub const CHUNK: usize = 64 * 1024;
/// What sealing adds to a chunk.
const TAG: usize = 16;
/// What a sealed chunk takes.
pub const SEALED_CHUNK: usize = CHUNK + TAG;
/// The part of the nonce that a whole file shares; STREAM adds a counter of 32 bits and the mark of the last chunk.
const NONCE: usize = 19;
/// The bytes of the nonce that become part of the key.
const EXTENSION: usize = 16;

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

    fn stream(&self) -> Stream {
        let (mut key, mut extension) = ([0; 32], [0; EXTENSION]);
        key.copy_from_slice(&self.0[..32]);
        extension.copy_from_slice(&self.0[32..32 + EXTENSION]);
        let mut own = hchacha::<R20>(&key.into(), &extension.into());
        key.zeroize();
        let cipher = UnboundKey::new(&CHACHA20_POLY1305, &own).map(|key| Box::new(LessSafeKey::new(key))).ok();
        own.zeroize();
        let mut prefix = [0; NONCE - EXTENSION];
        prefix.copy_from_slice(&self.0[32 + EXTENSION..]);
        Stream { cipher, prefix }
    }
}

/// XChaCha20-Poly1305 in STREAM mode with a counter of 32 bits, big endian: ChaCha20-Poly1305 (RFC 8439) under a key that is made of the
/// file's key and the first [`EXTENSION`] bytes of its nonce (draft-irtf-cfrg-xchacha-03), which all chunks share.
struct Stream {
    /// None is never seen: the key has the length that the cipher wants.
    cipher: Option<Box<LessSafeKey>>,
    prefix: [u8; NONCE - EXTENSION],
}

impl Stream {
    fn at(&self, position: u32, is_last: bool) -> Result<(&LessSafeKey, Nonce), Refused> {
        let mut nonce = [0; 12];
        nonce[4..7].copy_from_slice(&self.prefix);
        nonce[7..11].copy_from_slice(&position.to_be_bytes());
        nonce[11] = u8::from(is_last);
        Ok((self.cipher.as_deref().ok_or(Refused)?, Nonce::assume_unique_for_key(nonce)))
    }

    /// Adds the sealed chunk to `out`.
    fn seal(&self, position: u32, is_last: bool, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        let (cipher, nonce) = self.at(position, is_last)?;
        let start = out.len();
        out.extend_from_slice(chunk);
        let tag = cipher.seal_in_place_separate_tag(nonce, Aad::empty(), &mut out[start..]).map_err(|_| Refused)?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Adds what is in a sealed chunk to `out`.
    fn open(&self, position: u32, is_last: bool, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        let (cipher, nonce) = self.at(position, is_last)?;
        let start = out.len();
        out.extend_from_slice(sealed);
        let opened = cipher.open_in_place(nonce, Aad::empty(), &mut out[start..]).map(|contents| contents.len());
        out.truncate(start + opened.unwrap_or(0));
        opened.map(drop).map_err(|_| Refused)
    }
}

/// The cipher said no: too much was sealed, or what was opened is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Seals contents as they come.
pub struct Sealer {
    stream: Stream,
    position: u32,
    /// What may be the last chunk; it is sealed when more comes, or at the end.
    held: Vec<u8>,
}

impl Sealer {
    /// Begins a file.
    pub fn new(key: &FileKey) -> Self {
        Self { stream: key.stream(), position: 0, held: Vec::with_capacity(CHUNK) }
    }

    /// Takes more contents; what is ready is added to `out`.
    pub fn push(&mut self, mut contents: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        while !contents.is_empty() {
            if self.held.len() == CHUNK {
                self.seal_held(false, out)?;
                self.position = self.position.checked_add(1).ok_or(Refused)?;
            }
            // A chunk that is surely not the last one is not held first.
            while self.held.is_empty() && contents.len() > CHUNK {
                let (chunk, rest) = contents.split_at(CHUNK);
                self.stream.seal(self.position, false, chunk, out)?;
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
        self.seal_held(true, out)
    }

    fn seal_held(&mut self, is_last: bool, out: &mut Vec<u8>) -> Result<(), Refused> {
        self.stream.seal(self.position, is_last, &self.held, out)?;
        self.held.clear();
        Ok(())
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

/// Opens the chunks of a file of a known size.
pub struct Opener {
    stream: Stream,
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
        for (number, piece) in (first..).zip(sealed.chunks(SEALED_CHUNK)) {
            let position = u32::try_from(number).map_err(|_| Refused)?;
            self.stream.open(position, number == self.layout.last_chunk(), piece, &mut contents)?;
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

#[cfg(test)]
mod tests {
    use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
    use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

    use super::*;

    #[test]
    fn another_implementation_opens_it() {
        let bytes: [u8; FileKey::BYTES] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let contents: Vec<u8> = (0..2 * CHUNK + 5).map(|at| u8::try_from(at % 253).unwrap()).collect();
        let (mut sealer, mut sealed) = (Sealer::new(&FileKey::new(bytes)), Vec::new());
        sealer.push(&contents, &mut sealed).unwrap();
        sealer.finish(&mut sealed).unwrap();
        let (key, nonce): ([u8; 32], [u8; NONCE]) = (bytes[..32].try_into().unwrap(), bytes[32..].try_into().unwrap());
        let other = StreamBE32::<XChaCha20Poly1305>::from_aead(XChaCha20Poly1305::new(&key.into()), &nonce.into());
        let opened = sealed.chunks(SEALED_CHUNK).zip(0..).map(|(chunk, position)| {
            let mut chunk = chunk.to_vec();
            other.decrypt_in_place(position, position == 2, b"", &mut chunk).unwrap();
            chunk
        });
        assert_eq!(opened.collect::<Vec<_>>().concat(), contents);
    }
}
