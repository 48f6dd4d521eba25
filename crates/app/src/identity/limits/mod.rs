//! How often an address may try. A failure locks nobody's account: it slows one account from one address.
//!
//! Every node counts by itself. With a Redis they count together, and go on by themselves while it is away.

mod memory;
mod shared;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, OnceLock};

use clinichub_core::{AppError, Grant, UtcTime};

use memory::{Memory, seconds_until};
use shared::{Shared, Step};

/// At most so many marks a key in any minute.
pub struct Limit {
    name: &'static str,
    most: usize,
    memory: Memory,
    shared: Arc<OnceLock<Shared>>,
}

impl Limit {
    fn per_minute(name: &'static str, most: usize, shared: &Arc<OnceLock<Shared>>) -> Self {
        Self { name, most, memory: Memory::per_minute(most), shared: shared.clone() }
    }

    /// Says how long to wait for the next mark, if one has to.
    pub async fn peek(&self, key: &(impl Hash + Sync), now: UtcTime) -> Result<(), AppError> {
        match self.ask(Step::Peek, key, now).await {
            Some(verdict) => verdict,
            None => self.memory.peek(key, now),
        }
    }

    /// Leaves a mark, or says how long to wait for the next one. This node keeps its own marks beside the common ones, to go on with.
    pub async fn mark(&self, key: &(impl Hash + Sync), now: UtcTime) -> Result<(), AppError> {
        let own = self.memory.mark(key, now);
        let Some(verdict) = self.ask(Step::Mark, key, now).await else { return own };
        if verdict.is_err() && own.is_ok() {
            self.memory.unmark(key);
        }
        verdict
    }

    /// Takes one mark back: what it stood for didn't happen.
    pub async fn unmark(&self, key: &(impl Hash + Sync), now: UtcTime) {
        self.memory.unmark(key);
        self.ask(Step::Unmark, key, now).await;
    }

    /// Takes all marks of a key back.
    pub async fn clear(&self, key: &(impl Hash + Sync), now: UtcTime) {
        self.memory.clear(key);
        self.ask(Step::Clear, key, now).await;
    }

    /// What all nodes together say; `None` where they don't count together, or can't at the moment.
    async fn ask(&self, step: Step, key: &(impl Hash + Sync), now: UtcTime) -> Option<Result<(), AppError>> {
        let until = self.shared.get()?.run(step, self.name, key, self.most, now).await?;
        let is_free = until <= now.micros();
        Some(if is_free { Ok(()) } else { Err(AppError::RateLimited(seconds_until(until, now.micros()))) })
    }
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
    /// Looks at other public pages from one address; a clinic's waiting room sits behind one.
    pub looks: Limit,
    shared: Arc<OnceLock<Shared>>,
}

impl SignInLimits {
    /// Counts a look at a public page whose token is the credential.
    pub async fn mark_verification(&self, grant: &Grant) -> Result<(), AppError> {
        self.verifications.mark(&network_of(grant.origin().address.as_deref()), grant.at()).await
    }

    /// Counts a look at a public page.
    pub async fn mark_look(&self, grant: &Grant) -> Result<(), AppError> {
        self.looks.mark(&network_of(grant.origin().address.as_deref()), grant.at()).await
    }

    /// Counts together with all nodes that share this Redis (`redis://host:6379`) and begin their keys like this.
    pub fn share(&self, url: &str, prefix: &str) -> Result<(), AppError> {
        let shared = Shared::new(url, prefix)?;
        self.shared.set(shared).map_err(|_| AppError::internal("the limits are shared already"))
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        let shared = Arc::default();
        Self {
            failures: Limit::per_minute("failures", 5, &shared),
            attempts: Limit::per_minute("attempts", 100, &shared),
            requests: Limit::per_minute("requests", 30, &shared),
            refreshes: Limit::per_minute("refreshes", 300, &shared),
            verifications: Limit::per_minute("verifications", 60, &shared),
            looks: Limit::per_minute("looks", 600, &shared),
            shared,
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

    #[test]
    fn an_ipv6_network_is_one_address() {
        assert_eq!(network_of(Some("2001:db8:1:2:3:4:5:6")), network_of(Some("2001:db8:1:2::1")));
        assert_ne!(network_of(Some("2001:db8:1:2::1")), network_of(Some("2001:db8:1:3::1")));
        assert_eq!(network_of(Some("::ffff:10.0.0.1")), "10.0.0.1");
    }
}
