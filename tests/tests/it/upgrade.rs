//! A database of each earlier version, with a row in its tables, is brought up to date: every row is still there, and what a migration
//! works out from old rows is right.

use clinichub_db::{Db, DbConfig, DbUrl};
use clinichub_testkit::postgres::TestDatabase;

/// Rows that a database of that version may hold. `@now` is an instant, `@yes` and `@no` are truth values of the engine.
///
/// A migration that adds a table gets its rows here.
const ROWS: &[(u32, &[&str])] = &[
    (
        1,
        &[
            "INSERT INTO clinics (clinic_id, code, name, time_zone, currency, created_at, updated_at) VALUES (1, 'OLD01', 'Old', 'UTC', 'USD', @now, @now)",
            "INSERT INTO users (user_id, first_name, last_name, email, created_at, updated_at) VALUES (1, 'Ada', 'Old', 'ada@old.example', @now, @now)",
            "INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at) VALUES (1, 1, 'doctor', @now, @now)",
            "INSERT INTO role_permissions (clinic_id, role, permission, allowed) VALUES (1, 'nurse', 'patient_create', @no)",
            "INSERT INTO sessions (session_id, user_id, clinic_id, created_at, last_used_at, expires_at) VALUES (1, 1, 1, @now, @now, @now)",
            "INSERT INTO refresh_tokens (token_sha256, session_id, created_at, expires_at) VALUES ('a', 1, @now, @now)",
            "INSERT INTO one_time_tokens (token_sha256, purpose, user_id, created_at, expires_at) VALUES ('b', 'password_reset', 1, @now, @now)",
            "INSERT INTO counters (clinic_id, kind, value) VALUES (1, 'appointment', 7)",
            "INSERT INTO idempotency_keys (clinic_id, user_id, idempotency_key, request_hash, created_at) VALUES (1, 1, 'k', 'h', @now)",
            "INSERT INTO jobs (clinic_id, kind, payload, run_at, max_attempts, created_at) VALUES (1, 'mail', '{}', @now, 5, @now)",
            "INSERT INTO outbox (clinic_id, kind, resource, resource_id, needs, payload, created_at) VALUES (1, 'k', 'patient', 1, 'patient_read', '{}', @now)",
            "INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, request_id) VALUES (1, @now, 1, 'doctor', 'get_patient', 'allowed', 'r')",
        ],
    ),
    (
        2,
        &[
            "INSERT INTO patients (clinic_id, patient_id, mrn, first_name, last_name, name_key, dob, sex, created_at, updated_at)
             VALUES (1, 1, 'OLD01-P1', 'María', 'Martín Mar', 'martin mar maria', '1990-05-10', 'female', @now, @now)",
            "INSERT INTO patient_tokens (clinic_id, token, patient_id) VALUES (1, 'mar', 1), (1, 'maria', 1), (1, 'martin', 1), (1, 'ñandú', 1), (1, 'ñame', 1)",
            "INSERT INTO patient_links (clinic_id, patient_id, user_id, created_at) VALUES (1, 1, 1, @now)",
        ],
    ),
    (
        3,
        &[
            "INSERT INTO doctors (user_id, created_at, updated_at) VALUES (1, @now, @now)",
            "INSERT INTO doctor_hours (clinic_id, user_id, weekday, starts_minute, ends_minute, created_at) VALUES (1, 1, 1, 540, 1020, @now)",
            "INSERT INTO doctor_exceptions (clinic_id, user_id, day, created_at) VALUES (1, 1, '2026-12-25', @now)",
            "INSERT INTO time_off (clinic_id, user_id, starts_at, ends_at, created_at) VALUES (1, 1, @now, @later, @now)",
            "INSERT INTO fee_schedule (clinic_id, service_id, code, description, price_minor, currency, is_default, created_at, updated_at)
             VALUES (1, 1, 'VISIT', 'Visit', 12500, 'USD', @yes, @now, @now)",
            "INSERT INTO appointments (clinic_id, appointment_id, reference, patient_id, provider_user_id, service_id, scheduled_start, scheduled_end,
                 status, status_changed_at, created_at, updated_at) VALUES (1, 1, 'OLD01-A1', 1, 1, 1, @now, @later, 'completed', @now, @now, @now)",
            "INSERT INTO appointment_states (clinic_id, appointment_id, status, at) VALUES (1, 1, 'completed', @now)",
        ],
    ),
    (
        4,
        &[
            "INSERT INTO cpt_records (clinic_id, cpt_id, appointment_id, patient_id, provider_user_id, code, description, unit_price_minor, currency,
                 performed_at, created_at) VALUES (1, 1, 1, 1, 1, 'VISIT', 'Visit', 12500, 'USD', @now, @now)",
            "INSERT INTO invoices (clinic_id, invoice_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at, created_at, updated_at)
             VALUES (1, 1, 'OLD01-I1', 1, 1, 1, 'USD', 12500, @now, @now, @now)",
            "INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor)
             VALUES (1, 1, 1, 'VISIT', 'Visit', 1, 12500, 12500)",
        ],
    ),
    (
        5,
        &["INSERT INTO invitations (clinic_id, user_id, first_name, last_name, created_at) VALUES (1, 1, 'Ada', 'Old', @now)"],
    ),
    (
        7,
        &[
            "INSERT INTO visits (clinic_id, visit_id, reference, appointment_id, patient_id, provider_user_id, status, started_at, completed_at,
                 subjective, created_at, updated_at) VALUES (1, 1, 'OLD01-V1', 1, 1, 1, 'completed', @now, @later, 'Cough', @now, @now)",
            "INSERT INTO visit_diagnoses (clinic_id, visit_id, rank, code, description) VALUES (1, 1, 1, 'J20.9', 'Acute bronchitis')",
            "INSERT INTO visit_procedures (clinic_id, visit_id, line_no, service_id, code, description, units, modifiers, unit_price_minor, currency)
             VALUES (1, 1, 1, 1, 'VISIT', 'Visit', 1, '', 12500, 'USD')",
            "INSERT INTO visit_addenda (clinic_id, addendum_id, visit_id, text, created_at) VALUES (1, 1, 1, 'Called back', @now)",
            "INSERT INTO visit_templates (clinic_id, template_id, name, created_at, updated_at) VALUES (1, 1, 'Cough', @now, @now)",
            "INSERT INTO chart_records (clinic_id, record_id, patient_id, visit_id, kind, recorded_at, created_at, updated_at)
             VALUES (1, 1, 1, 1, 'vitals', @now, @now, @now)",
            "INSERT INTO vitals (clinic_id, record_id, systolic, diastolic) VALUES (1, 1, 120, 80)",
            "INSERT INTO icd10_codes (code, description, is_billable) VALUES ('J209', 'Acute bronchitis, unspecified', @yes)",
            "INSERT INTO icd10_words (word, code) VALUES ('bronchitis', 'J209')",
            "INSERT INTO usage_prices (clinic_id, kind, valid_from, unit_price_minor, currency, created_at)
             VALUES (1, 'visit_completed', '2026-01-01', 50, 'USD', @now)",
            "INSERT INTO usage_entries (clinic_id, entry_id, kind, visit_id, units, unit_price_minor, currency, month, at)
             VALUES (1, 1, 'visit_completed', 1, 1, 50, 'USD', '2026-04', @now)",
        ],
    ),
    (
        8,
        &[
            "INSERT INTO prescriptions (clinic_id, prescription_id, reference, patient_id, visit_id, doctor_user_id, status, currency, token,
                 finalized_at, created_at, updated_at) VALUES (1, 1, 'OLD01-R1', 1, 1, 1, 'finalized', 'USD', 't', @now, @now, @now)",
            "INSERT INTO prescription_items (clinic_id, prescription_id, line_no, drug, drug_key) VALUES (1, 1, 1, 'Amoxicillin', 'amoxicillin')",
            "INSERT INTO prescription_favorites (clinic_id, favorite_id, user_id, name, item, created_at) VALUES (1, 1, 1, 'Amox', '{}', @now)",
        ],
    ),
    (
        9,
        &[
            "INSERT INTO files (clinic_id, file_id, object, state, key_id, wrapped_key, size, sha256, mime, name, created_at, stored_at)
             VALUES (1, 1, '1/aa/aabb', 'stored', 'k', 'w', 7, 's', 'application/pdf', 'a.pdf', @now, @now)",
            "INSERT INTO documents (clinic_id, document_id, patient_id, file_id, title, category, created_at, updated_at)
             VALUES (1, 1, 1, 1, 'A', 'other', @now, @now)",
        ],
    ),
    (
        10,
        &[
            "INSERT INTO lab_reports (clinic_id, lab_report_id, visit_id, patient_id, file_id, title, created_at, updated_at)
             VALUES (1, 1, 1, 1, 1, 'Glucose', @now, @now)",
            "INSERT INTO lab_results (clinic_id, lab_result_id, lab_report_id, patient_id, analyte, analyte_key, value, observed_at, created_at)
             VALUES (1, 1, 1, 1, 'Glucose', 'glucose', 126, @now, @now)",
        ],
    ),
    (11, &["INSERT INTO clinic_keys (clinic_id, key_id, wrapped_key, created_at) VALUES (1, 'k', 'w', @now)"]),
];

