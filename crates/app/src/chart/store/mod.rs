//! All SQL of the chart: here what is read.

mod changes;

use clinichub_core::{Day, Grant, PageRequest, PatientId, RecordId, Role, UtcTime, VisitId};
use clinichub_db::{DbError, FromRow, Query, Row, TenantTx, params, tenant_sql, text_column};

use super::api::{RecordFilter, RecordSort};
use super::measures::Vitals;
use super::model::{Kind, Record, RecordStatus, Severity};
pub use changes::{
    clinics_with_unsealed, delete, delete_unchanged, insert, insert_from_diagnoses, insert_many, list_ids_with, list_unsealed,
    replace_by_sealed, set_sealed, stop, update,
};

text_column!(Kind, RecordStatus, Severity);

/// How many entries the page of a chart shows at most, of all kinds together.
const MOST_CURRENT: i64 = 500;

impl FromRow for Record {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let kind = row.get(3)?;
        let vitals = if kind == Kind::Vitals { Some(vitals_from(row, 26)?) } else { None };
        Ok(Self {
            record_id: row.get(0)?,
            patient_id: row.get(1)?,
            visit_id: row.get(2)?,
            kind,
            recorded_at: row.get(4)?,
            name: row.get(5)?,
            code: row.get(6)?,
            status: row.get(7)?,
            severity: row.get(8)?,
            reaction: row.get(9)?,
            dose: row.get(10)?,
            route: row.get(11)?,
            frequency: row.get(12)?,
            started_on: row.get(13)?,
            ended_on: row.get(14)?,
            lot_number: row.get(15)?,
            dose_number: row.get(16)?,
            due_on: row.get(17)?,
            details: row.get(18)?,
            sensitive: row.get(19)?,
            created_at: row.get(20)?,
            updated_at: row.get(21)?,
            created_by: row.get(22)?,
            version: row.get(23)?,
            vitals: vitals.map(Vitals::completed),
        })
    }
}

/// What was measured, in the eleven columns from `first` on.
fn vitals_from(row: &Row<'_>, first: usize) -> Result<Vitals, DbError> {
    Ok(Vitals {
        systolic: row.get(first)?,
        diastolic: row.get(first + 1)?,
        heart_rate: row.get(first + 2)?,
        respiratory_rate: row.get(first + 3)?,
        temperature: row.get(first + 4)?,
        spo2: row.get(first + 5)?,
        weight: row.get(first + 6)?,
        height: row.get(first + 7)?,
        pain: row.get(first + 8)?,
        glucose: row.get(first + 9)?,
        head_circumference: row.get(first + 10)?,
        ..Vitals::default()
    })
}

/// What was measured at a point in time.
pub struct Measured {
    pub at: UtcTime,
    pub vitals: Vitals,
}

impl FromRow for Measured {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { at: row.get(0)?, vitals: vitals_from(row, 1)?.with_bmi() })
    }
}

/// What of an entry is sealed.
#[derive(Default)]
pub struct Sealed {
    pub name: Option<String>,
    pub details: Option<String>,
}

impl Sealed {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.details.is_none()
    }
}

/// An entry whose title and text may be sealed; it is read through [`super::notes::opened`].
pub struct Stored {
    pub record: Record,
    pub sealed: Sealed,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { record: Record::from_row(row)?, sealed: Sealed { details: row.get(24)?, name: row.get(25)? } })
    }
}

/// The latest measurements, newest first: what curves are drawn from. They are chosen before it is looked up what was measured.
pub async fn list_measured(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<Vec<Measured>, DbError> {
    if tx.grant().role() == Some(Role::Patient) {
        let measured = |stored: Stored| Measured { at: stored.record.recorded_at, vitals: stored.record.vitals.unwrap_or_default() };
        return Ok(list_vitals(tx, patient, limit).await?.into_iter().map(measured).collect());
    }
    tx.all(
        tenant_sql!(
            "SELECT r.recorded_at, v.systolic, v.diastolic, v.heart_rate, v.respiratory_rate, v.temperature, v.spo2, v.weight, v.height,
                    v.pain, v.glucose, v.head_circumference
             FROM (SELECT c.record_id, c.recorded_at FROM chart_records c
                   WHERE c.clinic_id = $1 AND c.patient_id = $2 AND c.kind = 'vitals' AND c.deleted_at IS NULL
                   ORDER BY c.recorded_at DESC, c.record_id DESC LIMIT $3) r
                  JOIN vitals v ON v.clinic_id = $1 AND v.record_id = r.record_id
             ORDER BY r.recorded_at DESC, r.record_id DESC"
        ),
        params![patient, limit],
    )
    .await
}

/// Entries of the clinic's charts with what was measured. The functions that add to it follow it: the test of all statements prepares a
/// part behind the head that stands before it.
fn records() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT r.record_id, r.patient_id, r.visit_id, r.kind, r.recorded_at, r.name, r.code, r.status, r.severity, r.reaction, r.dose,
                r.route, r.frequency, r.started_on, r.ended_on, r.lot_number, r.dose_number, r.due_on, r.details, r.sensitive, r.created_at,
                r.updated_at, r.created_by, r.version, r.details_sealed, r.name_sealed, v.systolic, v.diastolic, v.heart_rate,
                v.respiratory_rate, v.temperature, v.spo2, v.weight, v.height, v.pain, v.glucose, v.head_circumference
         FROM chart_records r LEFT JOIN vitals v ON v.clinic_id = r.clinic_id AND v.record_id = r.record_id
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"
    ))
}

