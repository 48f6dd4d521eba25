//! Visits from outside: from check-in to the invoice, who may do what, races, and what a patient sees.

use std::io::Cursor;
use std::sync::Arc;

use clinichub_app::codes;
use clinichub_jobs::system_grant;
use clinichub_testkit::{Client, PASSWORD, TestApp, Who, on_both_databases};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

on_both_databases!(
    a_visit_leads_from_check_in_to_a_paid_invoice,
    a_visit_without_procedures_bills_the_booked_service,
    an_appointment_has_one_visit,
    somebody_without_an_appointment_is_seen_now,
    an_appointment_waits_for_its_visit,
    of_two_writers_the_second_is_told_who_was_first,
    a_completed_visit_takes_addenda_only,
    of_many_who_complete_one_does,
    of_many_who_start_one_does,
    diagnoses_are_codes_or_words_and_become_problems,
    the_code_set_says_what_it_knows_of_a_diagnosis,
    what_completing_would_not_read_is_refused,
    procedures_come_from_the_fee_schedule,
    vitals_are_kept_in_their_units,
    a_patient_sees_what_was_meant_for_them,
    lists_filter_and_page,
    what_was_left_open_overnight_is_listed,
    templates_are_ones_own_or_the_clinics,
    a_clinic_sees_nothing_of_the_other_though_they_share_the_doctor,
);

/// A clinic in which somebody can be seen.
pub struct Desk {
    pub admin: Client,
    pub doctor: Client,
    pub nurse: Client,
    pub patient: i64,
}

impl Desk {
    pub async fn open(app: &TestApp) -> Self {
        let (admin, nurse) = (app.sign_in(Who::Admin).await, app.sign_in(Who::Nurse).await);
        let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
        let patient = app.patient(&admin, "Ana", "Rivera").await;
        Self { admin, doctor, nurse, patient }
    }

    /// An appointment of the day on which the clock stands still.
    pub async fn book(&self, time: &str) -> i64 {
        let body = json!({
            "patient_id": self.patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": format!("2026-04-14T{time}:00Z"),
            "duration_minutes": 30, "reason": "Cough for two weeks"
        });
        id(&self.admin.post("/api/appointments", body).await.expect(201), "/appointment/appointment_id")
    }

    /// A visit of an appointment at this time.
    pub async fn visit(&self, time: &str) -> i64 {
        let appointment = self.book(time).await;
        id(&self.doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201), "/visit/visit_id")
    }

    pub async fn service(&self, code: &str, price: &str) -> i64 {
        let body = json!({ "code": code, "description": format!("Service {code}"), "price": price });
        id(&self.admin.post("/api/fee-schedule", body).await.expect(201), "/service/service_id")
    }

    pub async fn complete(&self, visit: i64) -> Value {
        self.doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200)
    }
}

/// The id that stands there.
pub fn id(answer: &Value, pointer: &str) -> i64 {
    answer.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {answer}"))
}

