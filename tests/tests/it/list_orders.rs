//! Lists can be ordered by what their rows are called and by when they came, in both directions; any other field is refused by name.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    every_list_takes_its_orders_and_no_other,
    entries_of_a_chart_are_ordered_and_found_by_name,
    services_are_ordered_by_price_and_name,
    the_operators_overview_is_ordered_and_searched,
);

/// Lists of the clinic, and what each can be ordered by.
const LISTS: [(&str, &[&str]); 6] = [
    ("/api/appointments/open-ends?", &["scheduled_start", "created_at", "status"]),
    ("/api/patients/search?q=ana&", &["last_name", "dob", "created_at", "patient_id"]),
    ("/api/fee-schedule?", &["code", "description", "price"]),
    ("/api/cpt-records?", &["performed_at", "code"]),
    ("/api/lab-reports?", &["severity", "created_at", "title"]),
    ("/api/visits/open?", &["started_at", "visit_id"]),
];

/// Lists of a chart.
const OF_A_CHART: [(&str, &[&str]); 2] = [("records?", &["recorded_at", "name"]), ("lab-results?", &["observed_at", "analyte"])];

async fn takes(client: &Client, list: &str, orders: &[&str]) {
    for order in orders {
        for direction in ["", "&order=asc", "&order=desc"] {
            client.get(&format!("{list}sort={order}{direction}")).await.expect(200);
        }
    }
    let refused = client.get(&format!("{list}sort=colour")).await.error(400);
    assert_eq!(refused, format!("sort: expected one of {}", orders.join(", ")), "{list}");
}

async fn every_list_takes_its_orders_and_no_other(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let patient = app.patient(&admin, "Ana", "Rivera").await;
    for (list, orders) in LISTS {
        takes(&admin, list, orders).await;
    }
    for (list, orders) in OF_A_CHART {
        takes(&admin, &format!("/api/patients/{patient}/{list}"), orders).await;
    }
    for search in [
        "/api/appointments/open-ends?search=ana",
        "/api/cpt-records?search=99213",
        "/api/cpt-records?search=ABC01-A1",
        "/api/lab-reports?search=blood",
        "/api/visits/open?search=V1",
    ] {
        admin.get(search).await.expect(200);
    }
    takes(&app.sign_in(Who::Operator).await, "/api/usage?", &["code", "name"]).await;
}

fn texts(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().expect("rows").iter().map(|row| row[field].as_str().expect("a text").to_owned()).collect()
}

async fn entries_of_a_chart_are_ordered_and_found_by_name(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let patient = app.patient(&desk, "Ana", "Rivera").await;
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let records = format!("/api/patients/{patient}/records");
    for name in ["birch", "Cedar", "Amber"] {
        doctor.post(&records, json!({ "kind": "note", "name": name, "details": "Seen." })).await.expect(201);
    }
    let names = async |query: &str| texts(&doctor.get(&format!("{records}?{query}")).await.expect(200)["records"], "name");
    assert_eq!(names("sort=name").await, ["Amber", "birch", "Cedar"]);
    assert_eq!(names("sort=name&order=desc").await, ["Cedar", "birch", "Amber"]);
    assert_eq!(names("order=asc").await, ["birch", "Cedar", "Amber"], "in the order they came");
    assert_eq!(names("search=BIR").await, ["birch"]);
    assert_eq!(names("search=oak").await, [""; 0]);
}

async fn services_are_ordered_by_price_and_name(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    for (code, description, price) in [("ZZ-1", "Probe birch", "30.00"), ("ZZ-2", "Probe amber", "20.00"), ("ZZ-3", "Probe cedar", "10.00")]
    {
        admin.post("/api/fee-schedule", json!({ "code": code, "description": description, "price": price })).await.expect(201);
    }
    let codes =
        async |query: &str| texts(&admin.get(&format!("/api/fee-schedule?search=probe{query}")).await.expect(200)["services"], "code");
    assert_eq!(codes("").await, ["ZZ-1", "ZZ-2", "ZZ-3"]);
    assert_eq!(codes("&order=desc").await, ["ZZ-3", "ZZ-2", "ZZ-1"]);
    assert_eq!(codes("&sort=price").await, ["ZZ-3", "ZZ-2", "ZZ-1"]);
    assert_eq!(codes("&sort=description&order=desc").await, ["ZZ-3", "ZZ-1", "ZZ-2"]);
}

async fn the_operators_overview_is_ordered_and_searched(app: &TestApp) {
    let operator = app.sign_in(Who::Operator).await;
    let codes = async |query: &str| texts(&operator.get(&format!("/api/usage?{query}")).await.expect(200)["clinics"], "code");
    let mut rising = codes("").await;
    assert!(rising.len() > 1 && rising.is_sorted(), "{rising:?}");
    rising.reverse();
    assert_eq!(codes("sort=code&order=desc").await, rising);
    assert_eq!(codes("search=abc01").await, ["ABC01"]);
    assert_eq!(codes("search=nowhere").await, [""; 0]);
}