/// The newest version that `ROWS` knows; older ones are tried too.
const LATEST_WITH_ROWS: u32 = 11;

/// A database without a schema, and a way past the program to it.
struct Old {
    db: Db,
    raw: Raw,
    _folder: Option<tempfile::TempDir>,
    _server: Option<TestDatabase>,
}

enum Raw {
    Lite(std::path::PathBuf),
    Pg,
}

impl Old {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let db = Db::open(&DbConfig::new(DbUrl::Sqlite(path.clone()))).await.expect("a database");
        Self { db, raw: Raw::Lite(path), _folder: Some(folder), _server: None }
    }

    async fn postgres() -> Self {
        let server = TestDatabase::create().await;
        let url = DbUrl::Postgres(server.url().as_str().into());
        let db = Db::open(&DbConfig::new(url)).await.expect("a database");
        Self { db, raw: Raw::Pg, _folder: None, _server: Some(server) }
    }

    fn is_lite(&self) -> bool {
        matches!(self.raw, Raw::Lite(_))
    }

    /// The statement in the words of this engine.
    fn worded(&self, statement: &str) -> String {
        let words = if self.is_lite() {
            [("@now", "1776168000000000"), ("@later", "1776171600000000"), ("@yes", "1"), ("@no", "0")]
        } else {
            [
                ("@now", "timestamptz '2026-04-14T12:00:00Z'"),
                ("@later", "timestamptz '2026-04-14T13:00:00Z'"),
                ("@yes", "true"),
                ("@no", "false"),
            ]
        };
        words.iter().fold(statement.to_owned(), |text, (word, value)| text.replace(word, value))
    }

    async fn execute(&self, statement: &str) {
        let statement = self.worded(statement);
        match &self.raw {
            Raw::Lite(path) => {
                let db = rusqlite::Connection::open(path).expect("the file opens");
                db.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
            }
            Raw::Pg => {
                let client = self.db.pg_pool().expect("PostgreSQL").get().await.expect("a connection");
                client.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{error:?}\n{statement}"));
            }
        }
    }

    async fn number(&self, query: &str) -> i64 {
        match &self.raw {
            Raw::Lite(path) => {
                let db = rusqlite::Connection::open(path).expect("the file opens");
                db.query_row(query, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{error}\n{query}"))
            }
            Raw::Pg => {
                let client = self.db.pg_pool().expect("PostgreSQL").get().await.expect("a connection");
                client.query_one(query, &[]).await.unwrap_or_else(|error| panic!("{error:?}\n{query}")).get(0)
            }
        }
    }

    async fn fill(&self, version: u32) {
        for (_, statements) in ROWS.iter().filter(|(number, _)| *number <= version) {
            for statement in *statements {
                self.execute(statement).await;
            }
        }
    }

    /// Every table that `ROWS` fills up to this version, with how many rows it has.
    async fn counts(&self, version: u32) -> Vec<(String, i64)> {
        let mut counts = Vec::new();
        for statement in ROWS.iter().filter(|(number, _)| *number <= version).flat_map(|(_, statements)| *statements) {
            let table = statement.split_whitespace().nth(2).expect("INSERT INTO table");
            counts.push((table.to_owned(), self.number(&format!("SELECT count(*) FROM {table}")).await));
        }
        counts
    }
}

