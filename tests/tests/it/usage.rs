//! What the operator charges clinics for: prices by day, counting once, reports for the clinic and over all clinics.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

on_both_databases!(
    each_use_has_the_price_of_its_day,
    what_has_a_price_beside_visits_is_metered_once,
    only_the_operator_sets_prices,
    a_planned_price_stays_until_it_is_taken_back,
    what_was_counted_keeps_its_price,
    the_operator_sees_all_clinics_and_a_clinic_itself,
);

async fn completed_visit(app: &TestApp, doctor: &Client, patient: i64) {
    let body = json!({ "patient_id": patient, "provider_user_id": Who::Doctor.id(), "duration_minutes": 5 });
    let visit = doctor.post("/api/visits", body).await.expect(201)["visit"]["visit_id"].clone();
    doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200);
    app.clock.advance(SignedDuration::from_mins(5));
}

fn price(unit_price: &str, valid_from: &str) -> Value {
    json!({ "kind": "visit_completion", "unit_price": unit_price, "valid_from": valid_from })
}

async fn each_use_has_the_price_of_its_day(app: &TestApp) {
    let operator = app.sign_in(Who::Operator).await;
    let patient = app.patient(&app.sign_in(Who::Admin).await, "Ana", "Rivera").await;
    completed_visit(app, &app.sign_in_to(Who::Doctor, "ABC01").await, patient).await;
    let prices = json!({ "prices": [price("1.50", "2026-04-14"), price("2.00", "2026-05-01")] });
    let set = operator.put("/api/clinics/1/usage-prices", prices).await.expect(200);
    assert_eq!(
        set["prices"][0],
        json!({ "kind": "visit_completion", "unit_price": "2.00", "currency": "USD", "valid_from": "2026-05-01" })
    );
    completed_visit(app, &app.sign_in_to(Who::Doctor, "ABC01").await, patient).await;
    app.clock.advance(SignedDuration::from_hours(24 * 20));
    completed_visit(app, &app.sign_in_to(Who::Doctor, "ABC01").await, patient).await;

    let admin = app.sign_in(Who::Admin).await;
    let usage = admin.get("/api/clinics/1/usage?from=2026-04-01&to=2026-05-31").await.expect(200);
    let entry = |month: &str, units: i64, amount: &str| json!({ "month": month, "kind": "visit_completion", "units": units, "currency": "USD", "amount": amount });
    assert_eq!(usage["entries"], json!([entry("2026-04", 2, "1.50"), entry("2026-05", 1, "2.00")]), "the first was free");
    assert_eq!(usage["totals"], json!([{ "currency": "USD", "units": 3, "amount": "3.50" }]));
    let table = admin.get("/api/clinics/1/usage.csv?from=2026-04-01&to=2026-05-31").await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(table.body, "month,kind,units,currency,amount\n2026-04,visit_completion,2,USD,1.50\n2026-05,visit_completion,1,USD,2.00\n");
}

async fn what_has_a_price_beside_visits_is_metered_once(app: &TestApp) {
    let (operator, admin) = (app.sign_in(Who::Operator).await, app.sign_in(Who::Admin).await);
    let patient = app.patient(&admin, "Ana", "Rivera").await;
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let prescribed = async || {
        let body = json!({ "patient_id": patient, "drug": "Amoxicillin", "dosage": "500mg", "frequency": "daily" });
        let draft = doctor.post("/api/prescriptions", body).await.expect(201)["prescription"]["prescription_id"].clone();
        let wish = json!({ "acknowledge_warnings": true, "reason": "Known" });
        doctor.put(&format!("/api/prescriptions/{draft}/finalize"), wish).await.expect(200);
        draft
    };
    prescribed().await;
    let april = "/api/clinics/1/usage?from=2026-04-01&to=2026-04-30";
    assert_eq!(admin.get(april).await.expect(200)["entries"], json!([]), "without a price it is not metered");
    let of = |kind: &str| json!({ "kind": kind, "unit_price": "0.25", "valid_from": "2026-04-14" });
    operator.put("/api/clinics/1/usage-prices", json!({ "prices": [of("prescription"), of("document")] })).await.expect(200);
    let signed = prescribed().await;
    let path = format!("/api/patients/{patient}/documents");
    doctor.post_file(&path, ("letter.pdf", "application/pdf", crate::documents::PDF), &[("category", "referral")]).await.expect(201);
    let correction = doctor.post(&format!("/api/prescriptions/{signed}/correct"), Value::Null).await.expect(201);
    let draft = &correction["prescription"]["prescription_id"];
    let wish = json!({ "acknowledge_warnings": true, "reason": "Known" });
    doctor.put(&format!("/api/prescriptions/{draft}/finalize"), wish).await.expect(200);
    let entry = |kind: &str| json!({ "month": "2026-04", "kind": kind, "units": 1, "currency": "USD", "amount": "0.25" });
    let used = admin.get(april).await.expect(200);
    assert_eq!(used["entries"], json!([entry("document"), entry("prescription")]), "a correction is no new use");
}

