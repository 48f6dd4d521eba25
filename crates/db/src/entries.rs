//! The rows that a transaction writes about itself: audit, events, jobs.

use clinichub_core::{ClinicId, Grant, PatientId, Permission, TrailEntry, UtcTime};

use crate::tx::{Inner, flag};
use crate::{DbError, Params, PlatformBulk, PlatformSql, params, platform_bulk_sql, platform_sql};

/// How what is audited ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// It was done.
    Allowed,
    /// It was refused.
    Refused,
    /// It failed.
    Failed,
}

impl AuditOutcome {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// An event for those who listen. It carries ids and states, never names.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened (`appointment.changed`).
    pub kind: &'static str,
    /// The kind and id of the thing it happened to.
    pub resource: (&'static str, i64),
    /// Who may hear of it.
    pub needs: Permission,
    /// The chart it belongs to; its patient hears of it too.
    pub patient_id: Option<PatientId>,
    /// What else the listener gets.
    pub payload: serde_json::Value,
}

/// Work to be done after the commit.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which worker does it.
    pub kind: &'static str,
    /// What the worker gets.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: UtcTime,
    /// After so many failures it is given up.
    pub max_attempts: i64,
    /// While a job of the same kind and key is waiting or running, another one is not added.
    pub unique_key: Option<String>,
}

/// Inserts one row of [`audit_row`].
pub const AUDIT_INSERT: PlatformSql = platform_sql!(
    "INSERT INTO audit_events
        (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id, session_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
);

/// Inserts many rows of [`audit_row`].
pub const AUDIT_BULK: PlatformBulk = platform_bulk_sql!(
    "INSERT INTO audit_events
        (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id, session_id, details)
     VALUES"
);

const EMIT: PlatformSql = platform_sql!(
    "INSERT INTO outbox (clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

const ENQUEUE: PlatformSql = platform_sql!(
    "INSERT INTO jobs (clinic_id, kind, payload, run_at, max_attempts, unique_key, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('ready', 'running') DO NOTHING"
);

/// The audit row of `entry`: actor, clinic, action and origin are the grant's.
pub fn audit_row(grant: &Grant, outcome: AuditOutcome, entry: &TrailEntry) -> Params {
    audit_row_in(grant, grant.clinic_id(), outcome, entry)
}

fn audit_row_in(grant: &Grant, clinic: Option<ClinicId>, outcome: AuditOutcome, entry: &TrailEntry) -> Params {
    let (principal, origin) = (grant.principal(), grant.origin());
    let (resource, resource_id) = entry.resource.unzip();
    params![
        clinic,
        grant.at(),
        principal.map(|principal| principal.user_id),
        principal.map(|principal| principal.role),
        &origin.action,
        crate::Value::Word(outcome.as_str()),
        entry.patient_id,
        resource.map(crate::Value::Word),
        resource_id,
        &origin.address,
        &origin.request_id,
        principal.map(|principal| principal.session_id),
        &entry.details,
    ]
}

pub(crate) fn audit(inner: &Inner, clinic: Option<ClinicId>, entry: &TrailEntry) -> Result<(), DbError> {
    inner.defer(AUDIT_INSERT.0, audit_row_in(inner.grant(), clinic, AuditOutcome::Allowed, entry).into_values())?;
    inner.set(flag::AUDITED);
    Ok(())
}

pub(crate) fn emit(inner: &Inner, clinic: ClinicId, event: &Event) -> Result<(), DbError> {
    let (resource, resource_id) = event.resource;
    let row = params![
        clinic,
        crate::Value::Word(event.kind),
        crate::Value::Word(resource),
        resource_id,
        event.needs,
        event.patient_id,
        event.payload.to_string(),
        inner.grant().at()
    ];
    inner.defer(EMIT.0, row.into_values())?;
    inner.set(flag::NUDGE);
    Ok(())
}

pub(crate) fn enqueue(inner: &Inner, clinic: Option<ClinicId>, job: NewJob) -> Result<(), DbError> {
    let row = params![
        clinic,
        crate::Value::Word(job.kind),
        job.payload.to_string(),
        job.run_at,
        job.max_attempts,
        job.unique_key,
        inner.grant().at()
    ];
    inner.defer(ENQUEUE.0, row.into_values())?;
    inner.set(flag::NUDGE);
    Ok(())
}
