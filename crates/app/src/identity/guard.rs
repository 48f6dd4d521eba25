//! Who is behind a token: what the guard of every route asks.

use std::hash::Hash;
use std::sync::Arc;

use clinichub_api::{Outcome, Platform};
use clinichub_core::{AppError, Clock, Entropy, Grant, Mint, Origin, Principal, SessionId, UtcTime};
use clinichub_db::{AuditOutcome, PlatformTx};

use super::cache::Known;
use super::store;
use super::token::{Claims, invalid_token};
use crate::{App, audit};

impl Platform for App {
    async fn authenticate(&self, token: &str, _origin: &Origin) -> Result<Arc<Principal>, AppError> {
        let now = self.clock.now();
        let claims = self.tokens.verify(token, now)?;
        let known = match self.sessions.get(claims.sid, now) {
            Some(known) => known,
            None => self.load_session(claims.sid, now).await?,
        };
        if now < known.expires_at && is_of(&claims, &known.principal) { Ok(known.principal) } else { Err(invalid_token()) }
    }

    async fn record(&self, grant: &Grant, outcome: Outcome) -> Result<(), AppError> {
        audit::record(self, grant, trail_outcome(outcome)).await
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    fn trust_proxy(&self) -> bool {
        self.settings.trust_proxy
    }

    fn is_tls(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }
}

fn trail_outcome(outcome: Outcome) -> AuditOutcome {
    match outcome {
        Outcome::Allowed => AuditOutcome::Allowed,
        Outcome::Refused => AuditOutcome::Refused,
        Outcome::Failed => AuditOutcome::Failed,
    }
}

/// A role or clinic that changed since the token was issued makes the token worthless.
fn is_of(claims: &Claims, principal: &Principal) -> bool {
    (claims.user_id, claims.role, claims.clinic_id) == (principal.user_id, principal.role, principal.clinic_id)
}

impl App {
    #[expect(clippy::disallowed_methods, reason = "the guard itself asks who somebody is; there is no grant yet")]
    async fn load_session(&self, id: SessionId, now: UtcTime) -> Result<Known, AppError> {
        let grant = Mint::system(None, "authenticate", now);
        let generation = self.sessions.generation(id);
        let find = async |mut tx: PlatformTx, id: SessionId| Ok(store::find_session(&mut tx, id).await?);
        let facts = self.db.platform_read(&grant, id, find).await?.ok_or_else(invalid_token)?;
        let expires_at = facts.expires_at;
        let principal = Arc::new(facts.principal(id).ok_or_else(invalid_token)?);
        let known = Known { principal, expires_at, loaded_at: now };
        self.sessions.put(id, generation, known.clone());
        Ok(known)
    }

    /// Whether the password is right. A failure counts against `key`; the right password clears it.
    pub(super) async fn check_password(&self, key: &(impl Hash + Sync), password: &str, hash: Option<String>) -> Result<bool, AppError> {
        let failures = &self.sign_in_limits.failures;
        failures.peek(key, self.clock.now()).await?;
        let turn = self.hasher.turn().await?;
        failures.mark(key, self.clock.now()).await?;
        let verified = self.hasher.verify(&turn, password, hash).await;
        match verified {
            Ok(true) => failures.clear(key, self.clock.now()).await,
            Ok(false) => {}
            Err(_) => failures.unmark(key, self.clock.now()).await,
        }
        verified
    }
}
