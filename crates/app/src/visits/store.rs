//! All SQL of visits but their templates'. Names of patients and providers are joined in, so that a list is one query.

use std::collections::HashMap;

use clinichub_core::{AddendumId, AppointmentId, Order, PageRequest, PatientId, Result, UserId, UtcTime, VisitId};
use clinichub_db::{DbError, FromRow, Params, Query, Row, TenantTx, bulk_sql, from_row, params, tenant_sql, text_column};
use jiff::tz::TimeZone;

use super::for_others::VisitBrief;
use super::model::{Addendum, Clinician, Diagnosis, NotedDiagnosis, Notes, VisitRow, VisitStatus, VisitSummary};
use super::query::{PatientVisitQuery, VisitFilter, VisitSort};
use crate::billing::Performed;
use crate::scheduling::VisitedAppointment;

text_column!(VisitStatus);

from_row!(VisitRow {
    visit_id,
    reference,
    status,
    appointment_id,
    appointment_reference,
    reason,
    patient_id,
    provider_user_id,
    provider_first_name,
    provider_last_name,
    started_at,
    completed_at,
    charged_before,
    subjective,
    objective,
    assessment,
    plan,
    updated_at,
    updated_by,
    updated_by_first_name,
    updated_by_last_name,
    version,
});

from_row!(Performed { service_id, code, description, units, modifiers, unit_price_minor, currency });
from_row!(VisitBrief { visit_id, reference, patient_id, provider_user_id, appointment_id, status });

impl FromRow for VisitSummary {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let name = |first, last| Ok::<_, DbError>(format!("{} {}", row.get::<String>(first)?, row.get::<String>(last)?));
        Ok(Self {
            visit_id: row.get(0)?,
            reference: row.get(1)?,
            status: row.get(2)?,
            appointment_id: row.get(3)?,
            patient_id: row.get(4)?,
            patient_name: name(5, 6)?,
            provider_user_id: row.get(7)?,
            provider_name: name(8, 9)?,
            started_at: row.get(10)?,
            completed_at: row.get(11)?,
            assessment: row.get(12)?,
            version: row.get(13)?,
            diagnoses: Vec::new(),
        })
    }
}

impl FromRow for Addendum {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let by: Option<UserId> = row.get(3)?;
        let created_by = match by {
            Some(user_id) => Some(Clinician { user_id, first_name: row.get(4)?, last_name: row.get(5)? }),
            None => None,
        };
        Ok(Self { addendum_id: row.get(0)?, text: row.get(1)?, created_at: row.get(2)?, created_by })
    }
}

/// The visit, if it is there and its chart is.
pub async fn find(tx: &mut TenantTx, id: VisitId) -> Result<Option<VisitRow>, DbError> {
    let sql = tenant_sql!(
        "SELECT v.visit_id, v.reference, v.status, v.appointment_id, a.reference AS appointment_reference, a.reason, v.patient_id,
                v.provider_user_id, u.first_name AS provider_first_name, u.last_name AS provider_last_name, v.started_at, v.completed_at,
                v.charged_before, v.subjective, v.objective, v.assessment, v.plan, v.updated_at, v.updated_by,
                w.first_name AS updated_by_first_name, w.last_name AS updated_by_last_name, v.version
         FROM visits v
              JOIN appointments a ON a.clinic_id = v.clinic_id AND a.appointment_id = v.appointment_id
              JOIN patients p ON p.clinic_id = v.clinic_id AND p.patient_id = v.patient_id AND p.deleted_at IS NULL
              JOIN users u ON u.user_id = v.provider_user_id
              LEFT JOIN users w ON w.user_id = v.updated_by
         WHERE v.clinic_id = $1 AND v.visit_id = $2"
    );
    tx.opt(sql, params![id]).await
}

/// What other slices may know of a visit.
pub async fn find_brief(tx: &mut TenantTx, id: VisitId) -> Result<Option<VisitBrief>, DbError> {
    let sql = tenant_sql!(
        "SELECT v.visit_id, v.reference, v.patient_id, v.provider_user_id, v.appointment_id, v.status
         FROM visits v JOIN patients p ON p.clinic_id = v.clinic_id AND p.patient_id = v.patient_id AND p.deleted_at IS NULL
         WHERE v.clinic_id = $1 AND v.visit_id = $2"
    );
    tx.opt(sql, params![id]).await
}

