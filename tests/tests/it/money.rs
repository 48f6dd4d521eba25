//! The screens of billing in one request each: what is to be billed, what is owed and by whom.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_is_done_and_not_billed_is_one_list,
    invoices_come_with_what_they_come_to,
    invoices_are_found_by_number_patient_and_doctor,
);

/// Completed appointments of these patients, at ten, eleven, … of one day.
async fn completed(app: &TestApp, front: &Client, patients: &[(&str, &str)]) -> Vec<Value> {
    let admin = app.sign_in(Who::Admin).await;
    let service = json!({ "code": "99213", "description": "Office visit", "price": "125.00", "is_default": true });
    admin.post("/api/fee-schedule", service).await.expect(201);
    let mut appointments = Vec::new();
    for (hour, (first, last)) in (10..).zip(patients) {
        let patient = app.patient(front, first, last).await;
        let booking = json!({
            "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": format!("2026-04-10T{hour}:00:00Z"),
            "duration_minutes": 30
        });
        let booked = front.post("/api/appointments", booking).await.expect(201)["appointment"].clone();
        let path = format!("/api/appointments/{}", booked["appointment_id"]);
        appointments.push(admin.put(&path, json!({ "status": "completed" })).await.expect(200)["appointment"].clone());
    }
    appointments
}

async fn invoice(front: &Client, appointment: &Value) -> Value {
    let body = json!({ "appointment_id": appointment["appointment_id"] });
    front.post("/api/invoices", body).await.expect(201)["invoice"].clone()
}

async fn what_is_done_and_not_billed_is_one_list(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let done = completed(app, &front, &[("Ana", "Rivera"), ("Luis", "Ortiz")]).await;
    let made = invoice(&front, &done[0]).await;
    let open = front.get("/api/cpt-records?invoiced=false").await.expect(200);
    assert_eq!(open["pagination"]["total"], 1);
    let record = &open["cpt_records"][0];
    assert_eq!((&record["patient_name"], &record["appointment_reference"]), (&json!("Luis Ortiz"), &done[1]["reference"]));
    assert_eq!((&record["provider_name"], &record["invoice_id"]), (&done[1]["provider_name"], &Value::Null));
    let billed = front.get("/api/cpt-records?invoiced=true").await.expect(200);
    assert_eq!((&billed["pagination"]["total"], &billed["cpt_records"][0]["invoice_id"]), (&json!(1), &made["invoice_id"]));
    let of_doctor = |id: Value| format!("/api/cpt-records?provider_user_id={id}");
    assert_eq!(front.get(&of_doctor(json!(Who::Doctor.id()))).await.expect(200)["pagination"]["total"], 2);
    assert_eq!(front.get(&of_doctor(json!(Who::Nurse.id()))).await.expect(200)["pagination"]["total"], 0);
}

async fn invoices_come_with_what_they_come_to(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    assert_eq!(front.get("/api/invoices").await.expect(200)["totals"], json!([]));
    let done = completed(app, &front, &[("Ana", "Rivera"), ("Luis", "Ortiz"), ("Eva", "Soto")]).await;
    for appointment in &done {
        invoice(&front, appointment).await;
    }
    let path = format!("/api/invoices/{}", front.get("/api/invoices").await.expect(200)["invoices"][0]["invoice_id"]);
    let payment = json!({ "status": "paid", "payment_method": "card", "payment_reference": "4711" });
    let paid = front.put(&path, payment).await.expect(200)["invoice"].clone();
    assert_eq!((&paid["payment_method"], &paid["payment_reference"]), (&json!("card"), &json!("4711")));
    assert!(paid["paid_at"].is_string());

    let page = front.get("/api/invoices?per_page=1").await.expect(200);
    let all = json!([{ "currency": "USD", "count": 3, "total": "375.00", "paid": "125.00", "unpaid": "250.00" }]);
    assert_eq!((&page["totals"], &page["pagination"]["total"]), (&all, &json!(3)), "the page shows one, the totals are of all");
    let open = front.get("/api/invoices?status=unpaid").await.expect(200);
    assert_eq!((&open["totals"][0]["count"], &open["totals"][0]["paid"]), (&json!(2), &json!("0.00")));
    assert_eq!(front.get("/api/invoices?to=2020-01-01").await.expect(200)["totals"], json!([]));
    let other = app.sign_in(Who::OtherAdmin).await;
    assert_eq!(other.get("/api/invoices").await.expect(200)["totals"], json!([]), "another clinic's money is not counted");
}

async fn invoices_are_found_by_number_patient_and_doctor(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let done = completed(app, &front, &[("Ana", "Rivera"), ("José", "Núñez")]).await;
    let (first, second) = (invoice(&front, &done[0]).await, invoice(&front, &done[1]).await);
    let found = async |query: &str| {
        let list = front.get(&format!("/api/invoices?{query}")).await.expect(200);
        list["invoices"].as_array().expect("a list").iter().map(|invoice| invoice["invoice_id"].clone()).collect::<Vec<_>>()
    };
    let number = first["number"].as_str().expect("a number");
    let short = number.rsplit('I').next().expect("digits");
    for search in [number, &number.to_lowercase(), short, &format!("I{short}"), "rivera", "ana%20riv"] {
        assert_eq!(found(&format!("search={search}")).await, [first["invoice_id"].clone()], "{search}");
    }
    assert_eq!(found("search=nunez").await, [second["invoice_id"].clone()]);
    for nothing in ["search=nobody", "search=%3F", "search=ABC01-I999999"] {
        assert_eq!(found(nothing).await, [Value::Null; 0], "{nothing}");
    }
    assert_eq!(found(&format!("provider_user_id={}", json!(Who::Doctor.id()))).await.len(), 2);
    assert_eq!(found(&format!("provider_user_id={}", json!(Who::Nurse.id()))).await.len(), 0);
}
