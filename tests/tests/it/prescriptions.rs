//! Prescriptions: from the draft to the signed paper, its correction, what speaks against it, and the public page behind its QR code.

use clinichub_testkit::{Answer, Client, NOW, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

use crate::requests::{registration, sign_in};

on_both_databases!(
    the_body_of_seed_003_is_one_item,
    a_refused_flat_field_is_called_as_it_was_sent,
    what_is_signed_never_changes,
    signing_adds_to_the_medications_and_warns_of_a_duplicate,
    an_allergy_needs_a_reason,
    a_correction_supersedes_and_both_stay,
    nobody_signs_for_another_doctor,
    a_patient_sees_what_is_signed_of_the_own_chart,
    the_public_page_says_nothing_about_the_patient,
    documents_are_pdfs,
    letters_that_no_font_has_are_named_and_stop_nothing,
    favorites_are_ones_own,
    a_visit_has_one_prescription,
    a_search_finds_the_drug_and_the_reference,
    a_dose_has_a_unit_and_is_above_zero,
);

async fn doctor_and_patient(app: &TestApp) -> (Client, i64) {
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let profile = json!({ "registration_number": "MD-12345" });
    doctor.put(&format!("/api/doctors/{}", Who::Doctor.id()), profile).await.expect(200);
    let patient = app.patient(&doctor, "Ana", "Rivera").await;
    (doctor, patient)
}

fn daily(patient: i64, drug: &str) -> Value {
    json!({ "patient_id": patient, "items": [{ "drug": drug, "frequency_code": "qd", "duration_days": 7, "quantity": 7 }] })
}

async fn draft(client: &Client, body: Value) -> (i64, Value) {
    let made = client.post("/api/prescriptions", body).await.expect(201)["prescription"].clone();
    (made["prescription_id"].as_i64().expect("an id"), made)
}

async fn finalize(client: &Client, id: i64, body: Value) -> Answer {
    client.put(&format!("/api/prescriptions/{id}/finalize"), body).await
}

async fn the_body_of_seed_003_is_one_item(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let body = json!({
        "patient_id": patient, "doctor_id": Who::Doctor.id(), "drug": "Metformin", "dosage": "500mg", "frequency": "Daily", "cost": 12.5
    });
    let made = doctor.post("/api/prescriptions", body).await.expect(201);
    assert_eq!(made["message"], "Prescription created successfully");
    let made = &made["prescription"];
    assert_eq!((&made["status"], &made["reference"]), (&json!("draft"), &json!("ABC01-R1")));
    assert_eq!(
        (&made["drug"], &made["dosage"], &made["frequency"], &made["cost"]),
        (&json!("Metformin"), &json!("500mg"), &json!("Daily"), &json!("12.50"))
    );
    assert_eq!((&made["items"][0]["dose"], &made["total_cost"]), (&json!("500mg"), &json!("12.50")));
    let id = made["prescription_id"].as_i64().expect("an id");
    let list = doctor.get(&format!("/api/prescriptions?patient_id={patient}")).await.expect(200);
    assert_eq!((&list["pagination"]["total"], &list["prescriptions"][0]["drug"]), (&json!(1), &json!("Metformin")));
    let changed = doctor.put(&format!("/api/prescriptions/{id}"), json!({ "dosage": "850mg" })).await.expect(200);
    assert_eq!((&changed["prescription"]["dosage"], &changed["prescription"]["cost"]), (&json!("850mg"), &json!("12.50")));
    doctor.delete(&format!("/api/prescriptions/{id}")).await.expect(200);
    assert_eq!(doctor.get(&format!("/api/prescriptions/{id}")).await.error(404), "Prescription not found");
}

async fn a_refused_flat_field_is_called_as_it_was_sent(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (id, _) = draft(&doctor, json!({ "patient_id": patient, "drug": "Metformin", "dosage": "500mg" })).await;
    for (part, field) in [
        (json!({ "drug": " " }), "drug"),
        (json!({ "dosage": "0 mg" }), "dosage"),
        (json!({ "frequency": "x".repeat(201) }), "frequency"),
        (json!({ "cost": "a lot" }), "cost"),
    ] {
        let changed = doctor.put(&format!("/api/prescriptions/{id}"), part.clone()).await.expect(400);
        assert_eq!(changed["errors"][0]["field"], field, "{changed}");
        let mut body = json!({ "patient_id": patient, "drug": "Metformin" });
        body.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
        let made = doctor.post("/api/prescriptions", body).await.expect(400);
        assert_eq!(made["errors"][0]["field"], field, "{made}");
    }
}

async fn what_is_signed_never_changes(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (empty, _) = draft(&doctor, json!({ "patient_id": patient, "items": [] })).await;
    finalize(&doctor, empty, json!({})).await.expect(400);
    let (silent, _) = draft(&doctor, json!({ "patient_id": patient, "drug": "Metformin" })).await;
    assert_eq!(finalize(&doctor, silent, json!({})).await.error(400), "Say how often before finalizing");
    let (id, made) = draft(&doctor, daily(patient, "Metformin")).await;
    let stale = doctor.with("if-match", "\"v9\"").put(&format!("/api/prescriptions/{id}/finalize"), json!({})).await;
    assert_eq!(stale.status, 412);
    let signed = finalize(&doctor, id, json!({})).await.expect(200)["prescription"].clone();
    assert_eq!((&signed["status"], &signed["finalized_at"]), (&json!("finalized"), &json!(NOW)));
    assert_eq!(signed["version"], json!(made["version"].as_i64().expect("a version") + 1));
    let path = format!("/api/prescriptions/{id}");
    let refused = "Prescription is finalized; write a correction instead";
    assert_eq!(doctor.put(&path, json!({ "note": "Other" })).await.error(409), refused);
    assert_eq!(doctor.delete(&path).await.error(409), refused);
    assert_eq!(finalize(&doctor, id, json!({})).await.error(409), refused);
    assert_eq!(doctor.get(&path).await.expect(200), signed);
}

async fn signing_adds_to_the_medications_and_warns_of_a_duplicate(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (first, made) = draft(&doctor, daily(patient, "Metformin")).await;
    assert_eq!(made["warnings"], json!([]));
    let signed = finalize(&doctor, first, json!({})).await.expect(200)["prescription"].clone();
    let record = signed["items"][0]["record_id"].clone();
    assert!(record.is_i64(), "{signed}");
    let (second, made) = draft(&doctor, daily(patient, "METFORMIN 850 mg tablet")).await;
    let warning = &made["warnings"][0];
    assert_eq!((&warning["kind"], &warning["record_id"], &warning["line_no"]), (&json!("duplicate"), &record, &json!(1)));
    let message = "METFORMIN 850 mg tablet: taken already as Metformin";
    assert_eq!(warning["message"], message);
    assert!(finalize(&doctor, second, json!({})).await.error(409).starts_with(message));
    app.clock.advance(jiff::SignedDuration::from_hours(8 * 24));
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    finalize(&doctor, second, json!({})).await.expect(200);
}

async fn an_allergy_needs_a_reason(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let allergy = json!({ "kind": "allergy", "name": "Penicillin", "severity": "severe" });
    doctor.post(&format!("/api/patients/{patient}/records"), allergy).await.expect(201);
    let (id, made) = draft(&doctor, daily(patient, "Amoxicillin")).await;
    assert_eq!(made["warnings"][0]["message"], "Amoxicillin: allergy to Penicillin (severe)");
    for body in [json!({}), json!({ "acknowledge_warnings": true }), json!({ "acknowledge_warnings": true, "reason": " " })] {
        assert!(finalize(&doctor, id, body).await.error(409).starts_with("Amoxicillin: allergy to Penicillin (severe)"));
    }
    let body = json!({ "acknowledge_warnings": true, "reason": "Tolerated in 2024" });
    let signed = finalize(&doctor, id, body).await.expect(200)["prescription"].clone();
    assert_eq!(signed["acknowledged"], json!({ "reason": "Tolerated in 2024", "at": NOW, "by_user_id": Who::Doctor.id() }));
    assert_eq!(signed["warnings"], made["warnings"], "what was warned of stays with it");
}

async fn a_correction_supersedes_and_both_stay(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (id, _) = draft(&doctor, daily(patient, "Metformin")).await;
    let correct = format!("/api/prescriptions/{id}/correct");
    assert_eq!(doctor.post(&correct, Value::Null).await.status, 409, "a draft is changed, not corrected");
    finalize(&doctor, id, json!({})).await.expect(200);
    let correction = doctor.post(&correct, Value::Null).await.expect(201)["prescription"].clone();
    assert_eq!((&correction["status"], &correction["supersedes"], &correction["drug"]), (&json!("draft"), &json!(id), &json!("Metformin")));
    assert_eq!(correction["warnings"], json!([]), "what it replaces is no duplicate");
    assert_eq!(doctor.post(&correct, Value::Null).await.error(409), "Prescription is being corrected already");
    assert_eq!(doctor.get(&format!("/api/prescriptions/{id}")).await.expect(200)["superseded_by"], Value::Null);
    let second = correction["prescription_id"].as_i64().expect("an id");
    finalize(&doctor, second, json!({})).await.expect(200);
    let before = doctor.get(&format!("/api/prescriptions/{id}")).await.expect(200);
    assert_eq!((&before["status"], &before["superseded_by"]), (&json!("superseded"), &json!(second)));
    assert_eq!(doctor.post(&correct, Value::Null).await.status, 409);
    let page = app.anyone().get(&public(&before)).await.expect(200);
    assert_eq!((&page["status"], &page["superseded_by"]), (&json!("superseded"), &correction["reference"]));
    let (_, third) = draft(&doctor, daily(patient, "Metformin")).await;
    assert_eq!(third["warnings"].as_array().map(Vec::len), Some(1), "the superseded one's entry has ended: {third}");
}

async fn nobody_signs_for_another_doctor(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let admin = app.sign_in(Who::Admin).await;
    let body = json!({ "first_name": "Nora", "last_name": "Noble", "email": "nora@abc01.example", "password": clinichub_testkit::PASSWORD, "role": "doctor" });
    admin.post("/api/users", body).await.expect(201);
    let colleague = sign_in(app, "nora@abc01.example").await;
    let (id, _) = draft(&doctor, daily(patient, "Metformin")).await;
    let path = format!("/api/prescriptions/{id}");
    colleague.get(&path).await.expect(200);
    assert_eq!(colleague.put(&path, json!({ "note": "Other" })).await.error(403), "This prescription is another doctor's");
    finalize(&colleague, id, json!({})).await.expect(403);
    let in_their_name = json!({ "patient_id": patient, "doctor_id": Who::Doctor.id(), "drug": "Metformin" });
    assert_eq!(colleague.post("/api/prescriptions", in_their_name).await.error(403), "A doctor prescribes in the own name only");
    app.sign_in(Who::Nurse).await.post("/api/prescriptions", daily(patient, "Metformin")).await.expect(403);
}

async fn a_patient_sees_what_is_signed_of_the_own_chart(app: &TestApp) {
    let (doctor, other) = doctor_and_patient(app).await;
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let patient = sign_in(app, "pat@abc01.example").await;
    let own = patient.get("/api/patients").await.expect(200)["patients"][0]["patient_id"].as_i64().expect("a chart");
    let allergy = json!({ "kind": "allergy", "name": "Metformin", "severity": "severe" });
    doctor.post(&format!("/api/patients/{own}/records"), allergy).await.expect(201);
    let (signed, _) = draft(&doctor, daily(own, "Metformin")).await;
    finalize(&doctor, signed, json!({ "acknowledge_warnings": true, "reason": "For colleagues" })).await.expect(200);
    let (unsigned, _) = draft(&doctor, daily(own, "Lisinopril")).await;
    let (foreign, _) = draft(&doctor, daily(other, "Omeprazole")).await;
    finalize(&doctor, foreign, json!({})).await.expect(200);
    let list = patient.get("/api/prescriptions").await.expect(200);
    assert_eq!((&list["pagination"]["total"], &list["prescriptions"][0]["prescription_id"]), (&json!(1), &json!(signed)));
    let seen = patient.get(&format!("/api/prescriptions/{signed}")).await.expect(200);
    assert_eq!((&seen["acknowledged"], &list["prescriptions"][0]["acknowledged"]), (&Value::Null, &Value::Null), "why is for colleagues");
    patient.get(&format!("/api/prescriptions/{signed}/pdf")).await.expect(200);
    for hidden in [unsigned, foreign] {
        patient.get(&format!("/api/prescriptions/{hidden}")).await.expect(404);
        patient.get(&format!("/api/prescriptions/{hidden}/pdf")).await.expect(404);
    }
}

/// The public page of a signed prescription.
fn public(prescription: &Value) -> String {
    let path = prescription["verify_path"].as_str().expect("a path");
    format!("/api/public/prescriptions/{}", path.strip_prefix("/verify/").expect("the page of the web app"))
}

async fn the_public_page_says_nothing_about_the_patient(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (id, made) = draft(&doctor, daily(patient, "Metformin")).await;
    assert_eq!(made["verify_path"], Value::Null);
    let signed = finalize(&doctor, id, json!({})).await.expect(200)["prescription"].clone();
    let page = app.anyone().get(&public(&signed)).await.expect(200);
    let expected = json!({
        "genuine": true, "reference": "ABC01-R1", "clinic_name": "Harbor Clinic", "issued_on": "2026-04-14",
        "doctor": { "name": "Doctor Tester", "registration_number": "MD-12345" }, "items": 1, "status": "finalized", "superseded_by": null
    });
    assert_eq!(page, expected);
    assert_eq!(app.anyone().get("/api/public/prescriptions/AAAAAAAAAAAAAAAAAAAAAA").await.error(404), "Prescription not found");
    let mut last = 200;
    for _ in 0..60 {
        last = app.anyone().get(&public(&signed)).await.status.as_u16();
    }
    assert_eq!(last, 429, "nobody tries tokens for long");
}

#[track_caller]
fn is_pdf(answer: &Answer, name: &str) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert_eq!(answer.headers["content-disposition"], format!("inline; filename=\"{name}.pdf\""));
    let text = answer.body.as_str().expect("bytes");
    assert!(text.starts_with("%PDF-1.7") && text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("/StructTreeRoot"));
}

