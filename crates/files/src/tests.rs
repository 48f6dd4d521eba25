//! Files go in and come out the same, in whole and in part; whatever was done to them meanwhile is noticed.

use std::path::PathBuf;
use std::sync::Arc;

use clinichub_core::{OsEntropy, UtcTime};
use futures_util::TryStreamExt;
use rstest::rstest;

use crate::seal::SEALED_CHUNK;
use crate::{CHUNK, FileError, FileStore, KeyRing, Stored};

const NAME: &str = "1/ab/abcdef";
const CONTEXT: &str = "clinic 1";
const MOST: u64 = 1 << 30;

struct Place {
    folder: tempfile::TempDir,
    store: FileStore,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        std::fs::create_dir(&keys).unwrap();
        let keys = KeyRing::in_folder(&keys, UtcTime::from_micros(1), Arc::new(OsEntropy)).unwrap();
        let store = FileStore::in_folder(&folder.path().join("files"), keys, Arc::new(OsEntropy)).unwrap();
        Self { folder, store }
    }

    fn object(&self) -> PathBuf {
        self.folder.path().join("files").join(NAME)
    }

    async fn put(&self, contents: &[u8]) -> Stored {
        let mut writing = self.store.begin(NAME, CONTEXT, MOST).await.unwrap();
        for piece in contents.chunks(10_007) {
            writing.push(piece).await.unwrap();
        }
        writing.finish().await.unwrap()
    }

    async fn get(&self, stored: &Stored, range: std::ops::Range<u64>) -> Result<Vec<u8>, FileError> {
        let pieces: Vec<_> = self.store.open(NAME, CONTEXT, &stored.key, stored.size)?.read(range).await?.try_collect().await?;
        Ok(pieces.concat())
    }

    /// Does something to the sealed object; whether reading all of it fails then.
    async fn notices(&self, stored: &Stored, harm: impl FnOnce(&mut Vec<u8>)) -> bool {
        let whole = std::fs::read(self.object()).unwrap();
        let mut harmed = whole.clone();
        harm(&mut harmed);
        std::fs::write(self.object(), &harmed).unwrap();
        let got = self.get(stored, 0..stored.size).await;
        std::fs::write(self.object(), &whole).unwrap();
        matches!(got, Err(FileError::Damaged(..)))
    }
}

fn contents(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap()).collect()
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(CHUNK - 1)]
#[case(CHUNK)]
#[case(CHUNK + 1)]
#[case(2 * CHUNK)]
#[case(3 * CHUNK + 17)]
#[case(40 * CHUNK + 5)]
#[tokio::test]
async fn what_goes_in_comes_out(#[case] size: usize) {
    let place = Place::new();
    let wanted = contents(size);
    let stored = place.put(&wanted).await;
    assert_eq!(stored.size, size as u64);
    assert_eq!(stored.sha256, format!("{:x}", <sha2::Sha256 as sha2::Digest>::digest(&wanted)));
    assert_eq!(place.get(&stored, 0..stored.size).await.unwrap(), wanted);
    let sealed = std::fs::read(place.object()).unwrap();
    assert!(size < 100 || !sealed.windows(64).any(|part| part == &wanted[..64]), "nothing lies there in the clear");
}

#[tokio::test]
async fn any_part_can_be_read() {
    let place = Place::new();
    let wanted = contents(40 * CHUNK + 5);
    let stored = place.put(&wanted).await;
    let chunk = CHUNK as u64;
    for (start, end) in [
        (0, 1),
        (0, chunk),
        (chunk - 1, chunk + 1),
        (chunk, 2 * chunk),
        (5, 5),
        (16 * chunk - 3, 33 * chunk + 7),
        (40 * chunk, stored.size),
        (stored.size - 1, stored.size),
        (stored.size, stored.size),
    ] {
        let part = place.get(&stored, start..end).await.unwrap();
        assert_eq!(part, wanted[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()], "{start}..{end}");
    }
}

