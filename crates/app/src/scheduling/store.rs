//! All SQL of appointments. Names of patients and providers are joined in, so that a schedule is one query.

use std::collections::BTreeSet;

use clinichub_core::{AppointmentId, ClinicId, Order, PageRequest, PatientId, Result, UserId, UtcTime};
use clinichub_db::{DbError, Params, PlatformTx, Query, TenantTx, bulk_sql, from_row, params, platform_sql, tenant_sql, text_column};

use super::booking::New;
use super::calendar::Entry;
use super::for_invoices::InvoicedAppointment;
use super::model::{Appointment, AppointmentSort, Filter, StateChange};
use super::status::Status;
use super::when::{LONGEST, Span};
use crate::patients;

text_column!(Status);

from_row!(Appointment {
    appointment_id,
    reference,
    patient_id,
    patient_first_name,
    patient_last_name,
    patient_mrn,
    provider_user_id,
    provider_first_name,
    provider_last_name,
    service_id,
    scheduled_start,
    scheduled_end,
    status,
    status_changed_at,
    department,
    reason,
    notes,
    close_reason,
    cpt_id,
    invoice_id,
    created_at,
    updated_at,
    version,
});

from_row!(StateChange { status, at, user_id, reason });

from_row!(Entry { reference, clinic_name, clinic_address, scheduled_start, scheduled_end, status, updated_at, version });

/// What a chart's cancelled appointment leaves behind.
pub struct Cancelled {
    /// Which one.
    pub appointment_id: AppointmentId,
    /// Who is free again.
    pub provider_user_id: UserId,
    /// When.
    pub scheduled_start: UtcTime,
    /// Until when.
    pub scheduled_end: UtcTime,
    /// Counts the changes.
    pub version: i64,
}

from_row!(Cancelled { appointment_id, provider_user_id, scheduled_start, scheduled_end, version });

/// Appointments of the clinic with the names that a schedule shows. The functions that add to it follow it: the test of all statements
/// prepares a part behind the head that stands before it.
fn appointments() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT a.appointment_id, a.reference, a.patient_id, p.first_name AS patient_first_name, p.last_name AS patient_last_name,
                p.mrn AS patient_mrn, a.provider_user_id, u.first_name AS provider_first_name, u.last_name AS provider_last_name,
                a.service_id, a.scheduled_start, a.scheduled_end, a.status, a.status_changed_at, a.department, a.reason, a.notes,
                a.close_reason,
                (SELECT c.cpt_id FROM cpt_records c
                 WHERE c.clinic_id = a.clinic_id AND c.appointment_id = a.appointment_id AND c.line_no = 1) AS cpt_id,
                (SELECT i.invoice_id FROM invoices i WHERE i.clinic_id = a.clinic_id AND i.appointment_id = a.appointment_id) AS invoice_id,
                a.created_at, a.updated_at, a.version
         FROM appointments a
              JOIN patients p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id
              JOIN users u ON u.user_id = a.provider_user_id
         WHERE a.clinic_id = $1"
    ))
}

/// What the filter leaves of the list.
fn apply(query: &mut Query, filter: &Filter) {
    if let Some(charts) = &filter.only {
        query.list(" AND a.patient_id IN (", charts.iter().copied(), ")");
    }
    if let Some(patient) = filter.patient_id {
        query.part(" AND a.patient_id = ?", params![patient]);
    }
    if let Some(provider) = filter.provider_user_id {
        query.part(" AND a.provider_user_id = ?", params![provider]);
    }
    if !filter.statuses.is_empty() {
        query.list(" AND a.status IN (", filter.statuses.iter().copied(), ")");
    }
    if let Some(from) = filter.from {
        query.part(" AND a.scheduled_start >= ?", params![from]);
    }
    if let Some(before) = filter.before {
        query.part(" AND a.scheduled_start < ?", params![before]);
    }
    if let Some(department) = &filter.department {
        query.part(" AND a.department = ?", params![department]);
    }
    if let Some(reference) = &filter.reference {
        query.part(" AND a.reference = ?", params![reference]);
    }
    if let Some(terms) = &filter.terms {
        of_charts(query, terms);
    }
}

/// Of charts with a word beginning with each of `terms`; the clinic is named by its number, so that each list of charts is made once.
fn of_charts(query: &mut Query, terms: &[String]) {
    if terms.is_empty() {
        query.part(" AND 1 = 0", ());
    }
    for term in terms {
        query.part(
            " AND a.patient_id IN (SELECT t.patient_id FROM patient_tokens t
                  WHERE t.clinic_id = $1 AND t.token >= ? AND t.token < ?)",
            params![term, patients::after_term(term)],
        );
    }
}

