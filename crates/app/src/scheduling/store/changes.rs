//! Statements that lock, write, and look up what writing needs; and the calendar's.

use std::collections::BTreeSet;

use clinichub_core::{AppointmentId, ClinicId, PatientId, Result, UserId, UtcTime};
use clinichub_db::{DbError, Params, PlatformTx, Query, TenantTx, bulk_sql, params, platform_sql, tenant_sql};

use super::super::booking::New;
use super::super::calendar::Entry;
use super::super::for_invoices::InvoicedAppointment;
use super::super::model::Appointment;
use super::super::status::Status;
use super::super::when::{LONGEST, Span};
use super::Cancelled;

/// Locks, until the transaction ends, whoever has this appointment and whoever else shall get it. Two changes that race for one time
/// queue up here instead of waiting for each other in the constraint; everybody locks in the order of the ids.
pub async fn lock_providers_of(tx: &mut TenantTx, id: AppointmentId, other: Option<UserId>) -> Result<Vec<UserId>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT u.user_id FROM users u
         WHERE u.user_id IN ((SELECT a.provider_user_id FROM appointments a WHERE a.clinic_id = $1 AND a.appointment_id = $2), $3)"
    ));
    query.bind(params![id, other]).tail(" ORDER BY u.user_id", ());
    query.tail(tx.dialect().for_update(), ());
    tx.all_q(&query).await
}

/// When these providers are busy in any clinic between the instants: times, nothing else.
pub async fn list_busy(tx: &mut PlatformTx, providers: &BTreeSet<UserId>, window: Span) -> Result<Vec<(UserId, Span)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT a.provider_user_id, a.scheduled_start, a.scheduled_end FROM appointments a
         WHERE a.status NOT IN ('cancelled', 'no_show', 'rejected') AND a.scheduled_start > $1 AND a.scheduled_start < $2"
    ));
    // The index is by start, and nothing lasts longer than this.
    query.bind(params![window.start.plus(-LONGEST), window.end]);
    query.list(" AND a.provider_user_id IN (", providers.iter().copied(), ")");
    let rows: Vec<(UserId, UtcTime, UtcTime)> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(|(provider, start, end)| (provider, Span { start, end })).collect())
}

/// The first of these times of the provider that an appointment of another clinic takes some of: when it is, nothing else.
pub async fn find_busy_elsewhere(tx: &mut PlatformTx, clinic: ClinicId, provider: UserId, span: Span) -> Result<Option<Span>, DbError> {
    let sql = platform_sql!(
        "SELECT a.scheduled_start, a.scheduled_end FROM appointments a
         WHERE a.provider_user_id = $1 AND a.clinic_id <> $2 AND a.scheduled_start > $3 AND a.scheduled_start < $4 AND a.scheduled_end > $5
               AND a.status NOT IN ('cancelled', 'no_show', 'rejected')
         ORDER BY a.scheduled_start LIMIT 1"
    );
    let earliest = span.start.plus(-LONGEST);
    let found: Option<(UtcTime, UtcTime)> = tx.opt(sql, params![provider, clinic, earliest, span.end, span.start]).await?;
    Ok(found.map(|(start, end)| Span { start, end }))
}

/// Which of these charts there are.
pub async fn list_patients(tx: &mut TenantTx, patients: &BTreeSet<PatientId>) -> Result<Vec<PatientId>, DbError> {
    let mut query = Query::tenant(tenant_sql!("SELECT p.patient_id FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"));
    query.list(" AND p.patient_id IN (", patients.iter().copied(), ")");
    tx.all_q(&query).await
}

/// Stores a booking; gives its id and reference.
pub async fn insert(tx: &mut TenantTx, new: &New) -> Result<(AppointmentId, String), DbError> {
    let sql = tenant_sql!(
        "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, service_id, scheduled_start, scheduled_end, status,
             status_changed_at, department, reason, notes, close_reason, created_at, updated_at, created_by)
         VALUES ($1, (SELECT c.code FROM clinics c WHERE c.clinic_id = $1) || '-A' || CAST($2 AS TEXT),
             $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)
         RETURNING appointment_id, reference"
    );
    let mut values = params![new.number.to_string()];
    columns(new).for_each(|value| values.push(value));
    let (now, by) = (tx.now(), tx.grant().user_id());
    values.push(now);
    values.push(by);
    tx.one(sql, values).await
}

