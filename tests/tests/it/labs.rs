//! Lab reports come into visits, are read, signed and released; results are seen over time.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use http::StatusCode;
use serde_json::{Value, json};

use crate::requests::{registration, sign_in};

on_both_databases!(
    a_report_comes_with_its_results_and_is_signed,
    a_report_keeps_the_name_of_its_file,
    the_inbox_has_the_urgent_ones_first,
    what_a_list_is_narrowed_to_and_nobody_has_is_an_empty_list,
    a_chart_says_what_waits_for_a_signature,
    what_is_wrong_with_results_is_named,
    a_technician_brings_reports_and_reads_no_charts,
    a_patient_sees_a_report_when_it_is_released,
    a_patient_sees_nothing_of_a_visit_that_goes_on,
    results_are_seen_over_time,
    a_value_noted_by_mistake_is_taken_away,
);

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

pub struct Ward {
    pub doctor: Client,
    patient: i64,
    appointment: Value,
    pub visit: i64,
}

impl Ward {
    pub async fn open(app: &TestApp) -> Self {
        let admin = app.sign_in(Who::Admin).await;
        let patient = app.patient(&admin, "Ana", "Rivera").await;
        Self::of(app, patient).await
    }

    async fn of(app: &TestApp, patient: i64) -> Self {
        let (admin, doctor) = (app.sign_in(Who::Admin).await, app.sign_in_to(Who::Doctor, "ABC01").await);
        let body = json!({
            "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": "2026-04-14T12:00:00Z", "duration_minutes": 30
        });
        let appointment = admin.post("/api/appointments", body).await.expect(201)["appointment"]["appointment_id"].clone();
        let visit = doctor.post("/api/visits", json!({ "appointment_id": appointment })).await.expect(201);
        let visit = visit["visit"]["visit_id"].as_i64().expect("an id");
        Self { doctor, patient, appointment, visit }
    }

    async fn bring(&self, who: &Client, title: &str, results: &Value) -> Value {
        let path = format!("/api/visits/{}/lab-reports", self.visit);
        let fields = [("title", title), ("results", &results.to_string())];
        who.post_file(&path, ("labs.pdf", "application/pdf", PDF), &fields).await.expect(201)["lab_report"].clone()
    }
}

pub fn glucose(value: f64) -> Value {
    json!([{ "analyte": "Glucose", "loinc": "2345-7", "value": value, "unit": "mg/dL", "reference_low": 70, "reference_high": 99 }])
}

async fn a_report_keeps_the_name_of_its_file(app: &TestApp) {
    let ward = Ward::open(app).await;
    let path = format!("/api/visits/{}/lab-reports", ward.visit);
    let name = "\"A1c\": second.pdf";
    let made = ward.doctor.post_file(&path, (name, "application/pdf", PDF), &[]).await.expect(201)["lab_report"].clone();
    assert_eq!((&made["file_name"], &made["title"]), (&json!(name), &json!(name)));
    let (_, headers, _) = ward.doctor.download(&format!("/api/lab-reports/{}/download", made["lab_report_id"])).await;
    let said = "attachment; filename=\"_A1c__ second.pdf\"; filename*=UTF-8''%22A1c%22%3A%20second.pdf";
    assert_eq!(headers["content-disposition"], said);
}

