//! A list costs the same number of statements, however many rows it shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinichub_db::Dialect;
use clinichub_testkit::{Client, TestApp, Who, on_both_databases};

use crate::bulk;

on_both_databases!(a_hundred_rows_cost_as_many_statements_as_one, a_chart_costs_its_statement_and_its_audit_row);

const LISTS: [(&str, &str); 10] = [
    ("/api/patients?", "patients"),
    ("/api/patients?sort=dob&", "patients"),
    ("/api/patients/search?q=first&", "patients"),
    ("/api/patients/search?q=first%20last&", "patients"),
    ("/api/appointments?", "appointments"),
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