/// Each order is that of an index; the id makes it a total one. What was booked first has the smaller id, so that is the order of booking.
fn order_by(sort: AppointmentSort, order: Order) -> &'static str {
    use AppointmentSort::{CreatedAt, ScheduledStart, Status};
    match (sort, order) {
        (ScheduledStart, Order::Asc) => " ORDER BY a.scheduled_start, a.appointment_id LIMIT ? OFFSET ?",
        (ScheduledStart, Order::Desc) => " ORDER BY a.scheduled_start DESC, a.appointment_id DESC LIMIT ? OFFSET ?",
        (CreatedAt, Order::Asc) => " ORDER BY a.appointment_id LIMIT ? OFFSET ?",
        (CreatedAt, Order::Desc) => " ORDER BY a.appointment_id DESC LIMIT ? OFFSET ?",
        (Status, Order::Asc) => " ORDER BY a.status, a.scheduled_start, a.appointment_id LIMIT ? OFFSET ?",
        (Status, Order::Desc) => " ORDER BY a.status DESC, a.scheduled_start DESC, a.appointment_id DESC LIMIT ? OFFSET ?",
    }
}

/// The same orders, by what no index has: among the appointments of the charts that were found, and not by reading all in their order.
fn order_found_by(sort: AppointmentSort, order: Order) -> &'static str {
    use AppointmentSort::{CreatedAt, ScheduledStart, Status};
    match (sort, order) {
        (ScheduledStart, Order::Asc) => " ORDER BY coalesce(a.scheduled_start, a.scheduled_end), a.appointment_id LIMIT ? OFFSET ?",
        (ScheduledStart, Order::Desc) => {
            " ORDER BY coalesce(a.scheduled_start, a.scheduled_end) DESC, a.appointment_id DESC LIMIT ? OFFSET ?"
        }
        (CreatedAt, Order::Asc) => " ORDER BY a.appointment_id + 0 LIMIT ? OFFSET ?",
        (CreatedAt, Order::Desc) => " ORDER BY a.appointment_id + 0 DESC LIMIT ? OFFSET ?",
        (Status, Order::Asc) => " ORDER BY a.status || '', a.scheduled_start, a.appointment_id LIMIT ? OFFSET ?",
        (Status, Order::Desc) => " ORDER BY a.status || '' DESC, a.scheduled_start DESC, a.appointment_id DESC LIMIT ? OFFSET ?",
    }
}

/// The appointment, if it is there.
pub async fn find(tx: &mut TenantTx, id: AppointmentId) -> Result<Option<Appointment>, DbError> {
    let mut query = appointments();
    query.part(" AND a.appointment_id = ?", params![id]);
    tx.opt_q(&query).await
}

/// The appointments with these references, in no order.
pub async fn list_by_reference(tx: &mut TenantTx, references: &[String]) -> Result<Vec<Appointment>, DbError> {
    let mut query = appointments();
    query.list(" AND a.reference IN (", references, ")");
    tx.all_q(&query).await
}

/// The chart's next open appointment. The states are literals, as those of the index of open ones are.
pub async fn find_next(tx: &mut TenantTx, patient: PatientId) -> Result<Option<Appointment>, DbError> {
    let mut query = appointments();
    query.part(
        " AND a.patient_id = ? AND a.scheduled_end >= ?
          AND a.status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review')",
        params![patient, tx.now()],
    );
    query.tail(" ORDER BY a.scheduled_start, a.appointment_id LIMIT 1", ());
    tx.opt_q(&query).await
}

/// The chart's last appointment that took place.
pub async fn find_last(tx: &mut TenantTx, patient: PatientId) -> Result<Option<Appointment>, DbError> {
    let mut query = appointments();
    query.part(" AND a.patient_id = ? AND a.status = ?", params![patient, Status::Completed]);
    query.tail(" ORDER BY a.scheduled_start DESC, a.appointment_id DESC LIMIT 1", ());
    tx.opt_q(&query).await
}

