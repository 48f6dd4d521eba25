//! The chart from outside: entries of each kind, the page a doctor reads, the timeline, codes.

use std::io::Cursor;

use clinichub_app::codes;
use clinichub_jobs::system_grant;
use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    each_kind_is_kept_changed_and_taken_away,
    what_a_kind_does_not_have_is_named,
    who_may_not_write_is_refused,
    a_completed_visit_takes_no_entries,
    the_page_says_what_must_be_known,
    the_timeline_goes_back_page_by_page,
    codes_are_found_once_they_were_brought_in,
);

struct Ward {
    doctor: Client,
    nurse: Client,
    admin: Client,
    patient: i64,
}

impl Ward {
    async fn open(app: &TestApp) -> Self {
        let (admin, nurse) = (app.sign_in(Who::Admin).await, app.sign_in(Who::Nurse).await);
        let patient = app.patient(&admin, "Ana", "Rivera").await;
        Self { doctor: app.sign_in_to(Who::Doctor, "ABC01").await, nurse, admin, patient }
    }

    fn records(&self) -> String {
        format!("/api/patients/{}/records", self.patient)
    }

    async fn note(&self, record: Value) -> Value {
        self.doctor.post(&self.records(), record).await.expect(201)["record"].clone()
    }
}

fn kinds() -> [Value; 6] {
    [
        json!({ "kind": "condition", "name": "Hypertension", "code": "i10", "started_on": "2020-01-01" }),
        json!({ "kind": "allergy", "name": "Penicillin", "severity": "life_threatening", "reaction": "Anaphylaxis" }),
        json!({ "kind": "medication", "name": "Lisinopril", "dose": "10 mg", "route": "oral", "frequency": "once a day" }),
        json!({ "kind": "immunization", "name": "Tetanus", "code": "115", "started_on": "2016-05-01", "dose_number": 3, "due_on": "2026-05-01" }),
        json!({ "kind": "vitals", "vitals": { "systolic": 190, "diastolic": 95, "weight": 80, "height": 170 } }),
        json!({ "kind": "note", "name": "Family", "details": "Comes with her sister.", "sensitive": true }),
    ]
}

async fn each_kind_is_kept_changed_and_taken_away(app: &TestApp) {
    let ward = Ward::open(app).await;
    for new in kinds() {
        let record = ward.note(new.clone()).await;
        for (field, value) in new.as_object().expect("an object").iter().filter(|(field, _)| !matches!(field.as_str(), "vitals" | "code")) {
            assert_eq!(&record[field], value, "{field} of {record}");
        }
        let path = format!("{}/{}", ward.records(), record["record_id"]);
        let body = if new["kind"] == "vitals" { json!({ "vitals": { "pain": 2 } }) } else { json!({ "details": "Asked again." }) };
        let changed = ward.nurse.put(&path, body).await.expect(200)["record"].clone();
        assert_eq!(changed["version"], 2, "{changed}");
        assert!(changed["details"] == "Asked again." || changed["vitals"]["pain"] == 2, "{changed}");
        ward.nurse.with("if-match", "\"v1\"").put(&path, json!({ "details": "x" })).await.expect(412);
        ward.nurse.delete(&path).await.expect(403);
        ward.admin.delete(&path).await.expect(200);
        assert_eq!(ward.doctor.put(&path, json!({})).await.error(404), "Record not found");
    }
    assert_eq!(ward.doctor.get(&ward.records()).await.expect(200)["pagination"]["total"], 0);
}