/// Leaves out, for a patient, what was noted in a visit that is not completed: it is a draft.
fn as_seen(query: &mut Query, grant: &Grant) {
    if grant.role() == Some(Role::Patient) {
        query.part(
            " AND (r.visit_id IS NULL OR EXISTS (SELECT 1 FROM visits w
                  WHERE w.clinic_id = r.clinic_id AND w.visit_id = r.visit_id AND w.status = 'completed'))",
            (),
        );
    }
}

/// An entry of this chart, if it is there.
pub async fn find(tx: &mut TenantTx, patient: PatientId, record: RecordId) -> Result<Option<Stored>, DbError> {
    let mut query = records();
    query.part(" AND r.record_id = ? AND r.patient_id = ?", params![record, patient]);
    as_seen(&mut query, tx.grant());
    tx.opt_q(&query).await
}

/// One page of the entries that match, and how many do. `kinds` are those that may be seen; `search` stands in a name, or is a code.
pub async fn list(
    tx: &mut TenantTx,
    patient: PatientId,
    filter: &RecordFilter,
    kinds: &[Kind],
    search: Option<&str>,
    page: &PageRequest<RecordSort>,
) -> Result<(Vec<Stored>, i64), DbError> {
    let mut query = records();
    query.part(" AND r.patient_id = ?", params![patient]);
    query.list(" AND r.kind IN (", kinds.iter().copied(), ")");
    as_seen(&mut query, tx.grant());
    if let Some(status) = filter.status {
        query.part(" AND r.status = ?", params![status]);
    }
    if let Some(visit) = filter.visit_id {
        query.part(" AND r.visit_id = ?", params![visit]);
    }
    if let Some(search) = search {
        let (pattern, code) = (crate::like::containing(search), search.to_uppercase());
        query.part(" AND (lower(r.name) LIKE ? ESCAPE '!' OR upper(r.code) = ?)", params![&pattern, &code]);
    }
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    let rows = tx.all_q(&query).await?;
    let count = query.under(tenant_sql!("SELECT count(*) FROM chart_records r WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"));
    Ok((rows, tx.one_q(&count).await?))
}

/// The latest measurements as entries, newest first.
pub async fn list_vitals(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<Vec<Stored>, DbError> {
    let mut query = records();
    query.part(" AND r.patient_id = ? AND r.kind = 'vitals'", params![patient]);
    as_seen(&mut query, tx.grant());
    query.tail(" ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// The entries before this place, newest first.
pub async fn list_before(
    tx: &mut TenantTx,
    patient: PatientId,
    kinds: &[Kind],
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let mut query = records();
    query.part(" AND r.patient_id = ? AND (r.recorded_at, r.record_id) < (?, ?)", params![patient, before.0, before.1]);
    query.list(" AND r.kind IN (", kinds.iter().copied(), ")");
    as_seen(&mut query, tx.grant());
    query.tail(" ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// What was measured in a visit, newest first.
pub async fn list_vitals_of_visit(tx: &mut TenantTx, visit: VisitId) -> Result<Vec<Record>, DbError> {
    let mut query = records();
    query.part(" AND r.visit_id = ? AND r.kind = 'vitals'", params![visit]);
    query.tail(" ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT 100", ());
    tx.all_q(&query).await
}

/// Entries of the kinds that measure nothing, without a look at what was measured. The functions that add to it follow it, as above.
fn unmeasured() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT r.record_id, r.patient_id, r.visit_id, r.kind, r.recorded_at, r.name, r.code, r.status, r.severity, r.reaction, r.dose,
                r.route, r.frequency, r.started_on, r.ended_on, r.lot_number, r.dose_number, r.due_on, r.details, r.sensitive, r.created_at,
                r.updated_at, r.created_by, r.version, r.details_sealed, r.name_sealed
         FROM chart_records r
         WHERE r.clinic_id = $1 AND r.deleted_at IS NULL"
    ))
}

/// The latest notes, newest first.
pub async fn list_notes(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<Vec<Stored>, DbError> {
    let mut query = unmeasured();
    query.part(" AND r.patient_id = ? AND r.kind = 'note'", params![patient]);
    as_seen(&mut query, tx.grant());
    query.tail(" ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

/// What holds of a chart today: allergies, problems, medications, and the immunizations that were given; newest first.
pub async fn list_current(tx: &mut TenantTx, patient: PatientId, today: Day) -> Result<Vec<Record>, DbError> {
    let mut query = current(patient, today, tx.grant());
    query.part(" AND r.kind IN ('condition', 'allergy', 'medication', 'immunization')", ());
    tx.all_q(&query).await
}

/// The same of one of these kinds.
pub async fn list_current_of(tx: &mut TenantTx, patient: PatientId, kind: Kind, today: Day) -> Result<Vec<Record>, DbError> {
    let mut query = current(patient, today, tx.grant());
    query.part(" AND r.kind = ?", params![kind]);
    tx.all_q(&query).await
}

/// The problems that this visit's diagnoses added and that nobody has changed since.
pub async fn list_from_diagnoses(tx: &mut TenantTx, patient: PatientId, visit: VisitId) -> Result<Vec<Record>, DbError> {
    let mut query = unmeasured();
    query.part(" AND r.patient_id = ? AND r.visit_id = ? AND r.from_diagnosis AND r.version = 1", params![patient, visit]);
    tx.all_q(&query).await
}

/// What has an end that is past is over, whatever its status says.
fn current(patient: PatientId, today: Day, grant: &Grant) -> Query {
    let mut query = unmeasured();
    query.part(" AND r.patient_id = ? AND r.status IN ('active', 'given')", params![patient]);
    query.part(" AND (r.ended_on IS NULL OR r.ended_on >= ?)", params![today]);
    as_seen(&mut query, grant);
    query.tail(" ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT ?", params![MOST_CURRENT]);
    query
}
