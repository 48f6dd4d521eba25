//! The first start, from an empty installation to one that can be booked; and an admin who sees patients.

use clinichub_app::identity;
use clinichub_core::Role;
use clinichub_db::platform_sql;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD, Reply, token_in};
use crate::house::{House, on_both};

on_both!(
    a_practice_of_one_can_be_booked_at_once,
    a_doctor_with_an_address_is_invited,
    a_doctor_without_one_can_be_booked,
    what_is_wrong_is_named_and_leaves_nothing,
    an_admin_becomes_a_doctor_and_stops_being_one,
);

fn beginning() -> Value {
    json!({
        "clinic": {
            "code": "SOLO01", "name": "Clínica Ñandú", "time_zone": "America/Puerto_Rico", "currency": "USD", "phone": "+1 787 555 0100",
            "email": "desk@solo.example", "address": "12 Harbor Street", "city": "San Juan", "state": "PR", "country": "US",
            "slot_minutes": 20
        },
        "admin": { "first_name": "Ada", "last_name": "Marín", "email": "ada@solo.example", "password": PASSWORD },
        "first_doctor": { "is_admin": true, "specialization": "Family medicine", "registration_number": "MD-1" },
        "opening_hours": [
            { "weekday": "monday", "start": "08:00", "end": "12:00" }, { "weekday": "monday", "start": "13:00", "end": "17:00" }
        ],
        "services": [
            { "code": "99203", "description": "First visit", "price": "140.00" },
            { "code": "99213", "description": "Visit", "price": "95.00", "duration_minutes": 20, "is_default": true }
        ]
    })
}

async fn set_up(door: &Door, change: Value) -> Reply {
    let token = identity::ensure_setup_token(&door.app).await.expect("it is asked").expect("a token");
    let mut body = beginning();
    body["token"] = json!(token);
    for (field, value) in change.as_object().expect("an object") {
        body[field] = value.clone();
    }
    door.ask("POST", "/api/setup").json(body).await
}

fn may(user: &Value, permission: &str) -> bool {
    user["permissions"].as_array().expect("a list").contains(&json!(permission))
}

