//! Many rows at once, made inside of the database: enough of them that a plan without an index is a bad one.

use clinichub_testkit::TestApp;
use rusqlite::Connection;

/// Clinics that the rows are spread over, besides the test's own two.
pub const CLINICS: u32 = 40;
/// The chart that the requests of a test may be about; it is in clinic 1.
pub const CHART: u32 = 1040;
/// An appointment in clinic 1 that is not closed.
pub const OPEN: u32 = 280;
/// One that is completed and has its invoice.
pub const COMPLETED: u32 = 40;
/// When the middle of the appointments is: noon of the day on which the clock stands still.
const MIDDLE: u32 = 1_776_168_000;

/// Fills the database with so many charts and appointments, and tells it how many there are. Both are multiples of 40.
pub async fn fill(app: &TestApp, patients: u32, appointments: u32) {
    match app.app.db.pg_pool() {
        Some(pool) => {
            let client = pool.get().await.expect("a connection");
            // As long as it takes on a busy machine.
            client.batch_execute("SET statement_timeout = 0").await.expect("a setting");
            for statement in statements(patients, appointments, |seconds| format!("to_timestamp({seconds})")) {
                client.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{error:?}\n{statement}"));
            }
        }
        None => {
            let db = sqlite(app);
            for statement in statements(patients, appointments, |seconds| format!("({seconds}) * 1000000")) {
                db.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
            }
        }
    }
}

/// A connection of our own to the file.
pub fn sqlite(app: &TestApp) -> Connection {
    let path = app.app.db.lite().expect("the embedded database").path().to_owned();
    Connection::open(path).expect("the file opens")
}

