//! Who is behind a token: what the guard of every route asks.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use clinichub_api::{Outcome, Platform};
use clinichub_core::{AppError, Clock, Entropy, Grant, Mint, Origin, Permission, Principal, SessionId, UserId, UtcTime};
use clinichub_db::{AuditOutcome, PlatformTx};

use super::cache::Known;
use super::store;
use super::token::{Claims, invalid_token};
use crate::{App, audit};

impl Platform for App {
    async fn authenticate(&self, token: &str, origin: &Origin) -> Result<Arc<Principal>, AppError> {
        let now = self.clock.now();
        let claims = self.tokens.verify(token, now)?;
        let known = match self.sessions.get(claims.sid, now) {
            Some(known) => Some(known),
            None => self.load_session(claims.sid, now).await?,
        };
        let known = known.filter(|known| now < known.expires_at);
        if let Some(known) = &known
            && is_of(&claims, &known.principal)
        {
            return Ok(known.principal.clone());
        }
        let is_repeat = self.ended_by(&claims, known.as_ref(), &origin.action, now).await?;
        if is_repeat { Ok(Arc::new(who_was(&claims))) } else { Err(invalid_token()) }
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

/// Whoever had a token that ended, with no right but to ask about oneself.
fn who_was(claims: &Claims) -> Principal {
    Principal {
        user_id: claims.user_id,
        role: claims.role,
        clinic_id: claims.clinic_id,
        zone: None,
        session_id: claims.sid,
        permissions: BTreeSet::from([Permission::SignedIn]),
        charts: Vec::new(),
    }
}

impl App {
    /// Whether a request of this kind is what made the token worthless, so that the same one may come again where its answer was lost.
    /// The handlers see to it that such a token changes nothing: who has logged out has, and `switch_clinic` looks where the session is.
    #[expect(clippy::disallowed_methods, reason = "the guard itself asks who somebody is; there is no grant yet")]
    async fn ended_by(&self, claims: &Claims, known: Option<&Known>, action: &str, now: UtcTime) -> Result<bool, AppError> {
        match (action, known) {
            ("switch_clinic", Some(Known { principal, .. })) => {
                Ok(principal.user_id == claims.user_id && principal.clinic_id != claims.clinic_id)
            }
            ("logout", None) => {
                let ask = async |mut tx: PlatformTx, (session_id, user_id): (SessionId, UserId)| {
                    Ok(store::was_logged_out(&mut tx, session_id, user_id).await?)
                };
                self.db.platform_read(&Mint::system(None, "authenticate", now), (claims.sid, claims.user_id), ask).await
            }
            _ => Ok(false),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the guard itself asks who somebody is; there is no grant yet")]
    async fn load_session(&self, id: SessionId, now: UtcTime) -> Result<Option<Known>, AppError> {
        let grant = Mint::system(None, "authenticate", now);
        let generation = self.sessions.generation(id);
        let find = async |mut tx: PlatformTx, id: SessionId| Ok(store::find_session(&mut tx, id).await?);
        let Some(facts) = self.db.platform_read(&grant, id, find).await? else { return Ok(None) };
        let expires_at = facts.expires_at;
        let Some(principal) = facts.principal(id).map(Arc::new) else { return Ok(None) };
        let known = Known { principal, expires_at, loaded_at: now };
        self.sessions.put(id, generation, known.clone());
        Ok(Some(known))
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