fn columns(new: &New) -> impl Iterator<Item = clinichub_db::Value> + use<> {
    let status_changed_at = new.status_changed_at;
    [
        new.patient_id.into(),
        new.provider_user_id.into(),
        new.service_id.into(),
        new.span.start.into(),
        new.span.end.into(),
        new.status.into(),
        status_changed_at.into(),
        new.department.clone().into(),
        new.reason.clone().into(),
        new.notes.clone().into(),
        new.close_reason.clone().into(),
    ]
    .into_iter()
}

/// Stores many bookings; the database refuses overlaps here, too. `code` is the clinic's.
pub async fn insert_many(tx: &mut TenantTx, code: &str, rows: &[New]) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let row = |new: &New| -> Params {
        let reference = new.reference(code);
        let times = [now.into(), now.into(), by.into()];
        std::iter::once(reference.into()).chain(columns(new)).chain(times).collect()
    };
    let insert = bulk_sql!(
        "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, service_id, scheduled_start, scheduled_end, status,
             status_changed_at, department, reason, notes, close_reason, created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows.iter().map(row).collect()).await.map(drop)
}

/// Notes the state that the appointment has come to.
pub fn insert_state(tx: &mut TenantTx, id: AppointmentId, status: Status, reason: Option<&str>) -> Result<(), DbError> {
    let sql = tenant_sql!(
        "INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id, reason) VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.exec_with_commit(sql, params![id, status, now, by, reason])
}

/// The same for many, as (appointment, state, since when), with one reason.
pub async fn insert_states(tx: &mut TenantTx, rows: &[(AppointmentId, Status, UtcTime)], reason: Option<&str>) -> Result<(), DbError> {
    let by = tx.grant().user_id();
    let insert = bulk_sql!("INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id, reason) VALUES");
    let rows = rows.iter().map(|(id, status, at)| params![*id, *status, *at, by, reason]).collect();
    tx.insert_many(insert, rows).await.map(drop)
}

/// The ids of these references.
pub async fn list_ids(tx: &mut TenantTx, references: &[String]) -> Result<Vec<(String, AppointmentId)>, DbError> {
    let mut query = Query::tenant(tenant_sql!("SELECT a.reference, a.appointment_id FROM appointments a WHERE a.clinic_id = $1"));
    query.list(" AND a.reference IN (", references, ")");
    tx.all_q(&query).await
}

/// Stores what a change made of an appointment, if nobody changed it in between; says whether it did.
pub async fn update(tx: &mut TenantTx, after: &Appointment) -> Result<bool, DbError> {
    let sql = tenant_sql!(
        "UPDATE appointments SET provider_user_id = $3, service_id = $4, scheduled_start = $5, scheduled_end = $6, status = $7,
             status_changed_at = $8, department = $9, reason = $10, notes = $11, close_reason = $12, updated_at = $13, version = version + 1
         WHERE clinic_id = $1 AND appointment_id = $2 AND version = $14"
    );
    let values = params![
        after.appointment_id,
        after.provider_user_id,
        after.service_id,
        after.scheduled_start,
        after.scheduled_end,
        after.status,
        after.status_changed_at,
        &after.department,
        &after.reason,
        &after.notes,
        &after.close_reason,
        after.updated_at,
        after.version - 1,
    ];
    Ok(tx.exec(sql, values).await? == 1)
}

/// Cancels what is open of a chart; gives what it cancelled.
pub async fn cancel_open(tx: &mut TenantTx, patient: PatientId, reason: &str) -> Result<Vec<Cancelled>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "UPDATE appointments SET status = 'cancelled', status_changed_at = $3, close_reason = $4, updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND patient_id = $2"
    ));
    query.bind(params![patient, tx.now(), reason]).list(" AND status IN (", Status::open(), ")");
    query.tail(" RETURNING appointment_id, provider_user_id, scheduled_start, scheduled_end, version", ());
    tx.all_q(&query).await
}

