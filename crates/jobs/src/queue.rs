//! The queue as an operator sees it.

use clinichub_core::{AppError, ClinicId, Clock, JobId, UtcTime};
use clinichub_db::Db;

use crate::{store, system_grant};

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub job_id: JobId,
    /// Its clinic, if it belongs to one.
    pub clinic_id: Option<ClinicId>,
    /// What kind of work.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: UtcTime,
    /// When it was given up.
    pub finished_at: Option<UtcTime>,
}

clinichub_db::from_row!(DeadJob { job_id, clinic_id, kind, attempts, last_error, created_at, finished_at });

/// How full the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStatus {
    /// Waiting for their time or for a node.
    pub ready: i64,
    /// Of those, due for more than five minutes: nobody knows their kind, or no node runs.
    pub overdue: i64,
    /// Being worked on.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}

clinichub_db::from_row!(QueueStatus { ready, overdue, running, dead });

/// How full the queue is.
pub async fn status(db: &Db, clock: &dyn Clock) -> Result<QueueStatus, AppError> {
    let grant = system_grant(None, "show_queue", clock);
    db.platform_read(&grant, (), |mut tx, ()| async move { Ok(store::status(&mut tx).await?) }).await
}

/// The jobs that were given up, newest first, at most `limit`.
pub async fn dead(db: &Db, clock: &dyn Clock, limit: i64) -> Result<Vec<DeadJob>, AppError> {
    let grant = system_grant(None, "list_dead_jobs", clock);
    db.platform_read(&grant, limit, |mut tx, limit| async move { Ok(store::list_dead(&mut tx, limit).await?) }).await
}

/// Puts a job that was given up back into the queue, with all its attempts. False if it is not dead.
pub async fn revive(db: &Db, clock: &dyn Clock, job: JobId) -> Result<bool, AppError> {
    let grant = system_grant(None, "revive_job", clock);
    db.platform_write(&grant, job, |mut tx, job| async move {
        tx.unaudited("moves no data");
        tx.nudge();
        Ok(store::revive(&mut tx, job).await?)
    })
    .await
}
