//! Requests that are done once however often they arrive: the key and the answer are in the transaction of the work.

use std::sync::Arc;

use clinichub_core::{AppError, Grant};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::tx::{Handle, Inner, flag};
use crate::{DbError, PlatformSql, params, platform_sql};

const CLAIM: PlatformSql = platform_sql!(
    "INSERT INTO idempotency_keys (clinic_id, user_id, idempotency_key, request_hash, answer, created_at)
     VALUES ($1, $2, $3, $4, NULL, $5)
     ON CONFLICT (clinic_id, user_id, idempotency_key) DO NOTHING"
);
const STORED: PlatformSql =
    platform_sql!("SELECT request_hash, answer FROM idempotency_keys WHERE clinic_id = $1 AND user_id = $2 AND idempotency_key = $3");
const KNOWN: PlatformSql =
    platform_sql!("SELECT count(*) FROM idempotency_keys WHERE clinic_id = $1 AND user_id = $2 AND idempotency_key = $3");
const ANSWER: PlatformSql =
    platform_sql!("UPDATE idempotency_keys SET answer = $4 WHERE clinic_id = $1 AND user_id = $2 AND idempotency_key = $3");

/// Whose keys those of a clinic's visitors are: nobody's account.
const VISITORS: i64 = 0;

/// Whose a key is: the person's, or a clinic's visitors'. Nobody's where nobody signed in and no clinic is reached: such requests do their
/// work each time.
pub(crate) fn owner_of(grant: &Grant) -> Option<i64> {
    grant.user_id().map(|user| user.0).or_else(|| grant.clinic_id().map(|_| VISITORS))
}

/// Runs `f`, or gives the answer that the same request got before. A second one that arrives meanwhile waits for the first.
pub(crate) async fn create_once<H, A, T, F, Fut>(tx: H, args: A, f: Arc<F>) -> Result<T, AppError>
where
    H: Handle,
    T: Serialize + DeserializeOwned,
    F: Fn(H, A) -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let inner = tx.inner();
    let Some(key) = Key::of(&inner) else { return f(tx, args).await };
    if !key.claim(&inner).await? {
        return key.stored(&inner).await;
    }
    let answer = f(tx, args).await?;
    key.store(&inner, &answer)?;
    Ok(answer)
}

/// Whether the key of this request, finished or not, was used before by whoever asks.
pub(crate) async fn is_known(inner: &Inner) -> Result<bool, DbError> {
    let origin = inner.grant().origin();
    let name = origin.idempotency.as_ref().map(|(name, _)| name).or(origin.unfinished_key.as_ref().map(|unfinished| &unfinished.key));
    let (Some(name), Some(user)) = (name, owner_of(inner.grant())) else { return Ok(false) };
    let row = params![clinic_of(inner), user, name];
    let text = inner.dialect().pick(KNOWN.0.sqlite, KNOWN.0.postgres);
    Ok(inner.opt::<i64>(text, false, row.plain()).await?.is_some_and(|count| count > 0))
}

fn clinic_of(inner: &Inner) -> i64 {
    inner.grant().clinic_id().map_or(0, |clinic| clinic.0)
}

/// Whose key it is, and what it stands for.
struct Key {
    clinic: i64,
    user: i64,
    name: String,
    hash: String,
}

impl Key {
    fn of(inner: &Inner) -> Option<Self> {
        let grant = inner.grant();
        let (name, hash) = grant.origin().idempotency.clone()?;
        Some(Self { clinic: clinic_of(inner), user: owner_of(grant)?, name, hash })
    }

    /// Whether this request is the first with the key. The row is bookkeeping: it needs no audit of its own.
    async fn claim(&self, inner: &Inner) -> Result<bool, DbError> {
        let row = params![self.clinic, self.user, &self.name, &self.hash, inner.grant().at()];
        Ok(inner.exec(inner.dialect().pick(CLAIM.0.sqlite, CLAIM.0.postgres), false, row.plain()).await? == 1)
    }

    async fn stored<T: DeserializeOwned>(&self, inner: &Inner) -> Result<T, AppError> {
        let row = params![self.clinic, self.user, &self.name];
        let text = inner.dialect().pick(STORED.0.sqlite, STORED.0.postgres);
        let stored = inner.opt::<(String, Option<String>)>(text, false, row.plain()).await?;
        match stored {
            Some((hash, _)) if hash != self.hash => Err(AppError::IdempotencyMismatch),
            Some((_, Some(answer))) => serde_json::from_str(&answer).map_err(AppError::internal),
            _ => Err(AppError::Unavailable("an answer was being removed while it was asked for".to_owned())),
        }
    }

    fn store<T: Serialize>(&self, inner: &Inner, answer: &T) -> Result<(), AppError> {
        let answer = serde_json::to_string(answer).map_err(AppError::internal)?;
        if inner.is(flag::FAILED) {
            return Ok(());
        }
        Ok(inner.defer(ANSWER.0, params![self.clinic, self.user, &self.name, answer].into_values())?)
    }
}