async fn a_report_comes_with_its_results_and_is_signed(app: &TestApp) {
    let ward = Ward::open(app).await;
    let made = ward.bring(&ward.doctor, "Glucose", &glucose(126.0)).await;
    assert_eq!((&made["visit_id"], &made["patient_id"], &made["is_abnormal"]), (&json!(ward.visit), &json!(ward.patient), &json!(true)));
    assert_eq!((&made["file_name"], &made["file_type"], &made["results"][0]["flag"]), (&json!("labs.pdf"), &json!("pdf"), &json!("high")));
    let path = format!("/api/lab-reports/{}", made["lab_report_id"]);
    assert_eq!(ward.doctor.get(&path).await.expect(200), made);
    let (status, _, bytes) = ward.doctor.download(&format!("{path}/download")).await;
    assert_eq!((status, &bytes[..]), (StatusCode::OK, PDF));
    let more =
        json!({ "results": [{ "analyte": "Nitrite", "value_text": "Positive", "reference_text": "negative", "flag": "critical_high" }] });
    let all = ward.doctor.post(&format!("{path}/results"), more.clone()).await.expect(201);
    assert_eq!(all["lab_results"].as_array().map(Vec::len), Some(2));
    assert_eq!(ward.doctor.get(&path).await.expect(200)["is_critical"], true);
    ward.doctor.put(&path, json!({ "title": "Glucose and urine" })).await.expect(200);
    app.sign_in(Who::Nurse).await.put(&format!("{path}/sign"), Value::Null).await.expect(403);
    let signed = ward.doctor.put(&format!("{path}/sign"), Value::Null).await.expect(200);
    assert_eq!(signed["lab_report"]["signed_by"], json!(Who::Doctor.id()));
    ward.doctor.put(&format!("{path}/sign"), Value::Null).await.expect(409);
    ward.doctor.put(&path, json!({ "title": "Another" })).await.expect(409);
    ward.doctor.post(&format!("{path}/results"), more).await.expect(409);
    ward.doctor.put(&format!("{path}/release"), Value::Null).await.expect(200);
    let other = app.sign_in(Who::OtherDoctor).await;
    for what in ["", "/download"] {
        other.get(&format!("{path}{what}")).await.expect(404);
    }
    ward.doctor.delete(&path).await.expect(200);
    ward.doctor.get(&path).await.expect(404);
    ward.doctor.get(&format!("{path}/download")).await.expect(404);
    let trend = ward.doctor.get(&format!("/api/patients/{}/lab-results", ward.patient)).await.expect(200);
    assert_eq!(trend["pagination"]["total"], 0, "its results are out of sight with it");
}

