//! Patients register by themselves, and learn nothing about others by it.

use clinichub_core::Role;
use clinichub_db::platform_sql;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD};
use crate::house::{House, on_both};
use crate::sign_in::login;

on_both!(
    a_patient_registers_and_gets_a_chart_of_their_own,
    a_registration_does_not_tell_who_is_a_patient,
    nobody_becomes_a_colleague_by_registering_first,
);

async fn register(door: &Door, change: Value) -> crate::door::Reply {
    let mut body = json!({
        "clinic": "abc01", "first_name": "John", "last_name": "Doe", "dob": "1990-05-10", "sex": "male", "email": "John@email.com",
        "phone": "787 123 4567", "password": PASSWORD,
    });
    for (field, value) in change.as_object().expect("an object") {
        body[field] = value.clone();
    }
    door.ask("POST", "/api/auth/register").json(body).await
}

async fn a_patient_registers_and_gets_a_chart_of_their_own(house: &House) {
    let door = Door::of(house);
    door.clinic("ABC01").await;
    let reply = register(&door, json!({})).await;
    assert_eq!((reply.status.as_u16(), &reply.body["user"]["role"]), (201, &json!("patient")), "{reply:?}");
    assert_eq!(reply.body["user"]["clinic_code"], "ABC01");
    let me = door.ask("GET", "/api/auth/me").token(&reply.text("access_token")).go().await;
    assert_eq!(me.body["email"], "john@email.com");
    let linked = platform_sql!(
        "SELECT COUNT(*) FROM patient_links l JOIN patients p ON p.patient_id = l.patient_id AND p.email_key = 'john@email.com'"
    );
    assert_eq!(door.count(linked).await, 1);
    door.sign_in("john@email.com").await;
    assert_eq!(login(&door, json!({ "phone": "7871234567", "password": PASSWORD })).await.status, 200);
    let again = register(&door, json!({})).await;
    assert_eq!(again.error(), (409, "Email already exists"));
    let sister = register(&door, json!({ "first_name": "Jane", "email": "jane@email.com" })).await;
    assert_eq!((sister.status.as_u16(), &sister.body["user"]["phone"]), (201, &Value::Null), "families share a phone");
    for (change, status) in [
        (json!({ "clinic": "XYZ99" }), 404),
        (json!({ "password": "password1", "email": "a@email.com" }), 400),
        (json!({ "dob": "1700-01-01", "email": "b@email.com" }), 400),
        (json!({ "dob": "2990-01-01", "email": "c@email.com" }), 400),
        (json!({ "email": "no address" }), 400),
    ] {
        assert_eq!(register(&door, change.clone()).await.status, status, "{change}");
    }
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM users")).await, 2, "a refused registration leaves nothing");
    door.exec(platform_sql!("UPDATE clinics SET self_registration = FALSE")).await;
    assert_eq!(register(&door, json!({ "email": "d@email.com" })).await.status, 403);
}

async fn a_registration_does_not_tell_who_is_a_patient(house: &House) {
    let door = Door::of(house);
    door.clinic("ABC01").await;
    let first = register(&door, json!({})).await;
    door.exec(platform_sql!("DELETE FROM patient_links")).await;
    door.exec(platform_sql!("UPDATE users SET email = 'other@email.com', phone_digits = NULL")).await;
    let second = register(&door, json!({})).await;
    assert_eq!(second.status, 201, "{second:?}");
    assert_ne!(first.body["user"]["user_id"], second.body["user"]["user_id"]);
    let without =
        platform_sql!("SELECT COUNT(*) FROM patients p JOIN patient_links l ON l.patient_id = p.patient_id WHERE p.email IS NULL");
    assert_eq!(door.count(without).await, 1, "a chart of their own, without the address that another chart has");
}

async fn nobody_becomes_a_colleague_by_registering_first(house: &House) {
    let door = Door::of(house);
    let (one, two) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("anne", &[(one, Role::Admin)]).await;
    door.person("bertram", &[(two, Role::Nurse)]).await;
    register(&door, json!({ "email": "colleague@example.org" })).await;
    let admin = door.sign_in("anne@example.org").await.text("access_token");
    let hire = |email: &str| {
        let body = json!({ "first_name": "A", "last_name": "B", "email": email, "role": "nurse", "password": "green kettle 7" });
        door.ask("POST", "/api/users").token(&admin).json(body)
    };
    assert_eq!(hire("colleague@example.org").await.error(), (409, "Email already exists"));
    assert_eq!(hire("bertram@example.org").await.error(), (409, "Email already exists"), "nor whose address was typed by another clinic");
    door.exec(platform_sql!("UPDATE users SET email_verified_at = created_at")).await;
    assert_eq!(hire("bertram@example.org").await.body["user"]["state"], "invited", "whoever works in another clinic is asked");
}