#[expect(clippy::too_many_lines, reason = "a statement a table")]
fn statements(patients: u32, appointments: u32, at: impl Fn(&str) -> String) -> Vec<String> {
    let now = at(&MIDDLE.to_string());
    let start = format!("{MIDDLE} + (i / 5 - {appointments} / 10) * 1800");
    let (starts, ends) = (at(&start), at(&format!("{start} + 1800")));
    let upto = |count: u32| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let (clinics, charts, booked) = (upto(CLINICS), upto(patients), upto(appointments));
    // Which chart an appointment is of; with it the clinic.
    let chart = format!("i * 7 % {patients}");
    let status = "CASE WHEN i / 40 % 10 < 6 THEN 'completed' WHEN i / 40 % 10 = 6 THEN 'cancelled' ELSE 'scheduled' END";
    let is_completed = "status = 'completed'";
    vec![
        format!(
            "{clinics} INSERT INTO clinics (clinic_id, code, name, time_zone, currency, created_at, updated_at)
             SELECT i, 'BLK' || i, 'Bulk', 'America/New_York', 'USD', {now}, {now} FROM n WHERE i > 2"
        ),
        format!(
            "{} INSERT INTO users (user_id, first_name, last_name, created_at, updated_at) SELECT 100 + i, 'Doctor', 'Bulk', {now}, {now} FROM n",
            upto(5)
        ),
        format!(
            "{clinics} INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at)
             SELECT i, user_id, 'doctor', {now}, {now} FROM n CROSS JOIN users WHERE user_id BETWEEN 101 AND 105"
        ),
        format!("INSERT INTO doctors (user_id, created_at, updated_at) SELECT user_id, {now}, {now} FROM users WHERE user_id BETWEEN 101 AND 105"),
        format!(
            "{charts} INSERT INTO patients (clinic_id, patient_id, mrn, first_name, last_name, name_key, dob, sex, email, email_key, created_at, updated_at)
             SELECT 1 + i % {CLINICS}, 1000 + i, 'BLK-P' || i, 'First' || (i % 500), 'Last' || (i % 300), 'last' || (i % 300) || ' first' || (i % 500),
                 '1980-01-01', 'female', 'p' || i || '@bulk.example', 'p' || i || '@bulk.example', {now}, {now} FROM n"
        ),
        "INSERT INTO patient_tokens (clinic_id, token, patient_id) SELECT clinic_id, lower(first_name), patient_id FROM patients
             UNION SELECT clinic_id, lower(last_name), patient_id FROM patients UNION SELECT clinic_id, lower(mrn), patient_id FROM patients"
            .to_owned(),
        format!(
            "{booked} INSERT INTO appointments (clinic_id, appointment_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end,
                 status, status_changed_at, created_at, updated_at)
             SELECT 1 + {chart} % {CLINICS}, i, 'BLK-A' || i, 1000 + {chart}, 101 + i % 5, {starts}, {ends}, {status}, {now}, {now}, {now}
             FROM n WHERE {chart} > 0"
        ),
        format!(
            "INSERT INTO appointment_states (clinic_id, appointment_id, status, at) SELECT clinic_id, appointment_id, status, {now} FROM appointments"
        ),
        format!(
            "INSERT INTO cpt_records (clinic_id, cpt_id, appointment_id, patient_id, provider_user_id, code, description, unit_price_minor, currency,
                 performed_at, created_at)
             SELECT clinic_id, appointment_id, appointment_id, patient_id, provider_user_id, 'VISIT', 'Visit', 100, 'USD', scheduled_end, {now}
             FROM appointments WHERE {is_completed}"
        ),
        format!(
            "INSERT INTO invoices (clinic_id, invoice_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at, created_at,
                 updated_at)
             SELECT clinic_id, cpt_id, 'BLK-I' || cpt_id, appointment_id, patient_id, cpt_id, 'USD', 100, performed_at, {now}, {now} FROM cpt_records"
        ),
        "INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor)
             SELECT clinic_id, invoice_id, 1, 'VISIT', 'Visit', 1, 100, 100 FROM invoices"
            .to_owned(),
        format!(
            "INSERT INTO visits (clinic_id, visit_id, reference, appointment_id, patient_id, provider_user_id, status, started_at, completed_at,
                 created_at, updated_at)
             SELECT clinic_id, appointment_id, 'BLK-V' || appointment_id, appointment_id, patient_id, provider_user_id, 'completed',
                 scheduled_start, scheduled_end, {now}, {now} FROM appointments WHERE {is_completed}"
        ),
        "INSERT INTO visit_diagnoses (clinic_id, visit_id, rank, code, description) SELECT clinic_id, visit_id, 1, 'I10', 'Bulk' FROM visits"
            .to_owned(),
        format!(
            "INSERT INTO chart_records (clinic_id, record_id, patient_id, visit_id, kind, recorded_at, created_at, updated_at)
             SELECT clinic_id, visit_id, patient_id, visit_id, 'vitals', started_at, {now}, {now} FROM visits"
        ),
        "INSERT INTO vitals (clinic_id, record_id, systolic, diastolic) SELECT clinic_id, visit_id, 120, 80 FROM visits".to_owned(),
        format!(
            "INSERT INTO chart_records (clinic_id, record_id, patient_id, kind, recorded_at, name, status, created_at, updated_at)
             SELECT clinic_id, 10000000 + patient_id, patient_id, 'condition', {now}, 'Bulk', 'active', {now}, {now} FROM patients"
        ),
        "INSERT INTO usage_entries (clinic_id, entry_id, kind, visit_id, units, unit_price_minor, currency, month, at)
             SELECT clinic_id, visit_id, 'visit_completion', visit_id, 1, 100, 'USD', '2026-04', completed_at FROM visits"
            .to_owned(),
        format!(
            "INSERT INTO files (clinic_id, file_id, object, state, key_id, wrapped_key, size, sha256, mime, name, created_at, stored_at)
             SELECT clinic_id, patient_id, 'bulk/' || patient_id, 'stored', 'k', 'w', 1, 's', 'application/pdf', 'a.pdf', {now}, {now} FROM patients"
        ),
        format!(
            "INSERT INTO documents (clinic_id, document_id, patient_id, file_id, title, category, created_at, updated_at)
             SELECT clinic_id, patient_id, patient_id, patient_id, 'Bulk', 'other', {now}, {now} FROM patients"
        ),
        format!(
            "INSERT INTO prescriptions (clinic_id, prescription_id, reference, patient_id, doctor_user_id, currency, created_at, updated_at)
             SELECT clinic_id, patient_id, 'BLK-R' || patient_id, patient_id, 101, 'USD', {now}, {now} FROM patients"
        ),
        "INSERT INTO prescription_items (clinic_id, prescription_id, line_no, drug, drug_key) SELECT clinic_id, prescription_id, 1, 'Bulk', 'bulk' FROM prescriptions"
            .to_owned(),
        format!(
            "INSERT INTO lab_reports (clinic_id, lab_report_id, visit_id, patient_id, file_id, title, created_at, updated_at)
             SELECT clinic_id, patient_id, max(visit_id), patient_id, patient_id, 'Bulk', {now}, {now} FROM visits GROUP BY clinic_id, patient_id"
        ),
        format!(
            "INSERT INTO lab_results (clinic_id, lab_result_id, patient_id, analyte, analyte_key, value, observed_at, created_at)
             SELECT clinic_id, visit_id, patient_id, 'Glucose', 'glucose', 100, started_at, {now} FROM visits"
        ),
        format!(
            "INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, request_id)
             SELECT clinic_id, scheduled_start, provider_user_id, 'doctor', 'get_patient', 'allowed', patient_id, 'bulk' FROM appointments"
        ),
        "ANALYZE".to_owned(),
    ]
}