/// The invoice of an appointment of this patient.
async fn billed(admin: &Client, patient: i64) -> Value {
    let booking = json!({
        "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": "2026-04-13T14:00:00Z", "duration_minutes": 30
    });
    let appointment = admin.post("/api/appointments", booking).await.expect(201)["appointment"]["appointment_id"].clone();
    admin.put(&format!("/api/appointments/{appointment}"), json!({ "status": "completed" })).await.expect(200);
    admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(201)["invoice"].clone()
}

async fn documents_are_pdfs(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (id, _) = draft(&doctor, daily(patient, "Metformin")).await;
    is_pdf(&doctor.get(&format!("/api/prescriptions/{id}/pdf")).await, "ABC01-R1");
    finalize(&doctor, id, json!({})).await.expect(200);
    for paper in ["a5", "a4", "letter", "A5", "Letter", "LETTER"] {
        is_pdf(&doctor.get(&format!("/api/prescriptions/{id}/pdf?paper={paper}")).await, "ABC01-R1");
    }
    doctor.get(&format!("/api/prescriptions/{id}/pdf?paper=a3")).await.expect(400);
    let admin = app.sign_in(Who::Admin).await;
    let invoice = billed(&admin, patient).await;
    let (path, number) = (format!("/api/invoices/{}", invoice["invoice_id"]), invoice["number"].as_str().expect("a number"));
    is_pdf(&admin.get(&format!("{path}/pdf")).await, number);
    admin.put(&path, json!({ "status": "paid", "payment_method": "card" })).await.expect(200);
    admin.delete(&format!("/api/patients/{patient}")).await.expect(200);
    is_pdf(&admin.get(&format!("{path}/pdf?paper=a4")).await, number);
}

