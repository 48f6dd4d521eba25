//! The timeline: everything that happened to a patient, what it is narrowed to, and who sees what of it.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::requests::{registration, sign_in};

on_both_databases!(
    everything_is_there_newest_first,
    it_is_narrowed_to_some_kinds,
    nobody_sees_what_the_lists_would_not_show,
    a_patient_sees_what_is_for_the_patient,
    what_was_taken_away_is_gone,
    an_old_place_is_still_one,
);

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

/// A chart with one of everything, of which each came a minute after the one before.
struct Past {
    admin: Client,
    doctor: Client,
    patient: i64,
    prescription: i64,
    document: i64,
    lab_report: i64,
}

impl Past {
    async fn open(app: &TestApp) -> Self {
        let admin = app.sign_in(Who::Admin).await;
        let patient = app.patient(&admin, "Ana", "Rivera").await;
        Self::of(app, patient).await
    }

    async fn of(app: &TestApp, patient: i64) -> Self {
        let (admin, doctor) = (app.sign_in(Who::Admin).await, app.sign_in_to(Who::Doctor, "ABC01").await);
        let body = json!({ "patient_id": patient, "provider_user_id": Who::Doctor.id(), "duration_minutes": 30 });
        let visit = doctor.post("/api/visits", body).await.expect(201)["visit"]["visit_id"].clone();
        later(app);
        for record in [
            json!({ "kind": "allergy", "name": "Penicillin" }),
            json!({ "kind": "vitals", "vitals": { "weight": 80 } }),
            json!({ "kind": "note", "name": "Family", "details": "Comes with her sister." }),
        ] {
            doctor.post(&format!("/api/patients/{patient}/records"), record).await.expect(201);
        }
        later(app);
        let items = json!([
            { "drug": "Metformin", "strength": "500 mg", "frequency_code": "BID" },
            { "drug": "Ibuprofen", "frequency_code": "QD" },
        ]);
        let written = doctor.post("/api/prescriptions", json!({ "patient_id": patient, "items": items })).await.expect(201);
        later(app);
        let (path, fields) = (format!("/api/patients/{patient}/documents"), [("title", "Consent form"), ("category", "consent")]);
        let brought = doctor.post_file(&path, ("consent.pdf", "application/pdf", PDF), &fields).await.expect(201);
        later(app);
        let results = json!([{ "analyte": "Glucose", "value": 126, "reference_low": 70, "reference_high": 99 }]).to_string();
        let (path, fields) = (format!("/api/visits/{visit}/lab-reports"), [("title", "Glucose"), ("results", results.as_str())]);
        let reported = doctor.post_file(&path, ("labs.pdf", "application/pdf", PDF), &fields).await.expect(201);
        later(app);
        let done = doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200);
        admin.post("/api/invoices", json!({ "appointment_id": done["visit"]["appointment_id"] })).await.expect(201);
        let id = |body: &Value, thing: &str| body[thing][format!("{thing}_id")].as_i64().expect("an id");
        let (prescription, document) = (id(&written, "prescription"), id(&brought, "document"));
        Self { admin, doctor, patient, prescription, document, lab_report: id(&reported, "lab_report") }
    }

    fn path(&self) -> String {
        format!("/api/patients/{}/timeline", self.patient)
    }

    async fn entries(&self, who: &Client, query: &str) -> Vec<Value> {
        who.get(&format!("{}?{query}", self.path())).await.expect(200)["entries"].as_array().expect("entries").clone()
    }

    /// The kinds that somebody sees; of an entry of the chart which one it is.
    async fn kinds(&self, who: &Client, query: &str) -> Vec<String> {
        let word = |entry: &Value| {
            let field = if entry["kind"] == "record" { "reference" } else { "kind" };
            entry[field].as_str().expect("a text").to_owned()
        };
        self.entries(who, query).await.iter().map(word).collect()
    }

    /// The document and the laboratory's report shown to the patient, the prescription signed.
    async fn hand_out(&self) {
        self.doctor.put(&format!("/api/prescriptions/{}/finalize", self.prescription), json!({})).await.expect(200);
        self.doctor.put(&format!("/api/documents/{}", self.document), json!({ "released": true })).await.expect(200);
        self.doctor.put(&format!("/api/lab-reports/{}/sign", self.lab_report), Value::Null).await.expect(200);
        self.doctor.put(&format!("/api/lab-reports/{}/release", self.lab_report), Value::Null).await.expect(200);
    }
}

