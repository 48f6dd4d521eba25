//! Charts come from a file through the front door: what its columns are, what is refused and why, and that nothing is made twice.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    a_file_is_looked_at_before_it_is_brought_in,
    good_rows_are_kept_or_nothing_is,
    columns_are_mapped_or_known_by_their_usual_names,
    lines_are_counted_as_an_editor_counts_them,
    a_file_that_is_none_is_refused,
    an_import_is_heard_of_without_names,
);

pub const PATH: &str = "/api/patients/import";
pub const FILE: &str = "first_name,last_name,dob,sex,email\n\
    Ada,Byron,1990-12-10,female,ada@example.com\n\
    Bad,Row,1990-13-10,male,\n\
    Carl,Calder,1980-01-02,M,\n";

pub async fn patients(client: &Client) -> Value {
    client.get("/api/patients").await.expect(200)["pagination"]["total"].clone()
}

async fn a_file_is_looked_at_before_it_is_brought_in(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let seen = front.upload(&format!("{PATH}?dry_run=true"), FILE).await.expect(200);
    let numbers = ["rows", "importable", "imported", "skipped_existing", "refused_count"].map(|name| seen[name].clone());
    assert_eq!(numbers, [3, 2, 0, 0, 1].map(Value::from));
    assert_eq!(seen["columns"][3], json!({ "column": "sex", "field": "sex", "sample": "female" }));
    assert_eq!((&seen["refused"][0]["line"], &seen["refused"][0]["field"]), (&json!(3), &json!("dob")));
    assert_eq!((&seen["preview"][1]["first_name"], &seen["preview"][1]["sex"]), (&json!("Carl"), &json!("male")));
    assert_eq!(patients(&front).await, 0, "a dry run stores nothing");
}

async fn good_rows_are_kept_or_nothing_is(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let refused = front.upload(PATH, FILE).await.expect(200);
    assert_eq!((&refused["imported"], patients(&front).await), (&json!(0), json!(0)), "all or nothing is what happens unless asked");
    let kept = front.upload(&format!("{PATH}?mode=keep_good"), FILE).await.expect(200);
    assert_eq!((&kept["imported"], patients(&front).await), (&json!(2), json!(2)));
    assert_eq!(kept["preview"], json!([]));
    let again = front.upload(&format!("{PATH}?mode=keep_good"), FILE).await.expect(200);
    assert_eq!((&again["imported"], &again["skipped_existing"]), (&json!(0), &json!(2)));
    let other = app.sign_in(Who::OtherAdmin).await;
    assert_eq!(patients(&other).await, 0, "another clinic has none of them");
    app.sign_in(Who::Nurse).await.upload(PATH, FILE).await.expect(403);
}

async fn lines_are_counted_as_an_editor_counts_them(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let file = "first_name,last_name,dob,sex,address\r\n\
        Ada,Byron,1990-12-10,female,\"Calle 1\r\nSan Juan\"\r\n\
        Bad,Row,1990-13-10,male,\r\n\
        \"Two\r\nlines\",Name,1990-11-10,male,\r\n";
    let seen = front.upload(&format!("{PATH}?mode=keep_good"), file).await.expect(200);
    let refused: Vec<_> =
        seen["refused"].as_array().expect("a list").iter().map(|row| (row["line"].clone(), row["field"].clone())).collect();
    assert_eq!(refused, [(json!(4), json!("dob")), (json!(5), json!("first_name"))]);
    assert_eq!(front.get("/api/patients").await.expect(200)["patients"][0]["address"], "Calle 1\nSan Juan");
}

async fn columns_are_mapped_or_known_by_their_usual_names(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let spanish = "\u{feff}Nombre;Apellidos;Fecha de nacimiento;Sexo;Vive en;Notas\nJosé;Núñez;1990-05-10;Mujer;Calle 1;x\n";
    let seen = front.upload(&format!("{PATH}?dry_run=true"), spanish).await.expect(200);
    let fields: Vec<_> = seen["columns"].as_array().expect("columns").iter().map(|column| column["field"].clone()).collect();
    assert_eq!(fields, [json!("first_name"), json!("last_name"), json!("dob"), json!("sex"), Value::Null, Value::Null]);
    let mapped = front.upload(&format!("{PATH}?columns=Vive%20en:address,Notas:"), spanish).await.expect(200);
    assert_eq!(mapped["imported"], 1);
    assert_eq!(front.get("/api/patients").await.expect(200)["patients"][0]["address"], "Calle 1");

    let strange = "a,b,c\n1,2,3\n";
    let seen = front.upload(&format!("{PATH}?dry_run=true"), strange).await.expect(200);
    assert_eq!((&seen["missing"], &seen["rows"]), (&json!(["first_name", "last_name", "dob", "sex"]), &json!(1)));
    assert_eq!(front.upload(PATH, strange).await.error(400), "Missing column: first_name");
    for wrong in ["columns=Edad:age", "columns=nobody:first_name", "columns=a", "columns=a:dob,b:dob", "mode=some", "rows=1"] {
        front.upload(&format!("{PATH}?dry_run=true&{wrong}"), strange).await.expect(400);
    }
}

async fn a_file_that_is_none_is_refused(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    front.post(PATH, json!({})).await.expect(415);
    front.upload(PATH, "").await.expect(400);
    front.upload(PATH, &b"first_name,last_name,dob,sex,\xff\n"[..]).await.expect(400);
    let latin = front.upload(&format!("{PATH}?mode=keep_good"), &b"first_name,last_name,dob,sex\nJos\xe9,Doe,1990-05-10,male\n"[..]).await;
    assert_eq!(latin.expect(200)["refused_count"], 1);
    // More than any other body may have.
    let rows: String = (0..40_000).map(|row| format!("First{row},Last,1990-05-10,other\n")).collect();
    let many = front.upload(&format!("{PATH}?dry_run=true"), format!("first_name,last_name,dob,sex\n{rows}")).await.expect(200);
    assert_eq!(many["importable"], 40_000);
}

async fn an_import_is_heard_of_without_names(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    front.upload(&format!("{PATH}?mode=keep_good"), FILE).await.expect(200);
    let admin = app.sign_in(Who::Admin).await;
    let trail = admin.get("/api/audit?action=import_patients").await.expect(200);
    assert_eq!(trail["events"][0]["details"], json!({ "charts": 2 }));
    assert!(!trail.to_string().contains("Byron"));
}
