//! Short texts that nobody but this program can read, and marks by which they are found without being opened.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use clinichub_core::Entropy;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::FileError;

/// The nonce of a text, which stands before it.
const NONCE: usize = 24;
/// Bytes of a mark: no two texts of a clinic share one by chance.
const MARK: usize = 16;

/// What seals the texts of one owner and marks them. Each has a key of its own, derived from the one that was wrapped.
pub struct TextKey {
    seals: Zeroizing<[u8; 32]>,
    marks: Zeroizing<[u8; 32]>,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for TextKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextKey")
    }
}

impl TextKey {
    pub(crate) fn new(key: &[u8; Self::BYTES], entropy: Arc<dyn Entropy>) -> Self {
        let derived = |purpose: &str| Zeroizing::new(keyed_hash(key, purpose));
        Self { seals: derived("clinichub text seal 1"), marks: derived("clinichub text mark 1"), entropy }
    }

    /// Bytes of the key that is wrapped.
    pub const BYTES: usize = 32;

    /// Seals a text for a place; it opens nowhere else.
    pub fn seal(&self, text: &str, place: &str) -> Result<String, FileError> {
        let nonce: [u8; NONCE] = self.entropy.bytes();
        let sealed = self.cipher().encrypt(&nonce.into(), Payload { msg: text.as_bytes(), aad: place.as_bytes() });
        let sealed = sealed.map_err(|_| FileError::Keys("a text can't be sealed".to_owned()))?;
        Ok(BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens a text that was sealed for this place.
    ///
    /// # Errors
    /// `Damaged` when it was changed, or sealed for another place or by another key.
    pub fn open(&self, sealed: &str, place: &str) -> Result<String, FileError> {
        let damaged = || FileError::Damaged(place.to_owned(), "its text does not belong to it");
        let bytes = BASE64.decode(sealed).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let text = self.cipher().decrypt(&(*nonce).into(), Payload { msg: sealed, aad: place.as_bytes() }).map_err(|_| damaged())?;
        String::from_utf8(text).map_err(|_| damaged())
    }

    /// What equal texts of a kind have in common and nobody can tell a text from who lacks the key.
    pub fn mark(&self, text: &str, kind: &str) -> String {
        let hash = keyed_hash(&self.marks, &format!("{kind}\n{text}"));
        BASE64.encode(&hash[..MARK])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.seals).into())
    }
}

fn keyed_hash(key: &[u8; 32], text: &str) -> [u8; 32] {
    let keyed = <Hmac<Sha256> as Mac>::new_from_slice(key);
    let mut hash = keyed.unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    hash.update(text.as_bytes());
    hash.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use clinichub_core::OsEntropy;

    use super::*;

    fn key(byte: u8) -> TextKey {
        TextKey::new(&[byte; 32], Arc::new(OsEntropy))
    }

    #[test]
    fn a_text_opens_in_its_place_by_its_key() {
        let sealed = key(1).seal("001-1234567-8", "7/national_id/17").unwrap();
        assert!(!sealed.contains("1234567"));
        assert_ne!(sealed, key(1).seal("001-1234567-8", "7/national_id/18").unwrap());
        assert_eq!(key(1).open(&sealed, "7/national_id/17").unwrap(), "001-1234567-8");
        for (byte, place) in [(1, "7/national_id/18"), (1, "8/national_id/17"), (2, "7/national_id/17")] {
            assert!(matches!(key(byte).open(&sealed, place), Err(FileError::Damaged(..))), "{byte} {place}");
        }
        for broken in ["", "?", &sealed[..30], &sealed[1..]] {
            assert!(matches!(key(1).open(broken, "7/national_id/17"), Err(FileError::Damaged(..))), "{broken}");
        }
    }

    #[test]
    fn marks_are_equal_for_equal_texts_of_a_kind_under_one_key() {
        let mark = key(1).mark("00112345678", "national_id");
        assert_eq!(mark, key(1).mark("00112345678", "national_id"));
        assert_eq!(mark.len(), 22);
        for other in
            [key(1).mark("00112345679", "national_id"), key(1).mark("00112345678", "other"), key(2).mark("00112345678", "national_id")]
        {
            assert_ne!(mark, other);
        }
    }
}