/// The tests' program has no folder of fonts.
async fn letters_that_no_font_has_are_named_and_stop_nothing(app: &TestApp) {
    let (doctor, latin) = doctor_and_patient(app).await;
    assert_eq!(draft(&doctor, daily(latin, "Metformin")).await.1["unprintable"], Value::Null);
    let body = json!({
        "first_name": "小明", "last_name": "王", "dob": "1990-05-10", "sex": "male", "address": "7 Long Wharf, 波士顿"
    });
    let patient = doctor.post("/api/patients", body).await.expect(201)["patient"]["patient_id"].as_i64().expect("an id");
    let (id, made) = draft(&doctor, daily(patient, "Metformin")).await;
    assert_eq!((&made["unprintable"], &made["warnings"]), (&json!("士小明波王顿"), &json!([])));
    let signed = finalize(&doctor, id, json!({})).await.expect(200)["prescription"].clone();
    let shown = doctor.get(&format!("/api/prescriptions/{id}")).await.expect(200);
    let list = doctor.get(&format!("/api/prescriptions?patient_id={patient}")).await.expect(200);
    for answer in [&signed, &shown, &list["prescriptions"][0]] {
        assert_eq!((&answer["status"], &answer["unprintable"]), (&json!("finalized"), &made["unprintable"]));
    }
    let pdf = doctor.get(&format!("/api/prescriptions/{id}/pdf")).await;
    assert_eq!(pdf.status, 200, "{}", pdf.body);
    let text = pdf.body.as_str().expect("bytes");
    assert!(text.starts_with("%PDF-1.7") && !text.contains("pdfaid:part"), "boxes, and no promise");
    let admin = app.sign_in(Who::Admin).await;
    let invoice = billed(&admin, patient).await["invoice_id"].clone();
    assert_eq!(admin.get(&format!("/api/invoices/{invoice}")).await.expect(200)["unprintable"], json!("小明王"));
}