/// The visit of this appointment.
pub async fn find_brief_of_appointment(tx: &mut TenantTx, appointment: AppointmentId) -> Result<Option<VisitBrief>, DbError> {
    let sql = tenant_sql!(
        "SELECT v.visit_id, v.reference, v.patient_id, v.provider_user_id, v.appointment_id, v.status FROM visits v
         WHERE v.clinic_id = $1 AND v.appointment_id = $2"
    );
    tx.opt(sql, params![appointment]).await
}

/// The reference of the visit of this appointment that is not completed.
pub async fn find_open_of_appointment(tx: &mut TenantTx, appointment: AppointmentId) -> Result<Option<String>, DbError> {
    let sql = tenant_sql!("SELECT v.reference FROM visits v WHERE v.clinic_id = $1 AND v.appointment_id = $2 AND v.status = 'in_progress'");
    tx.opt(sql, params![appointment]).await
}

/// The reference of a visit of this chart that is not completed.
pub async fn find_open_of_patient(tx: &mut TenantTx, patient: PatientId) -> Result<Option<String>, DbError> {
    let sql =
        tenant_sql!("SELECT v.reference FROM visits v WHERE v.clinic_id = $1 AND v.patient_id = $2 AND v.status = 'in_progress' LIMIT 1");
    tx.opt(sql, params![patient]).await
}

/// How many visits that began before this instant are not completed.
pub async fn count_open_before(tx: &mut TenantTx, instant: UtcTime) -> Result<i64, DbError> {
    let sql = tenant_sql!("SELECT count(*) FROM visits v WHERE v.clinic_id = $1 AND v.status = 'in_progress' AND v.started_at < $2");
    tx.one(sql, params![instant]).await
}

/// Visits of the clinic as lists show them. The functions that add to it follow it: the test of all statements prepares a part behind the
/// head that stands before it.
fn summaries() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT v.visit_id, v.reference, v.status, v.appointment_id, v.patient_id, p.first_name AS patient_first_name,
                p.last_name AS patient_last_name, v.provider_user_id, u.first_name AS provider_first_name,
                u.last_name AS provider_last_name, v.started_at, v.completed_at, v.assessment, v.version
         FROM visits v
              JOIN patients p ON p.clinic_id = v.clinic_id AND p.patient_id = v.patient_id
              JOIN users u ON u.user_id = v.provider_user_id
         WHERE v.clinic_id = $1"
    ))
}

/// Those whose charts were not deleted, of which there are few.
fn of_charts_that_are_there(query: &mut Query) {
    query.part(" AND v.patient_id NOT IN (SELECT d.patient_id FROM patients d WHERE d.clinic_id = $1 AND d.deleted_at IS NOT NULL)", ());
}

/// Those that a patient sees: the completed ones of the own charts.
fn only(query: &mut Query, charts: Option<&[PatientId]>) {
    if let Some(charts) = charts {
        query.list(" AND v.status = 'completed' AND v.patient_id IN (", charts.iter().copied(), ")");
    }
}

/// One page of the visits that match, and how many do.
pub async fn list(
    tx: &mut TenantTx,
    filter: &VisitFilter,
    reference: Option<&str>,
    zone: &TimeZone,
    charts: Option<&[PatientId]>,
    page: &PageRequest<VisitSort>,
) -> Result<(Vec<VisitSummary>, i64), DbError> {
    let mut query = summaries();
    of_charts_that_are_there(&mut query);
    only(&mut query, charts);
    if let Some(patient) = filter.patient_id {
        query.part(" AND v.patient_id = ?", params![patient]);
    }
    if let Some(provider) = filter.provider_user_id {
        query.part(" AND v.provider_user_id = ?", params![provider]);
    }
    if let Some(appointment) = filter.appointment_id {
        query.part(" AND v.appointment_id = ?", params![appointment]);
    }
    if let Some(status) = filter.status {
        query.part(" AND v.status = ?", params![status]);
    }
    let (from, before) = filter.bounds(zone);
    if let Some(from) = from {
        query.part(" AND v.started_at >= ?", params![from]);
    }
    if let Some(before) = before {
        query.part(" AND v.started_at < ?", params![before]);
    }
    if let Some(reference) = reference {
        query.part(" AND v.reference = ?", params![reference]);
    }
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    paged(tx, &query).await
}

/// One page of the visits that began before this instant and are not completed; and how many there are.
pub async fn list_open_before(
    tx: &mut TenantTx,
    instant: UtcTime,
    provider: Option<UserId>,
    reference: Option<&str>,
    page: &PageRequest<VisitSort>,
) -> Result<(Vec<VisitSummary>, i64), DbError> {
    let mut query = summaries();
    query.part(" AND v.status = 'in_progress' AND v.started_at < ?", params![instant]);
    if let Some(provider) = provider {
        query.part(" AND v.provider_user_id = ?", params![provider]);
    }
    if let Some(reference) = reference {
        query.part(" AND v.reference = ?", params![reference]);
    }
    query.tail(order_open_by(page), params![page.per_page, page.offset()]);
    paged(tx, &query).await
}

