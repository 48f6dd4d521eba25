//! The keys that wrap the keys of files and texts: made on the first start, in the folder of the keys, or given by the configuration. The newest wraps;
//! the older ones open what they have wrapped until it is wrapped anew.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use clinichub_core::{Entropy, UtcTime};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::FileError;
use crate::seal::FileKey;
use crate::text::TextKey;

/// The nonce of a wrap, which stands before it.
const NONCE: usize = 24;
const PREFIX: &str = "files-";
const SUFFIX: &str = ".key";
/// What stands in place of an object's name where texts are sealed; no object is called so.
const TEXTS: &str = "texts";

/// The key of a file or of texts, sealed by a key of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The id of the key that wraps it.
    pub kid: String,
    /// The sealed key, as text.
    pub text: String,
}

/// The keys of an installation. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing(Arc<Shared>);

struct Shared {
    folder: Option<PathBuf>,
    keys: RwLock<Vec<Key>>,
    entropy: Arc<dyn Entropy>,
}

#[derive(Clone)]
struct Key {
    kid: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({:?})", self.kids())
    }
}

impl KeyRing {
    /// The keys in `folder`, which is there already; makes the first one.
    pub fn in_folder(folder: &Path, now: UtcTime, entropy: Arc<dyn Entropy>) -> Result<Self, FileError> {
        if read_folder(folder)?.is_empty() {
            generate(folder, now, entropy.as_ref())?;
        }
        let keys = RwLock::new(read_folder(folder)?);
        Ok(Self(Arc::new(Shared { folder: Some(folder.to_owned()), keys, entropy })))
    }

    /// Keys from the configuration, 32 bytes in base64 each: the one that wraps, and one that was before it.
    pub fn given(key: &SecretString, previous: Option<&SecretString>, entropy: Arc<dyn Entropy>) -> Result<Self, FileError> {
        let mut keys: Vec<Key> = previous.map(parse).transpose()?.into_iter().collect();
        keys.push(parse(key)?);
        Ok(Self(Arc::new(Shared { folder: None, keys: RwLock::new(keys), entropy })))
    }

    /// Makes a new key in the folder, which wraps from now on; its id. `None`: the keys come from the configuration.
    pub fn rotate(&self, now: UtcTime) -> Result<Option<String>, FileError> {
        let Some(folder) = &self.0.folder else { return Ok(None) };
        let kid = generate(folder, now, self.0.entropy.as_ref())?;
        self.reload()?;
        Ok(Some(kid))
    }

    /// Removes a key from the folder, once nothing is wrapped by it.
    pub fn remove(&self, kid: &str) -> Result<(), FileError> {
        if let Some(folder) = &self.0.folder {
            fs::remove_file(folder.join(format!("{PREFIX}{kid}{SUFFIX}"))).map_err(failed)?;
            self.reload()?;
        }
        Ok(())
    }

    /// The ids of the keys, the one that wraps last.
    pub fn kids(&self) -> Vec<String> {
        self.keys().into_iter().map(|key| key.kid).collect()
    }

    /// The id of the key that wraps.
    pub fn current(&self) -> Result<String, FileError> {
        self.reload()?;
        self.kids().pop().ok_or_else(|| FileError::Keys("there is none".to_owned()))
    }

    /// A key for a new file, and the same wrapped.
    pub(crate) fn new_file(&self, name: &str, context: &str) -> Result<(FileKey, Wrapped), FileError> {
        // Another process may have made a newer key.
        self.reload()?;
        let key = FileKey::new(self.0.entropy.bytes());
        let wrapped = self.wrap(key.as_bytes(), name, context)?;
        Ok((key, wrapped))
    }

    /// A key for the texts of `context`, and the same wrapped.
    pub fn new_texts(&self, context: &str) -> Result<(TextKey, Wrapped), FileError> {
        self.reload()?;
        let key = Zeroizing::new(self.0.entropy.bytes());
        let wrapped = self.wrap(&*key, TEXTS, context)?;
        Ok((TextKey::new(&key, self.0.entropy.clone()), wrapped))
    }

    /// The key of the texts of `context`, if it was wrapped for that.
    pub fn texts(&self, wrapped: &Wrapped, context: &str) -> Result<TextKey, FileError> {
        let key: Zeroizing<[u8; TextKey::BYTES]> = self.unwrap(wrapped, TEXTS, context)?;
        Ok(TextKey::new(&key, self.0.entropy.clone()))
    }

    /// The same key of the texts of `context`, wrapped by the newest key.
    pub fn rewrap_texts(&self, wrapped: &Wrapped, context: &str) -> Result<Wrapped, FileError> {
        let key: Zeroizing<[u8; TextKey::BYTES]> = self.unwrap(wrapped, TEXTS, context)?;
        self.wrap(&*key, TEXTS, context)
    }

