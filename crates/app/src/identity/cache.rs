//! The sessions in use, so that a request with a token costs no query.
//!
//! What is remembered is dropped as soon as a commit changes it, here and (through the database) on every other node, and is
//! never older than [`MOST_AGE`]: another process may write the same SQLite file.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use clinichub_core::{ClinicId, Principal, SessionId, UserId, UtcTime};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a session is believed without asking the database.
pub const MOST_AGE: SignedDuration = SignedDuration::from_secs(5);
const SHARDS: usize = 16;
const MOST_A_SHARD: usize = 4_096;

/// Whose sessions are not what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// One session: logged out, revoked, or in another clinic now.
    Session(SessionId),
    /// All of a person: deactivated, another role, another password, another chart.
    User(UserId),
    /// All of a clinic: suspended, or its table of permissions changed.
    Clinic(ClinicId),
    /// Any.
    Everything,
}

/// A session as the database had it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Whose it is and what they may do.
    pub principal: Arc<Principal>,
    /// When the session ends by itself.
    pub expires_at: UtcTime,
    /// When this was asked.
    pub loaded_at: UtcTime,
}

#[derive(Default)]
struct Shard {
    /// Counts what was dropped, so that an answer asked for before isn't kept after.
    generation: u64,
    known: HashMap<SessionId, Known>,
}

/// The sessions in use.
pub struct SessionCache {
    shards: [RwLock<Shard>; SHARDS],
    trusted: AtomicBool,
}

impl Default for SessionCache {
    fn default() -> Self {
        Self { shards: Default::default(), trusted: AtomicBool::new(true) }
    }
}

impl SessionCache {
    /// The session, if it is known freshly enough.
    pub fn get(&self, id: SessionId, now: UtcTime) -> Option<Known> {
        if !self.trusted.load(Ordering::Acquire) {
            return None;
        }
        let shard = self.read(id);
        shard.known.get(&id).filter(|known| is_fresh(known, now)).cloned()
    }

    /// To be asked before the database is, and handed to [`Self::put`].
    pub fn generation(&self, id: SessionId) -> u64 {
        self.read(id).generation
    }

    /// Remembers a session, unless something was dropped since `generation`.
    pub fn put(&self, id: SessionId, generation: u64, known: Known) {
        let mut shard = write(&self.shards[index(id)]);
        if shard.generation != generation {
            return;
        }
        if shard.known.len() >= MOST_A_SHARD {
            shard.known.retain(|_, other| is_fresh(other, known.loaded_at));
        }
        if shard.known.len() < MOST_A_SHARD {
            shard.known.insert(id, known);
        }
    }

    /// Drops what isn't true any more.
    pub fn forget(&self, changed: Changed) {
        match changed {
            Changed::Session(id) => drop_from(&self.shards[index(id)], |known| known.session_id == id),
            Changed::User(id) => self.forget_where(|known| known.user_id == id),
            Changed::Clinic(id) => self.forget_where(|known| known.clinic_id == Some(id)),
            Changed::Everything => self.forget_where(|_| true),
        }
    }

    /// Says whether other nodes' changes are heard of; while they aren't, nothing is believed.
    pub fn trust(&self, trusted: bool) {
        self.forget(Changed::Everything);
        self.trusted.store(trusted, Ordering::Release);
    }

    fn forget_where(&self, is_changed: impl Fn(&Principal) -> bool) {
        for shard in &self.shards {
            drop_from(shard, &is_changed);
        }
    }

    fn read(&self, id: SessionId) -> RwLockReadGuard<'_, Shard> {
        self.shards[index(id)].read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drop_from(shard: &RwLock<Shard>, is_changed: impl Fn(&Principal) -> bool) {
    let mut shard = write(shard);
    shard.generation += 1;
    shard.known.retain(|_, known| !is_changed(&known.principal));
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

fn index(id: SessionId) -> usize {
    usize::try_from(id.0.rem_euclid(16)).unwrap_or(0)
}

/// A clock that went backwards makes nothing live longer.
fn is_fresh(known: &Known, now: UtcTime) -> bool {
    let age = now.since(known.loaded_at);
    (SignedDuration::ZERO..MOST_AGE).contains(&age) && now < known.expires_at
}

#[cfg(test)]
mod tests {
    use clinichub_core::Role;

    use super::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_micros(seconds * 1_000_000)
    }

    fn known(session: i64, user: i64, clinic: i64) -> (SessionId, Known) {
        let principal = Principal {
            user_id: UserId(user),
            role: Role::Nurse,
            clinic_id: Some(ClinicId(clinic)),
            zone: None,
            session_id: SessionId(session),
            permissions: [].into(),
            charts: Vec::new(),
        };
        (SessionId(session), Known { principal: Arc::new(principal), expires_at: at(1_000), loaded_at: at(0) })
    }

    fn cache_of(entries: &[(i64, i64, i64)]) -> SessionCache {
        let cache = SessionCache::default();
        for (session, user, clinic) in entries {
            let (id, known) = known(*session, *user, *clinic);
            cache.put(id, cache.generation(id), known);
        }
        cache
    }

    fn kept(cache: &SessionCache) -> Vec<i64> {
        (0..10).filter(|id| cache.get(SessionId(*id), at(1)).is_some()).collect()
    }

    #[test]
    fn forgets_exactly_what_changed() {
        let entries = [(1, 7, 1), (2, 7, 2), (3, 8, 2)];
        let after = |changed| {
            let cache = cache_of(&entries);
            cache.forget(changed);
            kept(&cache)
        };
        assert_eq!(kept(&cache_of(&entries)), [1, 2, 3]);
        assert_eq!(after(Changed::Session(SessionId(1))), [2, 3]);
        assert_eq!(after(Changed::User(UserId(7))), [3]);
        assert_eq!(after(Changed::Clinic(ClinicId(2))), [1]);
        assert_eq!(after(Changed::Everything), [] as [i64; 0]);
    }

    #[test]
    fn nothing_is_older_than_five_seconds_or_its_session() {
        let cache = cache_of(&[(1, 7, 1)]);
        assert!(cache.get(SessionId(1), at(4)).is_some());
        assert!(cache.get(SessionId(1), at(5)).is_none());
        assert!(cache.get(SessionId(1), at(-1)).is_none());
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_kept() {
        let cache = SessionCache::default();
        let (id, entry) = known(1, 7, 1);
        let before = cache.generation(id);
        cache.forget(Changed::User(UserId(7)));
        cache.put(id, before, entry);
        assert_eq!(kept(&cache), [] as [i64; 0]);
    }

    #[test]
    fn nothing_is_believed_while_nobody_listens() {
        let cache = cache_of(&[(1, 7, 1)]);
        cache.trust(false);
        assert_eq!(kept(&cache), [] as [i64; 0]);
    }
}