async fn a_visit_leads_from_check_in_to_a_paid_invoice(app: &TestApp) {
    let desk = Desk::open(app).await;
    let (office, exercise) = (desk.service("99213", "95.00").await, desk.service("97110", "55.00").await);
    let appointment = desk.book("12:30").await;
    let path = format!("/api/appointments/{appointment}");
    desk.admin.put(&format!("{path}/status"), json!({ "status": "waiting" })).await.expect(200);

    let started = desk.doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201);
    assert_eq!(started["message"], "Visit started successfully");
    let visit = &started["visit"];
    assert!(visit["reference"].as_str().is_some_and(|reference| reference.starts_with("ABC01-V")), "{visit}");
    assert_eq!((&visit["status"], &visit["patient"]["age_years"], &visit["version"]), (&json!("in_progress"), &json!(35), &json!(1)));
    assert_eq!(desk.admin.get(&path).await.expect(200)["status"], "in_room");
    let path = format!("/api/visits/{}", visit["visit_id"]);

    let vitals = json!({ "vitals": { "systolic": 128, "diastolic": 82, "weight": 71.5, "height": 170 } });
    desk.nurse.post(&format!("{path}/vitals"), vitals).await.expect(201);
    let written = desk.doctor.put(&path, json!({ "subjective": "Cough", "plan": "Rest" })).await.expect(200);
    assert_eq!((&written["visit"]["version"], &written["visit"]["vitals"][0]["vitals"]["bmi"]), (&json!(2), &json!(24.7)));
    let diagnoses = json!({ "diagnoses": [{ "code": "J06.9", "description": "Acute upper respiratory infection" }] });
    desk.doctor.put(&format!("{path}/diagnoses"), diagnoses).await.expect(200);
    let procedures = json!({ "procedures": [{ "service_id": office, "modifiers": ["25"] }, { "service_id": exercise, "units": 3 }] });
    desk.doctor.put(&format!("{path}/procedures"), procedures).await.expect(200);

    let done = desk.doctor.put(&format!("{path}/complete"), Value::Null).await.expect(200);
    assert_eq!((&done["message"], &done["appointment_status"]), (&json!("Visit completed successfully"), &json!("completed")));
    assert_eq!((done["cpt_ids"].as_array().map(Vec::len), &done["cpt_id"]), (Some(2), &done["cpt_ids"][0]));
    assert_eq!((&done["visit"]["status"], &done["visit"]["completed_at"]), (&json!("completed"), &json!("2026-04-14T12:00:00Z")));

    let invoice = desk.admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(201)["invoice"].clone();
    assert_eq!((&invoice["total"], &invoice["cpt_id"]), (&json!("260.00"), &done["cpt_id"]));
    let lines: Vec<_> = invoice["lines"].as_array().expect("lines").iter().map(|line| (&line["amount"], &line["modifiers"])).collect();
    assert_eq!(lines, [(&json!("95.00"), &json!(["25"])), (&json!("165.00"), &json!([]))]);
    let paid = desk.admin.put(&format!("/api/invoices/{}", invoice["invoice_id"]), json!({ "status": "paid" })).await.expect(200);
    assert_eq!(paid["invoice"]["status"], "paid");
    desk.admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(409);
}

async fn a_visit_without_procedures_bills_the_booked_service(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let done = desk.complete(visit).await;
    assert_eq!(done["cpt_ids"].as_array().map(Vec::len), Some(1));
    let records = desk.admin.get(&format!("/api/cpt-records?appointment_id={}", done["visit"]["appointment_id"])).await.expect(200);
    assert_eq!((&records["cpt_records"][0]["code"], &records["cpt_records"][0]["line"]), (&json!("VISIT"), &json!(1)));
    assert_eq!(records["pagination"]["total"], 1);
}

async fn an_appointment_has_one_visit(app: &TestApp) {
    let desk = Desk::open(app).await;
    let appointment = desk.book("12:30").await;
    let body = json!({ "appointment_id": appointment });
    desk.doctor.post("/api/visits", body.clone()).await.expect(201);
    assert_eq!(desk.nurse.post("/api/visits", body).await.error(409), "The appointment has a visit already");
    let cancelled = desk.book("14:00").await;
    desk.admin.delete(&format!("/api/appointments/{cancelled}")).await.expect(200);
    let refused = desk.doctor.post("/api/visits", json!({ "appointment_id": cancelled })).await.error(409);
    assert_eq!(refused, "The appointment is cancelled and can't have a visit");
    assert_eq!(desk.doctor.post("/api/visits", json!({ "appointment_id": 4711 })).await.error(404), "Appointment not found");
    assert_eq!(desk.doctor.post("/api/visits", json!({})).await.error(400), "Missing required field: appointment_id");
    desk.doctor.post("/api/visits", json!({ "appointment_id": cancelled, "patient_id": desk.patient })).await.expect(400);
}

async fn somebody_without_an_appointment_is_seen_now(app: &TestApp) {
    let desk = Desk::open(app).await;
    let body = json!({ "patient_id": desk.patient, "provider_user_id": Who::Doctor.id(), "reason": "Cut finger", "duration_minutes": 20 });
    let visit = desk.nurse.post("/api/visits", body.clone()).await.expect(201)["visit"].clone();
    let appointment = desk.admin.get(&format!("/api/appointments/{}", visit["appointment_id"])).await.expect(200);
    assert_eq!((&appointment["status"], &appointment["scheduled_end"]), (&json!("in_room"), &json!("2026-04-14T12:20:00Z")));
    assert_eq!(visit["reason"], "Cut finger");
    assert_eq!(desk.nurse.post("/api/visits", body).await.error(409), "Provider already has an appointment at this time");
}

