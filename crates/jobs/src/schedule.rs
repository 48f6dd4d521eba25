//! What is done every so often, by one node.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinichub_core::{AppError, Clock, Grant, UtcTime};
use clinichub_db::Db;
use jiff::SignedDuration;

use crate::runner::JobError;
use crate::{store, system_grant};

/// A failed run is tried again after this, where the period is longer.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);

pub(crate) type Handler = Arc<dyn Fn(Grant) -> Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>> + Send + Sync>;

/// A handler and its period. The lease of the same name says when the next run begins, whichever node does it.
pub(crate) struct Schedule {
    name: &'static str,
    period: SignedDuration,
    handler: Handler,
    next: Mutex<UtcTime>,
    busy: AtomicBool,
}

impl Schedule {
    pub(crate) fn new(name: &'static str, period: SignedDuration, handler: Handler) -> Self {
        Self { name, period, handler, next: Mutex::new(UtcTime::from_micros(0)), busy: AtomicBool::new(false) }
    }

    /// Whether it is worth asking for the lease.
    pub(crate) fn is_due(&self, now: UtcTime) -> bool {
        !self.busy.load(Ordering::Acquire) && *self.next.lock().unwrap_or_else(PoisonError::into_inner) <= now
    }

    fn set_next(&self, at: UtcTime) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Runs the handler if it is due and no other node has begun. True if it ran.
    pub(crate) async fn run(&self, db: &Db, clock: &dyn Clock, node: &str) -> bool {
        if self.busy.swap(true, Ordering::AcqRel) {
            return false;
        }
        let ran = self.run_alone(db, clock, node).await;
        self.busy.store(false, Ordering::Release);
        ran.unwrap_or_else(|error| {
            tracing::warn!(schedule = self.name, error = %error, "a schedule could not be started");
            false
        })
    }

    async fn run_alone(&self, db: &Db, clock: &dyn Clock, node: &str) -> Result<bool, AppError> {
        let grant = system_grant(None, self.name, clock);
        if let Some(held_until) = self.begin(db, &grant, node).await? {
            self.set_next(held_until);
            return Ok(false);
        }
        self.set_next(clock.now().plus(self.period));
        let result = tokio::select! {
            result = (self.handler)(grant) => result,
            () = self.keep(db, clock, node) => Ok(()),
        };
        if let Err(error) = result {
            metrics::counter!("clinichub_schedules_failed_total", "schedule" => self.name).increment(1);
            tracing::error!(schedule = self.name, error = %error, "a schedule failed");
            let again = clock.now().plus(self.period.min(AGAIN));
            self.move_to(db, clock, node, again).await?;
            self.set_next(again);
        }
        Ok(true)
    }

    async fn begin(&self, db: &Db, grant: &Grant, node: &str) -> Result<Option<UtcTime>, AppError> {
        let (name, until) = (self.name, grant.at().plus(self.period));
        db.platform_write(grant, node.to_owned(), move |mut tx, node| async move {
            tx.unaudited("a lease is nobody's data");
            Ok(store::begin_period(&mut tx, name, &node, until).await?)
        })
        .await
    }

    /// Keeps the lease while the handler takes longer than the period. Never ends.
    async fn keep(&self, db: &Db, clock: &dyn Clock, node: &str) {
        let half = Duration::try_from(self.period / 2).unwrap_or_default().max(Duration::from_secs(1));
        loop {
            tokio::time::sleep(half).await;
            if let Err(error) = self.move_to(db, clock, node, clock.now().plus(self.period)).await {
                tracing::warn!(schedule = self.name, error = %error, "the lease of a schedule could not be kept");
            }
        }
    }

    async fn move_to(&self, db: &Db, clock: &dyn Clock, node: &str, until: UtcTime) -> Result<(), AppError> {
        let (name, grant) = (self.name, system_grant(None, self.name, clock));
        db.platform_write(&grant, node.to_owned(), move |mut tx, node| async move {
            tx.unaudited("a lease is nobody's data");
            Ok(store::move_period(&mut tx, name, &node, until).await?)
        })
        .await
    }
}