/// How many appointments a chart has, and to how many the patient did not come.
pub async fn count_of_patient(tx: &mut TenantTx, patient: PatientId) -> Result<(i64, i64), DbError> {
    let sql = tenant_sql!(
        "SELECT count(*) AS total, coalesce(sum(CASE WHEN a.status = 'no_show' THEN 1 ELSE 0 END), 0) AS no_shows
         FROM appointments a WHERE a.clinic_id = $1 AND a.patient_id = $2"
    );
    tx.one(sql, params![patient]).await
}

/// Whether the chart has an appointment that is not closed.
pub async fn has_open(tx: &mut TenantTx, patient: PatientId) -> Result<bool, DbError> {
    let mut query = Query::tenant(tenant_sql!("SELECT a.appointment_id FROM appointments a WHERE a.clinic_id = $1 AND a.patient_id = $2"));
    query.bind(params![patient]).list(" AND a.status IN (", Status::open(), ")").tail(" LIMIT 1", ());
    Ok(tx.opt_q::<AppointmentId>(&query).await?.is_some())
}

/// The provider's time in every clinic that still employs them, for their own calendar.
pub async fn list_entries(tx: &mut PlatformTx, provider: UserId, window: Span) -> Result<Vec<Entry>, DbError> {
    let sql = platform_sql!(
        "SELECT a.reference, c.name AS clinic_name, c.address AS clinic_address, a.scheduled_start, a.scheduled_end, a.status, a.updated_at,
                a.version
         FROM appointments a
              JOIN clinics c ON c.clinic_id = a.clinic_id
              JOIN memberships m ON m.clinic_id = a.clinic_id AND m.user_id = a.provider_user_id
         WHERE a.provider_user_id = $1 AND a.scheduled_start >= $2 AND a.scheduled_start < $3
               AND a.status NOT IN ('cancelled', 'no_show', 'rejected') AND m.is_active AND c.status = 'active'
         ORDER BY a.scheduled_start, a.appointment_id LIMIT 5000"
    );
    tx.all(sql, params![provider, window.start, window.end]).await
}

/// Makes this the token of the provider's calendar; `None`: the calendar can't be read any more.
pub async fn set_calendar_token(tx: &mut PlatformTx, provider: UserId, sha256: Option<&str>) -> Result<bool, DbError> {
    let sql = platform_sql!("UPDATE doctors SET calendar_token_sha256 = $2, updated_at = $3 WHERE user_id = $1");
    let now = tx.now();
    Ok(tx.exec(sql, params![provider, sha256, now]).await? == 1)
}

/// The provider whose calendar this token opens.
pub async fn find_calendar_owner(tx: &mut PlatformTx, provider: UserId, sha256: &str) -> Result<Option<UserId>, DbError> {
    let sql = platform_sql!(
        "SELECT d.user_id FROM doctors d JOIN users u ON u.user_id = d.user_id
         WHERE d.user_id = $1 AND d.calendar_token_sha256 = $2 AND d.is_active AND u.is_active"
    );
    tx.opt(sql, params![provider, sha256]).await
}

/// The appointment as its invoice needs it.
pub async fn find_for_invoice(tx: &mut TenantTx, id: AppointmentId) -> Result<Option<InvoicedAppointment>, DbError> {
    let sql = tenant_sql!(
        "SELECT a.appointment_id, a.patient_id, a.provider_user_id, a.status FROM appointments a
         WHERE a.clinic_id = $1 AND a.appointment_id = $2"
    );
    tx.opt(sql, params![id]).await
}

/// What people call an appointment.
pub async fn find_reference(tx: &mut TenantTx, id: AppointmentId) -> Result<Option<String>, DbError> {
    let sql = tenant_sql!("SELECT a.reference FROM appointments a WHERE a.clinic_id = $1 AND a.appointment_id = $2");
    tx.opt(sql, params![id]).await
}