async fn an_appointment_waits_for_its_visit(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let shown = desk.doctor.get(&format!("/api/visits/{visit}")).await.expect(200);
    let path = format!("/api/appointments/{}", shown["appointment_id"]);
    let sentence = format!("The visit {} is still open; complete it first", shown["reference"].as_str().expect("a reference"));
    for status in ["completed", "cancelled", "no_show"] {
        assert_eq!(desk.admin.put(&path, json!({ "status": status })).await.error(409), sentence, "{status}");
    }
    assert_eq!(desk.admin.delete(&path).await.error(409), sentence);
    assert_eq!(desk.admin.delete(&format!("/api/patients/{}", desk.patient)).await.error(409), sentence);
    desk.complete(visit).await;
    assert_eq!(desk.admin.get(&path).await.expect(200)["status"], "completed");
}

async fn of_two_writers_the_second_is_told_who_was_first(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}", desk.visit("12:30").await);
    let read = desk.doctor.get(&path).await;
    let etag = read.headers["etag"].to_str().expect("text").to_owned();
    desk.nurse.with("if-match", &etag).put(&path, json!({ "subjective": "Cough" })).await.expect(200);
    let refused = desk.doctor.with("if-match", &etag).put(&path, json!({ "plan": "Rest" })).await.error(412);
    assert_eq!(refused, "Changed by Nurse Tester at 2026-04-14T12:00:00Z; load it again");
    // What changes nothing is no new version, and nobody is disturbed by measurements.
    desk.nurse.put(&path, json!({ "subjective": "Cough" })).await.expect(200);
    desk.nurse.post(&format!("{path}/vitals"), json!({ "vitals": { "pain": 3 } })).await.expect(201);
    desk.doctor.with("if-match", "\"v2\"").put(&path, json!({ "plan": "Rest" })).await.expect(200);
    let long = "x".repeat(20_001);
    desk.doctor.put(&path, json!({ "plan": long })).await.expect(400);
    let shown = desk.doctor.get(&path).await.expect(200);
    assert_eq!((&shown["subjective"], &shown["plan"], &shown["version"]), (&json!("Cough"), &json!("Rest"), &json!(3)));
    assert_eq!(shown["updated_by"]["user_id"], json!(Who::Doctor.id()));
}

async fn a_completed_visit_takes_addenda_only(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let path = format!("/api/visits/{visit}");
    let text = json!({ "text": "The culture came back negative." });
    desk.doctor.post(&format!("{path}/addenda"), text.clone()).await.expect(409);
    desk.complete(visit).await;
    let edit = "A completed visit can't be edited; write an addendum";
    assert_eq!(desk.doctor.put(&path, json!({ "plan": "Other" })).await.error(409), edit);
    assert_eq!(desk.doctor.put(&format!("{path}/diagnoses"), json!({ "diagnoses": [] })).await.error(409), edit);
    assert_eq!(desk.doctor.put(&format!("{path}/procedures"), json!({ "procedures": [] })).await.error(409), edit);
    desk.doctor.post(&format!("{path}/vitals"), json!({ "vitals": { "pain": 3 } })).await.expect(409);
    assert_eq!(desk.doctor.put(&format!("{path}/complete"), Value::Null).await.error(409), "The visit is completed already");
    let added = desk.doctor.post(&format!("{path}/addenda"), text).await.expect(201);
    assert_eq!(added["addendum"]["created_by"]["user_id"], json!(Who::Doctor.id()));
    let shown = desk.nurse.get(&path).await.expect(200);
    assert_eq!((&shown["addenda"][0]["text"], &shown["addenda"][0]), (&json!("The culture came back negative."), &added["addendum"]));
    desk.doctor.post(&format!("{path}/addenda"), json!({ "text": " " })).await.expect(400);
}