async fn favorites_are_ones_own(app: &TestApp) {
    let (doctor, _) = doctor_and_patient(app).await;
    let body = json!({ "name": "Amoxicillin, a week", "item": { "drug": "Amoxicillin", "frequency_code": "TID", "duration_days": 7 } });
    let made = doctor.post("/api/prescription-favorites", body.clone()).await.expect(201)["favorite"].clone();
    doctor.post("/api/prescription-favorites", body).await.expect(409);
    doctor.post("/api/prescription-favorites", json!({ "name": "Wrong", "item": { "drug": " " } })).await.expect(400);
    assert_eq!(doctor.get("/api/prescription-favorites").await.expect(200)["favorites"], json!([made]));
    let elsewhere = app.sign_in_to(Who::Doctor, "XYZ02").await;
    let path = format!("/api/prescription-favorites/{}", made["favorite_id"]);
    assert_eq!(elsewhere.get("/api/prescription-favorites").await.expect(200)["favorites"], json!([]));
    elsewhere.delete(&path).await.expect(404);
    doctor.delete(&path).await.expect(200);
    doctor.delete(&path).await.expect(404);
}

/// A visit of this patient with the doctor, in progress; its id.
async fn visit(doctor: &Client, patient: i64) -> i64 {
    let booking = json!({
        "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": "2026-04-14T12:00:00Z", "duration_minutes": 30
    });
    let appointment = doctor.post("/api/appointments", booking).await.expect(201)["appointment"]["appointment_id"].clone();
    let visit = doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201);
    visit["visit"]["visit_id"].as_i64().expect("an id")
}

