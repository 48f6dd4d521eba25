//! National ids, insurance numbers and sensitive notes: sealed in the database, found by the whole number, shown to who may see them.

use clinichub_app::{chart, files};
use clinichub_db::{PlatformSql, PlatformTx, platform_sql};
use clinichub_jobs::system_grant;
use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

on_both_databases!(
    identifiers_are_sealed_and_found_as_a_whole,
    identifiers_change_and_go,
    who_may_not_change_a_chart_sees_none,
    wrong_identifiers_are_named,
    a_second_chart_with_the_same_national_id_is_announced,
    a_file_brings_them_in,
    a_repeated_request_keeps_nothing_in_the_clear,
    sensitive_notes_are_sealed,
    notes_of_before_are_sealed_after_a_start,
    the_installations_key_changes_and_texts_stay,
);

const NATIONAL_ID: &str = "001-1234567-8";
const INSURANCE: &str = "MED 4455-66";
const NOBODY: [Value; 0] = [];

/// Every place in which a text could lie in the clear.
const PLACES: [PlatformSql; 6] = [
    platform_sql!(
        "SELECT coalesce(national_id_sealed, '') || ' ' || coalesce(national_id_mark, '') || ' ' || coalesce(insurance_number_sealed, '')
             || ' ' || coalesce(insurance_number_mark, '') || ' ' || coalesce(external_reference, '') FROM patients"
    ),
    platform_sql!("SELECT token FROM patient_tokens"),
    platform_sql!(
        "SELECT coalesce(name, '') || ' ' || coalesce(name_sealed, '') || ' ' || coalesce(details, '') || ' ' || coalesce(details_sealed, '')
         FROM chart_records"
    ),
    platform_sql!("SELECT coalesce(answer, '') FROM idempotency_keys"),
    platform_sql!("SELECT coalesce(details, '') FROM audit_events"),
    platform_sql!("SELECT payload FROM outbox"),
];

async fn rows(app: &TestApp, statement: PlatformSql) -> Vec<String> {
    let grant = system_grant(None, "test", app.clock.as_ref());
    let read =
        app.app.db.platform_read(&grant, statement, async |mut tx: PlatformTx, statement| Ok(tx.all::<String>(statement, ()).await?));
    read.await.expect("rows")
}

async fn run(app: &TestApp, statement: PlatformSql) {
    let grant = system_grant(None, "test", app.clock.as_ref());
    let write = app.app.db.platform_write(&grant, statement, async |mut tx: PlatformTx, statement| {
        tx.unaudited("a test");
        Ok(tx.exec(statement, ()).await?)
    });
    assert_ne!(write.await.expect("written"), 0);
}

/// Whether the text lies in no place in the clear.
async fn is_hidden(app: &TestApp, text: &str) -> bool {
    for statement in PLACES {
        if rows(app, statement).await.iter().any(|row| row.contains(text)) {
            return false;
        }
    }
    true
}

fn ana() -> Value {
    json!({
        "first_name": "Ana", "last_name": "Rivera", "dob": "1990-05-10", "sex": "female", "national_id": NATIONAL_ID,
        "insurance_number": INSURANCE
    })
}

async fn registered(client: &Client) -> Value {
    client.post("/api/patients", ana()).await.expect(201)["patient"].clone()
}

fn path(patient: &Value) -> String {
    format!("/api/patients/{}", patient["patient_id"])
}

async fn found(client: &Client, query: &str) -> Vec<Value> {
    let body = client.get(&format!("/api/patients/search?q={query}")).await.expect(200);
    assert_eq!(body["pagination"]["total"], body["patients"].as_array().expect("a list").len());
    body["patients"].as_array().expect("a list").iter().map(|patient| patient["patient_id"].clone()).collect()
}