async fn of_many_who_complete_one_does(app: &TestApp) {
    let desk = Arc::new(Desk::open(app).await);
    let visit = desk.visit("12:30").await;
    let race = (0..32).map(|index| {
        let desk = desk.clone();
        async move {
            let who = if index % 2 == 0 { &desk.doctor } else { &desk.nurse };
            who.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.status.as_u16()
        }
    });
    let statuses = join_all(race).await;
    let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(200), count(409)), (1, 31), "{statuses:?}");
    let usage = desk.admin.get("/api/clinics/1/usage").await.expect(200);
    assert_eq!(usage["entries"], json!([]), "the period ends now");
    let usage = desk.admin.get("/api/clinics/1/usage?from=2026-04-01&to=2026-04-30").await.expect(200);
    assert_eq!((&usage["entries"][0]["units"], usage["entries"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(desk.admin.get("/api/cpt-records").await.expect(200)["pagination"]["total"], 1);
}

async fn of_many_who_start_one_does(app: &TestApp) {
    let desk = Arc::new(Desk::open(app).await);
    let appointment = desk.book("12:30").await;
    let race = (0..16).map(|_| {
        let desk = desk.clone();
        async move { desk.doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.status.as_u16() }
    });
    let statuses = join_all(race).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
}

async fn diagnoses_are_codes_or_words_and_become_problems(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}/diagnoses", desk.visit("12:30").await);
    let body = json!({ "diagnoses": [
        { "code": "i10", "description": "High blood pressure", "add_to_problems": true },
        { "description": "Tired", "note": "Sleeps badly", "add_to_problems": true }
    ] });
    let visit = desk.doctor.put(&path, body.clone()).await.expect(200)["visit"].clone();
    assert_eq!((&visit["diagnoses"][0]["code"], &visit["diagnoses"][1]["rank"]), (&json!("I10"), &json!(2)));
    // Twice the same problem is one.
    desk.doctor.put(&path, body).await.expect(200);
    let problems = desk.doctor.get(&format!("/api/patients/{}/records?kind=condition", desk.patient)).await.expect(200);
    assert_eq!(problems["pagination"]["total"], 2, "{problems}");
    let wrong = json!({ "diagnoses": [{ "code": "flu" }] });
    let refused = desk.doctor.put(&path, wrong).await.expect(400);
    assert_eq!(refused["errors"][0]["field"], "diagnoses[0].code");
    let emptied = desk.doctor.put(&path, json!({ "diagnoses": [] })).await.expect(200);
    assert_eq!(emptied["visit"]["diagnoses"], json!([]));
}

async fn the_code_set_says_what_it_knows_of_a_diagnosis(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}", desk.visit("12:30").await);
    let body = json!({ "diagnoses": [{ "code": "j069" }, { "code": "J06", "description": "A cold" }, { "code": "Z9999" }, { "description": "Tired" }] });
    let said = |visit: &Value| {
        let of = |one: &Value| (one["in_code_set"].as_bool(), one["billable"].as_bool(), one["description"].as_str().map(str::to_owned));
        visit["diagnoses"].as_array().expect("a list").iter().map(of).collect::<Vec<_>>()
    };
    let expected =
        |of: [(Option<bool>, Option<bool>, &str); 4]| of.map(|(known, billable, words)| (known, billable, Some(words.to_owned())));
    let before = desk.doctor.put(&format!("{path}/diagnoses"), body.clone()).await.expect(200)["visit"].clone();
    let nothing = ["J06.9", "A cold", "Z99.99", "Tired"].map(|words| (None, None, words));
    assert_eq!(said(&before), expected(nothing), "there is no code set");

    let category = format!("{:<76} Acute upper respiratory infections", "00001 J06     0 Acute upper respiratory infections");
    let file = format!("{category}\nJ06.9\tAcute upper respiratory infection, unspecified\n");
    let grant = system_grant(None, "test", app.clock.as_ref());
    let report = codes::import::run(&app.app, &grant, Cursor::new(file), |_| ()).await.expect("a report");
    assert_eq!((report.codes, report.passed_over), (2, 0));
    let known = |first: &'static str| {
        expected([
            (Some(true), Some(true), first),
            (Some(true), Some(false), "A cold"),
            (Some(false), None, "Z99.99"),
            (None, None, "Tired"),
        ])
    };
    assert_eq!(said(&desk.doctor.get(&path).await.expect(200)), known("J06.9"), "what was written down keeps its words");
    let after = desk.doctor.put(&format!("{path}/diagnoses"), body).await.expect(200)["visit"].clone();
    assert_eq!(said(&after), known("Acute upper respiratory infection, unspecified"));
    let codes: Vec<_> = after["diagnoses"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [&json!("J06.9"), &json!("J06"), &json!("Z99.99"), &Value::Null]);
    let list = desk.doctor.get("/api/visits").await.expect(200);
    assert_eq!(list["visits"][0]["diagnoses"], after["diagnoses"]);
}

