//! bcrypt beside the event loop, two at a time: hashing is the most expensive thing an anonymous caller can ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clinichub_core::{AppError, Entropy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::password::MAX_BYTES;

/// How many passwords are hashed at once.
const AT_ONCE: usize = 2;

/// Hashes and verifies passwords.
pub struct Hasher {
    cost: u32,
    entropy: Arc<dyn Entropy>,
    /// A hash that nothing matches, of the same cost, so that an unknown account takes as long as a known one.
    decoy: String,
    gate: Arc<Semaphore>,
    verified: AtomicU64,
}

/// The right to run one of the few hashes at a time.
pub struct Turn(#[expect(dead_code, reason = "held until the hash is made")] OwnedSemaphorePermit);

impl Hasher {
    /// A hasher of this bcrypt cost.
    pub fn new(cost: u32, entropy: Arc<dyn Entropy>) -> Self {
        Self { cost, entropy, decoy: decoy(cost), gate: Arc::new(Semaphore::new(AT_ONCE)), verified: AtomicU64::new(0) }
    }

    /// Waits until a hash may be made.
    pub async fn turn(&self) -> Result<Turn, AppError> {
        self.gate.clone().acquire_owned().await.map(Turn).map_err(AppError::internal)
    }

    /// The bcrypt hash of a password that passed the rules.
    pub async fn hash(&self, password: &str) -> Result<String, AppError> {
        if password.len() > MAX_BYTES {
            return Err(AppError::field("password", format!("The password must have at most {MAX_BYTES} bytes")));
        }
        let _turn = self.turn().await?;
        let (password, cost, salt) = (password.to_owned(), self.cost, self.entropy.bytes::<16>());
        let hash = on_a_thread(move || bcrypt::hash_with_salt(password, cost, salt)).await?;
        Ok(hash.map_err(AppError::internal)?.to_string())
    }

    /// Whether this is the password behind `hash`. No hash takes as long as a wrong password, and so does one that is too long.
    pub async fn verify(&self, _turn: &Turn, password: &str, hash: Option<String>) -> Result<bool, AppError> {
        self.verified.fetch_add(1, Ordering::Relaxed);
        let fits = password.len() <= MAX_BYTES;
        let real = hash.filter(|_| fits);
        let known = real.is_some();
        let (password, hash) = (if fits { password.to_owned() } else { String::new() }, real.unwrap_or_else(|| self.decoy.clone()));
        let matches = on_a_thread(move || bcrypt::verify(password, &hash)).await?.map_err(AppError::internal)?;
        Ok(matches && known)
    }

    /// How many passwords have been verified; a sign-in costs one, whether or not the account exists.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }
}

/// A well-formed hash of zeros: no password is known for it, and checking against it does all the work.
fn decoy(cost: u32) -> String {
    format!("$2b${cost:02}${}", ".".repeat(53))
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use clinichub_core::OsEntropy;

    use super::*;

    #[tokio::test]
    async fn verifies_what_it_hashed_and_nothing_else() {
        let hasher = Hasher::new(4, Arc::new(OsEntropy));
        let hash = hasher.hash("violet kettle 9").await.expect("a hash");
        let turn = hasher.turn().await.expect("a turn");
        assert!(hasher.verify(&turn, "violet kettle 9", Some(hash.clone())).await.expect("an answer"));
        assert!(!hasher.verify(&turn, "violet kettle 8", Some(hash.clone())).await.expect("an answer"));
        assert!(!hasher.verify(&turn, &"x".repeat(100), Some(hash)).await.expect("an answer"));
        assert!(!hasher.verify(&turn, "violet kettle 9", None).await.expect("an answer"));
        assert_eq!(hasher.verified(), 4);
    }
}