async fn identifiers_are_sealed_and_found_as_a_whole(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    app.patient(&desk, "Berta", "Soto").await;
    let patient = registered(&desk).await;
    assert_eq!((&patient["national_id"], &patient["insurance_number"]), (&json!(NATIONAL_ID), &json!(INSURANCE)));
    let shown = desk.get(&path(&patient)).await.expect(200);
    assert_eq!((&shown["national_id"], &shown["insurance_number"]), (&json!(NATIONAL_ID), &json!(INSURANCE)));
    for text in [NATIONAL_ID, "00112345678", "1234567", INSURANCE, "MED445566", "4455"] {
        assert!(is_hidden(app, text).await, "{text}");
    }
    let list = desk.get("/api/patients").await.expect(200);
    assert!(list["patients"].as_array().expect("a list").iter().all(|one| one.get("national_id").is_none()), "{list}");
    let id = [patient["patient_id"].clone()];
    for query in ["001-1234567-8", "00112345678", "001.1234567.8", "med445566", "MED-4455.66"] {
        assert_eq!(found(&desk, query).await, id, "{query}");
    }
    for query in ["0011234567", "1234567", "0011234567889", "445566"] {
        assert_eq!(found(&desk, query).await, NOBODY, "{query}");
    }
    // The list's own search and an order find it as well; another clinic does not.
    let sorted = desk.get("/api/patients?search=00112345678&sort=dob").await.expect(200);
    assert_eq!(sorted["patients"][0]["patient_id"], id[0]);
    let elsewhere = app.sign_in(Who::OtherDoctor).await;
    assert_eq!(found(&elsewhere, "00112345678").await, NOBODY);
}

async fn identifiers_change_and_go(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let patient = registered(&desk).await;
    let changed = desk.put(&path(&patient), json!({ "phone": "7871234567" })).await.expect(200)["patient"].clone();
    assert_eq!((&changed["national_id"], &changed["version"]), (&json!(NATIONAL_ID), &json!(2)));
    let changed = desk.put(&path(&patient), json!({ "national_id": "X1234567L" })).await.expect(200)["patient"].clone();
    assert_eq!((&changed["national_id"], &changed["insurance_number"]), (&json!("X1234567L"), &json!(INSURANCE)));
    assert_eq!(found(&desk, "00112345678").await, NOBODY);
    assert_eq!(found(&desk, "x-1234567-l").await, [patient["patient_id"].clone()]);
    let cleared = json!({ "national_id": null, "insurance_number": " " });
    let changed = desk.put(&path(&patient), cleared).await.expect(200)["patient"].clone();
    assert_eq!((&changed["national_id"], &changed["insurance_number"]), (&Value::Null, &Value::Null));
    assert_eq!(found(&desk, "x-1234567-l").await, NOBODY);
    // A chart that is deleted is not found.
    let other = registered(&desk).await;
    app.sign_in(Who::Admin).await.delete(&path(&other)).await.expect(200);
    assert_eq!(found(&desk, "00112345678").await, NOBODY);
}

async fn who_may_not_change_a_chart_sees_none(app: &TestApp) {
    let technician = app.sign_in(Who::Technician).await;
    let patient = registered(&technician).await;
    for shown in [&patient, &technician.get(&path(&patient)).await.expect(200)] {
        assert!(shown.get("national_id").is_none() && shown.get("insurance_number").is_none(), "{shown}");
    }
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    assert_eq!(doctor.get(&path(&patient)).await.expect(200)["national_id"], NATIONAL_ID);
}

async fn wrong_identifiers_are_named(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    for (field, value) in [("national_id", "12"), ("national_id", "número 12345"), ("insurance_number", &"1".repeat(61))] {
        let mut new = ana();
        new[field] = json!(value);
        let refused = desk.post("/api/patients", new).await.expect(400);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let mut new = ana();
    new["national_id"] = json!("1");
    new["phone"] = json!("call me");
    let refused = desk.post("/api/patients", new).await.expect(400);
    let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["phone", "national_id"]);
}

async fn a_second_chart_with_the_same_national_id_is_announced(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let patient = registered(&desk).await;
    for (body, reason) in [
        (json!({ "national_id": "00112345678" }), "same_national_id"),
        (json!({ "insurance_number": "med 4455 66" }), "same_insurance_number"),
    ] {
        let duplicates = desk.post("/api/patients/duplicates", body).await.expect(200)["duplicates"].clone();
        assert_eq!((&duplicates[0]["patient_id"], &duplicates[0]["reasons"]), (&patient["patient_id"], &json!([reason])));
    }
    let none = desk.post("/api/patients/duplicates", json!({ "national_id": "0011234567" })).await.expect(200);
    assert_eq!(none["duplicates"], json!([]));
}

