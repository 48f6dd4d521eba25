//! The keys that sign access tokens: made on the first start, kept in the data folder for the owner's eyes only, rotated by
//! adding a newer file. A configured key that could be guessed is refused.
//!
//! A new key is accepted before it signs: servers that share the folder read it again every [`RELOAD_EVERY`], and by then each of them
//! knows it.

use std::collections::HashSet;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clinichub_core::{Clock, Entropy, UtcTime};
use jiff::SignedDuration;
use secrecy::SecretString;
use zeroize::Zeroizing;

/// The least number of bytes of a key: as many as HS256's digest has (RFC 7518 3.2).
pub const MIN_BYTES: usize = 32;
/// How often a server reads its keys again.
pub const RELOAD_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How old a key is before it signs, unless it is the only one.
pub const SIGNS_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// How long a key is needed after the next one was made: until every server signs with that, and the last token of the old one has ended.
pub const NEEDED_AFTER: SignedDuration = SignedDuration::from_mins(20);

/// What published examples call their secrets.
const KNOWN: &[&str] = &[
    "secret",
    "change",
    "password",
    "example",
    "default",
    "your-256",
    "your_256",
    "yoursecret",
    "supersecret",
    "please",
    "clinichub",
    "jwt_key",
    "jwt-key",
    "insecure",
    "development",
    "dev-key",
    "test-key",
    "replace",
    "placeholder",
    "qwerty",
    "0123456789",
    "abcdefgh",
];

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder could not be read or written.
    #[error("the keys in {0} can't be used: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// The key could be guessed.
    #[error("the key {kid:?} that signs access tokens is refused: {reason}; remove it from the configuration to have one generated")]
    Weak {
        /// The key's id.
        kid: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// The keys of the data folder, the one that signs first; makes one when there is none.
pub fn load_or_generate(data_dir: &Path, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Vec<(String, SecretString)>, KeyError> {
    if kids_in(&folder_of(data_dir)?)?.is_empty() {
        rotate(data_dir, clock, entropy)?;
    }
    load(data_dir, clock.now())
}

/// The keys of the data folder, the one that signs first: the newest that is [`SIGNS_AFTER`] old, or else the oldest.
pub fn load(data_dir: &Path, now: UtcTime) -> Result<Vec<(String, SecretString)>, KeyError> {
    let folder = folder_of(data_dir)?;
    let mut kids = kids_in(&folder)?;
    kids.sort_unstable_by(|one, other| other.cmp(one));
    let is_known_everywhere = |kid: &String| made_at(kid).is_none_or(|made| now.since(made) >= SIGNS_AFTER);
    let signing = kids.iter().position(is_known_everywhere).unwrap_or(kids.len().saturating_sub(1));
    kids.rotate_left(signing);
    kids.into_iter().map(|kid| read(&folder, kid)).collect()
}

/// Makes a new key, which signs from [`SIGNS_AFTER`] on; tokens of the older ones stay good. Answers with its id.
pub fn rotate(data_dir: &Path, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<String, KeyError> {
    let folder = folder_of(data_dir)?;
    let kid = format!("{:016x}-{}", clock.now().micros(), hex(&entropy.bytes::<4>()));
    let key = Zeroizing::new(entropy.bytes::<32>());
    write_new(&folder, &kid, &Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*key)))?;
    Ok(kid)
}

/// Removes the keys that no good token can be signed with any more; their ids. One whose age is not in its name stays.
pub fn prune(data_dir: &Path, now: UtcTime) -> Result<Vec<String>, KeyError> {
    let folder = folder_of(data_dir)?;
    let mut kids = kids_in(&folder)?;
    kids.sort_unstable();
    let followed = kids.iter().zip(kids.iter().skip(1).filter_map(|next| made_at(next)));
    let is_over = |(kid, next): &(&String, UtcTime)| made_at(kid).is_some() && now.since(*next) >= NEEDED_AFTER;
    let over: Vec<String> = followed.filter(is_over).map(|(kid, _)| kid.clone()).collect();
    for kid in &over {
        let path = folder.join(format!("jwt-{kid}.key"));
        std::fs::remove_file(&path).map_err(|error| KeyError::Io(path, error))?;
    }
    Ok(over)
}

/// When a key was made, from its id.
fn made_at(kid: &str) -> Option<UtcTime> {
    let (micros, _) = kid.split_once('-')?;
    let micros = (micros.len() == 16).then(|| i64::from_str_radix(micros, 16).ok())??;
    Some(UtcTime::from_micros(micros))
}

/// Refuses a configured key that is short, known or too regular to be random.
pub fn check(kid: &str, key: &str) -> Result<(), KeyError> {
    weakness(key).map_or(Ok(()), |reason| Err(KeyError::Weak { kid: kid.to_owned(), reason }))
}

/// What is wrong with a secret that signs or wraps, if it could be guessed.
pub fn weakness(key: &str) -> Option<&'static str> {
    let lower = key.to_lowercase();
    if key.len() < MIN_BYTES {
        return Some("it has fewer than 32 bytes");
    }
    if KNOWN.iter().any(|known| lower.contains(known)) {
        return Some("it contains a word of published examples");
    }
    (key.chars().collect::<HashSet<_>>().len() < 10 || is_repeating(key.as_bytes())).then_some("it is too regular to be random")
}

