//! Lists, searches, schedules and the check for overlaps are answered from an index on both databases. The statements are not listed here:
//! they are the ones that the requests below run, so a statement that changes is looked at as it is.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use clinichub_testkit::{TestApp, Who, on_both_databases};
use serde_json::json;

use crate::bulk::{self, CHART, COMPLETED, OPEN};

on_both_databases!(every_statement_on_a_big_table_uses_an_index);

/// What must never be read from end to end. The rest stays small, or is read by nothing but jobs.
const BIG: [&str; 19] = [
    "patients",
    "patient_tokens",
    "appointments",
    "appointment_states",
    "visits",
    "visit_diagnoses",
    "chart_records",
    "vitals",
    "prescriptions",
    "prescription_items",
    "usage_entries",
    "cpt_records",
    "invoices",
    "invoice_lines",
    "audit_events",
    "files",
    "documents",
    "lab_reports",
    "lab_results",
];

async fn every_statement_on_a_big_table_uses_an_index(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    bulk::fill(app, 20_000, 50_000).await;
    if app.app.db.lite().is_some() {
        // What the program does when it ends, for all tables: from a look at a part of them SQLite takes a clinic for small.
        bulk::sqlite(app).execute_batch("PRAGMA optimize = 0x10012").expect("optimized");
    }
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let into = seen.clone();
    app.app.db.watch_statements(move |text| {
        into.lock().expect("nobody panicked").insert(text.to_owned());
    });

    // Found by its identifiers, which makes a clinic's key.
    let identified = json!({ "national_id": "555-1234567", "insurance_number": "MED 1234" });
    admin.put(&format!("/api/patients/{CHART}"), identified.clone()).await.expect(200);
    admin.post("/api/patients/duplicates", identified).await.expect(200);
    for path in paths() {
        let answer = admin.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let newcomer =
        json!({ "first_name": "First1", "last_name": "Last1", "dob": "1980-01-01", "phone": "7871234567", "email": "p1@bulk.example" });
    admin.post("/api/patients/duplicates", newcomer).await.expect(200);
    let when = |time: &str| json!(format!("2026-09-14T{time}:00Z"));
    let booking = json!({ "patient_id": CHART, "provider_user_id": 101, "scheduled_start": when("10:00"), "scheduled_end": when("10:30") });
    admin.post("/api/appointments", booking.clone()).await;
    admin.post("/api/appointments", booking).await.expect(409);
    admin.put(&format!("/api/appointments/{OPEN}"), json!({ "status": "completed" })).await.expect(200);
    admin.post("/api/invoices", json!({ "appointment_id": OPEN })).await.expect(201);
    admin.put(&format!("/api/patients/{CHART}"), json!({ "first_name": "Other" })).await.expect(200);

    let statements: Vec<String> = seen.lock().expect("nobody panicked").iter().filter(|text| has_plan(text)).cloned().collect();
    assert!(statements.len() > 30, "the requests run their statements: {statements:#?}");
    let mut found = Vec::new();
    for statement in statements {
        let plan = plan(app, &statement).await;
        let looks_up_again = plan.iter().any(|step| step.starts_with("CORRELATED LIST SUBQUERY"));
        if looks_up_again || plan.iter().any(|step| reads_all(step, &statement)) || sorts_a_clinic(&plan, &statement) {
            found.push(format!("{statement}\n{}", plan.join("\n")));
        }
    }
    assert!(
        found.is_empty(),
        "these read a big table from end to end, or look a list up for each row (name the clinic as $1 in it); give them an index:\n\n{}",
        found.join("\n\n")
    );
}

fn paths() -> Vec<String> {
    let mut paths: Vec<String> = [
        "/api/patients/search?q=first1",
        "/api/patients/search?q=first1%20last2",
        "/api/patients/search?q=555-1234567",
        "/api/appointments?from=2026-04-14&to=2026-04-14&per_page=100",
        "/api/appointments?provider_user_id=101&from=2026-04-14&to=2026-04-20",
        "/api/appointments?status=scheduled,confirmed&from=2026-04-14",
        "/api/appointments?search=BLK-A40",
        "/api/appointments/open-ends",
        "/api/appointments/open-ends?provider_user_id=101",
        "/api/doctors/101/slots?from=2026-04-20&to=2026-04-24",
        "/api/doctors/101/availability",
        "/api/board",
        "/api/board?provider_user_id=101&department=Radiology",
        "/api/schedule?from=2026-04-13&to=2026-04-19",
        "/api/schedule?from=2026-04-13&to=2026-05-10&provider_user_id=101,102",
        "/api/slots?from=2026-04-20",
        "/api/slots?from=2026-04-20&to=2026-04-24&provider_user_id=101,102",
        "/api/cpt-records?from=2026-04-01&to=2026-04-30",
        "/api/cpt-records?invoiced=false",
        "/api/cpt-records?sort=code&order=desc&from=2026-04-01&to=2026-04-30",
        "/api/cpt-records?search=BLK-A40",
        "/api/cpt-records?invoiced=true&from=2026-04-01&to=2026-04-30",
        "/api/invoices",
        "/api/visits?status=completed&from=2026-04-14",
        "/api/visits?provider_user_id=101&date=2026-04-14",
        "/api/visits?search=BLK-V40",
        "/api/visits?sort=visit_id",
        "/api/visits/open",
        "/api/visits/open?sort=visit_id",
        "/api/appointments/open-ends?sort=status&order=desc",
        "/api/clinics/1/usage?from=2026-04-01&to=2026-04-30",
        "/api/invoices?status=unpaid",
        "/api/invoices?provider_user_id=101&from=2026-04-01&to=2026-04-30",
        "/api/invoices?search=first1%20last2",
        "/api/appointments?search=first1%20last2",
        "/api/prescriptions",
        "/api/invoices?from=2026-04-01&to=2026-04-30",
        "/api/invoices?search=BLK-I40",
        "/api/audit",
        "/api/audit?from=2026-04-14&to=2026-04-14",
        "/api/audit?user_id=101",
        "/api/audit?resource=appointment&from=2026-04-14",
    ]
    .map(str::to_owned)
    .into();
    paths.extend(["patient_id", "last_name", "dob", "created_at"].map(|sort| format!("/api/patients?sort={sort}&order=desc")));
    paths.extend(["scheduled_start", "created_at", "status"].map(|sort| format!("/api/appointments?sort={sort}")));
    paths.extend(["appointments", "visits", "invoices", "cpt-records", "audit"].map(|list| format!("/api/{list}?patient_id={CHART}")));
    paths.extend(
        ["", "/summary", "/timeline", "/chart", "/visits", "/records", "/records?kind=vitals", "/records?sort=name&search=asthma"]
            .map(|part| format!("/api/patients/{CHART}{part}")),
    );
    paths.extend(
        ["visit", "vitals", "note,vitals", "prescription", "document", "lab_report"]
            .map(|kind| format!("/api/patients/{CHART}/timeline?kind={kind}")),
    );
    paths.extend(
        ["", "?category=other&released=false&search=bulk", "?sort=title"].map(|part| format!("/api/patients/{CHART}/documents{part}")),
    );
    paths.push(format!("/api/documents/{CHART}"));
    paths.extend(
        ["", "?signed=false", "?abnormal=true&released=false", "?sort=created_at&order=desc", "?sort=title"]
            .map(|part| format!("/api/lab-reports{part}")),
    );
    paths.extend(["", "?analyte=glucose", "?sort=analyte&search=glu"].map(|part| format!("/api/patients/{CHART}/lab-results{part}")));
    paths.extend(["appointments", "visits", "invoices"].map(|list| format!("/api/{list}/{COMPLETED}")));
    paths
}

/// An insert of given values has nothing to look for.
fn has_plan(text: &str) -> bool {
    !text.starts_with("INSERT") && !text.contains("pg_notify")
}

/// The steps of the plan that the engine has for any values of the parameters.
async fn plan(app: &TestApp, statement: &str) -> Vec<String> {
    let Some(pool) = app.app.db.pg_pool() else { return sqlite_plan(app, statement) };
    let client = pool.get().await.expect("a connection");
    let count = (1..100).take_while(|number| statement.contains(&format!("${number}"))).count();
    let nulls = if count == 0 { String::new() } else { format!("({})", vec!["NULL"; count].join(", ")) };
    client
        .batch_execute(&format!("SET plan_cache_mode = force_generic_plan; PREPARE looked_at AS {statement}"))
        .await
        .expect("it prepares");
    let rows = client.query(&format!("EXPLAIN EXECUTE looked_at{nulls}"), &[]).await.expect("a plan");
    client.batch_execute("DEALLOCATE looked_at; RESET plan_cache_mode").await.expect("it is forgotten");
    rows.iter().map(|row| row.get(0)).collect()
}

fn sqlite_plan(app: &TestApp, statement: &str) -> Vec<String> {
    let db = bulk::sqlite(app);
    let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).expect("it prepares");
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a plan") {
        steps.push(row.get("detail").expect("a step"));
    }
    steps
}