async fn what_a_kind_does_not_have_is_named(app: &TestApp) {
    let ward = Ward::open(app).await;
    for (body, field) in [
        (json!({ "kind": "condition" }), "name"),
        (json!({ "kind": "condition", "name": "Cold", "severity": "mild" }), "severity"),
        (json!({ "kind": "condition", "name": "Cold", "code": "cold" }), "code"),
        (json!({ "kind": "allergy", "name": "Nuts", "severity": "awful" }), "severity"),
        (json!({ "kind": "immunization", "name": "Tetanus" }), "started_on"),
        (json!({ "kind": "note" }), "details"),
        (json!({ "kind": "vitals", "vitals": { "weight": 900 } }), "vitals.weight"),
        (json!({ "kind": "mood", "name": "Good" }), "kind"),
        (json!({ "kind": "note", "details": "x", "recorded_at": "2027-01-01T00:00:00Z" }), "recorded_at"),
    ] {
        let refused = ward.doctor.post(&ward.records(), body.clone()).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{body}: {refused}");
    }
    let elsewhere = app.patient(&ward.admin, "Other", "Chart").await;
    let record = ward.note(json!({ "kind": "allergy", "name": "Nuts" })).await["record_id"].clone();
    let path = format!("/api/patients/{elsewhere}/records/{record}");
    assert_eq!(ward.doctor.put(&path, json!({ "status": "inactive" })).await.error(404), "Record not found");
}

async fn who_may_not_write_is_refused(app: &TestApp) {
    let ward = Ward::open(app).await;
    let body = json!({ "kind": "allergy", "name": "Nuts" });
    for who in [Who::Admin, Who::Receptionist, Who::Technician] {
        app.sign_in(who).await.post(&ward.records(), body.clone()).await.expect(403);
    }
    app.sign_in(Who::Receptionist).await.get(&ward.records()).await.expect(403);
    app.sign_in(Who::OtherDoctor).await.get(&ward.records()).await.expect(404);
    // The desk sees what it saw, and nothing of the chart.
    ward.note(body).await;
    let desk = app.sign_in(Who::Receptionist).await;
    let timeline = desk.get(&format!("/api/patients/{}/timeline", ward.patient)).await.expect(200);
    assert_eq!(timeline["entries"], json!([]));
}

async fn a_completed_visit_takes_no_entries(app: &TestApp) {
    let ward = Ward::open(app).await;
    let body = json!({ "patient_id": ward.patient, "provider_user_id": Who::Doctor.id() });
    let visit = ward.doctor.post("/api/visits", body).await.expect(201)["visit"]["visit_id"].clone();
    let of_visit = |new: &Value| {
        let mut new = new.clone();
        new["visit_id"] = visit.clone();
        new
    };
    for new in kinds() {
        assert_eq!(ward.note(of_visit(&new)).await["visit_id"], visit);
    }
    ward.doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200);
    let refused = ward.doctor.post(&format!("/api/visits/{visit}/vitals"), json!({ "vitals": { "pain": 3 } })).await.error(409);
    for new in kinds() {
        assert_eq!(ward.doctor.post(&ward.records(), of_visit(&new)).await.error(409), refused, "{new}");
        ward.note(new).await;
    }
}

