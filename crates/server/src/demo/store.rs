//! The SQL of the demonstration: rows of several slices at once, in bulk, since going through each slice's rules four thousand times would
//! take a minute.

use std::collections::HashMap;

use clinichub_core::{
    AppointmentId, ClinicId, CptId, Currency, Day, DocumentId, InvoiceId, LabReportId, PatientId, PrescriptionId, RecordId, ServiceId,
    UserId, UtcTime, VisitId,
};
use clinichub_db::{DbError, Params, PlatformTx, TenantTx, bulk_sql, from_row, params, platform_bulk_sql, platform_sql, tenant_sql};

/// How many people there are.
pub async fn count_users(tx: &mut PlatformTx) -> Result<i64, DbError> {
    tx.one(platform_sql!("SELECT COUNT(*) FROM users"), ()).await
}

/// The people by the name that they sign in with.
pub async fn users(tx: &mut PlatformTx) -> Result<HashMap<String, UserId>, DbError> {
    let rows: Vec<(String, UserId)> = tx.all(platform_sql!("SELECT username, user_id FROM users WHERE username IS NOT NULL"), ()).await?;
    Ok(rows.into_iter().collect())
}

/// The clinics by their codes.
pub async fn clinics(tx: &mut PlatformTx) -> Result<HashMap<String, ClinicId>, DbError> {
    let rows: Vec<(String, ClinicId)> = tx.all(platform_sql!("SELECT code, clinic_id FROM clinics"), ()).await?;
    Ok(rows.into_iter().collect())
}

/// Says what a doctor does.
pub async fn set_specialization(tx: &mut PlatformTx, user: UserId, specialization: &str) -> Result<(), DbError> {
    let statement = platform_sql!("UPDATE doctors SET specialization = $2, registration_number = $3 WHERE user_id = $1");
    tx.exec(statement, params![user, specialization, format!("DEMO-{user}")]).await.map(drop)
}

/// Weekly hours: clinic, doctor, weekday, first and last minute.
pub async fn insert_hours(tx: &mut PlatformTx, hours: &[(ClinicId, UserId, i64, i64, i64)]) -> Result<(), DbError> {
    let now = tx.now();
    let rows = hours.iter().map(|(clinic, user, day, from, to)| params![clinic, user, *day, *from, *to, now]).collect();
    let insert =
        platform_bulk_sql!("INSERT INTO doctor_hours (clinic_id, user_id, weekday, starts_minute, ends_minute, created_at) VALUES");
    tx.insert_many(insert, rows).await.map(drop)
}

/// Makes the default service of a new clinic one that costs something.
pub async fn price_default_service(tx: &mut PlatformTx, clinic: ClinicId, service: super::cast::Service) -> Result<(), DbError> {
    let statement = platform_sql!(
        "UPDATE fee_schedule SET code = $2, description = $3, price_minor = $4, duration_minutes = $5 WHERE clinic_id = $1 AND is_default"
    );
    tx.exec(statement, params![clinic, service.0, service.1, service.2, service.3]).await.map(drop)
}

/// Adds services.
pub async fn insert_services(tx: &mut PlatformTx, clinic: ClinicId, services: &[super::cast::Service]) -> Result<(), DbError> {
    let now = tx.now();
    let row = |(code, description, price, minutes): &super::cast::Service| {
        params![clinic, *code, *description, *price, Currency::USD, *minutes, now, now]
    };
    let insert = platform_bulk_sql!(
        "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, duration_minutes, created_at, updated_at) VALUES"
    );
    tx.insert_many(insert, services.iter().map(row).collect()).await.map(drop)
}

/// Whether the clinic has a chart.
pub async fn has_patients(tx: &mut TenantTx) -> Result<bool, DbError> {
    let statement = tenant_sql!("SELECT patient_id FROM patients WHERE clinic_id = $1 LIMIT 1");
    Ok(tx.opt::<PatientId>(statement, ()).await?.is_some())
}

/// The services by their codes.
pub async fn services(tx: &mut TenantTx) -> Result<HashMap<String, ServiceId>, DbError> {
    let rows: Vec<(String, ServiceId)> = tx.all(tenant_sql!("SELECT code, service_id FROM fee_schedule WHERE clinic_id = $1"), ()).await?;
    Ok(rows.into_iter().collect())
}

