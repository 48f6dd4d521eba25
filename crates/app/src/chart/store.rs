//! All SQL of the chart.

use clinichub_core::{ClinicId, Day, Grant, PageRequest, PatientId, RecordId, Role, UtcTime, VisitId};
use clinichub_db::{DbError, FromRow, PlatformTx, Query, Row, TenantTx, bulk_sql, params, platform_sql, tenant_sql, text_column};

use super::api::{RecordFilter, RecordSort};
use super::measures::Vitals;
use super::model::{Kind, Record, RecordStatus, Severity};

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

/// Stores an entry, but for what must be sealed; gives its id.
pub async fn insert(tx: &mut TenantTx, record: &Record) -> Result<RecordId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO chart_records (clinic_id, patient_id, visit_id, kind, recorded_at, name, code, status, severity, reaction, dose, route,
             frequency, started_on, ended_on, lot_number, dose_number, due_on, details, sensitive, created_at, updated_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
         RETURNING record_id"
    );
    let id = tx.one(sql, columns(record)).await?;
    if let Some(vitals) = &record.vitals {
        insert_vitals(tx, id, vitals).await?;
    }
    Ok(id)
}

/// Gives a new entry what is sealed of it.
pub async fn set_sealed(tx: &mut TenantTx, record: RecordId, sealed: &Sealed) -> Result<u64, DbError> {
    let sql = tenant_sql!("UPDATE chart_records SET name_sealed = $3, details_sealed = $4 WHERE clinic_id = $1 AND record_id = $2");
    tx.exec(sql, params![record, &sealed.name, &sealed.details]).await
}

/// Puts what is sealed in the place of what is in the clear, if the entry still says that.
pub async fn replace_by_sealed(
    tx: &mut TenantTx,
    record: RecordId,
    name: Option<String>,
    details: Option<String>,
    sealed: &Sealed,
) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE chart_records SET name = NULL, details = NULL, name_sealed = coalesce($5, name_sealed),
             details_sealed = coalesce($6, details_sealed)
         WHERE clinic_id = $1 AND record_id = $2 AND sensitive AND name IS NOT DISTINCT FROM $3 AND details IS NOT DISTINCT FROM $4"
    );
    tx.exec(sql, params![record, name, details, &sealed.name, &sealed.details]).await
}

/// Some entries whose title or text should be sealed and is not: the two.
pub async fn list_unsealed(tx: &mut TenantTx) -> Result<Vec<(RecordId, Option<String>, Option<String>)>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT record_id, name, details FROM chart_records
             WHERE clinic_id = $1 AND sensitive AND (name IS NOT NULL OR details IS NOT NULL)
             ORDER BY record_id LIMIT 200"
        ),
        params![],
    )
    .await
}

/// The clinics that have such entries.
pub async fn clinics_with_unsealed(tx: &mut PlatformTx) -> Result<Vec<ClinicId>, DbError> {
    let sql = platform_sql!("SELECT DISTINCT clinic_id FROM chart_records WHERE sensitive AND (name IS NOT NULL OR details IS NOT NULL)");
    tx.all(sql, ()).await
}

/// Stores many entries that measure nothing and are not sensitive.
pub async fn insert_many(tx: &mut TenantTx, records: &[Record]) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO chart_records (clinic_id, patient_id, visit_id, kind, recorded_at, name, code, status, severity, reaction, dose, route,
             frequency, started_on, ended_on, lot_number, dose_number, due_on, details, sensitive, created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, records.iter().map(columns).collect()).await.map(drop)
}

/// Stores problems that diagnoses of a visit add.
pub async fn insert_from_diagnoses(tx: &mut TenantTx, problems: &[Record]) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO chart_records (clinic_id, patient_id, visit_id, kind, recorded_at, name, code, status, created_at, updated_at,
             created_by, from_diagnosis) VALUES"
    );
    let row = |one: &Record| {
        params![
            one.patient_id,
            one.visit_id,
            one.kind,
            one.recorded_at,
            &one.name,
            &one.code,
            one.status,
            one.created_at,
            one.updated_at,
            one.created_by,
            true,
        ]
    };
    tx.insert_many(insert, problems.iter().map(row).collect()).await.map(drop)
}

/// The entries of a kind that were made in this moment with these details, in the order in which they were made.
pub async fn list_ids_with(tx: &mut TenantTx, patient: PatientId, kind: Kind, details: &str) -> Result<Vec<RecordId>, DbError> {
    let now = tx.now();
    tx.all(
        tenant_sql!(
            "SELECT record_id FROM chart_records
             WHERE clinic_id = $1 AND patient_id = $2 AND kind = $3 AND created_at = $4 AND details = $5 AND deleted_at IS NULL
             ORDER BY record_id"
        ),
        params![patient, kind, now, details],
    )
    .await
}

