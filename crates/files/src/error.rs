//! What can go wrong with a file.

use std::io;

/// Why a file can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is larger than it may be; the most it may have, in bytes.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// There is no room for it.
    #[error("there is no room for the file")]
    Full,
    /// There is no object of this name.
    #[error("the object {0} is missing")]
    Missing(String),
    /// The object is not what was stored: cut short, changed, moved, or sealed for something else.
    #[error("the object {0} is damaged: {1}")]
    Damaged(String, &'static str),
    /// The key with this id, which the file's key is wrapped by, is not here.
    #[error("the files key {0} is missing")]
    UnknownKey(String),
    /// The keys can't be read or written.
    #[error("the files keys can't be used: {0}")]
    Keys(String),
    /// The store can't be reached or refuses to work.
    #[error("the store of the files does not work")]
    Store(#[source] object_store::Error),
}

impl FileError {
    /// What an error of the store says about the object `name`.
    pub(crate) fn of(name: &str, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing(name.to_owned()),
            other if is_full(&other) => Self::Full,
            other => Self::Store(other),
        }
    }
}

/// Whether the disk, or what the user may have of it, is used up.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        let of = |kind: io::ErrorKind| {
            FileError::of("a", object_store::Error::Generic { store: "test", source: Box::new(io::Error::from(kind)) })
        };
        assert!(matches!(of(io::ErrorKind::StorageFull), FileError::Full));
        assert!(matches!(of(io::ErrorKind::PermissionDenied), FileError::Store(_)));
    }
}
