//! A schedule says what of it is billed, to those who may see it.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(an_appointment_says_what_of_it_is_billed);

async fn an_appointment_says_what_of_it_is_billed(app: &TestApp) {
    let (front, nurse) = (app.sign_in(Who::Receptionist).await, app.sign_in(Who::Nurse).await);
    let booking = json!({
        "patient_id": app.patient(&front, "Ana", "Rivera").await, "provider_user_id": Who::Doctor.id(),
        "scheduled_start": "2026-04-15T14:00:00Z", "duration_minutes": 30
    });
    let id = front.post("/api/appointments", booking).await.expect(201)["appointment"]["appointment_id"].clone();
    let path = format!("/api/appointments/{id}");
    let billed = async |client: &Client| {
        let shown = client.get(&path).await.expect(200);
        (shown["cpt_id"].clone(), shown["invoice_id"].clone())
    };
    assert_eq!(billed(&front).await, (Value::Null, Value::Null));
    let cpt = nurse.put(&path, json!({ "status": "completed" })).await.expect(200)["appointment"]["cpt_id"].clone();
    assert!(cpt.is_i64());
    assert_eq!(billed(&front).await, (cpt.clone(), Value::Null));
    let invoice = front.post("/api/invoices", json!({ "appointment_id": id })).await.expect(201)["invoice"]["invoice_id"].clone();
    assert_eq!(billed(&front).await, (cpt.clone(), invoice.clone()));
    let listed = front.get("/api/appointments").await.expect(200)["appointments"][0].clone();
    assert_eq!((&listed["cpt_id"], &listed["invoice_id"]), (&cpt, &invoice));
    assert_eq!(billed(&nurse).await, (cpt, Value::Null), "a nurse may not see invoices");
}