/// The order of open visits. That in which they were written down is no index's here: the few open ones are found first and then ordered.
fn order_open_by(page: &PageRequest<VisitSort>) -> &'static str {
    match (page.sort, page.order) {
        (VisitSort::VisitId, Order::Asc) => " ORDER BY v.visit_id + 0 LIMIT ? OFFSET ?",
        (VisitSort::VisitId, Order::Desc) => " ORDER BY v.visit_id + 0 DESC LIMIT ? OFFSET ?",
        (VisitSort::StartedAt, order) => VisitSort::StartedAt.order_by(order),
    }
}

async fn paged(tx: &mut TenantTx, query: &Query) -> Result<(Vec<VisitSummary>, i64), DbError> {
    let rows = tx.all_q(query).await?;
    let count = query.under(tenant_sql!("SELECT count(*) FROM visits v WHERE v.clinic_id = $1"));
    Ok((rows, tx.one_q(&count).await?))
}

/// A chart's visits before this place, the latest first.
pub async fn list_of_patient(
    tx: &mut TenantTx,
    patient: PatientId,
    filter: &PatientVisitQuery,
    before: (UtcTime, i64),
    charts: Option<&[PatientId]>,
    limit: i64,
) -> Result<Vec<VisitSummary>, DbError> {
    let mut query = summaries();
    query.part(" AND v.patient_id = ? AND (v.started_at, v.visit_id) < (?, ?)", params![patient, before.0, before.1]);
    only(&mut query, charts);
    if let Some(provider) = filter.provider_user_id {
        query.part(" AND v.provider_user_id = ?", params![provider]);
    }
    if let Some(status) = filter.status {
        query.part(" AND v.status = ?", params![status]);
    }
    query.tail(" ORDER BY v.started_at DESC, v.visit_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// The diagnoses of these visits, those of each in their order, with what the code set says of their codes.
pub async fn list_diagnoses(tx: &mut TenantTx, visits: &[VisitId]) -> Result<HashMap<VisitId, Vec<Diagnosis>>, DbError> {
    let mut by_visit: HashMap<VisitId, Vec<Diagnosis>> = HashMap::new();
    if visits.is_empty() {
        return Ok(by_visit);
    }
    let mut query = Query::tenant(tenant_sql!(
        "SELECT d.visit_id, d.rank, d.code, d.description, d.note, c.is_billable, EXISTS (SELECT 1 FROM icd10_codes) AS has_code_set
         FROM visit_diagnoses d LEFT JOIN icd10_codes c ON c.code = replace(d.code, '.', '')
         WHERE d.clinic_id = $1"
    ));
    query.list(" AND d.visit_id IN (", visits.iter().copied(), ")");
    query.tail(" ORDER BY d.visit_id, d.rank", ());
    let rows: Vec<(VisitId, i64, Option<String>, String, Option<String>, Option<bool>, bool)> = tx.all_q(&query).await?;
    for (visit, rank, code, description, note, billable, has_code_set) in rows {
        let noted = NotedDiagnosis { rank, code, description, note };
        by_visit.entry(visit).or_default().push(Diagnosis::of(noted, billable, has_code_set));
    }
    Ok(by_visit)
}

/// What was done in a visit, in the order of the bill.
pub async fn list_performed(tx: &mut TenantTx, visit: VisitId) -> Result<Vec<Performed>, DbError> {
    let sql = tenant_sql!(
        "SELECT p.service_id, p.code, p.description, p.units, p.modifiers, p.unit_price_minor, p.currency
         FROM visit_procedures p WHERE p.clinic_id = $1 AND p.visit_id = $2 ORDER BY p.line_no"
    );
    tx.all(sql, params![visit]).await
}

/// What was added to a visit, the first one first.
pub async fn list_addenda(tx: &mut TenantTx, visit: VisitId) -> Result<Vec<Addendum>, DbError> {
    let sql = tenant_sql!(
        "SELECT d.addendum_id, d.text, d.created_at, d.created_by, u.first_name, u.last_name
         FROM visit_addenda d LEFT JOIN users u ON u.user_id = d.created_by
         WHERE d.clinic_id = $1 AND d.visit_id = $2 ORDER BY d.addendum_id"
    );
    tx.all(sql, params![visit]).await
}

/// Stores a visit that begins now; gives its id.
pub async fn insert(tx: &mut TenantTx, appointment: &VisitedAppointment, number: i64) -> Result<VisitId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO visits (clinic_id, reference, appointment_id, patient_id, provider_user_id, started_at, charged_before, created_at,
             updated_at, created_by, updated_by)
         VALUES ($1, (SELECT c.code FROM clinics c WHERE c.clinic_id = $1) || '-V' || CAST($2 AS TEXT), $3, $4, $5, $6, $7, $6, $6, $8, $8)
         RETURNING visit_id"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    let values = params![
        number.to_string(),
        appointment.appointment_id,
        appointment.patient_id,
        appointment.provider_user_id,
        now,
        appointment.was_completed,
        by,
    ];
    tx.one(sql, values).await
}