async fn what_completing_would_not_read_is_refused(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}", desk.visit("12:30").await);
    let refused = desk.doctor.put(&format!("{path}/complete"), json!({ "plan": "Rest" })).await.expect(400);
    assert_eq!(refused["errors"], json!([{ "field": "plan", "message": "Unknown field: plan" }]));
    assert_eq!(desk.doctor.get(&path).await.expect(200)["status"], "in_progress");
    desk.doctor.put(&format!("{path}/complete"), json!({})).await.expect(200);
}

async fn procedures_come_from_the_fee_schedule(app: &TestApp) {
    let desk = Desk::open(app).await;
    let service = desk.service("99213", "95.00").await;
    let path = format!("/api/visits/{}/procedures", desk.visit("12:30").await);
    let with = |service: i64, units: i64, modifiers: &[&str]| json!({ "procedures": [{ "service_id": service, "units": units, "modifiers": modifiers }] });
    let visit = desk.doctor.put(&path, with(service, 2, &["gp"])).await.expect(200)["visit"].clone();
    let expected = json!({
        "line_no": 1, "service_id": service, "code": "99213", "description": "Service 99213", "units": 2, "unit_price": "95.00",
        "currency": "USD", "modifiers": ["GP"]
    });
    assert_eq!(visit["procedures"][0], expected);
    assert_eq!(desk.doctor.put(&path, with(4711, 1, &[])).await.error(404), "Service not found");
    for wrong in [with(service, 0, &[]), with(service, 1, &["255"]), with(service, 1, &["1A", "2A", "3A", "4A", "5A"])] {
        desk.doctor.put(&path, wrong).await.expect(400);
    }
    desk.admin.put(&format!("/api/fee-schedule/{service}"), json!({ "is_active": false })).await.expect(200);
    assert_eq!(desk.doctor.put(&path, with(service, 1, &[])).await.error(404), "Service not found");
}

async fn vitals_are_kept_in_their_units(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}/vitals", desk.visit("12:30").await);
    let american = json!({ "vitals": { "temperature": 98.6, "temperature_unit": "F", "weight": 154, "weight_unit": "lb", "systolic": 210, "diastolic": 100 } });
    let noted = desk.nurse.post(&path, american).await.expect(201);
    let vitals = &noted["record"]["vitals"];
    assert_eq!((&vitals["temperature"], &vitals["weight"], &vitals["units"]["weight"]), (&json!(37.0), &json!(69.853), &json!("kg")));
    assert_eq!(noted["warnings"][0]["field"], "systolic");
    let ucum = json!({ "vitals": { "temperature": 98.6, "temperature_unit": "[degF]", "weight": 154, "weight_unit": "[lb_av]", "height": 67, "height_unit": "[in_i]" } });
    let ucum = desk.nurse.post(&path, ucum).await.expect(201)["record"]["vitals"].clone();
    assert_eq!((&ucum["temperature"], &ucum["weight"], &ucum["height"]), (&json!(37.0), &json!(69.853), &json!(170.2)));
    for (wrong, field) in [
        (json!({ "temperature": 98.6 }), "vitals.temperature"),
        (json!({ "temperature": 45.04 }), "vitals.temperature"),
        (json!({ "weight": 0.1996 }), "vitals.weight"),
        (json!({ "systolic": 120 }), "vitals.diastolic"),
        (json!({ "spo2": 101 }), "vitals.spo2"),
        (json!({}), "vitals"),
        (json!({ "colour": "red" }), "vitals.colour"),
    ] {
        let refused = desk.nurse.post(&path, json!({ "vitals": wrong })).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let ahead = json!({ "measured_at": "2026-04-15T12:00:00Z", "vitals": { "pain": 1 } });
    assert_eq!(desk.nurse.post(&path, ahead).await.expect(400)["errors"][0]["field"], "measured_at");
}

