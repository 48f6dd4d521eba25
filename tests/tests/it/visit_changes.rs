//! What changes of a visit at once, and what follows for the charges and the time of its appointment.

use clinichub_testkit::{TestApp, Who, on_both_databases};
use futures_util::future::join;
use http::Method;
use serde_json::{Value, json};

use crate::visits::{Desk, id};

on_both_databases!(
    a_walk_in_that_is_over_early_gives_back_its_time,
    a_completed_appointment_is_charged_as_its_visit_says,
    what_is_invoiced_is_not_charged_anew,
    of_charges_and_invoice_at_once_the_invoice_has_the_charges,
    one_change_brings_notes_measurements_diagnoses_and_procedures,
    one_change_is_made_as_a_whole_or_not_at_all,
    an_appointment_stays_where_its_visit_is,
    what_is_of_a_deleted_chart_is_gone_with_it,
    what_has_ended_is_not_taken_now,
    a_problem_goes_with_the_diagnosis_that_added_it,
);

async fn a_problem_goes_with_the_diagnosis_that_added_it(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("12:30").await;
    let (path, records) = (format!("/api/visits/{visit}"), format!("/api/patients/{}/records", desk.patient));
    let listed = async || desk.doctor.get(&format!("{records}?kind=condition")).await.expect(200)["records"].clone();
    let problems = async || {
        let listed = listed().await;
        let mut names: Vec<_> = listed.as_array().expect("a list").iter().map(|one| one["name"].to_string()).collect();
        names.sort();
        names.join(" ")
    };
    let set = async |diagnoses: Value| {
        desk.doctor.put(&format!("{path}/diagnoses"), json!({ "diagnoses": diagnoses })).await.expect(200);
    };
    let cold = json!({ "code": "J06.9", "description": "Cold", "add_to_problems": true });
    let pressure = json!({ "code": "I10", "description": "High blood pressure", "add_to_problems": true });
    set(json!([cold, pressure, { "description": "Tired", "add_to_problems": true }])).await;
    // Written down by hand in the same visit.
    desk.doctor.post(&records, json!({ "kind": "condition", "name": "Asthma", "visit_id": visit })).await.expect(201);
    assert_eq!(problems().await, r#""Asthma" "Cold" "High blood pressure" "Tired""#);

    // A diagnosis that stays stands for its problem, in whatever words, and though it does not ask for it again.
    set(json!([{ "code": "I10", "description": "Hypertension" }, { "description": "tired" }])).await;
    assert_eq!(problems().await, r#""Asthma" "High blood pressure" "Tired""#);
    let timeline = desk.doctor.get(&format!("/api/patients/{}/timeline?kind=condition", desk.patient)).await.expect(200);
    assert_eq!(timeline["entries"].as_array().map(Vec::len), Some(3), "{timeline}");
    let chart = desk.doctor.get(&format!("/api/patients/{}/chart", desk.patient)).await.expect(200);
    assert_eq!(chart["problems"].as_array().map(Vec::len), Some(3), "{chart}");
    let trail = desk.admin.get("/api/audit?resource=record&action=set_visit_diagnoses").await.expect(200);
    assert_eq!((&trail["pagination"]["total"], &trail["events"][0]["patient_id"]), (&json!(1), &json!(desk.patient)));

    // What somebody has changed since is theirs.
    let listed = listed().await;
    let tired = listed.as_array().expect("a list").iter().find(|one| one["name"] == "Tired").expect("it is there");
    desk.doctor.put(&format!("{records}/{}", tired["record_id"]), json!({ "details": "For a month" })).await.expect(200);
    desk.doctor.put(&path, json!({ "diagnoses": null })).await.expect(200);
    assert_eq!(problems().await, r#""Asthma" "Tired""#);

    // What the chart had already was not added by the diagnosis.
    set(json!([{ "description": "asthma", "add_to_problems": true }, cold])).await;
    set(json!([cold])).await;
    assert_eq!(problems().await, r#""Asthma" "Cold" "Tired""#, "what was taken back can be said again");
    desk.complete(visit).await;
    assert_eq!(problems().await, r#""Asthma" "Cold" "Tired""#);
}

async fn an_appointment_stays_where_its_visit_is(app: &TestApp) {
    let desk = Desk::open(app).await;
    let appointment = desk.book("13:00").await;
    let visit = desk.visit_of(appointment).await;
    let path = format!("/api/appointments/{appointment}");
    desk.admin.put(&path, json!({ "scheduled_start": "2026-04-15T10:00:00Z", "scheduled_end": "2026-04-15T10:30:00Z" })).await.expect(409);
    desk.admin.put(&path, json!({ "notes": "Room 2" })).await.expect(200);
    desk.complete(visit).await;
}

async fn what_is_of_a_deleted_chart_is_gone_with_it(app: &TestApp) {
    let desk = Desk::open(app).await;
    let visit = desk.visit("13:00").await;
    let drug = json!({ "visit_id": visit, "drug": "Amoxicillin", "dosage": "500mg", "frequency": "daily" });
    let made = desk.doctor.post("/api/prescriptions", drug).await.expect(201);
    let prescription = format!("/api/prescriptions/{}", made["prescription"]["prescription_id"]);
    desk.complete(visit).await;
    let total = async |path: &str| desk.doctor.get(path).await.expect(200)["pagination"]["total"].clone();
    assert_eq!((total("/api/visits").await, total("/api/prescriptions").await), (json!(1), json!(1)));
    desk.admin.delete(&format!("/api/patients/{}", desk.patient)).await.expect(200);
    assert_eq!((total("/api/visits").await, total("/api/prescriptions").await), (json!(0), json!(0)));
    desk.doctor.get(&prescription).await.expect(404);
    desk.doctor.put(&format!("{prescription}/finalize"), Value::Null).await.expect(404);
    desk.doctor.get(&format!("/api/visits/{visit}")).await.expect(404);
    desk.doctor.post(&format!("/api/visits/{visit}/addenda"), json!({ "text": "Later" })).await.expect(404);
}

async fn what_has_ended_is_not_taken_now(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/patients/{}", desk.patient);
    for (name, end) in [("Warfarin", "2026-04-13"), ("Aspirin", "2026-04-14")] {
        let body = json!({ "kind": "medication", "name": name, "started_on": "2025-01-01", "ended_on": end });
        desk.doctor.post(&format!("{path}/records"), body).await.expect(201);
    }
    let chart = desk.doctor.get(&format!("{path}/chart")).await.expect(200);
    let taken: Vec<_> = chart["medications"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(taken, ["Aspirin"], "the last day is one of them");
    let asthma = json!({ "kind": "condition", "name": "Asthma", "started_on": "2020-01-01", "ended_on": "2024-01-01" });
    desk.doctor.post(&format!("{path}/records"), asthma).await.expect(201);
    let problems = async || desk.doctor.get(&format!("{path}/chart")).await.expect(200)["problems"].as_array().map(Vec::len);
    assert_eq!(problems().await, Some(0));
    let visit = desk.visit("13:00").await;
    let again = json!({ "diagnoses": [{ "description": "Asthma", "add_to_problems": true }] });
    desk.doctor.put(&format!("/api/visits/{visit}/diagnoses"), again).await.expect(200);
    assert_eq!(problems().await, Some(1), "it came back");
}

async fn a_walk_in_that_is_over_early_gives_back_its_time(app: &TestApp) {
    let desk = Desk::open(app).await;
    let body = json!({ "patient_id": desk.patient, "provider_user_id": Who::Doctor.id(), "duration_minutes": 20 });
    let first = desk.nurse.post("/api/visits", body.clone()).await.expect(201)["visit"].clone();
    app.clock.advance(jiff::SignedDuration::from_mins(5));
    desk.nurse.post("/api/visits", body.clone()).await.expect(409);
    desk.complete(id(&first, "/visit_id")).await;
    let end =
        async |appointment: &Value| desk.admin.get(&format!("/api/appointments/{appointment}")).await.expect(200)["scheduled_end"].clone();
    assert_eq!(end(&first["appointment_id"]).await, "2026-04-14T12:05:00Z");
    let next = desk.nurse.post("/api/visits", body).await.expect(201)["visit"].clone();
    // However soon it is over, an appointment ends after it began.
    desk.complete(id(&next, "/visit_id")).await;
    assert_eq!(end(&next["appointment_id"]).await, "2026-04-14T12:05:01Z");
    let booked = desk.visit("13:00").await;
    let done = desk.complete(booked).await;
    assert_eq!(end(&done["visit"]["appointment_id"]).await, "2026-04-14T13:30:00Z", "what was booked ahead keeps its time");
}

impl Desk {
    /// A completed appointment at this time: its id, and what it is charged with.
    async fn completed(&self, time: &str) -> (i64, i64) {
        let appointment = self.book(time).await;
        let done = self.admin.put(&format!("/api/appointments/{appointment}"), json!({ "status": "completed" })).await.expect(200);
        (appointment, id(&done, "/appointment/cpt_id"))
    }

    /// Code and id of what an appointment is charged with, in the order of the bill.
    async fn charges(&self, appointment: i64) -> Vec<(String, i64)> {
        let list = self.admin.get(&format!("/api/cpt-records?appointment_id={appointment}")).await.expect(200);
        let mut records = list["cpt_records"].as_array().expect("a list").clone();
        records.sort_by_key(|record| id(record, "/line"));
        records.iter().map(|record| (record["code"].as_str().unwrap_or_default().to_owned(), id(record, "/cpt_id"))).collect()
    }

    /// A visit of this appointment.
    async fn visit_of(&self, appointment: i64) -> i64 {
        id(&self.doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201), "/visit/visit_id")
    }
}

async fn a_completed_appointment_is_charged_as_its_visit_says(app: &TestApp) {
    let desk = Desk::open(app).await;
    let (office, exercise) = (desk.service("99213", "95.00").await, desk.service("97110", "55.00").await);
    let (appointment, booked) = desk.completed("12:30").await;
    let visit = desk.visit_of(appointment).await;
    let name = async |services: &[i64]| {
        let procedures: Vec<_> = services.iter().map(|service| json!({ "service_id": service, "units": 3 })).collect();
        let path = format!("/api/visits/{visit}/procedures");
        desk.doctor.put(&path, json!({ "procedures": procedures })).await.expect(200);
        desk.charges(appointment).await
    };
    assert_eq!(name(&[]).await, [("VISIT".to_owned(), booked)], "where nothing is named, what was booked");
    let first = name(&[office, exercise]).await;
    assert_eq!(first.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["99213", "97110"]);
    assert!(first.iter().all(|(_, id)| *id != booked), "what was booked has gone, and its id with it");
    assert_eq!(name(&[exercise, office]).await, [first[1].clone(), first[0].clone()], "a line that stays keeps its id");
    assert_eq!(name(&[office]).await, [first[0].clone()]);
    assert_eq!(name(&[]).await[0].0, "VISIT");
    let charges = name(&[office, exercise]).await;
    let shown = desk.admin.get(&format!("/api/appointments/{appointment}")).await.expect(200);
    assert_eq!(shown["cpt_id"], charges[0].1);
    let done = desk.complete(visit).await;
    assert_eq!(done["cpt_ids"], json!(charges.iter().map(|(_, id)| id).collect::<Vec<_>>()));
    let invoice = desk.admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(201);
    assert_eq!((&invoice["invoice"]["total"], invoice["invoice"]["lines"].as_array().map(Vec::len)), (&json!("450.00"), Some(2)));
    let trail = desk.admin.get(&format!("/api/audit?resource=appointment&patient_id={}&per_page=100", desk.patient)).await.expect(200);
    assert!(trail.to_string().contains("charged_before"), "what went is on the trail: {trail}");
}

async fn what_is_invoiced_is_not_charged_anew(app: &TestApp) {
    let desk = Desk::open(app).await;
    let service = desk.service("99213", "95.00").await;
    let (appointment, booked) = desk.completed("12:30").await;
    let visit = desk.visit_of(appointment).await;
    desk.admin.post("/api/invoices", json!({ "appointment_id": appointment })).await.expect(201);
    let (path, procedures) = (format!("/api/visits/{visit}"), json!([{ "service_id": service }]));
    let sentence = "The appointment has an invoice; the procedures of its visit can't be changed";
    let named = json!({ "procedures": procedures });
    assert_eq!(desk.doctor.put(&format!("{path}/procedures"), named).await.error(409), sentence);
    let both = json!({ "plan": "Rest", "procedures": procedures });
    assert_eq!(desk.doctor.put(&path, both).await.error(409), sentence);
    let shown = desk.doctor.get(&path).await.expect(200);
    assert_eq!((&shown["plan"], &shown["procedures"], &shown["version"]), (&Value::Null, &json!([]), &json!(1)));
    let done = desk.complete(visit).await;
    assert_eq!((&done["cpt_id"], &done["cpt_ids"]), (&json!(booked), &json!([booked])));
}

async fn of_charges_and_invoice_at_once_the_invoice_has_the_charges(app: &TestApp) {
    let desk = Desk::open(app).await;
    let service = desk.service("99213", "95.00").await;
    for time in ["12:30", "13:00", "13:30", "14:00"] {
        let (appointment, _) = desk.completed(time).await;
        let path = format!("/api/visits/{}/procedures", desk.visit_of(appointment).await);
        let named = desk.doctor.put(&path, json!({ "procedures": [{ "service_id": service }] }));
        let invoiced = desk.admin.post("/api/invoices", json!({ "appointment_id": appointment }));
        let (named, invoiced) = join(named, invoiced).await;
        assert!(matches!(named.status.as_u16(), 200 | 409), "{} {}", named.status, named.body);
        let invoice = invoiced.expect(201)["invoice"].clone();
        let (code, id) = desk.charges(appointment).await.remove(0);
        assert_eq!((&invoice["cpt_id"], &invoice["lines"][0]["code"]), (&json!(id), &json!(code)));
    }
}

async fn one_change_brings_notes_measurements_diagnoses_and_procedures(app: &TestApp) {
    let desk = Desk::open(app).await;
    let service = desk.service("99213", "95.00").await;
    let path = format!("/api/visits/{}", desk.visit("12:30").await);
    let body = json!({
        "plan": "Rest",
        "vitals": { "heart_rate": 200, "temperature": 98.6, "temperature_unit": "[degF]" },
        "measured_at": "2026-04-14T11:50:00Z",
        "diagnoses": [{ "code": "J06.9", "description": "Cold", "add_to_problems": true }],
        "procedures": [{ "service_id": service, "units": 2 }]
    });
    let written = desk.doctor.with("if-match", "\"v1\"").put(&path, body.clone()).await.expect(200);
    let visit = &written["visit"];
    assert_eq!((&visit["plan"], &visit["version"], &written["warnings"][0]["field"]), (&json!("Rest"), &json!(2), &json!("heart_rate")));
    let measured = &visit["vitals"][0];
    assert_eq!((&measured["vitals"]["temperature"], &measured["recorded_at"]), (&json!(37.0), &json!("2026-04-14T11:50:00Z")));
    assert_eq!((&visit["diagnoses"][0]["code"], &visit["procedures"][0]["units"]), (&json!("J06.9"), &json!(2)));
    assert_eq!(desk.doctor.get(&path).await.expect(200), *visit);
    let problems = desk.doctor.get(&format!("/api/patients/{}/records?kind=condition", desk.patient)).await.expect(200);
    assert_eq!(problems["pagination"]["total"], 1);

    // A list takes the place of the one before; a measurement is one more, and disturbs nobody who writes.
    let emptied = desk.doctor.send(Method::PATCH, &path, Some(json!({ "diagnoses": null, "procedures": [] }))).await.expect(200);
    assert_eq!((&emptied["visit"]["diagnoses"], &emptied["visit"]["procedures"]), (&json!([]), &json!([])));
    let measured = desk.nurse.put(&path, json!({ "vitals": { "pain": 2 } })).await.expect(200);
    assert_eq!((&measured["visit"]["version"], measured["visit"]["vitals"].as_array().map(Vec::len)), (&json!(3), Some(2)));
    desk.admin.put(&path, body).await.expect(403);
}

async fn one_change_is_made_as_a_whole_or_not_at_all(app: &TestApp) {
    let desk = Desk::open(app).await;
    let service = desk.service("99213", "95.00").await;
    let visit = desk.visit("12:30").await;
    let path = format!("/api/visits/{visit}");
    for (part, field) in [
        (json!({ "vitals": { "heart_rate": 9 } }), "vitals.heart_rate"),
        (json!({ "vitals": { "weight": 900 } }), "vitals.weight"),
        (json!({ "vitals": {} }), "vitals"),
        (json!({ "vitals": null }), "vitals"),
        (json!({ "measured_at": "2026-04-14T11:50:00Z" }), "vitals"),
        (json!({ "measured_at": "2026-04-15T12:00:00Z", "vitals": { "pain": 1 } }), "measured_at"),
        (json!({ "diagnoses": [{ "code": "flu" }] }), "diagnoses[0].code"),
        (json!({ "diagnoses": [{ "description": "x".repeat(501) }] }), "diagnoses[0].description"),
        (json!({ "diagnoses": [{ "code": "J06.9" }, { "description": "Tired" }, { "code": "j069" }] }), "diagnoses[2].code"),
        (json!({ "procedures": [{ "service_id": service, "modifiers": ["25", "gp", "GP"] }] }), "procedures[0].modifiers[2]"),
        (json!({ "procedures": [{ "service_id": service, "units": 0 }] }), "procedures[0].units"),
        (json!({ "procedures": [{ "service_id": service, "modifiers": ["255"] }] }), "procedures[0].modifiers"),
    ] {
        let mut body = json!({ "plan": "Rest", "diagnoses": [{ "description": "Tired" }], "vitals": { "pain": 3 } });
        body.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
        if field == "vitals" && part.get("vitals").is_none() {
            body.as_object_mut().expect("an object").remove("vitals");
        }
        let refused = desk.doctor.put(&path, body).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{part}: {refused}");
    }
    assert_eq!(
        desk.doctor.put(&path, json!({ "plan": "Rest", "procedures": [{ "service_id": 4711 }] })).await.error(404),
        "Service not found"
    );
    desk.nurse.put(&path, json!({ "subjective": "Cough" })).await.expect(200);
    for part in [json!({ "vitals": { "pain": 3 } }), json!({ "diagnoses": [] }), json!({ "procedures": [] })] {
        desk.doctor.with("if-match", "\"v1\"").put(&path, part).await.expect(412);
    }
    let shown = desk.doctor.get(&path).await.expect(200);
    assert_eq!((&shown["plan"], &shown["diagnoses"], &shown["vitals"]), (&Value::Null, &json!([]), &json!([])));
    assert_eq!(shown["version"], 2);
    desk.complete(visit).await;
    for part in [json!({ "vitals": { "pain": 3 } }), json!({ "diagnoses": [] }), json!({ "procedures": [] })] {
        assert_eq!(desk.doctor.put(&path, part).await.error(409), "A completed visit can't be edited; write an addendum");
    }
}