fn later(app: &TestApp) {
    app.clock.advance(SignedDuration::from_mins(1));
}

const EVERYTHING: [&str; 9] = ["invoice", "lab_report", "document", "prescription", "note", "vitals", "allergy", "appointment", "visit"];

async fn everything_is_there_newest_first(app: &TestApp) {
    let past = Past::open(app).await;
    assert_eq!(past.kinds(&past.doctor, "").await, EVERYTHING);
    let entries = past.entries(&past.doctor, "").await;
    let shown = |place: usize| {
        let entry = &entries[place];
        [&entry["reference"], &entry["status"], &entry["summary"]].map(|field| field.as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(shown(1), ["abnormal", "unsigned", "Glucose"]);
    assert_eq!(shown(2), ["consent", "unreleased", "Consent form"]);
    assert_eq!(shown(3), ["ABC01-R1", "draft", "Metformin 500 mg; Ibuprofen"]);
    let ids = [1, 2, 3].map(|place: usize| entries[place]["id"].as_i64().expect("an id"));
    assert_eq!(ids, [past.lab_report, past.document, past.prescription]);
    past.hand_out().await;
    let entries = past.entries(&past.doctor, "kind=prescription,document,lab_report").await;
    let statuses: Vec<_> = entries.iter().map(|entry| &entry["status"]).collect();
    assert_eq!(statuses, ["released", "released", "finalized"]);
}

async fn it_is_narrowed_to_some_kinds(app: &TestApp) {
    let past = Past::open(app).await;
    for (query, kinds) in [
        ("kind=", &EVERYTHING[..]),
        ("kind=prescription", &["prescription"][..]),
        ("kind=document,lab_report", &["lab_report", "document"][..]),
        ("kind=record", &["note", "vitals", "allergy"][..]),
        ("kind=allergy", &["allergy"][..]),
        ("kind=note,allergy", &["note", "allergy"][..]),
        ("kind=allergy,invoice", &["invoice", "allergy"][..]),
        ("kind=allergy,record", &["note", "vitals", "allergy"][..]),
        ("kind=condition,medication,immunization", &[][..]),
        ("kind=lab_report,vitals&limit=1", &["lab_report"][..]),
    ] {
        assert_eq!(past.kinds(&past.doctor, query).await, kinds, "{query}");
    }
    past.doctor.get(&format!("{}?kind=record,weather", past.path())).await.expect(400);
    for query in ["", "&kind=prescription,document,vitals,allergy,visit"] {
        let (mut seen, mut before) = (Vec::new(), String::new());
        loop {
            let page = past.doctor.get(&format!("{}?limit=1{query}{before}", past.path())).await.expect(200);
            seen.extend(page["entries"].as_array().expect("entries").clone());
            match page["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        assert_eq!(seen, past.entries(&past.doctor, query).await, "nothing is left out and nothing comes twice: {query}");
    }
}

async fn nobody_sees_what_the_lists_would_not_show(app: &TestApp) {
    let past = Past::open(app).await;
    let (nurse, desk) = (app.sign_in(Who::Nurse).await, app.sign_in(Who::Receptionist).await);
    let technician = app.sign_in(Who::Technician).await;
    assert_eq!(past.kinds(&past.admin, "").await, EVERYTHING);
    assert_eq!(past.kinds(&nurse, "").await, &EVERYTHING[1..], "no invoices");
    assert_eq!(past.kinds(&desk, "").await, ["invoice", "appointment"]);
    assert_eq!(past.kinds(&technician, "").await, ["appointment"]);
    assert_eq!(past.kinds(&nurse, "kind=invoice").await, [""; 0]);
    for who in [&desk, &technician] {
        let asked = "kind=visit,record,prescription,document,lab_report,allergy,note";
        assert_eq!(past.kinds(who, asked).await, [""; 0]);
    }
    // A clinic that says otherwise is heard.
    let change = |role: &str, permission: &str, allowed: bool| json!({ "role": role, "permission": permission, "allowed": allowed });
    let table = [
        change("technician", "appointment_read", false),
        change("receptionist", "invoice_read", false),
        change("nurse", "chart_read", false),
        change("nurse", "invoice_read", true),
    ];
    past.admin.put("/api/clinics/1/permissions", json!({ "permissions": table })).await.expect(200);
    assert_eq!(past.kinds(&technician, "").await, [""; 0]);
    assert_eq!(past.kinds(&desk, "").await, ["appointment"]);
    assert_eq!(past.kinds(&nurse, "").await, ["invoice", "appointment"]);

    // Another chart of the clinic has none of it, and another clinic finds neither.
    let patient = past.patient;
    let other = Past { patient: app.patient(&past.admin, "Olga", "Stone").await, ..past };
    assert_eq!(other.kinds(&other.doctor, "").await, [""; 0]);
    for (who, name) in [(app.sign_in(Who::OtherAdmin).await, "Ana"), (app.sign_in_to(Who::Doctor, "XYZ02").await, "Olga")] {
        who.get(&format!("/api/patients/{patient}/timeline")).await.expect(404);
        who.get(&other.path()).await.expect(404);
        let theirs = app.patient(&who, name, "Rivera").await;
        let there = who.get(&format!("/api/patients/{theirs}/timeline")).await.expect(200);
        assert_eq!(there["entries"], json!([]));
    }
}

async fn a_patient_sees_what_is_for_the_patient(app: &TestApp) {
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let pat = sign_in(app, "pat@abc01.example").await;
    let chart = pat.get("/api/patients").await.expect(200)["patients"][0]["patient_id"].as_i64().expect("a chart");
    let past = Past::of(app, chart).await;
    assert_eq!(past.kinds(&pat, "").await, ["invoice", "vitals", "allergy", "appointment", "visit"]);
    assert_eq!(past.kinds(&pat, "kind=note,prescription,document,lab_report").await, [""; 0]);
    past.hand_out().await;
    assert_eq!(past.kinds(&pat, "kind=note,prescription,document,lab_report").await, ["lab_report", "document", "prescription"]);
    let path = format!("/api/patients/{chart}/documents");
    let own = pat.post_file(&path, ("card.pdf", "application/pdf", PDF), &[("category", "insurance")]).await.expect(201);
    past.doctor.put(&format!("/api/documents/{}", past.document), json!({ "released": false })).await.expect(200);
    past.doctor.put(&format!("/api/documents/{}", own["document"]["document_id"]), json!({ "released": false })).await.expect(200);
    let seen = past.entries(&pat, "kind=document").await;
    let ids: Vec<_> = seen.iter().map(|entry| &entry["id"]).collect();
    assert_eq!(ids, [&own["document"]["document_id"]], "the own one stays");
    let another = app.patient(&past.admin, "Olga", "Stone").await;
    pat.get(&format!("/api/patients/{another}/timeline")).await.expect(404);
}

async fn what_was_taken_away_is_gone(app: &TestApp) {
    let past = Past::open(app).await;
    for path in [
        format!("/api/prescriptions/{}", past.prescription),
        format!("/api/documents/{}", past.document),
        format!("/api/lab-reports/{}", past.lab_report),
    ] {
        past.doctor.delete(&path).await.expect(200);
    }
    assert_eq!(past.kinds(&past.doctor, "kind=prescription,document,lab_report,visit").await, ["visit"]);
}

/// What a client kept from before there were more than four kinds.
async fn an_old_place_is_still_one(app: &TestApp) {
    let past = Past::open(app).await;
    let entries = past.doctor.get(&format!("{}?kind=record&limit=1", past.path())).await.expect(200);
    let next = entries["next"].as_str().expect("a next page");
    assert_eq!(next.split('.').nth(1), Some("2"), "{next}");
    assert_eq!(past.kinds(&past.doctor, &format!("before={next}")).await, ["vitals", "allergy", "appointment", "visit"]);
}
