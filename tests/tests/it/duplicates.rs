//! Before a chart is made, the clinic is told who may have one already.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(a_likely_duplicate_is_found, nobody_else_is_shown, only_staff_who_may_see_patients_ask);

const PATH: &str = "/api/patients/duplicates";

/// What a form says, as `name=value&…`, in the body that the API takes.
fn form(fields: &str) -> Value {
    let pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), json!(value.replace('+', " ")))).collect::<serde_json::Map<_, _>>().into()
}

async fn ask(client: &Client, fields: &str) -> Vec<Value> {
    let body = client.post(PATH, form(fields)).await.expect(200);
    body["duplicates"].as_array().expect("a list").clone()
}

async fn rivera(client: &Client) -> Value {
    let body = json!({
        "first_name": "María", "last_name": "Rivera Ortiz", "dob": "1990-05-10", "sex": "female", "phone": "+1 (787) 123-4567",
        "email": "Maria@example.com"
    });
    client.post("/api/patients", body).await.expect(201)["patient"].clone()
}

async fn a_likely_duplicate_is_found(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let chart = rivera(&desk).await;
    let whole = ask(&desk, "first_name=maria&last_name=RIVERA+ortiz&dob=1990-05-10&phone=7871234567&email=maria@example.com").await;
    let expected = json!({
        "patient_id": chart["patient_id"], "mrn": chart["mrn"], "first_name": "María", "last_name": "Rivera Ortiz", "dob": "1990-05-10",
        "sex": "female", "phone": "+1 (787) 123-4567", "email": "Maria@example.com",
        "reasons": ["same_name_and_dob", "same_email", "same_phone"]
    });
    assert_eq!(whole, [expected]);
    for (query, reason) in [
        ("phone=123-4567", "same_phone"),
        ("email=MARIA@EXAMPLE.COM", "same_email"),
        ("first_name=Maria&last_name=Rivera&dob=1990-05-10", "similar_name"),
        ("first_name=Mara&last_name=Rivera+Ortiz", "similar_name"),
        ("first_name=Maria&last_name=Ribera+Ortiz&dob=1990-05-10", "similar_name"),
        ("first_name=Rivera+Ortiz&last_name=Maria&dob=1990-05-10", "same_name_and_dob"),
        ("first_name=Maria&last_name=Rivera+Ortiz&dob=1990-10-05", "similar_name"),
    ] {
        let found = ask(&desk, query).await;
        assert_eq!(found.iter().map(|one| one["reasons"].clone()).collect::<Vec<_>>(), [json!([reason])], "{query}");
    }
}

async fn nobody_else_is_shown(app: &TestApp) {
    let desk = app.sign_in(Who::Receptionist).await;
    let chart = rivera(&desk).await;
    for query in [
        "",
        "first_name=Maria",
        "dob=1990-05-10",
        "phone=4567",
        "first_name=Maria&last_name=Rivera+Ortiz&dob=1950-01-01",
        "first_name=Pedro&last_name=Rivera+Ortiz&dob=1990-05-10",
        "email=someone@example.com",
    ] {
        assert_eq!(ask(&desk, query).await, Vec::<Value>::new(), "{query}");
    }
    let whole = "first_name=Maria&last_name=Rivera+Ortiz&dob=1990-05-10&phone=7871234567&email=maria@example.com";
    let elsewhere = app.sign_in(Who::OtherAdmin).await;
    assert_eq!(ask(&elsewhere, whole).await, Vec::<Value>::new(), "another clinic's chart is not there");
    let admin = app.sign_in(Who::Admin).await;
    admin.delete(&format!("/api/patients/{}", chart["patient_id"])).await.expect(200);
    assert_eq!(ask(&desk, whole).await, Vec::<Value>::new(), "nor is one that was deleted");
}

async fn only_staff_who_may_see_patients_ask(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    let email = || form("email=maria@example.com");
    let table = json!({ "permissions": [{ "role": "nurse", "permission": "patient_read", "allowed": false }] });
    admin.put("/api/clinics/1/permissions", table).await.expect(200);
    app.sign_in(Who::Nurse).await.post(PATH, email()).await.expect(403);
    app.anyone().post("/api/auth/register", crate::requests::registration("ABC01", "pat@abc01.example")).await.expect(201);
    crate::requests::sign_in(app, "pat@abc01.example").await.post(PATH, email()).await.expect(403);
    for bad in ["dob=10.05.1990", "colour=red", &format!("first_name={}", "x".repeat(101))] {
        admin.post(PATH, form(bad)).await.expect(400);
    }
    let in_the_address = admin.get(&format!("{PATH}?first_name=Maria")).await;
    assert!(!in_the_address.status.is_success(), "a name must not be in an address: {}", in_the_address.status);
}