async fn the_inbox_has_the_urgent_ones_first(app: &TestApp) {
    let ward = Ward::open(app).await;
    ward.bring(&ward.doctor, "Fine", &glucose(80.0)).await;
    let high = ward.bring(&ward.doctor, "High", &glucose(126.0)).await;
    ward.bring(&ward.doctor, "Critical", &json!([{ "analyte": "Glucose", "value": 600, "flag": "critical_high" }])).await;
    ward.bring(&ward.doctor, "No results", &json!([])).await;
    let titles = async |query: &str| {
        let found = ward.doctor.get(&format!("/api/lab-reports?{query}")).await.expect(200);
        found["lab_reports"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|report| report["title"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles("signed=false").await, ["Critical", "High", "No results", "Fine"]);
    assert_eq!(titles("abnormal=true").await, ["Critical", "High"]);
    ward.doctor.put(&format!("/api/lab-reports/{}/sign", high["lab_report_id"]), Value::Null).await.expect(200);
    assert_eq!(titles("signed=false&abnormal=true").await, ["Critical"]);
    assert_eq!(titles("signed=true").await, ["High"]);
    assert_eq!(titles(&format!("visit_id={}&search=fine", ward.visit)).await, ["Fine"]);
    assert_eq!(titles(&format!("patient_id={}&released=true", ward.patient)).await, [""; 0]);
}

async fn what_a_list_is_narrowed_to_and_nobody_has_is_an_empty_list(app: &TestApp) {
    let ward = Ward::open(app).await;
    ward.bring(&ward.doctor, "Fine", &glucose(80.0)).await;
    let elsewhere = app.sign_in(Who::OtherDoctor).await;
    let admin = app.sign_in(Who::Admin).await;
    let lists = ["visits", "prescriptions", "lab-reports", "appointments", "invoices", "cpt-records"];
    for list in lists {
        let none = ward.doctor.get(&format!("/api/{list}?patient_id=987654")).await.expect(200);
        assert_eq!(none["pagination"]["total"], 0, "{list}: {none}");
        let foreign = elsewhere.get(&format!("/api/{list}?patient_id={}", ward.patient)).await.expect(200);
        assert_eq!(foreign["pagination"], none["pagination"], "{list}: another clinic's is as if it did not exist");
        let action = format!("list_{}", list.replace('-', "_"));
        let trail = admin.get(&format!("/api/audit?patient_id=987654&action={action}")).await.expect(200);
        assert_eq!(trail["pagination"]["total"], 1, "{list}: who looked for it is on the trail");
    }
    assert_eq!(ward.doctor.get("/api/lab-reports?visit_id=987654").await.expect(200)["pagination"]["total"], 0);
    let foreign = elsewhere.get(&format!("/api/lab-reports?visit_id={}", ward.visit)).await.expect(200);
    assert_eq!(foreign["lab_reports"], json!([]));
    // What lies under a chart is not there without it.
    for part in ["", "/records", "/visits", "/documents", "/lab-results", "/timeline", "/chart", "/summary"] {
        ward.doctor.get(&format!("/api/patients/987654{part}")).await.expect(404);
    }
}

async fn a_chart_says_what_waits_for_a_signature(app: &TestApp) {
    let ward = Ward::open(app).await;
    ward.bring(&ward.doctor, "Fine", &glucose(80.0)).await;
    let critical = ward.bring(&ward.doctor, "Critical", &json!([{ "analyte": "Glucose", "value": 600, "flag": "critical_high" }])).await;
    let path = format!("/api/patients/{}/chart", ward.patient);
    let chart = ward.doctor.get(&path).await.expect(200);
    let said = |report: &Value| (report["title"].clone(), report["is_abnormal"].clone(), report["is_critical"].clone());
    assert_eq!(said(&chart["unsigned_reports"][0]), (json!("Critical"), json!(true), json!(true)));
    assert_eq!(said(&chart["unsigned_reports"][1]), (json!("Fine"), json!(false), json!(false)));
    let warns = |chart: &Value| chart["alerts"].as_array().is_some_and(|alerts| alerts.iter().any(|alert| alert["kind"] == "lab_report"));
    assert!(warns(&chart), "{}", chart["alerts"]);
    ward.doctor.put(&format!("/api/lab-reports/{}/sign", critical["lab_report_id"]), Value::Null).await.expect(200);
    let chart = ward.doctor.get(&path).await.expect(200);
    assert_eq!((chart["unsigned_reports"].as_array().map(Vec::len), warns(&chart)), (Some(1), false));
}

async fn what_is_wrong_with_results_is_named(app: &TestApp) {
    let ward = Ward::open(app).await;
    let path = format!("/api/visits/{}/lab-reports", ward.visit);
    for (results, field) in [
        ("no JSON", "results"),
        ("{}", "results"),
        ("[1]", "results[0]"),
        (r#"[{"analyte":"Glucose","value":1,"unit":"\u0001"}]"#, "results[0].unit"),
        (r#"[{"analyte":"Glucose","value":1e12}]"#, "results[0].value"),
        (r#"[{"analyte":"Glucose"}]"#, "results[0].value"),
        (r#"[{"value":1}]"#, "results[0].analyte"),
        (r#"[{"analyte":"Glucose","value":1},{"analyte":"Glucose","value":1,"loinc":"2345-8"}]"#, "results[1].loinc"),
        (r#"[{"analyte":"Glucose","value":1,"colour":"red"}]"#, "results[0].colour"),
    ] {
        let refused = ward.doctor.post_file(&path, ("labs.pdf", "application/pdf", PDF), &[("results", results)]).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{results}: {refused}");
    }
    let found = ward.doctor.get("/api/lab-reports").await.expect(200);
    assert_eq!(found["pagination"]["total"], 0);
}

async fn a_technician_brings_reports_and_reads_no_charts(app: &TestApp) {
    let ward = Ward::open(app).await;
    let technician = app.sign_in(Who::Technician).await;
    // What the board leads to: which visit it is, and nothing that is in it.
    let visit = technician.get(&format!("/api/appointments/{}/visit", ward.appointment)).await.expect(200);
    assert_eq!((&visit["visit_id"], &visit["status"]), (&json!(ward.visit), &json!("in_progress")));
    assert_eq!(visit.as_object().map(serde_json::Map::len), Some(6), "{visit}");
    technician.get("/api/appointments/999/visit").await.expect(404);
    app.sign_in(Who::Receptionist).await.get(&format!("/api/appointments/{}/visit", ward.appointment)).await.expect(403);
    let made = ward.bring(&technician, "Glucose", &glucose(80.0)).await;
    technician.get(&format!("/api/lab-reports/{}", made["lab_report_id"])).await.expect(403);
    technician.get("/api/lab-reports").await.expect(403);
    let more = format!("/api/lab-reports/{}/results", made["lab_report_id"]);
    let noted = technician.post(&more, json!({ "results": [{ "analyte": "Potassium", "value": 4 }] })).await.expect(201);
    let analytes: Vec<_> = noted["lab_results"].as_array().expect("a list").iter().map(|result| &result["analyte"]).collect();
    assert_eq!(analytes, ["Potassium"], "what others noted is the chart's");
    let shown = json!({ "results": [{ "analyte": "Potassium", "value": 4 }], "released": true });
    let refused = technician.post(&format!("/api/patients/{}/lab-results", ward.patient), shown).await.expect(403);
    assert_eq!(refused["error"], "Only who writes in charts shows results to a patient");
    technician.get(&format!("/api/patients/{}/lab-results", ward.patient)).await.expect(403);
    let path = format!("/api/visits/{}/lab-reports", ward.visit);
    let front = app.sign_in(Who::Receptionist).await;
    front.post_file(&path, ("labs.pdf", "application/pdf", PDF), &[]).await.expect(403);
    app.sign_in(Who::OtherAdmin).await.post_file(&path, ("labs.pdf", "application/pdf", PDF), &[]).await.expect(404);
}

async fn a_patient_sees_a_report_when_it_is_released(app: &TestApp) {
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let pat = sign_in(app, "pat@abc01.example").await;
    let chart = pat.get("/api/patients").await.expect(200)["patients"][0]["patient_id"].as_i64().expect("a chart");
    let ward = Ward::of(app, chart).await;
    let made = ward.bring(&ward.doctor, "Glucose", &glucose(80.0)).await;
    let path = format!("/api/lab-reports/{}", made["lab_report_id"]);
    let counts = async || {
        let reports = pat.get("/api/lab-reports").await.expect(200)["pagination"]["total"].clone();
        (reports, pat.get(&format!("/api/patients/{chart}/lab-results")).await.expect(200)["pagination"]["total"].clone())
    };
    assert_eq!(counts().await, (json!(0), json!(0)));
    pat.get(&path).await.expect(404);
    pat.get(&format!("{path}/download")).await.expect(404);
    ward.doctor.put(&format!("{path}/release"), Value::Null).await.expect(200);
    assert_eq!(counts().await, (json!(1), json!(1)));
    assert_eq!(pat.download(&format!("{path}/download")).await.2, PDF);
    ward.doctor.put(&path, json!({ "released": false })).await.expect(200);
    assert_eq!(counts().await, (json!(0), json!(0)));
}

async fn a_patient_sees_nothing_of_a_visit_that_goes_on(app: &TestApp) {
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let pat = sign_in(app, "pat@abc01.example").await;
    let chart = pat.get("/api/patients").await.expect(200)["patients"][0]["patient_id"].as_i64().expect("a chart");
    let ward = Ward::of(app, chart).await;
    let visit = format!("/api/visits/{}", ward.visit);
    let suspected = json!({ "diagnoses": [{ "description": "Suspected asthma", "add_to_problems": true }] });
    ward.doctor.put(&format!("{visit}/diagnoses"), suspected).await.expect(200);
    ward.doctor.post(&format!("{visit}/vitals"), json!({ "vitals": { "heart_rate": 72 } })).await.expect(201);
    let seen = async || {
        let page = pat.get(&format!("/api/patients/{chart}/chart")).await.expect(200);
        let records = pat.get(&format!("/api/patients/{chart}/records")).await.expect(200)["pagination"]["total"].clone();
        let timeline = pat.get(&format!("/api/patients/{chart}/timeline?kind=record")).await.expect(200);
        (
            page["problems"].as_array().map(Vec::len),
            page["trends"].get("heart_rate").is_some(),
            records,
            timeline["entries"].as_array().map(Vec::len),
        )
    };
    assert_eq!(seen().await, (Some(0), false, json!(0), Some(0)));
    ward.doctor.put(&format!("{visit}/complete"), Value::Null).await.expect(200);
    assert_eq!(seen().await, (Some(1), true, json!(2), Some(2)));
}

async fn results_are_seen_over_time(app: &TestApp) {
    let ward = Ward::open(app).await;
    let path = format!("/api/patients/{}/lab-results", ward.patient);
    for (day, value) in [("10", 80.0), ("12", 126.0), ("11", 95.0)] {
        let mut results = glucose(value);
        results[0]["observed_at"] = json!(format!("2026-04-{day}T08:00:00Z"));
        ward.doctor.post(&path, json!({ "results": results })).await.expect(201);
    }
    let ketones = json!({ "results": [{ "analyte": "Ketones", "value_text": "trace" }], "released": true });
    ward.doctor.post(&path, ketones).await.expect(201);
    let trend = ward.doctor.get(&format!("{path}?analyte=GLUCOSE")).await.expect(200);
    let values: Vec<_> = trend["lab_results"].as_array().expect("a list").iter().map(|result| result["value"].clone()).collect();
    assert_eq!(values, [126.0, 95.0, 80.0].map(Value::from));
    assert_eq!(ward.doctor.get(&format!("{path}?analyte=2345-7&abnormal=true")).await.expect(200)["pagination"]["total"], 1);
    assert_eq!(ward.doctor.get(&path).await.expect(200)["pagination"]["total"], 4);
    ward.doctor.post(&path, json!({ "results": [] })).await.expect(400);
    ward.doctor
        .post(&path, json!({ "results": [{ "analyte": "Glucose", "value": 1, "reference_low": 2, "reference_high": 1 }] }))
        .await
        .expect(400);
    ward.doctor.post("/api/patients/987654/lab-results", json!({ "results": glucose(1.0) })).await.expect(404);
}

async fn a_value_noted_by_mistake_is_taken_away(app: &TestApp) {
    let ward = Ward::open(app).await;
    let (doctor, chart) = (&ward.doctor, format!("/api/patients/{}", ward.patient));
    let one = |id: &Value| format!("/api/lab-results/{id}");
    // Without a report.
    let results = json!({ "results": [{ "analyte": "Potassium", "value": 54 }, { "analyte": "Potassium", "value": 5.4 }] });
    let noted = doctor.post(&format!("{chart}/lab-results"), results).await.expect(201)["lab_results"].clone();
    let wrong = one(&noted[0]["lab_result_id"]);
    app.sign_in(Who::OtherAdmin).await.delete(&wrong).await.expect(404);
    app.sign_in(Who::Receptionist).await.delete(&wrong).await.expect(403);
    app.sign_in(Who::Technician).await.delete(&wrong).await.expect(404);
    doctor.delete(&wrong).await.expect(200);
    doctor.delete(&wrong).await.expect(404);
    let left = doctor.get(&format!("{chart}/lab-results?analyte=potassium")).await.expect(200);
    assert_eq!((&left["pagination"]["total"], &left["lab_results"][0]["value"]), (&json!(1), &json!(5.4)));
    // Of a report: it is as urgent as what is left, until it is signed.
    let technician = app.sign_in(Who::Technician).await;
    let report = ward.bring(&technician, "Panel", &glucose(80.0)).await["lab_report_id"].clone();
    let more = format!("/api/lab-reports/{report}/results");
    let critical = json!({ "results": [{ "analyte": "Potassium", "value": 54, "flag": "critical_high" }] });
    let noted = technician.post(&more, critical).await.expect(201)["lab_results"].clone();
    let shown = async || doctor.get(&format!("/api/lab-reports/{report}")).await.expect(200);
    assert_eq!(shown().await["is_critical"], true);
    technician.delete(&one(&noted[0]["lab_result_id"])).await.expect(200);
    let seen = shown().await;
    assert_eq!((&seen["is_critical"], seen["results"].as_array().map(Vec::len)), (&json!(false), Some(1)), "{seen}");
    doctor.put(&format!("/api/lab-reports/{report}/sign"), Value::Null).await.expect(200);
    let refused = doctor.delete(&one(&seen["results"][0]["lab_result_id"])).await.expect(409);
    assert_eq!(refused["error"], "A signed lab report can't be changed");
    // Nothing is erased, and who did it is on the trail.
    let trail = app.sign_in(Who::Admin).await.get("/api/audit?action=delete_lab_result").await.expect(200);
    let events = trail["events"].as_array().expect("a list").iter().filter(|event| event["resource"] == "lab_result");
    let said: Vec<_> = events.map(|event| (event["outcome"].as_str().unwrap_or(""), &event["patient_id"])).collect();
    let wanted =
        ["failed", "allowed", "refused", "allowed", "refused", "refused"].map(|outcome| (outcome, &trail["events"][0]["patient_id"]));
    assert_eq!(said, wanted, "{trail}");
    assert_eq!(said[0].1, &json!(ward.patient));
}
