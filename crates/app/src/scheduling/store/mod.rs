//! All SQL of appointments. Names of patients and providers are joined in, so that a schedule is one query.

use std::collections::BTreeSet;

use clinichub_core::{AppointmentId, Order, PageRequest, PatientId, UserId, UtcTime};
use clinichub_db::{DbError, Query, TenantTx, from_row, params, tenant_sql, text_column};

use super::calendar::Entry;
use super::model::{Appointment, AppointmentSort, Filter, StateChange};
use super::status::Status;
use super::when::{LONGEST, Span};
use crate::patients;

mod changes;

pub use changes::*;

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
pub async fn list_open_ends(
    tx: &mut TenantTx,
    filter: &Filter,
    page: &PageRequest<AppointmentSort>,
) -> Result<(Vec<Appointment>, i64), DbError> {
    let mut query = appointments();
    apply(&mut query, filter);
    let now = tx.now();
    query.part(
        " AND a.status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review')
          AND a.scheduled_start < ? AND a.scheduled_end < ?",
        params![now, now],
    );
    query.tail(order_found_by(page.sort, page.order), params![page.per_page, page.offset()]);
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