    /// Wraps a key by the newest key. `context` says what it belongs to.
    fn wrap(&self, key: &[u8], name: &str, context: &str) -> Result<Wrapped, FileError> {
        let by = self.keys().pop().ok_or_else(|| FileError::Keys("there is none".to_owned()))?;
        let nonce: [u8; NONCE] = self.0.entropy.bytes();
        let bound = binding(name, context);
        let sealed = by.cipher().encrypt(&nonce.into(), Payload { msg: key, aad: &bound });
        let sealed = sealed.map_err(|_| FileError::Keys("the key can't be wrapped".to_owned()))?;
        Ok(Wrapped { kid: by.kid, text: BASE64.encode([&nonce[..], &sealed].concat()) })
    }

    /// The file's key, if it was wrapped for this object and this context.
    pub(crate) fn file(&self, wrapped: &Wrapped, name: &str, context: &str) -> Result<FileKey, FileError> {
        Ok(FileKey::new(*self.unwrap(wrapped, name, context)?))
    }

    fn unwrap<const N: usize>(&self, wrapped: &Wrapped, name: &str, context: &str) -> Result<Zeroizing<[u8; N]>, FileError> {
        let by = self.find(&wrapped.kid)?;
        let damaged = || FileError::Damaged(name.to_owned(), "its key does not belong to it");
        let bytes = BASE64.decode(&wrapped.text).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let bound = binding(name, context);
        let key = by.cipher().decrypt(&(*nonce).into(), Payload { msg: sealed, aad: &bound }).map_err(|_| damaged())?;
        let key = Zeroizing::new(key);
        Ok(Zeroizing::new(key.as_slice().try_into().map_err(|_| damaged())?))
    }

    /// The same file's key, wrapped by the newest key.
    pub fn rewrap(&self, wrapped: &Wrapped, name: &str, context: &str) -> Result<Wrapped, FileError> {
        let key = self.file(wrapped, name, context)?;
        self.wrap(key.as_bytes(), name, context)
    }

    fn find(&self, kid: &str) -> Result<Key, FileError> {
        let known = |ring: &Self| ring.keys().into_iter().find(|key| key.kid == kid);
        if let Some(key) = known(self) {
            return Ok(key);
        }
        // A rotation in another process made it.
        self.reload()?;
        known(self).ok_or_else(|| FileError::UnknownKey(kid.to_owned()))
    }

    fn keys(&self) -> Vec<Key> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reload(&self) -> Result<(), FileError> {
        if let Some(folder) = &self.0.folder {
            let keys = read_folder(folder)?;
            *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
        Ok(())
    }
}

impl Key {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.bytes).into())
    }
}

/// What a wrap holds for: this object, and what it belongs to. The lengths keep two parts from being read as two others.
fn binding(name: &str, context: &str) -> Vec<u8> {
    format!("clinichub file key 1\n{}\n{name}\n{}\n{context}", name.len(), context.len()).into_bytes()
}

fn parse(key: &SecretString) -> Result<Key, FileError> {
    let wrong = || FileError::Keys("files_key must be 32 bytes in base64 (openssl rand -base64 32)".to_owned());
    let text = key.expose_secret().trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    let text = Zeroizing::new(text);
    let bytes = Zeroizing::new(BASE64.decode(text.as_bytes()).map_err(|_| wrong())?);
    let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| wrong())?);
    // The id tells keys apart and says nothing about them.
    let digest = Sha256::new().chain_update("clinichub files key id").chain_update(*bytes).finalize();
    Ok(Key { kid: format!("given-{}", hex(&digest[..8])), bytes })
}

fn generate(folder: &Path, now: UtcTime, entropy: &dyn Entropy) -> Result<String, FileError> {
    let kid = format!("{:016x}-{}", now.micros(), hex(&entropy.bytes::<4>()));
    let key = Zeroizing::new(entropy.bytes::<32>());
    let text = Zeroizing::new(BASE64.encode(*key));
    write_whole(folder, &format!("{PREFIX}{kid}{SUFFIX}"), text.as_bytes()).map_err(failed)?;
    Ok(kid)
}

/// A key that is lost takes every file with it, so it is on the disk before it is used.
fn write_whole(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    let beside = folder.join(format!(".{name}.new"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    fs::File::open(folder)?.sync_all()
}

/// The keys in the folder, the newest last.
fn read_folder(folder: &Path) -> Result<Vec<Key>, FileError> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(kid) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)) else { continue };
        let text = Zeroizing::new(fs::read_to_string(entry.path()).map_err(failed)?);
        let bytes = BASE64.decode(text.trim()).ok().map(Zeroizing::new).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        let bytes = bytes.ok_or_else(|| FileError::Keys(format!("{} holds no key", entry.path().display())))?;
        keys.push(Key { kid: kid.to_owned(), bytes: Zeroizing::new(bytes) });
    }
    keys.sort_by(|one, other| one.kid.cmp(&other.kid));
    Ok(keys)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: io::Error) -> FileError {
    FileError::Keys(error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
