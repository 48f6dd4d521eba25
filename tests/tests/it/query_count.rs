//! A list costs the same number of statements, however many rows it shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinichub_db::Dialect;
use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::json;

use crate::bulk;

on_both_databases!(
    a_hundred_rows_cost_as_many_statements_as_one,
    a_chart_costs_its_statement_and_its_audit_row,
    a_screen_costs_as_much_on_a_full_day_as_on_an_empty_one,
    the_page_of_a_chart_costs_the_same_with_a_thousand_visits,
);

const LISTS: [(&str, &str); 11] = [
    ("/api/patients?", "patients"),
    ("/api/patients?sort=dob&", "patients"),
    ("/api/patients/search?q=first&", "patients"),
    ("/api/patients/search?q=first%20last&", "patients"),
    ("/api/appointments?", "appointments"),
    ("/api/visits?", "visits"),
    ("/api/cpt-records?", "cpt_records"),
    ("/api/cpt-records?invoiced=true&", "cpt_records"),
    ("/api/invoices?", "invoices"),
    ("/api/invoices?search=first&", "invoices"),
    ("/api/audit?", "events"),
];

async fn a_hundred_rows_cost_as_many_statements_as_one(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    bulk::fill(app, 8_000, 24_000).await;
    // Whoever was there before pays for looking up the session.
    admin.get("/api/auth/me").await.expect(200);
    let count = watched(app);
    for (path, name) in LISTS {
        let one = cost(&count, &admin, &format!("{path}per_page=1"), name, 1).await;
        let hundred = cost(&count, &admin, &format!("{path}per_page=100"), name, 100).await;
        assert_eq!(one, hundred, "{path}");
        assert!((1..=6).contains(&one), "{path} costs {one} statements");
    }
}

async fn a_chart_costs_its_statement_and_its_audit_row(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let id = app.patient(&admin, "Ana", "Rivera").await;
    let count = watched(app);
    admin.get(&format!("/api/patients/{id}")).await.expect(200);
    // On PostgreSQL a session is looked up for each request while nobody listens to other nodes, as here.
    let session = usize::from(app.app.db.dialect() == Dialect::Postgres);
    assert_eq!(count.load(Ordering::SeqCst), 2 + session);
}

/// Each with a time that has nothing in it, and one that has much.
const SCREENS: [(&str, &str, &str); 3] = [
    ("/api/board?date=2020-01-01", "/api/board?date=2026-04-14", "appointments"),
    ("/api/schedule?from=2020-01-01&to=2020-02-11", "/api/schedule?from=2026-04-01&to=2026-05-12", "appointments"),
    ("/api/slots?from=2030-01-01&to=2030-01-02&provider_user_id=1", "/api/slots?from=2026-04-14", "slots"),
];

async fn a_screen_costs_as_much_on_a_full_day_as_on_an_empty_one(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    bulk::fill(app, 8_000, 24_000).await;
    let workday = json!({ "weekly": [{ "weekday": "wednesday", "start": "09:00", "end": "17:00" }] });
    admin.put("/api/doctors/101/availability", workday).await.expect(200);
    let count = watched(app);
    let cost = async |path: &str, name: &str| {
        let before = count.load(Ordering::SeqCst);
        let body = admin.get(path).await.expect(200);
        (count.load(Ordering::SeqCst) - before, body[name].as_array().expect("a list").len())
    };
    for (empty, full, name) in SCREENS {
        let (of_nothing, nothing) = cost(empty, name).await;
        let (of_much, much) = cost(full, name).await;
        assert_eq!((of_nothing, nothing), (of_much, 0), "{full} shows {much}");
        assert!(much > 0, "{full} shows something");
        assert!(of_much <= 11, "{full} costs {of_much} statements");
    }
    let look = async |number: &str, email: &str| {
        let newcomer = json!({
            "first_name": format!("First{number}"), "last_name": format!("Last{number}"), "dob": "1980-01-01", "phone": "0000000", "email": email
        });
        let before = count.load(Ordering::SeqCst);
        let body = admin.post("/api/patients/duplicates", newcomer).await.expect(200);
        (count.load(Ordering::SeqCst) - before, body["duplicates"].as_array().expect("a list").len())
    };
    let ((of_none, none), (of_some, some)) = (look("0none", "no@one.example").await, look("40", "p40@bulk.example").await);
    assert_eq!((of_none, none), (of_some, 0), "likely duplicates: {some}");
    assert!(some > 0 && of_some <= 11, "likely duplicates: {some} cost {of_some} statements");
}

async fn the_page_of_a_chart_costs_the_same_with_a_thousand_visits(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let (ana, olga) = (app.patient(&admin, "Ana", "Rivera").await, app.patient(&admin, "Olga", "Stone").await);
    bulk::visits(app, olga, 1000).await;
    let count = watched(app);
    let mut costs = Vec::new();
    for patient in [ana, olga] {
        for part in ["chart", "visits", "timeline", "records"] {
            let before = count.load(Ordering::SeqCst);
            admin.get(&format!("/api/patients/{patient}/{part}")).await.expect(200);
            costs.push(count.load(Ordering::SeqCst) - before);
        }
    }
    // A chart with visits has their diagnoses looked up, and the timeline the drugs of prescriptions: one statement, however many there are.
    let (new, old) = costs.split_at(4);
    assert_eq!(old.iter().zip(new).map(|(old, new)| old - new).collect::<Vec<_>>(), [1, 1, 2, 0], "{costs:?}");
    assert!(old.iter().all(|cost| *cost <= 12), "{costs:?}");
    let chart = admin.get(&format!("/api/patients/{olga}/chart")).await.expect(200);
    assert_eq!((chart["visits"].as_array().map(Vec::len), chart["trends"]["weight"].as_array().map(Vec::len)), (Some(5), Some(20)));
}

fn watched(app: &TestApp) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    app.app.db.watch_statements(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    count
}

/// What a list costs that shows so many rows.
async fn cost(count: &AtomicUsize, client: &Client, path: &str, name: &str, rows: usize) -> usize {
    let before = count.load(Ordering::SeqCst);
    let body = client.get(path).await.expect(200);
    assert_eq!(body[name].as_array().map(Vec::len), Some(rows), "{path}: {body}");
    count.load(Ordering::SeqCst) - before
}
