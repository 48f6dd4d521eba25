//! What is refused that was asked for by an id of its own: the trail says whose it is, the answer does not.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

use crate::documents::PDF;
use crate::requests::{NOWHERE, registration, sign_in};
use crate::visits::{Desk, id};

on_both_databases!(
    what_is_refused_by_its_id_names_the_patient,
    what_the_work_itself_refuses_names_the_patient,
    what_is_another_patients_names_that_patient,
    what_is_another_clinics_names_nobody,
);

/// The kind of a thing, where things of it are, and its id.
type Thing = (&'static str, &'static str, i64);

/// A completed visit and what hangs on it.
async fn things(desk: &Desk) -> [Thing; 6] {
    let appointment = desk.book("12:30").await;
    let visit = id(&desk.doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201), "/visit/visit_id");
    let drug = json!({ "visit_id": visit, "drug": "Amoxicillin", "dosage": "500mg", "frequency": "daily" });
    let prescription = desk.doctor.post("/api/prescriptions", drug).await.expect(201);
    let file = ("a.pdf", "application/pdf", PDF);
    let report = desk.doctor.post_file(&format!("/api/visits/{visit}/lab-reports"), file, &[("title", "Glucose")]).await.expect(201);
    let document =
        desk.nurse.post_file(&format!("/api/patients/{}/documents", desk.patient), file, &[("title", "Letter")]).await.expect(201);
    desk.complete(visit).await;
    let invoice = desk.admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(201);
    [
        ("appointment", "/api/appointments", appointment),
        ("visit", "/api/visits", visit),
        ("prescription", "/api/prescriptions", id(&prescription, "/prescription/prescription_id")),
        ("lab_report", "/api/lab-reports", id(&report, "/lab_report/lab_report_id")),
        ("document", "/api/documents", id(&document, "/document/document_id")),
        ("invoice", "/api/invoices", id(&invoice, "/invoice/invoice_id")),
    ]
}

/// What was refused, the last first: which thing, and whose.
async fn refused(admin: &Client, query: &str) -> Vec<(Value, Value)> {
    let trail = admin.get(&format!("/api/audit?outcome=refused&per_page=100&{query}")).await.expect(200);
    let events = trail["events"].as_array().expect("events");
    events.iter().map(|event| (event["resource_id"].clone(), event["patient_id"].clone())).collect()
}

async fn what_is_refused_by_its_id_names_the_patient(app: &TestApp) {
    let desk = Desk::open(app).await;
    let (front, technician) = (app.sign_in(Who::Receptionist).await, app.sign_in(Who::Technician).await);
    for (kind, path, thing) in things(&desk).await {
        let ask = async |id: i64| match kind {
            "appointment" => technician.delete(&format!("{path}/{id}")).await,
            "invoice" => desk.nurse.get(&format!("{path}/{id}")).await,
            _ => front.get(&format!("{path}/{id}")).await,
        };
        let (there, nowhere) = (ask(thing).await, ask(NOWHERE).await);
        assert_eq!(there.status, 403, "{kind}: {}", there.body);
        assert_eq!((there.status, &there.body), (nowhere.status, &nowhere.body), "{kind}");
        let expected = [(json!(NOWHERE), Value::Null), (json!(thing), json!(desk.patient))];
        assert_eq!(refused(&desk.admin, &format!("resource={kind}")).await, expected, "{kind}");
        let of_patient = refused(&desk.admin, &format!("resource={kind}&patient_id={}", desk.patient)).await;
        assert_eq!(of_patient, expected[1..], "{kind}");
    }
}

async fn what_the_work_itself_refuses_names_the_patient(app: &TestApp) {
    let desk = Desk::open(app).await;
    let [.., (_, reports, report), _, _] = things(&desk).await;
    desk.nurse.put(&format!("{reports}/{report}/sign"), Value::Null).await.expect(403);
    assert_eq!(refused(&desk.admin, "action=sign_lab_report").await, [(json!(report), json!(desk.patient))]);
}

async fn what_is_another_patients_names_that_patient(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    desk.complete(visit).await;
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let pat = sign_in(app, "pat@abc01.example").await;
    pat.get(&format!("/api/visits/{visit}")).await.expect(404);
    assert_eq!(refused(&desk.admin, "action=get_visit").await, [(json!(visit), json!(desk.patient))]);
}

async fn what_is_another_clinics_names_nobody(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let (admin, doctor) = (app.sign_in(Who::OtherAdmin).await, app.sign_in(Who::OtherDoctor).await);
    let path = format!("/api/visits/{visit}");
    admin.put(&path, json!({ "plan": "Rest" })).await.expect(403);
    doctor.get(&path).await.expect(404);
    let nobodys = (json!(visit), Value::Null);
    assert_eq!(refused(&admin, "resource=visit").await, [nobodys.clone(), nobodys]);
    assert!(refused(&desk.admin, "resource=visit").await.is_empty());
}