fn columns(record: &Record) -> clinichub_db::Params {
    params![
        record.patient_id,
        record.visit_id,
        record.kind,
        record.recorded_at,
        clear_name(record),
        &record.code,
        record.status,
        record.severity,
        &record.reaction,
        &record.dose,
        &record.route,
        &record.frequency,
        record.started_on,
        record.ended_on,
        &record.lot_number,
        record.dose_number,
        record.due_on,
        clear_details(record),
        record.sensitive,
        record.created_at,
        record.updated_at,
        record.created_by,
    ]
}

/// The title that may be read in the database.
fn clear_name(record: &Record) -> Option<&String> {
    record.name.as_ref().filter(|_| !record.sensitive)
}

/// The text that may be read in the database.
fn clear_details(record: &Record) -> Option<&String> {
    record.details.as_ref().filter(|_| !record.sensitive)
}

async fn insert_vitals(tx: &mut TenantTx, record: RecordId, vitals: &Vitals) -> Result<(), DbError> {
    let sql = tenant_sql!(
        "INSERT INTO vitals (clinic_id, record_id, systolic, diastolic, heart_rate, respiratory_rate, temperature, spo2, weight, height,
             pain, glucose, head_circumference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    );
    tx.exec(sql, vitals_columns(record, vitals)).await.map(drop)
}

fn vitals_columns(record: RecordId, vitals: &Vitals) -> clinichub_db::Params {
    params![
        record,
        vitals.systolic,
        vitals.diastolic,
        vitals.heart_rate,
        vitals.respiratory_rate,
        vitals.temperature,
        vitals.spo2,
        vitals.weight,
        vitals.height,
        vitals.pain,
        vitals.glucose,
        vitals.head_circumference,
    ]
}

/// Stores what an update made of an entry that still has the version before, sealed where it must be; how many rows it changed.
pub async fn update(tx: &mut TenantTx, record: &Record, sealed: &Sealed) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE chart_records SET name = $3, code = $4, status = $5, severity = $6, reaction = $7, dose = $8, route = $9, frequency = $10,
             started_on = $11, ended_on = $12, lot_number = $13, dose_number = $14, due_on = $15, details = $16, sensitive = $17,
             updated_at = $18, version = $19, details_sealed = $20, name_sealed = $21
         WHERE clinic_id = $1 AND record_id = $2 AND version = $19 - 1 AND deleted_at IS NULL"
    );
    let values = params![
        record.record_id,
        clear_name(record),
        &record.code,
        record.status,
        record.severity,
        &record.reaction,
        &record.dose,
        &record.route,
        &record.frequency,
        record.started_on,
        record.ended_on,
        &record.lot_number,
        record.dose_number,
        record.due_on,
        clear_details(record),
        record.sensitive,
        record.updated_at,
        record.version,
        &sealed.details,
        &sealed.name,
    ];
    let changed = tx.exec(sql, values).await?;
    if let (1, Some(vitals)) = (changed, &record.vitals) {
        update_vitals(tx, record.record_id, vitals).await?;
    }
    Ok(changed)
}

async fn update_vitals(tx: &mut TenantTx, record: RecordId, vitals: &Vitals) -> Result<(), DbError> {
    let sql = tenant_sql!(
        "UPDATE vitals SET systolic = $3, diastolic = $4, heart_rate = $5, respiratory_rate = $6, temperature = $7, spo2 = $8, weight = $9,
             height = $10, pain = $11, glucose = $12, head_circumference = $13
         WHERE clinic_id = $1 AND record_id = $2"
    );
    tx.exec(sql, vitals_columns(record, vitals)).await.map(drop)
}

/// Takes an entry out of sight.
pub async fn delete(tx: &mut TenantTx, record: &Record) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE chart_records SET deleted_at = $3, updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND record_id = $2 AND version = $4 AND deleted_at IS NULL"
    );
    let now = tx.now();
    tx.exec(sql, params![record.record_id, now, record.version]).await
}

/// Ends those of a chart's medications that are taken still.
pub async fn stop(tx: &mut TenantTx, patient: PatientId, records: Vec<RecordId>, today: Day) -> Result<u64, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "UPDATE chart_records SET status = 'stopped', ended_on = $3, updated_at = $4, version = version + 1
         WHERE clinic_id = $1 AND patient_id = $2 AND kind = 'medication' AND status = 'active'"
    ));
    let now = tx.now();
    query.bind(params![patient, today, now]).list(" AND record_id IN (", records, ")");
    tx.exec_q(&query).await
}

/// Takes those of a chart's entries out of sight that nobody has changed yet; which they were.
pub async fn delete_unchanged(tx: &mut TenantTx, patient: PatientId, records: Vec<RecordId>) -> Result<Vec<RecordId>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "UPDATE chart_records SET deleted_at = $3, updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND patient_id = $2 AND version = 1 AND deleted_at IS NULL"
    ));
    let now = tx.now();
    query.bind(params![patient, now]).list(" AND record_id IN (", records, ")").tail(" RETURNING record_id", ());
    tx.all_q(&query).await
}