/// Gives a chart of clinic 1 so many completed visits with a diagnosis, measurements and a prescription each, an hour apart, with the provider
/// of user id 2.
pub async fn visits(app: &TestApp, patient: i64, count: u32) {
    let of = |at: fn(&str) -> String| {
        let (start, end) = (at("900000000 + i * 3600"), at("900000000 + i * 3600 + 1800"));
        let n = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
        [
            format!(
                "{n} INSERT INTO appointments (clinic_id, appointment_id, reference, patient_id, provider_user_id, scheduled_start,
                     scheduled_end, status, status_changed_at, created_at, updated_at)
                 SELECT 1, 5000000 + i, 'OLD-A' || i, {patient}, 2, {start}, {end}, 'completed', {end}, {start}, {end} FROM n"
            ),
            format!(
                "{n} INSERT INTO visits (clinic_id, visit_id, reference, appointment_id, patient_id, provider_user_id, status, started_at,
                     completed_at, assessment, created_at, updated_at)
                 SELECT 1, 5000000 + i, 'OLD-V' || i, 5000000 + i, {patient}, 2, 'completed', {start}, {end}, 'As before', {start}, {end} FROM n"
            ),
            format!(
                "{n} INSERT INTO visit_diagnoses (clinic_id, visit_id, rank, code, description) SELECT 1, 5000000 + i, 1, 'I10', 'Pressure' FROM n"
            ),
            format!(
                "{n} INSERT INTO chart_records (clinic_id, record_id, patient_id, visit_id, kind, recorded_at, created_at, updated_at)
                 SELECT 1, 5000000 + i, {patient}, 5000000 + i, 'vitals', {start}, {start}, {start} FROM n"
            ),
            format!("{n} INSERT INTO vitals (clinic_id, record_id, systolic, diastolic, weight) SELECT 1, 5000000 + i, 120, 80, 70 FROM n"),
            format!(
                "{n} INSERT INTO prescriptions (clinic_id, prescription_id, reference, patient_id, visit_id, doctor_user_id, currency, created_at,
                     updated_at)
                 SELECT 1, 5000000 + i, 'OLD-R' || i, {patient}, 5000000 + i, 2, 'USD', {start}, {start} FROM n"
            ),
            format!(
                "{n} INSERT INTO prescription_items (clinic_id, prescription_id, line_no, drug, drug_key)
                 SELECT 1, 5000000 + i, 1, 'Lisinopril', 'lisinopril' FROM n"
            ),
        ]
    };
    match app.app.db.pg_pool() {
        Some(pool) => {
            let client = pool.get().await.expect("a connection");
            for statement in of(|seconds| format!("to_timestamp({seconds})")) {
                client.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{error:?}\n{statement}"));
            }
        }
        None => {
            let db = sqlite(app);
            for statement in of(|seconds| format!("({seconds}) * 1000000")) {
                db.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
            }
        }
    }
}
