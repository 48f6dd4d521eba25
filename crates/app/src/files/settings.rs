//! Where files are kept, by what they are sealed, what may come in.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use clinichub_core::{AppError, Clock, Entropy};
use clinichub_files::{FileStore, KeyRing, S3Settings, Scanner};
use secrecy::SecretString;

use super::thumbnail::Maker;

/// What the configuration says about files.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// An S3-compatible store; `None`: the folder `files` of the data folder.
    pub s3: Option<S3Settings>,
    /// The key that wraps the files' keys; `None`: those in the folder `keys` of the data folder.
    pub key: Option<SecretString>,
    /// The key that was before it.
    pub previous_key: Option<SecretString>,
    /// The most that a file may have, in bytes.
    pub max_upload: u64,
    /// Who is asked whether a file is harmful.
    pub scanner: Option<Scanner>,
    /// Who makes small pictures.
    pub small_pictures: Maker,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self { s3: None, key: None, previous_key: None, max_upload: 2 << 30, scanner: None, small_pictures: Maker::Here }
    }
}

/// Opens the store of the files, and makes its folder and first key where they are missing.
pub fn open(settings: &FileSettings, data_dir: &Path, clock: &dyn Clock, entropy: &Arc<dyn Entropy>) -> Result<FileStore, AppError> {
    let keys = match &settings.key {
        Some(key) => KeyRing::given(key, settings.previous_key.as_ref(), entropy.clone()),
        None => {
            let folder = data_dir.join("keys");
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(AppError::internal)?;
            KeyRing::in_folder(&folder, clock.now(), entropy.clone())
        }
    };
    let keys = keys.map_err(AppError::internal)?;
    let store = match &settings.s3 {
        Some(s3) => FileStore::in_s3(s3, keys, entropy.clone()),
        None => FileStore::in_folder(&data_dir.join("files"), keys, entropy.clone()),
    };
    store.map_err(AppError::internal)
}