/// Whether this step looks at every row of a big table, in the table or in an index of it.
fn reads_all(step: &str, statement: &str) -> bool {
    let words: Vec<&str> = step.split_whitespace().collect();
    let scanned = match words.as_slice() {
        ["SCAN", name, ..] => *name,
        _ => match words.iter().position(|word| *word == "Seq") {
            Some(at) if words.get(at + 1) == Some(&"Scan") => words.get(at + 3).copied().unwrap_or_default(),
            _ => return false,
        },
    };
    BIG.iter().any(|table| *table == scanned || is_alias(statement, table, scanned))
}

/// Whether SQLite walks through all that a clinic has in a big table and sorts it then.
fn sorts_a_clinic(plan: &[String], statement: &str) -> bool {
    let walks = |step: &String| {
        let name = step.strip_prefix("SEARCH ").filter(|step| step.ends_with("(clinic_id=?)"))?.split_whitespace().next()?;
        BIG.iter().find(|table| **table == name || is_alias(statement, table, name))
    };
    plan.iter().any(|step| walks(step).is_some()) && plan.iter().any(|step| step.starts_with("USE TEMP B-TREE FOR ORDER BY"))
}

fn is_alias(statement: &str, table: &str, name: &str) -> bool {
    let words: Vec<&str> =
        statement.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| pair == [table, name])
}

#[test]
fn a_step_that_reads_everything_is_told_from_one_that_does_not() {
    let statement = "SELECT p.mrn FROM patients p JOIN found f ON f.patient_id = p.patient_id";
    for bad in
        ["SCAN p", "SCAN patients", "SCAN p USING INDEX patients_name", "  ->  Seq Scan on patients p  (cost=0.00..1.00 rows=1 width=1)"]
    {
        assert!(reads_all(bad, statement), "{bad}");
    }
    for good in
        ["SEARCH p USING INDEX patients_name (clinic_id=?)", "SCAN f", "  ->  Index Scan using patients_pkey on patients p  (cost=0.29)"]
    {
        assert!(!reads_all(good, statement), "{good}");
    }
}