async fn a_visit_has_one_prescription(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let (visit, other) = (visit(&doctor, patient).await, app.patient(&doctor, "Bea", "Santos").await);
    let of_visit = |patient: Value| json!({ "visit_id": visit, "patient_id": patient, "drug": "Metformin", "frequency": "Daily" });
    assert_eq!(doctor.post("/api/prescriptions", of_visit(json!(other))).await.error(400), "The visit is another patient's");
    let (id, made) = draft(&doctor, of_visit(Value::Null)).await;
    assert_eq!((&made["patient_id"], &made["visit_id"]), (&json!(patient), &json!(visit)));
    assert_eq!(doctor.post("/api/prescriptions", of_visit(Value::Null)).await.error(409), "Visit already has a prescription");
    finalize(&doctor, id, json!({})).await.expect(200);
    let correction = doctor.post(&format!("/api/prescriptions/{id}/correct"), Value::Null).await.expect(201)["prescription"].clone();
    assert_eq!(correction["visit_id"], json!(visit));
    let list = doctor.get(&format!("/api/prescriptions?visit_id={visit}&status=draft")).await.expect(200);
    assert_eq!(list["prescriptions"][0]["prescription_id"], correction["prescription_id"]);
}

async fn a_search_finds_the_drug_and_the_reference(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    draft(&doctor, daily(patient, "Metformin 500 mg")).await;
    draft(&doctor, daily(patient, "Lisinopril")).await;
    for (search, drug) in [("metfor", "Metformin 500 mg"), ("abc01-r2", "Lisinopril")] {
        let found = doctor.get(&format!("/api/prescriptions?search={search}")).await.expect(200);
        assert_eq!((&found["pagination"]["total"], &found["prescriptions"][0]["drug"]), (&json!(1), &json!(drug)), "{search}");
    }
}