fn is_repeating(key: &[u8]) -> bool {
    (1..=key.len() / 2).any(|period| key.iter().skip(period).zip(key).all(|(later, earlier)| later == earlier))
}

fn folder_of(data_dir: &Path) -> Result<PathBuf, KeyError> {
    let folder = data_dir.join("keys");
    make_private_folder(&folder).map_err(|error| KeyError::Io(folder.clone(), error))?;
    Ok(folder)
}

fn kids_in(folder: &Path) -> Result<Vec<String>, KeyError> {
    let failed = |error| KeyError::Io(folder.to_owned(), error);
    let mut kids = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        kids.extend(name.strip_prefix("jwt-").and_then(|rest| rest.strip_suffix(".key")).map(str::to_owned));
    }
    Ok(kids)
}

fn read(folder: &Path, kid: String) -> Result<(String, SecretString), KeyError> {
    let path = folder.join(format!("jwt-{kid}.key"));
    let text = Zeroizing::new(std::fs::read_to_string(&path).map_err(|error| KeyError::Io(path, error))?);
    let key = text.trim();
    check(&kid, key)?;
    Ok((kid, SecretString::from(key)))
}

/// Writes a file beside and links it into place, so that a key is there whole or not at all and never overwritten.
fn write_new(folder: &Path, kid: &str, text: &str) -> Result<(), KeyError> {
    let (beside, path) = (folder.join(format!(".{kid}.new")), folder.join(format!("jwt-{kid}.key")));
    let written = write_private(&beside, text.as_bytes()).and_then(|()| std::fs::hard_link(&beside, &path));
    let removed = std::fs::remove_file(&beside);
    written.and(removed).map_err(|error| KeyError::Io(path, error))
}

/// Makes a folder that only its owner can enter.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Writes a new file that only its owner can read, down to the disk.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    match file.sync_all() {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        result => result,
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use clinichub_core::{MockClock, OsEntropy, UtcTime};
    use jiff::SignedDuration;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn makes_one_key_and_finds_it_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = MockClock::new(UtcTime::from_micros(1));
        let first = load_or_generate(folder.path(), &clock, &OsEntropy).expect("keys");
        let again = load_or_generate(folder.path(), &clock, &OsEntropy).expect("keys");
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].0, again[0].0);
        assert_eq!(first[0].1.expose_secret(), again[0].1.expose_secret());
    }

    /// The ids of the keys, the one that signs first.
    fn kids(folder: &Path, clock: &MockClock) -> Vec<String> {
        load(folder, clock.now()).expect("keys").into_iter().map(|(kid, _)| kid).collect()
    }

    #[test]
    fn a_new_key_is_accepted_before_it_signs() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = MockClock::new(UtcTime::from_micros(1));
        let first = load_or_generate(folder.path(), &clock, &OsEntropy).expect("keys")[0].0.clone();
        clock.advance(SignedDuration::from_hours(1));
        let second = rotate(folder.path(), &clock, &OsEntropy).expect("a key");
        assert_eq!(kids(folder.path(), &clock)[0], first);
        assert_eq!(kids(folder.path(), &clock).len(), 2);
        clock.advance(SIGNS_AFTER);
        assert_eq!(kids(folder.path(), &clock), [second.clone(), first.clone()]);
        std::fs::remove_file(folder.path().join("keys").join(format!("jwt-{second}.key"))).expect("removed");
        assert_eq!(kids(folder.path(), &clock), [first]);
    }

    #[test]
    fn a_key_that_was_followed_long_ago_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = MockClock::new(UtcTime::from_micros(1));
        let first = rotate(folder.path(), &clock, &OsEntropy).expect("a key");
        clock.advance(SignedDuration::from_hours(24 * 90));
        assert_eq!(prune(folder.path(), clock.now()).expect("pruned"), [""; 0], "however old, it signs");
        let second = rotate(folder.path(), &clock, &OsEntropy).expect("a key");
        clock.advance(NEEDED_AFTER - SignedDuration::from_secs(1));
        assert_eq!(prune(folder.path(), clock.now()).expect("pruned"), [""; 0]);
        clock.advance(SignedDuration::from_secs(1));
        let by_hand = folder.path().join("keys").join("jwt-by-hand.key");
        std::fs::write(&by_hand, "R7vT2mQ9xLw4Zp8NcYb1Hs6Kd3Gf5Ja0").expect("written");
        assert_eq!(prune(folder.path(), clock.now()).expect("pruned"), [first]);
        assert!(by_hand.exists() && kids(folder.path(), &clock).contains(&second));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let clock = MockClock::new(UtcTime::from_micros(1));
        let keys = load_or_generate(folder.path(), &clock, &OsEntropy).expect("keys");
        let mode = |path: PathBuf| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(folder.path().join("keys")), 0o700);
        assert_eq!(mode(folder.path().join("keys").join(format!("jwt-{}.key", keys[0].0))), 0o600);
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        for weak in [
            "short",
            "please_change_me_please_change_me",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "k3J9x!k3J9x!k3J9x!k3J9x!k3J9x!k3J9x!",
            "your-256-bit-secret-for-the-whole-world",
        ] {
            assert!(check("k", weak).is_err(), "{weak}");
        }
        assert!(check("k", "R7vT2mQ9xLw4Zp8NcYb1Hs6Kd3Gf5Ja0").is_ok());
    }
}
