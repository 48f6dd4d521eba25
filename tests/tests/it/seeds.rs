//! The requests of seed 000, as they are written there, with the messages given there (API.md lists the few differences).

use clinichub_testkit::{Client, PASSWORD, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    signing_in,
    the_token_is_missing_or_wrong,
    a_patient_is_created_listed_changed_and_deleted,
    what_is_wrong_with_a_patient_is_said,
    an_appointment_is_booked_completed_and_paid,
    what_is_wrong_with_an_invoice_is_said,
);

/// The members of `part` stand in `whole` with the same values.
#[track_caller]
fn contains(whole: &Value, part: &Value) {
    for (name, value) in part.as_object().expect("an object") {
        assert_eq!(whole.get(name), Some(value), "{name} of {whole}");
    }
}

fn john() -> Value {
    json!({
        "first_name": "John", "last_name": "Doe", "dob": "1990-05-10", "sex": "male", "email": "john.doe@email.com",
        "phone": "7871234567", "address": "123 Main St", "emergency_contact_name": "Jane Doe", "emergency_contact_phone": "7877654321"
    })
}

async fn signing_in(app: &TestApp) {
    let body = json!({ "email": Who::Admin.email(), "password": PASSWORD });
    for path in ["/api/login", "/api/auth/login"] {
        let answer = app.anyone().post(path, body.clone()).await.expect(200);
        assert_eq!(answer["message"], "Login successful");
        assert!(answer["access_token"].as_str().is_some_and(|token| token.starts_with("eyJ")) && answer["refresh_token"].is_string());
        let granted = app.with_token(answer["access_token"].as_str().expect("a token")).get("/api/protected").await.expect(200);
        assert_eq!(granted, json!({ "message": "Access granted", "user_id": 1, "role": "admin" }));
    }
}

async fn the_token_is_missing_or_wrong(app: &TestApp) {
    assert_eq!(app.anyone().get("/api/protected").await.error(401), "Authorization token is missing");
    assert_eq!(app.with_token("eyJ.wrong.token").get("/api/protected").await.error(401), "Invalid or expired token");
}

async fn a_patient_is_created_listed_changed_and_deleted(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let created = admin.post("/api/patients", john()).await.expect(201);
    assert_eq!(created["message"], "Patient created successfully");
    let head = json!({ "patient_id": 1, "first_name": "John", "last_name": "Doe", "dob": "1990-05-10", "sex": "male" });
    contains(&created["patient"], &head);
    let list = admin.get("/api/patients").await.expect(200);
    contains(&list["patients"][0], &head);
    assert_eq!(list["pagination"], json!({ "total": 1, "page": 1, "per_page": 20, "has_next": false, "has_prev": false }));
    contains(&admin.get("/api/patients/1").await.expect(200), &head);
    let changed = admin.put("/api/patients/1", json!({ "phone": "7879998888", "address": "456 Updated St" })).await.expect(200);
    assert_eq!(changed["message"], "Patient updated successfully");
    contains(&changed["patient"], &json!({ "patient_id": 1, "phone": "7879998888", "address": "456 Updated St" }));
    let deleted = admin.delete("/api/patients/1").await.expect(200);
    assert_eq!(deleted["message"], "Patient deleted successfully");
    assert_eq!(admin.get("/api/patients/1").await.error(404), "Patient not found");
}

async fn what_is_wrong_with_a_patient_is_said(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    nurse.post("/api/patients", john()).await.expect(201);
    assert_eq!(nurse.post("/api/patients", john()).await.error(409), "Email already exists");
    let without = json!({ "last_name": "Doe", "dob": "1990-05-10", "sex": "male" });
    assert_eq!(nurse.post("/api/patients", without).await.error(400), "Missing required field: first_name");
    assert_eq!(nurse.get("/api/patients/4711").await.error(404), "Patient not found");
}

fn booking(patient: i64) -> Value {
    json!({
        "patient_id": patient, "provider_user_id": 2, "scheduled_start": "2026-04-15T10:00:00", "scheduled_end": "2026-04-15T10:30:00",
        "status": "scheduled", "reason": "General checkup", "notes": "First visit"
    })
}

async fn booked(client: &Client) -> i64 {
    let patient = client.post("/api/patients", john()).await.expect(201)["patient"]["patient_id"].as_i64().expect("an id");
    let created = client.post("/api/appointments", booking(patient)).await.expect(201);
    assert_eq!(created["message"], "Appointment created successfully");
    let head = json!({
        "appointment_id": 1, "patient_id": patient, "provider_user_id": 2, "scheduled_start": "2026-04-15T10:00:00Z",
        "scheduled_end": "2026-04-15T10:30:00Z", "status": "scheduled"
    });
    contains(&created["appointment"], &head);
    1
}

async fn an_appointment_is_booked_completed_and_paid(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    booked(&admin).await;
    admin.post("/api/appointments", booking(1)).await.expect(409);
    let list = admin.get("/api/appointments?page=1&per_page=10&status=scheduled").await.expect(200);
    contains(&list["appointments"][0], &json!({ "appointment_id": 1, "patient_id": 1, "provider_user_id": 2, "status": "scheduled" }));
    assert_eq!(list["pagination"], json!({ "total": 1, "page": 1, "per_page": 10, "has_next": false, "has_prev": false }));
    let done = admin.put("/api/appointments/1", json!({ "status": "completed" })).await.expect(200);
    assert_eq!(done["message"], "Appointment updated successfully");
    contains(&done["appointment"], &json!({ "appointment_id": 1, "status": "completed", "cpt_id": 1 }));
    let made = admin.post("/api/invoices", json!({ "appointment_id": 1 })).await.expect(201);
    assert_eq!(made["message"], "Invoice created successfully");
    contains(&made["invoice"], &json!({ "invoice_id": 1, "appointment_id": 1, "patient_id": 1, "cpt_id": 1, "status": "unpaid" }));
    let paid = admin.put("/api/invoices/1", json!({ "status": "paid" })).await.expect(200);
    assert_eq!(paid["message"], "Invoice updated");
    contains(&paid["invoice"], &json!({ "invoice_id": 1, "status": "paid", "paid_at": "2026-04-14T12:00:00Z" }));
    let unpaid = admin.put("/api/invoices/1", json!({ "status": "unpaid" })).await.expect(200);
    contains(&unpaid["invoice"], &json!({ "invoice_id": 1, "status": "unpaid", "paid_at": null }));
    let invoices = admin.get("/api/invoices").await.expect(200);
    contains(&invoices["invoices"][0], &json!({ "invoice_id": 1, "appointment_id": 1, "patient_id": 1, "cpt_id": 1, "status": "unpaid" }));
}

async fn what_is_wrong_with_an_invoice_is_said(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let id = booked(&admin).await;
    assert_eq!(admin.post("/api/invoices", json!({ "appointment_id": 4711 })).await.error(404), "Appointment not found");
    assert_eq!(admin.post("/api/invoices", json!({ "appointment_id": id })).await.error(400), "Appointment must be completed");
    admin.put("/api/appointments/1", json!({ "status": "completed" })).await.expect(200);
    admin.post("/api/invoices", json!({ "appointment_id": id })).await.expect(201);
    assert_eq!(admin.post("/api/invoices", json!({ "appointment_id": id })).await.error(409), "Invoice already exists");
    admin.put("/api/invoices/1", json!({ "status": "overdue" })).await.expect(400);
    let cancelled = admin.delete("/api/appointments/1").await;
    assert_eq!(cancelled.status, 409, "a completed appointment is final");
}