async fn a_file_brings_them_in(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let file = format!(
        "nombre,apellido,fecha_nacimiento,sexo,cedula,poliza\nAna,Rivera,1990-05-10,F,{NATIONAL_ID},{INSURANCE}\nLuis,Soto,1980-01-02,M,,\n"
    );
    let report = admin.upload("/api/patients/import", file).await.expect(200);
    assert_eq!(report["imported"], 2, "{report}");
    let patients = found(&admin, "00112345678").await;
    assert_eq!(patients.len(), 1);
    assert_eq!(admin.get(&format!("/api/patients/{}", patients[0])).await.expect(200)["insurance_number"], INSURANCE);
    assert!(is_hidden(app, "1234567").await);
}

async fn a_repeated_request_keeps_nothing_in_the_clear(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let once = desk.with("idempotency-key", "k-1");
    let first = once.post("/api/patients", ana()).await.expect(201);
    assert_eq!(once.post("/api/patients", ana()).await.expect(201), first);
    assert_eq!(first["patient"]["national_id"], NATIONAL_ID);
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await.with("idempotency-key", "k-2");
    let note = json!({ "kind": "note", "name": " Violence ", "details": " Afraid at home. ", "sensitive": true });
    let records = format!("{}/records", path(&first["patient"]));
    let noted = doctor.post(&records, note.clone()).await.expect(201);
    assert_eq!((&noted["record"]["name"], &noted["record"]["details"]), (&json!("Violence"), &json!("Afraid at home.")));
    assert_eq!(doctor.post(&records, note).await.expect(201), noted);
    assert!(is_hidden(app, "1234567").await && is_hidden(app, "Afraid").await && is_hidden(app, "Violence").await);
    // The report of an import shows what a column holds, and why a row is refused.
    let file = "nombre,apellido,fecha_nacimiento,sexo,cedula\nLuis,Soto,1980-01-02,M,402-7654321-9\nEva,Luna,1980-01-02,F,7654321ñ\n";
    let once = desk.with("idempotency-key", "k-3");
    let report = once.upload("/api/patients/import?mode=keep_good", file).await.expect(200);
    assert_eq!((&report["columns"][4]["sample"], &report["refused"][0]["field"]), (&json!("402-7654321-9"), &json!("national_id")));
    assert_eq!(once.upload("/api/patients/import?mode=keep_good", file).await.expect(200), report);
    assert!(is_hidden(app, "7654321").await);
}

async fn sensitive_notes_are_sealed(app: &TestApp) {
    let (desk, doctor) = (app.sign_in(Who::Receptionist).await, app.sign_in_to(Who::Doctor, "ABC01").await);
    let patient = registered(&desk).await;
    let records = format!("{}/records", path(&patient));
    let note = json!({ "kind": "note", "name": "Violence", "details": "Afraid at home.", "sensitive": true });
    let record = doctor.post(&records, note).await.expect(201)["record"].clone();
    let one = format!("{records}/{}", record["record_id"]);
    let listed = doctor.get(&records).await.expect(200)["records"][0].clone();
    assert_eq!((&listed["name"], &listed["details"]), (&json!("Violence"), &json!("Afraid at home.")));
    let on_page = doctor.get(&format!("{}/chart", path(&patient))).await.expect(200)["notes"][0].clone();
    assert_eq!((&on_page["name"], &on_page["details"]), (&json!("Violence"), &json!("Afraid at home.")));
    let timeline = format!("{}/timeline?kind=note", path(&patient));
    assert_eq!(doctor.get(&timeline).await.expect(200)["entries"][0]["summary"], "Violence");
    assert!(is_hidden(app, "Afraid").await && is_hidden(app, "Violence").await);
    // The desk has the timeline, and no notes in it.
    assert_eq!(desk.get(&timeline).await.expect(200)["entries"], json!([]));
    // A change of the title keeps the text; discretion can be lifted and asked for again.
    let changed = doctor.put(&one, json!({ "name": "Relatives" })).await.expect(200)["record"].clone();
    assert_eq!((&changed["name"], &changed["details"]), (&json!("Relatives"), &json!("Afraid at home.")));
    assert!(is_hidden(app, "Afraid").await && is_hidden(app, "Relatives").await);
    let changed = doctor.put(&one, json!({ "sensitive": false })).await.expect(200)["record"].clone();
    assert_eq!((&changed["name"], &changed["details"]), (&json!("Relatives"), &json!("Afraid at home.")));
    assert!(!is_hidden(app, "Afraid").await && !is_hidden(app, "Relatives").await);
    let changed = doctor.put(&one, json!({ "sensitive": true, "details": "Afraid still." })).await.expect(200)["record"].clone();
    assert_eq!((&changed["name"], &changed["details"]), (&json!("Relatives"), &json!("Afraid still.")));
    assert!(is_hidden(app, "Afraid").await && is_hidden(app, "Relatives").await);
    let changed = doctor.put(&one, json!({ "name": null })).await.expect(200)["record"].clone();
    assert_eq!((changed.get("name"), &changed["details"]), (None, &json!("Afraid still.")));
    assert_eq!(doctor.get(&records).await.expect(200)["records"][0]["details"], "Afraid still.");
}