#[tokio::test]
async fn whatever_was_done_to_an_object_is_noticed() {
    let place = Place::new();
    let stored = place.put(&contents(3 * CHUNK + 100)).await;
    assert!(!place.notices(&stored, |_| {}).await);
    for at in [0, 100, CHUNK + 1, SEALED_CHUNK, 3 * SEALED_CHUNK + 50, 3 * SEALED_CHUNK + 115] {
        assert!(place.notices(&stored, |bytes| bytes[at] ^= 1).await, "a bit at {at}");
    }
    for length in [0, 1, SEALED_CHUNK, 3 * SEALED_CHUNK, 3 * SEALED_CHUNK + 115] {
        assert!(place.notices(&stored, |bytes| bytes.truncate(length)).await, "cut to {length}");
    }
    assert!(place.notices(&stored, |bytes| bytes.push(0)).await, "longer");
    let swap = |bytes: &mut Vec<u8>| {
        let (one, other) = bytes.split_at_mut(SEALED_CHUNK);
        one.swap_with_slice(&mut other[..SEALED_CHUNK]);
    };
    assert!(place.notices(&stored, swap).await, "chunks swapped");
    let shorter = Stored { size: 3 * CHUNK as u64, ..stored.clone() };
    assert!(place.notices(&shorter, |bytes| bytes.truncate(3 * SEALED_CHUNK)).await, "cut at a chunk, with a size that fits");
}

#[tokio::test]
async fn an_object_opens_only_as_what_it_was_stored_as() {
    let place = Place::new();
    let stored = place.put(b"secret").await;
    let open = |name: &str, context: &str| place.store.open(name, context, &stored.key, stored.size).map(drop);
    assert!(open(NAME, CONTEXT).is_ok());
    assert!(matches!(open(NAME, "clinic 2"), Err(FileError::Damaged(..))));
    assert!(matches!(open("1/ab/other", CONTEXT), Err(FileError::Damaged(..))));
    let stranger = Place::new();
    assert!(matches!(stranger.store.open(NAME, CONTEXT, &stored.key, stored.size), Err(FileError::UnknownKey(_) | FileError::Damaged(..))));
}

#[tokio::test]
async fn keys_change_and_files_stay() {
    let place = Place::new();
    let stored = place.put(b"secret").await;
    let keys = place.store.keys();
    let new = keys.rotate(UtcTime::from_micros(2)).unwrap().unwrap();
    assert_eq!(place.get(&stored, 0..6).await.unwrap(), b"secret", "the old key still opens");
    let rewrapped = Stored { key: keys.rewrap(&stored.key, NAME, CONTEXT).unwrap(), ..stored.clone() };
    assert_eq!(rewrapped.key.kid, new);
    keys.remove(&stored.key.kid).unwrap();
    assert_eq!(place.get(&rewrapped, 0..6).await.unwrap(), b"secret");
    assert!(matches!(place.get(&stored, 0..6).await, Err(FileError::UnknownKey(_))));
    assert!(keys.rewrap(&rewrapped.key, NAME, "clinic 2").is_err());
}

#[test]
fn keys_of_the_configuration_are_32_bytes_in_base64() {
    let given = |text: &str| KeyRing::given(&text.to_owned().into(), None, Arc::new(OsEntropy));
    assert_eq!(given("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap().kids().len(), 1);
    assert!(given("c2hvcnQ=").is_err() && given("not base64 at all!").is_err());
}

#[tokio::test]
async fn an_upload_that_ends_early_leaves_nothing() {
    let place = Place::new();
    let files = |place: &Place| {
        let found = std::fs::read_dir(place.object().parent().unwrap()).map_or(0, Iterator::count);
        assert!(!place.object().exists());
        found
    };
    let mut writing = place.store.begin(NAME, CONTEXT, MOST).await.unwrap();
    writing.push(&contents(3_000_000)).await.unwrap();
    writing.abort().await.unwrap();
    assert_eq!(files(&place), 0);
    let mut writing = place.store.begin(NAME, CONTEXT, 100).await.unwrap();
    assert!(matches!(writing.push(&[0; 101]).await, Err(FileError::TooLarge(100))));
    drop(writing);
    while files(&place) > 0 {
        tokio::task::yield_now().await;
    }
    // As after a loss of power.
    std::fs::write(place.object().with_file_name("abcdef#1"), b"half").unwrap();
    assert_eq!(place.store.list_unfinished().await.unwrap()[0].name, NAME);
    assert_eq!(place.store.list().try_collect::<Vec<_>>().await.unwrap(), []);
    place.store.delete(NAME).await.unwrap();
    assert_eq!(files(&place), 0);
}

#[tokio::test]
async fn objects_are_listed_and_removed() {
    let place = Place::new();
    let stored = place.put(b"secret").await;
    let found: Vec<_> = place.store.list().try_collect().await.unwrap();
    assert_eq!((found[0].name.as_str(), found[0].bytes, found.len()), (NAME, 22, 1));
    place.store.delete(NAME).await.unwrap();
    place.store.delete(NAME).await.unwrap();
    assert!(matches!(place.get(&stored, 0..6).await, Err(FileError::Missing(_))));
    assert_ne!(place.store.new_name("1"), place.store.new_name("1"));
}