async fn keeps_every_row(old: Old, version: u32) {
    old.db.migrate_to(version).await.expect("the earlier version");
    old.fill(version).await;
    let before = old.counts(version).await;
    assert!(before.iter().all(|(_, rows)| *rows > 0), "every table has a row to lose: {before:?}");
    old.db.migrate().await.expect("the migrations run on a database with data");
    assert_eq!(old.counts(version).await, before, "from version {version}");
}

#[tokio::test]
async fn every_earlier_version_is_brought_up_to_date_on_sqlite() {
    for version in 1..=LATEST_WITH_ROWS {
        keeps_every_row(Old::sqlite().await, version).await;
    }
}

#[tokio::test]
async fn every_earlier_version_is_brought_up_to_date_on_postgres() {
    for version in 1..=LATEST_WITH_ROWS {
        keeps_every_row(Old::postgres().await, version).await;
    }
}

/// A chart with several words that begin alike is counted once after the upgrade (0006).
async fn old_words_are_counted_once(old: Old) {
    old.db.migrate_to(5).await.expect("the earlier version");
    old.fill(5).await;
    old.db.migrate().await.expect("the migrations run");
    for (token, shared) in [("mar", 0), ("maria", 3), ("martin", 3), ("ñame", 0), ("ñandú", 2)] {
        let query = format!("SELECT shared FROM patient_tokens WHERE clinic_id = 1 AND token = '{token}'");
        assert_eq!(old.number(&query).await, shared, "{token}");
    }
}

#[tokio::test]
async fn old_words_are_counted_once_on_sqlite() {
    old_words_are_counted_once(Old::sqlite().await).await;
}

#[tokio::test]
async fn old_words_are_counted_once_on_postgres() {
    old_words_are_counted_once(Old::postgres().await).await;
}