async fn notes_of_before_are_sealed_after_a_start(app: &TestApp) {
    let (desk, doctor) = (app.sign_in(Who::Receptionist).await, app.sign_in_to(Who::Doctor, "ABC01").await);
    let patient = registered(&desk).await;
    let records = format!("{}/records", path(&patient));
    doctor.post(&records, json!({ "kind": "note", "details": "Afraid at home.", "sensitive": true })).await.expect(201);
    doctor.post(&records, json!({ "kind": "note", "details": "Likes tea.", "sensitive": false })).await.expect(201);
    run(app, platform_sql!("UPDATE chart_records SET details = 'Afraid of old.', details_sealed = NULL WHERE sensitive")).await;
    assert!(!is_hidden(app, "Afraid").await);
    assert_eq!(chart::seal_old_notes(&app.app).await.expect("sealed"), 1);
    assert!(is_hidden(app, "Afraid").await);
    assert_eq!(chart::seal_old_notes(&app.app).await.expect("nothing left"), 0);
    // Texts were sealed before titles were; until a title is, it is read as it stands.
    run(app, platform_sql!("UPDATE chart_records SET name = 'Violence', name_sealed = NULL WHERE sensitive")).await;
    let titles = async || {
        let listed = doctor.get(&records).await.expect(200)["records"].clone();
        listed.as_array().expect("a list").iter().filter_map(|record| record["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!((titles().await, is_hidden(app, "Violence").await), (vec!["Violence".to_owned()], false));
    assert_eq!(chart::seal_old_notes(&app.app).await.expect("sealed"), 1);
    assert_eq!((titles().await, is_hidden(app, "Violence").await), (vec!["Violence".to_owned()], true));
    // A node of the version before gives a note another title, which is the newer one.
    run(app, platform_sql!("UPDATE chart_records SET name = 'Relatives' WHERE sensitive")).await;
    assert_eq!(titles().await, ["Relatives"]);
    assert_eq!(chart::seal_old_notes(&app.app).await.expect("sealed"), 1);
    assert_eq!((titles().await, is_hidden(app, "Relatives").await), (vec!["Relatives".to_owned()], true));
    let listed = doctor.get(&records).await.expect(200)["records"].clone();
    let texts: Vec<_> = listed.as_array().expect("a list").iter().map(|record| record["details"].clone()).collect();
    assert!(texts.contains(&json!("Afraid of old.")) && texts.contains(&json!("Likes tea.")), "{listed}");
}

async fn the_installations_key_changes_and_texts_stay(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let patient = registered(&desk).await;
    app.clock.advance(SignedDuration::from_secs(1));
    let before = rows(app, platform_sql!("SELECT key_id FROM clinic_keys")).await;
    let rotated = files::rotate_keys(&app.app).await.expect("rotated");
    assert_eq!((rotated.clinics, rotated.failed.len()), (1, 0));
    app.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(files::prune_keys(&app.app).await.expect("pruned"), before);
    let desk = app.sign_in(Who::Receptionist).await;
    assert_eq!(desk.get(&path(&patient)).await.expect(200)["national_id"], NATIONAL_ID);
    // What belongs to another row does not open: it is an error, not somebody else's number.
    let other = app.patient(&desk, "Berta", "Soto").await;
    run(app, platform_sql!("UPDATE patients SET national_id_sealed = (SELECT max(national_id_sealed) FROM patients)")).await;
    desk.get(&format!("/api/patients/{other}")).await.expect(500);
    desk.get(&path(&patient)).await.expect(200);
}