async fn a_dose_has_a_unit_and_is_above_zero(app: &TestApp) {
    let (doctor, patient) = doctor_and_patient(app).await;
    let of = |dose: &str, unit: &str, quantity: Value| {
        let item = json!({ "drug": "Metformin", "frequency_code": "QD", "dose": dose, "dose_unit": unit, "quantity": quantity });
        json!({ "patient_id": patient, "items": [item] })
    };
    for (dose, unit) in [("1", "{tablet}"), ("0.5", "mg"), ("5", "ug/kg/min"), ("10", "[IU]/kg"), ("2", "ml"), ("0-0-1", " mg/(24.h) ")] {
        let (_, made) = draft(&doctor, of(dose, unit, json!(0.5))).await;
        assert_eq!(made["items"][0]["dose_unit"], unit.trim());
    }
    let deep = "(".repeat(40);
    let example = "dose_unit: expected a unit of UCUM such as mg, mL or {tablet}";
    for (dose, unit, quantity, field, message) in [
        ("1", "mcg", json!("7"), "dose_unit", "dose_unit: in UCUM it is written ug"),
        ("1", "tablet", json!("7"), "dose_unit", "dose_unit: in UCUM it is written {tablet}"),
        ("1", "mg//kg", json!("7"), "dose_unit", example),
        ("1", deep.as_str(), json!("7"), "dose_unit", example),
        ("0 mg", "", json!("7"), "dose", "dose: expected more than 0, such as 1, 0.5 or 1-2"),
        ("1", "mg", json!("0.00"), "quantity", "items[0].quantity: expected an amount above zero such as 21 or 0.5"),
        ("1", "mg", json!(0), "quantity", "items[0].quantity: expected an amount above zero such as 21 or 0.5"),
    ] {
        let refused = doctor.post("/api/prescriptions", of(dose, unit, quantity)).await.expect(400);
        assert_eq!(refused["errors"], json!([{ "field": format!("items[0].{field}"), "message": message }]), "{dose} {unit}");
    }
    let (id, _) = draft(&doctor, daily(patient, "Metformin")).await;
    let items = json!({ "items": [{ "drug": "Metformin", "dose": "1", "dose_unit": "IU" }] });
    let refused = doctor.put(&format!("/api/prescriptions/{id}"), items).await.error(400);
    assert_eq!(refused, "dose_unit: in UCUM it is written [IU]");
    let favorite = json!({ "name": "Insulin", "item": { "drug": "Insulin", "dose": "10", "dose_unit": "units" } });
    assert_eq!(doctor.post("/api/prescription-favorites", favorite).await.error(400), "dose_unit: in UCUM it is written {unit}");
}
