//! The statements that change the chart, and those that say what is to be changed.

use clinichub_core::{ClinicId, Day, PatientId, RecordId};
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, bulk_sql, params, platform_sql, tenant_sql};

use super::Sealed;
use crate::chart::measures::Vitals;
use crate::chart::model::{Kind, Record};

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