async fn only_the_operator_sets_prices(app: &TestApp) {
    let (operator, admin) = (app.sign_in(Who::Operator).await, app.sign_in(Who::Admin).await);
    let path = "/api/clinics/1/usage-prices";
    let body = json!({ "prices": [price("1.50", "2026-06-01")] });
    admin.put(path, body.clone()).await.expect(403);
    operator.put(path, body).await.expect(200);
    let later = operator.put(path, json!({ "prices": [price("3.00", "2026-07-01")] })).await.expect(200);
    assert_eq!(later["prices"].as_array().map(Vec::len), Some(2), "that of another day stays");
    assert_eq!(admin.get(path).await.expect(200)["prices"][0]["unit_price"], "3.00");
    let past = operator.put(path, json!({ "prices": [price("1", "2026-04-13")] })).await.expect(400);
    assert_eq!(past["errors"][0]["field"], "prices[0].valid_from");
    assert_eq!(admin.get("/api/clinics/2/usage-prices").await.error(404), "Clinic not found");
    app.sign_in(Who::Nurse).await.get(path).await.expect(403);
    operator.put("/api/clinics/4711/usage-prices", json!({ "prices": [] })).await.expect(404);
}

/// Kind, first day and amount of each price in an answer.
fn listed(answer: &Value) -> Vec<[&str; 3]> {
    let prices = answer["prices"].as_array().expect("prices");
    prices.iter().map(|price| ["kind", "valid_from", "unit_price"].map(|field| price[field].as_str().expect("a text"))).collect()
}

async fn a_planned_price_stays_until_it_is_taken_back(app: &TestApp) {
    let (operator, admin) = (app.sign_in(Who::Operator).await, app.sign_in(Who::Admin).await);
    let path = "/api/clinics/1/usage-prices";
    let planned = |kind: &str, day: &str| format!("{path}?kind={kind}&valid_from={day}");
    let document = json!({ "kind": "document", "unit_price": "0.25", "valid_from": "2026-05-01" });
    operator.put(path, json!({ "prices": [price("1.00", "2026-04-14"), price("3.00", "2026-07-01"), document] })).await.expect(200);
    // Today's again, one between the two, and another for a day that has one.
    let prices = json!({ "prices": [price("1.50", "2026-04-14"), price("2.00", "2026-05-01"), price("3.50", "2026-07-01")] });
    let all = [
        ["document", "2026-05-01", "0.25"],
        ["visit_completion", "2026-07-01", "3.50"],
        ["visit_completion", "2026-05-01", "2.00"],
        ["visit_completion", "2026-04-14", "1.50"],
    ];
    assert_eq!(listed(&operator.put(path, prices).await.expect(200)), all);
    assert_eq!(listed(&operator.put(path, json!({ "prices": [] })).await.expect(200)), all, "nothing said, nothing changed");

    let july = planned("visit_completion", "2026-07-01");
    admin.delete(&july).await.expect(403);
    let removed = operator.delete(&july).await.expect(200);
    assert_eq!(removed["message"], "Planned usage price removed successfully");
    assert_eq!(listed(&removed), [all[0], all[2], all[3]]);
    operator.delete(&july).await.expect(404);
    operator.delete(&planned("document", "2026-04-14")).await.expect(404);
    operator.delete(&planned("visit_completion", "2026-04-14")).await.expect(409);
    app.clock.advance(SignedDuration::from_hours(24 * 17));
    let operator = app.sign_in(Who::Operator).await;
    operator.delete(&planned("visit_completion", "2026-05-01")).await.expect(409);
    assert_eq!(listed(&operator.get(path).await.expect(200)), [all[0], all[2], all[3]]);
}

async fn what_was_counted_keeps_its_price(app: &TestApp) {
    let operator = app.sign_in(Who::Operator).await;
    let patient = app.patient(&app.sign_in(Who::Admin).await, "Ana", "Rivera").await;
    for amount in ["1.50", "2.00"] {
        operator.put("/api/clinics/1/usage-prices", json!({ "prices": [price(amount, "2026-04-14")] })).await.expect(200);
        completed_visit(app, &app.sign_in_to(Who::Doctor, "ABC01").await, patient).await;
    }
    let used = app.sign_in(Who::Admin).await.get("/api/clinics/1/usage?from=2026-04-01&to=2026-04-30").await.expect(200);
    assert_eq!(used["totals"], json!([{ "currency": "USD", "units": 2, "amount": "3.50" }]));
}

async fn the_operator_sees_all_clinics_and_a_clinic_itself(app: &TestApp) {
    let operator = app.sign_in(Who::Operator).await;
    let patient = app.patient(&app.sign_in(Who::Admin).await, "Ana", "Rivera").await;
    operator.put("/api/clinics/1/usage-prices", json!({ "prices": [price("1.50", "2026-04-14")] })).await.expect(200);
    completed_visit(app, &app.sign_in_to(Who::Doctor, "ABC01").await, patient).await;
    let overview = operator.get("/api/usage").await.expect(200);
    let total = json!([{ "currency": "USD", "units": 1, "amount": "1.50" }]);
    assert_eq!(overview["clinics"][0], json!({ "clinic_id": 1, "code": "ABC01", "name": "Harbor Clinic", "units": 1, "totals": total }));
    assert_eq!((&overview["clinics"][1]["units"], &overview["clinics"][1]["totals"]), (&json!(0), &json!([])));
    assert_eq!((&overview["totals"], &overview["pagination"]["total"]), (&total, &json!(2)));
    assert!(!overview.to_string().contains("Rivera"));
    app.sign_in(Who::Admin).await.get("/api/usage").await.expect(403);
    let earlier = operator.get("/api/usage?from=2026-01-01&to=2026-03-31").await.expect(200);
    assert_eq!(earlier["totals"], json!([]));
}
