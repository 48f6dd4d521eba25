//! All SQL on `jobs` and `leases`, and the sweeping of what has served.

use clinichub_core::{ClinicId, JobId, UtcTime};
use clinichub_db::{DbError, PlatformSql, PlatformTx, Query, Value, params, platform_sql};
use jiff::SignedDuration;

use crate::queue::{DeadJob, QueueStatus};

/// A job as it was claimed; `attempts` counts this one.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) job_id: JobId,
    pub(crate) clinic_id: Option<ClinicId>,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) attempts: i64,
    pub(crate) max_attempts: i64,
}

clinichub_db::from_row!(Claimed { job_id, clinic_id, kind, payload, attempts, max_attempts });

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    Done,
    Again { at: UtcTime, error: String },
    Dead { error: String },
}

/// Whether a job is due or abandoned.
pub(crate) async fn has_work(tx: &mut PlatformTx) -> Result<bool, DbError> {
    let now = tx.now();
    let found: Option<i64> = tx
        .opt(
            platform_sql!(
                "SELECT job_id FROM jobs WHERE state = 'ready' AND run_at <= $1
                 UNION ALL
                 SELECT job_id FROM jobs WHERE state = 'running' AND locked_until <= $1
                 LIMIT 1"
            ),
            params![now],
        )
        .await?;
    Ok(found.is_some())
}

/// Puts the jobs of nodes that died back into the queue; those without an attempt left are dead. How many of each.
pub(crate) async fn recover(tx: &mut PlatformTx, now: UtcTime) -> Result<(u64, u64), DbError> {
    let dead = platform_sql!(
        "UPDATE jobs SET state = 'dead', finished_at = $1, locked_by = NULL, locked_until = NULL, last_error = 'The program that ran it stopped'
         WHERE state = 'running' AND locked_until <= $1 AND attempts >= max_attempts"
    );
    let ready = platform_sql!(
        "UPDATE jobs SET state = 'ready', locked_by = NULL, locked_until = NULL, last_error = 'The program that ran it stopped'
         WHERE state = 'running' AND locked_until <= $1"
    );
    let dead = tx.exec(dead, params![now]).await?;
    Ok((tx.exec(ready, params![now]).await?, dead))
}

/// Claims up to `limit` due jobs of the given kinds for `node`; nobody else gets them before `until`.
pub(crate) async fn claim(
    tx: &mut PlatformTx,
    kinds: &[&'static str],
    node: &str,
    now: UtcTime,
    until: UtcTime,
    limit: i64,
) -> Result<Vec<Claimed>, DbError> {
    let mut due = Query::platform(platform_sql!(
        "SELECT job_id, clinic_id, kind, payload, attempts + 1 AS attempts, max_attempts FROM jobs WHERE state = 'ready' AND run_at <= $1"
    ));
    due.bind(params![now]);
    due.list(" AND kind IN (", kinds.iter().map(|kind| Value::Word(kind)), ")");
    due.tail(" ORDER BY run_at, job_id LIMIT ?", params![limit]);
    due.tail(tx.dialect().claim(), params![]);
    let claimed: Vec<Claimed> = tx.all_q(&due).await?;
    if !claimed.is_empty() {
        let mut mark =
            Query::platform(platform_sql!("UPDATE jobs SET state = 'running', attempts = attempts + 1, locked_by = $1, locked_until = $2"));
        mark.bind(params![node, until]);
        mark.list(" WHERE job_id IN (", claimed.iter().map(|job| job.job_id), ")");
        tx.exec_q(&mark).await?;
    }
    Ok(claimed)
}

/// Keeps a claimed job until `until`. False if somebody else has it.
pub(crate) async fn keep(tx: &mut PlatformTx, job: JobId, node: &str, attempt: i64, until: UtcTime) -> Result<bool, DbError> {
    let keep =
        platform_sql!("UPDATE jobs SET locked_until = $4 WHERE job_id = $1 AND locked_by = $2 AND attempts = $3 AND state = 'running'");
    Ok(tx.exec(keep, params![job, node, attempt, until]).await? == 1)
}

/// Writes down how an attempt ended. False if somebody else has the job.
pub(crate) async fn finish(tx: &mut PlatformTx, job: JobId, node: &str, attempt: i64, ending: Ending) -> Result<bool, DbError> {
    let now = tx.now();
    let (state, run_at, finished_at, error) = match ending {
        Ending::Done => ("done", None, Some(now), None),
        Ending::Again { at, error } => ("ready", Some(at), None, Some(error)),
        Ending::Dead { error } => ("dead", None, Some(now), Some(error)),
    };
    let finish = platform_sql!(
        "UPDATE jobs SET state = $4, run_at = COALESCE($5, run_at), finished_at = $6, last_error = $7, locked_by = NULL, locked_until = NULL
         WHERE job_id = $1 AND locked_by = $2 AND attempts = $3 AND state = 'running'"
    );
    Ok(tx.exec(finish, params![job, node, attempt, Value::Word(state), run_at, finished_at, error]).await? == 1)
}

pub(crate) async fn status(tx: &mut PlatformTx) -> Result<QueueStatus, DbError> {
    let overdue = tx.now().plus(SignedDuration::from_mins(-5));
    tx.one(
        platform_sql!(
            "SELECT
                (SELECT count(*) FROM jobs WHERE state = 'ready') AS ready,
                (SELECT count(*) FROM jobs WHERE state = 'ready' AND run_at <= $1) AS overdue,
                (SELECT count(*) FROM jobs WHERE state = 'running') AS running,
                (SELECT count(*) FROM jobs WHERE state = 'dead') AS dead"
        ),
        params![overdue],
    )
    .await
}

pub(crate) async fn list_dead(tx: &mut PlatformTx, limit: i64) -> Result<Vec<DeadJob>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT job_id, clinic_id, kind, attempts, last_error, created_at, finished_at FROM jobs
             WHERE state = 'dead' ORDER BY job_id DESC LIMIT $1"
        ),
        params![limit],
    )
    .await
}