/// Stores the notes of a visit that still has this version and is not completed; how many rows it changed.
pub async fn update_notes(tx: &mut TenantTx, visit: VisitId, version: i64, notes: &Notes) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE visits SET subjective = $4, objective = $5, assessment = $6, plan = $7, updated_at = $8, updated_by = $9,
             version = version + 1
         WHERE clinic_id = $1 AND visit_id = $2 AND version = $3 AND status = 'in_progress'"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.exec(sql, params![visit, version, &notes.subjective, &notes.objective, &notes.assessment, &notes.plan, now, by]).await
}

/// Notes that a list of such a visit was changed; how many rows it changed.
pub async fn touch(tx: &mut TenantTx, visit: VisitId, version: i64) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE visits SET updated_at = $4, updated_by = $5, version = version + 1
         WHERE clinic_id = $1 AND visit_id = $2 AND version = $3 AND status = 'in_progress'"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.exec(sql, params![visit, version, now, by]).await
}

/// Completes a visit that still has this version; how many rows it changed.
pub async fn complete(tx: &mut TenantTx, visit: VisitId, version: i64) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE visits SET status = 'completed', completed_at = $4, updated_at = $4, updated_by = $5, version = version + 1
         WHERE clinic_id = $1 AND visit_id = $2 AND version = $3 AND status = 'in_progress'"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.exec(sql, params![visit, version, now, by]).await
}

/// Replaces the diagnoses of a visit.
pub async fn replace_diagnoses(tx: &mut TenantTx, visit: VisitId, diagnoses: &[NotedDiagnosis]) -> Result<(), DbError> {
    tx.exec(tenant_sql!("DELETE FROM visit_diagnoses WHERE clinic_id = $1 AND visit_id = $2"), params![visit]).await?;
    let row = |one: &NotedDiagnosis| params![visit, one.rank, &one.code, &one.description, &one.note];
    let insert = bulk_sql!("INSERT INTO visit_diagnoses (clinic_id, visit_id, rank, code, description, note) VALUES");
    tx.insert_many(insert, diagnoses.iter().map(row).collect()).await.map(drop)
}

/// Replaces what was done in a visit.
pub async fn replace_performed(tx: &mut TenantTx, visit: VisitId, performed: &[Performed]) -> Result<(), DbError> {
    tx.exec(tenant_sql!("DELETE FROM visit_procedures WHERE clinic_id = $1 AND visit_id = $2"), params![visit]).await?;
    let row = |(line_no, one): (i64, &Performed)| -> Params {
        params![visit, line_no, one.service_id, &one.code, &one.description, one.units, &one.modifiers, one.unit_price_minor, one.currency,]
    };
    let insert = bulk_sql!(
        "INSERT INTO visit_procedures (clinic_id, visit_id, line_no, service_id, code, description, units, modifiers, unit_price_minor,
             currency) VALUES"
    );
    tx.insert_many(insert, (1..).zip(performed).map(row).collect()).await.map(drop)
}

/// Stores what is added to a visit; gives its id.
pub async fn insert_addendum(tx: &mut TenantTx, visit: VisitId, text: &str) -> Result<AddendumId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO visit_addenda (clinic_id, visit_id, text, created_at, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING addendum_id"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(sql, params![visit, text, now, by]).await
}

/// Locks the chart of a visit, as `patients::lock_in` does.
pub async fn lock_chart(tx: &mut TenantTx, visit: VisitId) -> Result<(), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT p.patient_id FROM patients p
         WHERE p.clinic_id = $1 AND p.patient_id = (SELECT v.patient_id FROM visits v WHERE v.clinic_id = $1 AND v.visit_id = $2)"
    ));
    query.bind(params![visit]).tail(tx.dialect().for_update(), ());
    tx.opt_q::<i64>(&query).await.map(drop)
}