async fn the_page_says_what_must_be_known(app: &TestApp) {
    let ward = Ward::open(app).await;
    for new in kinds() {
        ward.note(new).await;
    }
    ward.note(json!({ "kind": "allergy", "name": "Pollen", "severity": "mild" })).await;
    ward.note(json!({ "kind": "medication", "name": "Ibuprofen", "status": "stopped" })).await;
    for weight in [70, 71, 72] {
        let at = format!("2026-0{}-01T12:00:00Z", weight - 69);
        ward.note(json!({ "kind": "vitals", "recorded_at": at, "vitals": { "weight": weight } })).await;
    }
    let body = json!({ "patient_id": ward.patient, "provider_user_id": Who::Doctor.id(), "duration_minutes": 30 });
    let visit = ward.doctor.post("/api/visits", body).await.expect(201)["visit"].clone();
    let allergies: Vec<_> = visit["patient"]["allergies"].as_array().expect("a list").iter().map(|one| &one["substance"]).collect();
    assert_eq!(allergies, ["Penicillin", "Pollen"], "the worst first");

    let chart = ward.doctor.get(&format!("/api/patients/{}/chart", ward.patient)).await.expect(200);
    let count = |name: &str| chart[name].as_array().map(Vec::len);
    assert_eq!([count("allergies"), count("problems"), count("medications"), count("immunizations")], [Some(2), Some(1), Some(1), Some(1)]);
    assert_eq!((count("notes"), count("visits"), count("appointments")), (Some(1), Some(1), Some(1)));
    assert_eq!(chart["open_visit"]["visit_id"], visit["visit_id"]);
    assert_eq!(chart["immunizations_due"][0]["due_on"], "2026-05-01");
    assert_eq!(chart["last_vitals"]["vitals"]["bmi"], 27.7);
    let weights: Vec<_> = chart["trends"]["weight"].as_array().expect("a trend").iter().map(|point| &point["value"]).collect();
    assert_eq!(weights, [70.0, 71.0, 72.0, 80.0].iter().map(|value| json!(value)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    let alerts: Vec<_> = chart["alerts"].as_array().expect("alerts").iter().map(|alert| (&alert["kind"], &alert["message"])).collect();
    assert_eq!(alerts[0], (&json!("allergy"), &json!("Life-threatening allergy: Penicillin (Anaphylaxis)")));
    let kinds: Vec<_> = alerts.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["allergy", "open_visit", "immunization_due", "vitals"]);
}

async fn the_timeline_goes_back_page_by_page(app: &TestApp) {
    let ward = Ward::open(app).await;
    let body = json!({ "patient_id": ward.patient, "provider_user_id": Who::Doctor.id(), "duration_minutes": 30 });
    let visit = ward.doctor.post("/api/visits", body).await.expect(201)["visit"]["visit_id"].clone();
    for new in kinds() {
        ward.note(new).await;
    }
    let done = ward.doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200);
    ward.admin.post("/api/invoices", json!({ "appointment_id": done["visit"]["appointment_id"] })).await.expect(201);
    let path = format!("/api/patients/{}/timeline", ward.patient);
    let all = ward.doctor.get(&path).await.expect(200);
    let entries = all["entries"].as_array().expect("entries").clone();
    assert_eq!((entries.len(), &all["next"]), (9, &Value::Null), "everything happened at the same instant: {all}");
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = ward.doctor.get(&format!("{path}?limit=2{before}")).await.expect(200);
        seen.extend(page["entries"].as_array().expect("entries").clone());
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, entries, "nothing is left out and nothing comes twice");
    let some = ward.doctor.get(&format!("{path}?kind=visit,invoice")).await.expect(200);
    let kinds: Vec<_> = some["entries"].as_array().expect("entries").iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["visit", "invoice"]);
    ward.doctor.get(&format!("{path}?kind=weather")).await.expect(400);
}

async fn codes_are_found_once_they_were_brought_in(app: &TestApp) {
    let ward = Ward::open(app).await;
    let found = async |q: &str| {
        let answer = ward.doctor.get(&format!("/api/icd10?q={q}")).await.expect(200);
        answer["codes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|code| code["code"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(found("J06").await.is_empty());
    let file = "J06\tAcute upper respiratory infections\nJ06.9\tAcute upper respiratory infection, unspecified\n\nI10\tEssential (primary) hypertension\n";
    let grant = system_grant(None, "test", app.clock.as_ref());
    for _ in 0..2 {
        let report = codes::import::run(&app.app, &grant, Cursor::new(file), |_| ()).await.expect("a report");
        assert_eq!((report.codes, report.passed_over), (3, 1));
    }
    assert_eq!(found("j06").await, ["J06", "J06.9"]);
    assert_eq!(found("J06.9").await, ["J06.9"]);
    assert_eq!(found("resp%20acut").await, ["J06", "J06.9"]);
    assert_eq!(found("hyper").await, ["I10"]);
    assert!(found("hyper%20acute").await.is_empty());
    assert_eq!(codes::import::run(&app.app, &grant, Cursor::new("nothing here"), |_| ()).await.map_err(|error| error.status()), Err(400));
    ward.doctor.get("/api/icd10?q=").await.expect(400);
    // A known code needs no words.
    let body = json!({ "patient_id": ward.patient, "provider_user_id": Who::Doctor.id() });
    let visit = ward.doctor.post("/api/visits", body).await.expect(201)["visit"]["visit_id"].clone();
    let diagnoses = json!({ "diagnoses": [{ "code": "I10" }] });
    let set = ward.doctor.put(&format!("/api/visits/{visit}/diagnoses"), diagnoses).await.expect(200);
    assert_eq!(set["visit"]["diagnoses"][0]["description"], "Essential (primary) hypertension");
}