pub(crate) async fn revive(tx: &mut PlatformTx, job: JobId) -> Result<bool, DbError> {
    let revive = platform_sql!(
        "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $2, finished_at = NULL WHERE job_id = $1 AND state = 'dead'"
    );
    let now = tx.now();
    Ok(tx.exec(revive, params![job, now]).await? == 1)
}

/// Takes or keeps a lease. False while somebody else holds it.
pub(crate) async fn hold(tx: &mut PlatformTx, name: &'static str, holder: &str, until: UtcTime) -> Result<bool, DbError> {
    let hold = platform_sql!(
        "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
         WHERE leases.holder = excluded.holder OR leases.held_until <= $4"
    );
    let now = tx.now();
    Ok(tx.exec(hold, params![Value::Word(name), holder, until, now]).await? == 1)
}

/// Whether somebody else holds a lease.
pub(crate) async fn is_held_by_another(tx: &mut PlatformTx, name: &'static str, holder: &str) -> Result<bool, DbError> {
    let held = platform_sql!("SELECT name FROM leases WHERE name = $1 AND holder <> $2 AND held_until > $3");
    let now = tx.now();
    Ok(tx.opt::<String>(held, params![Value::Word(name), holder, now]).await?.is_some())
}

/// Takes a lease that is over, whoever had it; otherwise when it will be over.
pub(crate) async fn begin_period(
    tx: &mut PlatformTx,
    name: &'static str,
    holder: &str,
    until: UtcTime,
) -> Result<Option<UtcTime>, DbError> {
    let begin = platform_sql!(
        "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until WHERE leases.held_until <= $4"
    );
    let now = tx.now();
    if tx.exec(begin, params![Value::Word(name), holder, until, now]).await? == 1 {
        return Ok(None);
    }
    let held: UtcTime = tx.one(platform_sql!("SELECT held_until FROM leases WHERE name = $1"), params![Value::Word(name)]).await?;
    Ok(Some(held))
}

/// Moves the end of a lease that `holder` has.
pub(crate) async fn move_period(tx: &mut PlatformTx, name: &'static str, holder: &str, until: UtcTime) -> Result<(), DbError> {
    let later = platform_sql!("UPDATE leases SET held_until = $3 WHERE name = $1 AND holder = $2");
    tx.exec(later, params![Value::Word(name), holder, until]).await.map(drop)
}

/// Deletes up to 1,000 jobs that were done before `$1`.
pub(crate) const SWEEP_JOBS: PlatformSql = platform_sql!(
    "DELETE FROM jobs WHERE job_id IN (SELECT job_id FROM jobs WHERE state = 'done' AND finished_at < $1 ORDER BY finished_at LIMIT 1000)"
);

/// Forgets up to 1,000 remembered answers from before `$1`.
pub(crate) const SWEEP_ANSWERS: PlatformSql = platform_sql!(
    "DELETE FROM idempotency_keys WHERE (clinic_id, user_id, idempotency_key) IN
        (SELECT clinic_id, user_id, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT 1000)"
);

/// Deletes up to 1,000 events from before `$1`. The newest one stays: SQLite numbers rows after the largest that is there, and those
/// who follow the outbox rely on numbers that grow.
pub(crate) const SWEEP_EVENTS: PlatformSql = platform_sql!(
    "DELETE FROM outbox WHERE event_id < (SELECT max(event_id) FROM outbox)
        AND event_id IN (SELECT event_id FROM outbox WHERE created_at < $1 ORDER BY created_at LIMIT 1000)"
);
