//! What those see at a glance who look after a clinic or an installation: the trail with names, and every clinic's numbers.

use clinichub_testkit::{TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(the_trail_names_people_and_can_be_narrowed, the_operator_sees_every_clinics_numbers_and_nobody);

async fn the_trail_names_people_and_can_be_narrowed(app: &TestApp) {
    let (front, admin) = (app.sign_in(Who::Receptionist).await, app.sign_in(Who::Admin).await);
    let patient = app.patient(&front, "Ana", "Rivera").await;
    let booking = json!({
        "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": "2026-04-20T14:00:00Z", "duration_minutes": 30
    });
    front.post("/api/appointments", booking).await.expect(201);
    let trail = admin.get("/api/audit?resource=appointment").await.expect(200);
    assert_eq!(trail["pagination"]["total"], 1);
    let entry = &trail["events"][0];
    assert_eq!((&entry["action"], &entry["patient_name"]), (&json!("create_appointment"), &json!("Ana Rivera")));
    assert!(entry["patient_mrn"].as_str().is_some_and(|mrn| mrn.starts_with("ABC01-P")));
    assert!(entry["user_name"].is_string());
    let without = admin.get("/api/audit?action=list_audit").await.expect(200);
    assert_eq!(without["events"][0]["patient_name"], Value::Null);

    let actions = admin.get("/api/audit/actions").await.expect(200)["actions"].clone();
    let names: Vec<_> = actions.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
    assert!(names.is_sorted() && names.contains(&"create_appointment".to_owned()) && names.contains(&"update_patient".to_owned()));
    admin.get(&format!("/api/audit?resource={}", "x".repeat(101))).await.expect(400);
}

async fn the_operator_sees_every_clinics_numbers_and_nobody(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let patient = app.patient(&front, "Ana", "Rivera").await;
    let booking = json!({
        "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": "2026-04-10T14:00:00Z", "duration_minutes": 30
    });
    let booked = front.post("/api/appointments", booking).await.expect(201)["appointment"]["appointment_id"].clone();
    app.sign_in(Who::Admin).await.put(&format!("/api/appointments/{booked}"), json!({ "status": "completed" })).await.expect(200);
    front.post("/api/invoices", json!({ "appointment_id": booked })).await.expect(201);

    let operator = app.sign_in(Who::Operator).await;
    let seen = operator.get("/api/clinics/usage?from=2026-04-01&to=2026-04-30").await.expect(200);
    assert!(!seen.to_string().contains("Rivera"));
    let clinic = &seen["clinics"][0];
    let numbers = ["patients", "appointments", "completed", "invoices"].map(|name| clinic[name].clone());
    assert_eq!((&clinic["code"], numbers), (&json!("ABC01"), [1, 1, 1, 1].map(Value::from)));
    assert_eq!((&seen["clinics"][1]["code"], &seen["clinics"][1]["patients"]), (&json!("XYZ02"), &json!(0)));
    assert_eq!((&seen["totals"]["clinics"], &seen["totals"]["active_clinics"]), (&json!(2), &json!(2)));
    assert!(seen["totals"]["staff"].as_i64() > clinic["staff"].as_i64() && clinic["staff"].as_i64() >= Some(5));
    assert_eq!(operator.get("/api/clinics/usage?from=2026-04-12&to=2026-04-13").await.expect(200)["totals"]["appointments"], 0);
    operator.get("/api/clinics/usage?from=2026-04-12&to=2026-04-01").await.expect(400);
    app.sign_in(Who::Admin).await.get("/api/clinics/usage").await.expect(403);
}