async fn a_patient_sees_what_was_meant_for_them(app: &TestApp) {
    let body = json!({
        "clinic": "ABC01", "first_name": "Pat", "last_name": "Ient", "dob": "1990-05-10", "sex": "female", "email": "pat@example.com",
        "password": PASSWORD
    });
    app.anyone().post("/api/auth/register", body).await.expect(201);
    let login = app.anyone().post("/api/auth/login", json!({ "email": "pat@example.com", "password": PASSWORD })).await.expect(200);
    let patient = app.with_token(login["access_token"].as_str().expect("a token"));
    let mut desk = Desk::open(app).await;
    let stranger = desk.visit("15:00").await;
    desk.patient = id(&patient.get("/api/patients").await.expect(200), "/patients/0/patient_id");
    let visit = desk.visit("12:30").await;
    let path = format!("/api/visits/{visit}");
    let notes = json!({ "subjective": "s", "objective": "o", "assessment": "Secret worry", "plan": "Rest" });
    desk.doctor.put(&path, notes).await.expect(200);
    let diagnoses = json!({ "diagnoses": [{ "description": "Cough", "note": "Secret note" }] });
    desk.doctor.put(&format!("{path}/diagnoses"), diagnoses).await.expect(200);
    assert_eq!(patient.get(&path).await.error(404), "Visit not found", "not before it is completed");
    assert_eq!(patient.get("/api/visits").await.expect(200)["pagination"]["total"], 0);
    desk.complete(visit).await;
    let shown = patient.get(&path).await.expect(200);
    assert_eq!((&shown["plan"], &shown["diagnoses"][0]["description"]), (&json!("Rest"), &json!("Cough")));
    let chart = patient.get(&format!("/api/patients/{}/chart", desk.patient)).await.expect(200);
    let list = patient.get("/api/visits").await.expect(200);
    let own = patient.get(&format!("/api/patients/{}/visits", desk.patient)).await.expect(200);
    for body in [&shown, &chart, &list, &own] {
        assert!(!body.to_string().contains("Secret"), "{body}");
    }
    assert_eq!(own["visits"].as_array().map(Vec::len), Some(1));
    assert_eq!(patient.get(&format!("/api/visits/{stranger}")).await.error(404), "Visit not found");
    patient.put(&path, json!({ "plan": "Cake" })).await.expect(403);
    let trail = desk.admin.get(&format!("/api/audit?patient_id={}&per_page=100", desk.patient)).await.expect(200);
    let actions: Vec<_> = trail["events"].as_array().expect("events").iter().filter_map(|event| event["action"].as_str()).collect();
    for action in ["get_visit", "complete_visit", "update_visit", "get_patient_chart", "list_patient_visits"] {
        assert!(actions.contains(&action), "{action} is not in the trail: {actions:?}");
    }
}

async fn lists_filter_and_page(app: &TestApp) {
    let desk = Desk::open(app).await;
    let mut visits = Vec::new();
    for time in ["12:30", "13:00", "13:30"] {
        visits.push(desk.visit(time).await);
    }
    desk.complete(visits[0]).await;
    let count = async |query: &str| desk.doctor.get(&format!("/api/visits?{query}")).await.expect(200)["pagination"]["total"].clone();
    assert_eq!(count("status=IN_PROGRESS").await, 2);
    assert_eq!(count("status=completed").await, 1);
    assert_eq!(count(&format!("patient_id={}&doctor={}", desk.patient, Who::Doctor.id())).await, 3);
    assert_eq!(count("date=2026-04-14").await, 3);
    assert_eq!(count("date=2026-04-15").await, 0);
    assert_eq!(count("from=2026-04-14&to=2026-04-14").await, 3);
    let reference = desk.doctor.get(&format!("/api/visits/{}", visits[1])).await.expect(200)["reference"].clone();
    let found = desk.doctor.get(&format!("/api/visits?search={}", reference.as_str().expect("text"))).await.expect(200);
    assert_eq!((&found["visits"][0]["visit_id"], &found["visits"][0]["patient_name"]), (&json!(visits[1]), &json!("Ana Rivera")));
    desk.doctor.get("/api/visits?status=open").await.expect(400);
    for (twice, field) in
        [("page=1&page=2", "page"), ("doctor=1&doctor_id=2", "doctor_id"), ("doctor_id=1&provider_user_id=1", "provider_user_id")]
    {
        let refused = desk.doctor.get(&format!("/api/visits?{twice}")).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{twice}");
    }
    desk.doctor.get("/api/visits?date=2026-04-14&from=2026-04-14").await.expect(400);
    desk.doctor.get("/api/visits?sort=patient").await.expect(400);

    let path = format!("/api/patients/{}/visits", desk.patient);
    let first = desk.doctor.get(&format!("{path}?limit=2")).await.expect(200);
    let next = first["next"].as_str().expect("another page").to_owned();
    let second = desk.doctor.get(&format!("{path}?limit=2&before={next}")).await.expect(200);
    let ids: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["visits"].as_array().expect("a list"))
        .map(|visit| visit["visit_id"].clone())
        .collect();
    assert_eq!((ids, &second["next"]), (visits.into_iter().rev().map(Value::from).collect(), &Value::Null));
    desk.doctor.get(&format!("{path}?before=yesterday")).await.expect(400);
}