/// The chart's appointments before this place, the latest first.
pub async fn list_of_patient(
    tx: &mut TenantTx,
    patient: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<Appointment>, DbError> {
    let mut query = appointments();
    query.part(" AND a.patient_id = ? AND (a.scheduled_start, a.appointment_id) < (?, ?)", params![patient, before.0, before.1]);
    query.tail(" ORDER BY a.scheduled_start DESC, a.appointment_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// The chart's appointments that are not closed, the first one first; the states as in [`find_next`].
pub async fn list_open_of_patient(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<Vec<Appointment>, DbError> {
    let mut query = appointments();
    query.part(
        " AND a.patient_id = ? AND a.status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review')",
        params![patient],
    );
    query.tail(" ORDER BY a.scheduled_start, a.appointment_id LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// One page of the appointments that match, and how many do.
pub async fn list(tx: &mut TenantTx, filter: &Filter, page: &PageRequest<AppointmentSort>) -> Result<(Vec<Appointment>, i64), DbError> {
    let mut query = appointments();
    apply(&mut query, filter);
    let order = if filter.terms.is_some() { order_found_by(page.sort, page.order) } else { order_by(page.sort, page.order) };
    query.tail(order, params![page.per_page, page.offset()]);
    page_of(tx, &query, page.page, page.per_page).await
}

/// One page of the appointments that match, are over, and were never closed; and how many there are. The states are literals and the order
/// is no index's, so that PostgreSQL looks among the few open ones and does not read the whole past in its order.
pub async fn list_open_ends(tx: &mut TenantTx, filter: &Filter, page: &PageRequest<()>) -> Result<(Vec<Appointment>, i64), DbError> {
    let mut query = appointments();
    apply(&mut query, filter);
    let now = tx.now();
    query.part(
        " AND a.status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review')
          AND a.scheduled_start < ? AND a.scheduled_end < ?",
        params![now, now],
    );
    query.tail(
        match page.order {
            Order::Asc => " ORDER BY coalesce(a.scheduled_start, a.scheduled_end), a.appointment_id LIMIT ? OFFSET ?",
            Order::Desc => " ORDER BY coalesce(a.scheduled_start, a.scheduled_end) DESC, a.appointment_id DESC LIMIT ? OFFSET ?",
        },
        params![page.per_page, page.offset()],
    );
    page_of(tx, &query, page.page, page.per_page).await
}

/// The first of the clinic's appointments that takes some of this time of the provider, but for the one that shall be moved there.
pub async fn find_overlapping(
    tx: &mut TenantTx,
    provider: UserId,
    span: Span,
    moved: Option<AppointmentId>,
) -> Result<Option<Appointment>, DbError> {
    let mut query = appointments();
    let earliest = span.start.plus(-LONGEST);
    query.part(
        " AND a.provider_user_id = ? AND a.scheduled_start > ? AND a.scheduled_start < ? AND a.scheduled_end > ? AND a.appointment_id <> ?
          AND a.status NOT IN ('cancelled', 'no_show', 'rejected')",
        params![provider, earliest, span.end, span.start, moved.map_or(0, |id| id.0)],
    );
    query.tail(" ORDER BY a.scheduled_start LIMIT 1", ());
    tx.opt_q(&query).await
}

/// The clinic's appointments of these providers that begin at one of these instants and take their time, in no order.
pub async fn list_beginning(
    tx: &mut TenantTx,
    providers: &BTreeSet<UserId>,
    starts: &BTreeSet<UtcTime>,
) -> Result<Vec<Appointment>, DbError> {
    let mut query = appointments();
    query.list(" AND a.provider_user_id IN (", providers.iter().copied(), ")");
    query.list(" AND a.scheduled_start IN (", starts.iter().copied(), ")");
    query.part(" AND a.status NOT IN ('cancelled', 'no_show', 'rejected')", ());
    tx.all_q(&query).await
}

/// The page, and how many rows there are in all; they are counted only where the page does not say it.
async fn page_of(tx: &mut TenantTx, query: &Query, page: i64, per_page: i64) -> Result<(Vec<Appointment>, i64), DbError> {
    let rows: Vec<Appointment> = tx.all_q(query).await?;
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if page == 1 && shown < per_page {
        return Ok((rows, shown));
    }
    let count = query.under(tenant_sql!("SELECT count(*) FROM appointments a WHERE a.clinic_id = $1"));
    Ok((rows, tx.one_q(&count).await?))
}

/// The states that the appointment went through, the first one first.
pub async fn list_states(tx: &mut TenantTx, id: AppointmentId) -> Result<Vec<StateChange>, DbError> {
    let sql = tenant_sql!(
        "SELECT s.status, s.at, s.user_id, s.reason FROM appointment_states s
         WHERE s.clinic_id = $1 AND s.appointment_id = $2 ORDER BY s.state_id"
    );
    tx.all(sql, params![id]).await
}

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
