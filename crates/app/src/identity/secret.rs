//! Tokens that are kept as hashes: whoever reads the database can't use them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clinichub_core::Entropy;
use sha2::{Digest as _, Sha256};

use super::keys::hex;

/// A token to hand out once, 256 bits that can't be guessed, and the hash to keep.
pub struct Secret {
    /// What the person gets.
    pub token: String,
    /// What the database gets.
    pub sha256: String,
}

impl Secret {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let token = BASE64_URL_SAFE_NO_PAD.encode(entropy.bytes::<32>());
        let sha256 = sha256(&token);
        Self { token, sha256 }
    }
}

/// The SHA-256 of a token, in hexadecimal. No salt: there is nothing to guess in 256 random bits.
pub fn sha256(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