/// Gives an account a chart.
pub async fn link_patient(tx: &mut TenantTx, patient: PatientId, user: UserId) -> Result<(), DbError> {
    let now = tx.now();
    let statement = tenant_sql!("INSERT INTO patient_links (clinic_id, patient_id, user_id, created_at) VALUES ($1, $2, $3, $4)");
    tx.exec(statement, params![patient, user, now]).await.map(drop)
}

/// Stores appointments; gives their ids by reference.
pub async fn insert_appointments(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<String, AppointmentId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, service_id, scheduled_start, scheduled_end, status,
             status_changed_at, reason, close_reason, created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    let select = tenant_sql!("SELECT reference, appointment_id FROM appointments WHERE clinic_id = $1");
    let rows: Vec<(String, AppointmentId)> = tx.all(select, ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores the states that appointments went through.
pub async fn insert_states(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!("INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id, reason) VALUES");
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores procedures; gives their ids by appointment.
pub async fn insert_procedures(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<AppointmentId, CptId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, unit_price_minor,
             currency, performed_at, created_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    let select = tenant_sql!("SELECT appointment_id, cpt_id FROM cpt_records WHERE clinic_id = $1");
    let rows: Vec<(AppointmentId, CptId)> = tx.all(select, ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores invoices; gives their ids by appointment.
pub async fn insert_invoices(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<AppointmentId, InvoiceId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, status, currency, total_minor, payment_method, issued_at,
             paid_at, created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    let select = tenant_sql!("SELECT appointment_id, invoice_id FROM invoices WHERE clinic_id = $1");
    let rows: Vec<(AppointmentId, InvoiceId)> = tx.all(select, ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores the lines of invoices.
pub async fn insert_lines(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores visits; gives their ids by appointment.
pub async fn insert_visits(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<AppointmentId, VisitId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO visits (clinic_id, reference, appointment_id, patient_id, provider_user_id, status, started_at, completed_at, subjective,
             objective, assessment, plan, created_at, updated_at, created_by, updated_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    let rows: Vec<(AppointmentId, VisitId)> =
        tx.all(tenant_sql!("SELECT appointment_id, visit_id FROM visits WHERE clinic_id = $1"), ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores what was found in visits.
pub async fn insert_diagnoses(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!("INSERT INTO visit_diagnoses (clinic_id, visit_id, rank, code, description) VALUES");
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores what was done in visits.
pub async fn insert_visit_procedures(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO visit_procedures (clinic_id, visit_id, line_no, service_id, code, description, units, modifiers, unit_price_minor,
             currency) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores entries of charts.
pub async fn insert_records(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO chart_records (clinic_id, patient_id, kind, recorded_at, name, code, status, severity, reaction, dose, route, frequency,
             started_on, due_on, created_at, updated_at) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores the entries that measurements belong to; gives their ids by visit.
pub async fn insert_measured(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<VisitId, RecordId>, DbError> {
    let insert = bulk_sql!("INSERT INTO chart_records (clinic_id, patient_id, visit_id, kind, recorded_at, created_at, updated_at) VALUES");
    tx.insert_many(insert, rows).await?;
    let select = tenant_sql!("SELECT visit_id, record_id FROM chart_records WHERE clinic_id = $1 AND kind = 'vitals'");
    let rows: Vec<(VisitId, RecordId)> = tx.all(select, ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores measurements.
pub async fn insert_vitals(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO vitals (clinic_id, record_id, systolic, diastolic, heart_rate, respiratory_rate, temperature, spo2, weight, height) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// Stores what the clinic used.
pub async fn insert_usage(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!("INSERT INTO usage_entries (clinic_id, kind, visit_id, units, unit_price_minor, currency, month, at) VALUES");
    tx.insert_many(insert, rows).await.map(drop)
}

/// Sets what a completed visit costs a clinic from this day on.
pub async fn set_usage_price(tx: &mut TenantTx, minor: i64, from: Day) -> Result<(), DbError> {
    let statement = tenant_sql!(
        "INSERT INTO usage_prices (clinic_id, kind, valid_from, unit_price_minor, currency, created_at)
         VALUES ($1, 'visit_completion', $2, $3, $4, $5)"
    );
    let now = tx.now();
    tx.exec(statement, params![from, minor, Currency::USD, now]).await.map(drop)
}

/// Stores prescriptions; gives their ids by reference.
pub async fn insert_prescriptions(tx: &mut TenantTx, rows: Vec<Params>) -> Result<HashMap<String, PrescriptionId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO prescriptions (clinic_id, reference, patient_id, doctor_user_id, status, currency, token, finalized_at, finalized_by,
             created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    let select = tenant_sql!("SELECT reference, prescription_id FROM prescriptions WHERE clinic_id = $1");
    let rows: Vec<(String, PrescriptionId)> = tx.all(select, ()).await?;
    Ok(rows.into_iter().collect())
}

/// Stores the items of prescriptions.
pub async fn insert_prescription_items(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO prescription_items (clinic_id, prescription_id, line_no, drug, drug_key, strength, form, dose, route, frequency_code,
             duration_days, quantity, cost_minor) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// A visit that a laboratory may have measured something for.
#[derive(Debug, Clone)]
pub struct SeenVisit {
    pub visit_id: VisitId,
    pub reference: String,
    pub patient_id: PatientId,
    pub mrn: String,
    pub ended_at: UtcTime,
}
from_row!(SeenVisit { visit_id, reference, patient_id, mrn, ended_at });

/// The last completed visits, the last one first; none where a laboratory has sent something already.
pub async fn last_visits_without_reports(tx: &mut TenantTx) -> Result<Vec<SeenVisit>, DbError> {
    let sql = tenant_sql!(
        "SELECT v.visit_id, v.reference, v.patient_id, p.mrn, v.completed_at AS ended_at
         FROM visits v JOIN patients p ON p.clinic_id = v.clinic_id AND p.patient_id = v.patient_id
         WHERE v.clinic_id = $1 AND v.status = 'completed' AND NOT EXISTS (SELECT 1 FROM lab_reports WHERE clinic_id = $1)
         ORDER BY v.completed_at DESC, v.visit_id DESC LIMIT 4"
    );
    tx.all(sql, ()).await
}

/// Stores a laboratory's report; gives its id.
pub async fn insert_lab_report(tx: &mut TenantTx, row: Params) -> Result<LabReportId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO lab_reports (clinic_id, visit_id, patient_id, file_id, title, severity, released_at, signed_at, signed_by, created_at,
             updated_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         RETURNING lab_report_id"
    );
    tx.one(sql, row).await
}

/// Stores what was measured.
pub async fn insert_lab_results(tx: &mut TenantTx, rows: Vec<Params>) -> Result<(), DbError> {
    let insert = bulk_sql!(
        "INSERT INTO lab_results (clinic_id, lab_report_id, patient_id, panel, analyte, analyte_key, value, unit, reference_low,
             reference_high, flag, observed_at, released_at, created_at) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// A patient as a document names them.
#[derive(Debug, Clone)]
pub struct Charted {
    pub patient_id: PatientId,
    pub first_name: String,
    pub last_name: String,
    pub mrn: String,
    pub dob: Day,
}
from_row!(Charted { patient_id, first_name, last_name, mrn, dob });

/// The first patients of the clinic, in the order in which they came; none where there is a document already.
pub async fn patients_without_documents(tx: &mut TenantTx) -> Result<Vec<Charted>, DbError> {
    let sql = tenant_sql!(
        "SELECT patient_id, first_name, last_name, mrn, dob FROM patients
         WHERE clinic_id = $1 AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM documents WHERE clinic_id = $1)
         ORDER BY patient_id LIMIT 200"
    );
    tx.all(sql, ()).await
}

/// Stores documents, whose files are kept already; gives their ids.
pub async fn insert_documents(tx: &mut TenantTx, rows: Vec<Params>) -> Result<Vec<DocumentId>, DbError> {
    let insert = bulk_sql!(
        "INSERT INTO documents (clinic_id, patient_id, file_id, title, category, released_at, created_at, updated_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await?;
    tx.all(tenant_sql!("SELECT document_id FROM documents WHERE clinic_id = $1 ORDER BY document_id"), ()).await
}

/// Says which numbers of references are used up.
pub async fn insert_counters(tx: &mut TenantTx, counters: &[(clinichub_db::Counter, usize)]) -> Result<(), DbError> {
    let row = |(counter, last): &(clinichub_db::Counter, usize)| params![counter.as_str(), i64::try_from(*last).unwrap_or(i64::MAX)];
    let insert = bulk_sql!("INSERT INTO counters (clinic_id, kind, value) VALUES");
    tx.insert_many(insert, counters.iter().map(row).collect()).await.map(drop)
}
