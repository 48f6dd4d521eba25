//! How often an address may try. A failure locks nobody's account: it slows one account from one address.
//!
//! Counted in this node's memory, within bounds; a restart forgets, which costs an attacker more than it gives.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clinichub_core::{AppError, Grant, UtcTime};

/// The window of every limit, in microseconds.
const WINDOW: i64 = 60_000_000;
/// How many keys a limit remembers at most.
const MOST_KEYS: usize = 20_000;

/// At most `limit` marks a key in any minute.
pub struct Limit {
    most: usize,
    hasher: RandomState,
    marks: Mutex<HashMap<u64, VecDeque<i64>>>,
}

impl Limit {
    /// A limit of so many a minute.
    pub fn per_minute(limit: usize) -> Self {
        Self { most: limit, hasher: RandomState::new(), marks: Mutex::default() }
    }

    /// Says how long to wait for the next mark, if one has to.
    pub fn peek(&self, key: &impl Hash, now: UtcTime) -> Result<(), AppError> {
        let mut marks = self.lock();
        marks.get_mut(&self.hasher.hash_one(key)).map_or(Ok(()), |times| self.room(times, now.micros()))
    }

    /// Leaves a mark, or says how long to wait for the next one.
    pub fn mark(&self, key: &impl Hash, now: UtcTime) -> Result<(), AppError> {
        let mut marks = self.lock();
        let key = self.hasher.hash_one(key);
        if marks.len() >= MOST_KEYS && !marks.contains_key(&key) {
            make_room(&mut marks, now.micros());
        }
        let times = marks.entry(key).or_default();
        self.room(times, now.micros())?;
        times.push_back(now.micros());
        Ok(())
    }

    fn room(&self, times: &mut VecDeque<i64>, now: i64) -> Result<(), AppError> {
        forget_old(times, now);
        match times.front().filter(|_| times.len() >= self.most) {
            Some(oldest) => Err(AppError::RateLimited(seconds_until(oldest + WINDOW, now))),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, VecDeque<i64>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one mark back: what it stood for didn't happen.
    pub fn unmark(&self, key: &impl Hash) {
        if let Some(times) = self.lock().get_mut(&self.hasher.hash_one(key)) {
            times.pop_back();
        }
    }

    /// Takes all marks of a key back.
    pub fn clear(&self, key: &impl Hash) {
        self.lock().remove(&self.hasher.hash_one(key));
    }
}

fn forget_old(times: &mut VecDeque<i64>, now: i64) {
    while times.front().is_some_and(|time| *time + WINDOW <= now) {
        times.pop_front();
    }
}

/// Drops what is over; when nothing is, the key whose last mark is the oldest.
fn make_room(marks: &mut HashMap<u64, VecDeque<i64>>, now: i64) {
    marks.retain(|_, times| times.back().is_some_and(|last| last + WINDOW > now));
    if marks.len() >= MOST_KEYS {
        let oldest = marks.iter().min_by_key(|(_, times)| times.back().copied()).map(|(key, _)| *key);
        oldest.map(|key| marks.remove(&key));
    }
}

fn seconds_until(then: i64, now: i64) -> u64 {
    u64::try_from((then - now + 999_999) / 1_000_000).unwrap_or(0).max(1)
}

/// The limits of the public routes.
pub struct SignInLimits {
    /// Failed sign-ins of one account from one address.
    pub failures: Limit,
    /// Sign-in attempts from one address; a whole clinic sits behind one.
    pub attempts: Limit,
    /// Registrations, forgotten passwords and set-ups from one address.
    pub requests: Limit,
    /// Refreshes from one address.
    pub refreshes: Limit,
    /// Looks at public pages whose token is the credential, from one address.
    pub verifications: Limit,
}

impl SignInLimits {
    /// Counts a look at a public page whose token is the credential.
    pub fn mark_verification(&self, grant: &Grant) -> Result<(), AppError> {
        self.verifications.mark(&network_of(grant.origin().address.as_deref()), grant.at())
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            failures: Limit::per_minute(5),
            attempts: Limit::per_minute(100),
            requests: Limit::per_minute(30),
            refreshes: Limit::per_minute(300),
            verifications: Limit::per_minute(60),
        }
    }
}

/// What a limit knows an address by: an IPv6 network of 64 bits is one household, not 2^64 visitors.
pub fn network_of(address: Option<&str>) -> String {
    match address.and_then(|text| text.parse::<IpAddr>().ok()) {
        Some(IpAddr::V6(address)) => network_v6(address),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => String::new(),
    }
}

fn network_v6(address: Ipv6Addr) -> String {
    match address.to_ipv4_mapped() {
        Some(mapped) => mapped.to_string(),
        None => Ipv6Addr::from(u128::from(address) >> 64 << 64).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_sixth_waits_for_the_first_to_be_a_minute_old() {
        let limit = Limit::per_minute(5);
        for second in 0..5 {
            assert!(limit.mark(&("anne", "a"), at(second)).is_ok());
        }
        assert!(matches!(limit.mark(&("anne", "a"), at(10)), Err(AppError::RateLimited(50))));
        assert!(limit.mark(&("anne", "b"), at(10)).is_ok(), "another address");
        assert!(limit.mark(&("bob", "a"), at(10)).is_ok(), "another account");
        assert!(limit.mark(&("anne", "a"), at(60)).is_ok());
        assert!(limit.mark(&("anne", "a"), at(60)).is_err());
    }

    #[test]
    fn marks_can_be_taken_back() {
        let limit = Limit::per_minute(1);
        assert!(limit.mark(&1, at(0)).is_ok());
        limit.unmark(&1);
        assert!(limit.mark(&1, at(0)).is_ok());
        limit.clear(&1);
        assert!(limit.mark(&1, at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let limit = Limit::per_minute(1);
        for key in 0..MOST_KEYS + 10 {
            assert!(limit.mark(&key, at(0)).is_ok());
        }
        assert_eq!(limit.marks.lock().map(|marks| marks.len()).ok(), Some(MOST_KEYS));
        assert!(limit.mark(&"later", at(61)).is_ok());
        assert_eq!(limit.marks.lock().map(|marks| marks.len()).ok(), Some(1));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        assert_eq!(network_of(Some("2001:db8:1:2:3:4:5:6")), network_of(Some("2001:db8:1:2::1")));
        assert_ne!(network_of(Some("2001:db8:1:2::1")), network_of(Some("2001:db8:1:3::1")));
        assert_eq!(network_of(Some("::ffff:10.0.0.1")), "10.0.0.1");
    }
}