async fn a_practice_of_one_can_be_booked_at_once(house: &House) {
    let door = Door::of(house);
    let made = set_up(&door, json!({})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (token, user) = (made.text("access_token"), made.body["user"].clone());
    assert_eq!((&user["role"], &user["doctor"]), (&json!("admin"), &json!(true)));
    assert_eq!((&user["clinic"]["name"], &user["clinic"]["slot_minutes"]), (&json!("Clínica Ñandú"), &json!(20)));
    assert!(may(&user, "clinic_settings") && may(&user, "chart_write"));
    let get = async |path: String| door.ask("GET", &path).token(&token).go().await.body;
    let clinic = get(format!("/api/clinics/{}", user["clinic_id"])).await;
    assert_eq!((&clinic["city"], &clinic["email"]), (&json!("San Juan"), &json!("desk@solo.example")));
    let doctors = get("/api/doctors".to_owned()).await;
    assert_eq!((&doctors["doctors"][0]["user_id"], &doctors["doctors"][0]["role"]), (&user["user_id"], &json!("admin")));
    let services = get("/api/fee-schedule".to_owned()).await;
    let defaults: Vec<_> = services["services"].as_array().expect("a list").iter().map(|one| (&one["code"], &one["is_default"])).collect();
    assert_eq!(defaults, [(&json!("99203"), &json!(false)), (&json!("99213"), &json!(true))]);
    // Monday, eight hours in slots of twenty minutes.
    let slots = get(format!("/api/doctors/{}/slots?from=2026-04-20&to=2026-04-20", user["user_id"])).await;
    assert_eq!(slots["slots"].as_array().map(Vec::len), Some(24), "{slots}");
    let public = door.ask("GET", "/api/doctors").go().await.body;
    assert_eq!(public["doctors"][0]["last_name"], "Marín");
    let patient = json!({ "first_name": "Pat", "last_name": "Ient", "dob": "1990-05-10", "sex": "female" });
    let patient = door.ask("POST", "/api/patients").token(&token).json(patient).await.body["patient"]["patient_id"].clone();
    let booking = json!({ "patient_id": patient, "provider_user_id": user["user_id"], "date": "2026-04-20", "time": "08:00" });
    let booked = door.ask("POST", "/api/appointments").token(&token).json(booking).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    let path = format!("/api/appointments/{}", booked.body["appointment"]["appointment_id"]);
    let done = door.ask("PUT", &path).token(&token).json(json!({ "status": "completed" })).await;
    assert!(done.body["appointment"]["cpt_id"].is_i64(), "{done:?}");
    let cpt = get("/api/cpt-records".to_owned()).await;
    assert_eq!((&cpt["cpt_records"][0]["code"], &cpt["cpt_records"][0]["unit_price"]), (&json!("99213"), &json!("95.00")));
}

async fn a_doctor_with_an_address_is_invited(house: &House) {
    let door = Door::of(house);
    let doctor = json!({ "first_name": "Grace", "last_name": "Hopper", "email": "grace@solo.example", "specialization": "Cardiology" });
    let made = set_up(&door, json!({ "first_doctor": doctor })).await;
    assert_eq!((made.status.as_u16(), &made.body["user"]["doctor"]), (201, &json!(false)), "{made:?}");
    assert!(!may(&made.body["user"], "chart_write"));
    let token = made.text("access_token");
    let doctors = door.ask("GET", "/api/doctors?available=true").token(&token).go().await.body;
    assert_eq!(doctors["doctors"][0]["last_name"], "Hopper", "{doctors}");
    door.run_jobs().await;
    let mails = door.mails();
    let accepted = json!({ "token": token_in(&mails[0]), "password": "green kettle 7" });
    let accepted = door.ask("POST", "/api/auth/invitation/accept").json(accepted).await;
    assert_eq!((&accepted.body["user"]["role"], &accepted.body["user"]["doctor"]), (&json!("doctor"), &json!(true)), "{accepted:?}");
}

async fn a_doctor_without_one_can_be_booked(house: &House) {
    let door = Door::of(house);
    let made = set_up(&door, json!({ "first_doctor": { "first_name": "Gregor", "last_name": "Hale" }, "services": [] })).await;
    let token = made.text("access_token");
    let doctors = door.ask("GET", "/api/doctors?available=true").token(&token).go().await.body;
    let doctor = doctors["doctors"][0]["user_id"].clone();
    assert_eq!(doctors["doctors"][0]["email"], Value::Null);
    let rename = door.ask("PUT", &format!("/api/users/{doctor}")).token(&token).json(json!({ "first_name": "Gregory" })).await;
    assert_eq!((rename.status.as_u16(), &rename.body["user"]["state"]), (200, &json!("active")), "{rename:?}");
    let nowhere = door.ask("POST", &format!("/api/users/{doctor}/invitation")).token(&token).go().await;
    assert_eq!((nowhere.status.as_u16(), &nowhere.body["errors"][0]["field"]), (400, &json!("email")));
    door.ask("PUT", &format!("/api/users/{doctor}")).token(&token).json(json!({ "email": "gregory@solo.example" })).await;
    let sent = door.ask("POST", &format!("/api/users/{doctor}/invitation")).token(&token).go().await;
    assert_eq!((sent.status.as_u16(), &sent.body["user"]["state"]), (200, &json!("invited")));
    let services = door.ask("GET", "/api/fee-schedule").token(&token).go().await.body;
    assert_eq!(services["services"][0]["code"], "VISIT", "a clinic that names no service has one all the same");
}

async fn what_is_wrong_is_named_and_leaves_nothing(house: &House) {
    let door = Door::of(house);
    let service = |price: &str, is_default: bool| json!({ "code": "X", "description": "X", "price": price, "is_default": is_default });
    let clinic = |field: &str, value: Value| {
        let mut clinic = beginning()["clinic"].clone();
        clinic[field] = value;
        json!({ "clinic": clinic })
    };
    for (change, field) in [
        (clinic("time_zone", json!("Mars/Olympus")), "clinic.time_zone"),
        (clinic("code", json!("solo")), "clinic.code"),
        (clinic("slot_minutes", json!(1)), "clinic.slot_minutes"),
        (clinic("email", json!("nobody")), "clinic.email"),
        (json!({ "admin": { "first_name": " ", "last_name": "M", "email": "a@b.example", "password": PASSWORD } }), "admin.first_name"),
        (json!({ "first_doctor": {} }), "first_doctor.first_name"),
        (json!({ "first_doctor": { "first_name": "G", "last_name": "H", "email": "nobody" } }), "first_doctor.email"),
        (json!({ "first_doctor": null }), "opening_hours"),
        (json!({ "opening_hours": [{ "weekday": "monday", "start": "12:00", "end": "08:00" }] }), "opening_hours[0].end"),
        (json!({ "services": [service("much", false)] }), "services[0].price"),
        (json!({ "services": [service("1.00", true), service("1.00", true)] }), "services[1].is_default"),
    ] {
        let refused = set_up(&door, change.clone()).await;
        assert_eq!((refused.status.as_u16(), &refused.body["errors"][0]["field"]), (400, &json!(field)), "{change} {refused:?}");
    }
    let twice = json!({ "services": [service("1.00", false), service("2.00", false)] });
    assert_eq!(set_up(&door, twice).await.error(), (409, "Service code already exists"));
    let same = json!({ "first_doctor": { "first_name": "G", "last_name": "H", "email": "ada@solo.example" } });
    assert_eq!(set_up(&door, same).await.error(), (409, "Email already exists"));
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM clinics")).await, 0);
    assert_eq!(set_up(&door, json!({})).await.status, 201);
}

async fn an_admin_becomes_a_doctor_and_stops_being_one(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    let ada = door.person("ada", &[(clinic, Role::Admin)]).await;
    let token = door.sign_in("ada@example.org").await.text("access_token");
    let me = async || door.ask("GET", "/api/auth/me").token(&token).go().await.body;
    let may_write = async || door.access(&token).await.may(clinichub_core::Permission::ChartWrite);
    assert!(!may_write().await && !may(&me().await, "chart_write"));
    let made = door.ask("POST", "/api/doctors").token(&token).json(json!({ "user_id": ada, "specialization": "Surgery" })).await;
    assert_eq!((made.status.as_u16(), &made.body["doctor"]["role"]), (201, &json!("admin")), "{made:?}");
    assert!(may_write().await && may(&me().await, "chart_write"), "at once, with the same token");
    let table = json!({ "permissions": [{ "role": "doctor", "permission": "chart_write", "allowed": false }] });
    let changed = door.ask("PUT", &format!("/api/clinics/{clinic}/permissions")).token(&token).json(table).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(!may_write().await, "what the clinic takes from its doctors");
    let back = json!({ "permissions": [{ "role": "doctor", "permission": "chart_write", "allowed": null }] });
    door.ask("PUT", &format!("/api/clinics/{clinic}/permissions")).token(&token).json(back).await;
    assert!(may_write().await);
    assert_eq!(door.ask("DELETE", &format!("/api/doctors/{ada}")).token(&token).go().await.status, 200);
    let user = me().await;
    assert!(!may_write().await && !may(&user, "chart_write"));
    assert_eq!((&user["doctor"], may(&user, "clinic_settings")), (&json!(false), true));
}