async fn what_was_left_open_overnight_is_listed(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let none = desk.doctor.get("/api/visits/open").await.expect(200);
    assert_eq!(none["pagination"]["total"], 0, "today's are no news");
    app.clock.advance(jiff::SignedDuration::from_hours(24));
    let desk = Desk { doctor: app.sign_in_to(Who::Doctor, "ABC01").await, ..desk };
    let open = desk.doctor.get("/api/visits/open").await.expect(200);
    assert_eq!((&open["visits"][0]["visit_id"], &open["pagination"]["total"]), (&json!(visit), &json!(1)));
    assert_eq!(desk.doctor.get("/api/visits/open?doctor_id=3").await.expect(200)["pagination"]["total"], 0);
    desk.complete(visit).await;
    assert_eq!(desk.doctor.get("/api/visits/open").await.expect(200)["pagination"]["total"], 0);
}

async fn templates_are_ones_own_or_the_clinics(app: &TestApp) {
    let desk = Desk::open(app).await;
    let own = json!({ "name": "Check-up", "objective": "Heart: \nLungs: " });
    let own = id(&desk.doctor.post("/api/visit-templates", own).await.expect(201), "/template/template_id");
    let shared = json!({ "name": "Asthma", "shared": true, "plan": "Come back in three months." });
    desk.doctor.post("/api/visit-templates", shared.clone()).await.expect(403);
    let shared = id(&desk.admin.post("/api/visit-templates", shared).await.expect(201), "/template/template_id");
    let names = async |client: &Client| {
        let list = client.get("/api/visit-templates").await.expect(200);
        list["templates"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["name"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (names(&desk.doctor).await, names(&desk.nurse).await),
        (vec!["Asthma".to_owned(), "Check-up".to_owned()], vec!["Asthma".to_owned()])
    );
    desk.doctor.put(&format!("/api/visit-templates/{shared}"), json!({ "plan": null })).await.expect(403);
    assert_eq!(desk.nurse.put(&format!("/api/visit-templates/{own}"), json!({ "plan": "x" })).await.error(404), "Template not found");
    let changed = desk.doctor.put(&format!("/api/visit-templates/{own}"), json!({ "plan": "Rest" })).await.expect(200);
    assert_eq!((&changed["template"]["plan"], &changed["template"]["version"]), (&json!("Rest"), &json!(2)));
    desk.doctor.with("if-match", "\"v1\"").put(&format!("/api/visit-templates/{own}"), json!({ "plan": "x" })).await.expect(412);
    desk.doctor.delete(&format!("/api/visit-templates/{own}")).await.expect(200);
    assert_eq!(names(&desk.doctor).await, ["Asthma"]);
}

async fn a_clinic_sees_nothing_of_the_other_though_they_share_the_doctor(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let there = app.sign_in_to(Who::Doctor, "XYZ02").await;
    assert_eq!(there.get(&format!("/api/visits/{visit}")).await.error(404), "Visit not found");
    assert_eq!(there.get("/api/visits").await.expect(200)["pagination"]["total"], 0);
    let other = app.patient(&app.sign_in(Who::OtherAdmin).await, "Ana", "Rivera").await;
    // Busy is busy, whichever clinic asks.
    let body = json!({ "patient_id": other, "provider_user_id": Who::Doctor.id(), "duration_minutes": 60 });
    there.post("/api/visits", body).await.expect(409);
    let here = json!({ "kind": "condition", "name": "Asthma", "visit_id": visit });
    assert_eq!(there.send(Method::POST, &format!("/api/patients/{other}/records"), Some(here)).await.error(404), "Visit not found");
}
