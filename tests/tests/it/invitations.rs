//! Joining a clinic's staff: by a mailed link, and only by those who read that mail.

use clinichub_core::{ClinicId, Role, UserId};
use clinichub_db::platform_sql;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD, Reply, token_in};
use crate::house::{House, on_both};

on_both!(
    who_is_new_chooses_a_password_and_is_in,
    an_invited_doctor_can_be_booked_before_they_accept,
    a_link_works_once_and_for_a_week,
    an_invitation_is_sent_again_and_withdrawn,
    a_link_to_a_former_address_is_worth_nothing,
    an_account_that_somebody_else_made_becomes_its_owners,
    a_colleague_of_another_clinic_is_asked_first,
    nobody_is_brought_in_without_agreeing,
    an_address_that_was_not_shown_to_be_theirs_joins_no_other_clinic,
    a_password_is_tried_a_few_times_only,
    the_operator_invites_the_first_admin_of_a_clinic_and_no_other,
);

async fn admin(door: &Door, code: &str, name: &str) -> (ClinicId, String) {
    let clinic = door.clinic(code).await;
    door.person(name, &[(clinic, Role::Admin)]).await;
    (clinic, door.sign_in(&format!("{name}@example.org")).await.text("access_token"))
}

/// Somebody in a clinic who has shown that their address is theirs.
async fn known(door: &Door, name: &str, clinic: ClinicId, role: Role) -> UserId {
    let user = door.person(name, &[(clinic, role)]).await;
    verify(door, name).await;
    user
}

async fn verify(door: &Door, name: &str) {
    let before = door.mails().len();
    door.ask("POST", "/api/auth/password/forgot").json(json!({ "email": format!("{name}@example.org") })).await;
    door.run_jobs().await;
    let mails = door.mails();
    assert_eq!(mails.len(), before + 1);
    let mail = mails.iter().find(|mail| mail.contains(&format!("{name}@example.org")) && mail.contains("reset-password")).expect("a mail");
    let body = json!({ "token": token_in(mail), "password": PASSWORD });
    assert_eq!(door.ask("POST", "/api/auth/password/reset").json(body).await.status, 200);
}

async fn invite(door: &Door, token: &str, email: &str, role: &str) -> Reply {
    let body = json!({ "first_name": "Grace", "last_name": "Hopper", "email": email, "role": role });
    door.ask("POST", "/api/users").token(token).json(body).await
}

/// The token of the newest invitation to this address.
async fn mailed(door: &Door, email: &str) -> String {
    door.run_jobs().await;
    let mails = door.mails();
    token_in(mails.iter().rfind(|mail| mail.contains(&format!("To: {email}")) && mail.contains("/invite#")).expect("an invitation"))
}

async fn open(door: &Door, token: &str) -> Reply {
    door.ask("POST", "/api/auth/invitation").json(json!({ "token": token })).await
}

async fn accept(door: &Door, token: &str, password: &str) -> Reply {
    door.ask("POST", "/api/auth/invitation/accept").json(json!({ "token": token, "password": password })).await
}

async fn login(door: &Door, email: &str, password: &str) -> u16 {
    door.ask("POST", "/api/auth/login").json(json!({ "email": email, "password": password })).await.status.as_u16()
}

async fn state(door: &Door, token: &str, user: i64) -> Value {
    door.ask("GET", &format!("/api/users/{user}")).token(token).go().await.body["state"].clone()
}

fn id_of(reply: &Reply) -> i64 {
    reply.body["user"]["user_id"].as_i64().unwrap_or_else(|| panic!("no user in {reply:?}"))
}

async fn who_is_new_chooses_a_password_and_is_in(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = admin(&door, "ABC01", "ada").await;
    let asked = invite(&door, &ada, "Grace@Example.org", "nurse").await;
    assert_eq!((asked.status.as_u16(), &asked.body["user"]["state"]), (201, &json!("invited")), "{asked:?}");
    assert_eq!(asked.body["user"]["email_verified"], false);
    for password in ["", "green kettle 7", "password"] {
        assert_eq!(login(&door, "grace@example.org", password).await, 401);
    }
    let token = mailed(&door, "grace@example.org").await;
    let kept = door.count(platform_sql!("SELECT COUNT(*) FROM invitations WHERE LENGTH(token_sha256) = 64")).await;
    assert_eq!(kept, 1, "the token is kept as its hash");
    let shown = open(&door, &token).await;
    let expected = json!({
        "clinic_id": abc.0, "clinic_code": "ABC01", "clinic_name": "A clinic", "role": "nurse", "email": "grace@example.org",
        "first_name": "Grace", "last_name": "Hopper", "chooses_password": true
    });
    assert_eq!(shown.body, expected);
    let weak = accept(&door, &token, "password1").await;
    assert_eq!((weak.status.as_u16(), &weak.body["errors"][0]["field"]), (400, &json!("password")));
    let own_name = accept(&door, &token, "hopper-hopper").await;
    assert_eq!((own_name.status.as_u16(), &own_name.body["errors"][0]["field"]), (400, &json!("password")));
    let body = json!({ "token": token, "password": "green kettle 7", "last_name": " Murray Hopper " });
    let accepted = door.ask("POST", "/api/auth/invitation/accept").json(body).await;
    assert_eq!((accepted.status.as_u16(), &accepted.body["message"]), (200, &json!("Invitation accepted")), "{accepted:?}");
    let user = &accepted.body["user"];
    assert_eq!((&user["last_name"], &user["role"], &user["clinic_code"]), (&json!("Murray Hopper"), &json!("nurse"), &json!("ABC01")));
    assert!(door.is_in(&accepted.text("access_token")).await);
    assert_eq!(login(&door, "grace@example.org", "green kettle 7").await, 200);
    let member = door.ask("GET", &format!("/api/users/{}", id_of(&asked))).token(&ada).go().await;
    assert_eq!((&member.body["state"], &member.body["email_verified"]), (&json!("active"), &json!(true)));
    let trail = platform_sql!("SELECT COUNT(*) FROM audit_events WHERE action = 'accept_invitation' AND clinic_id = 1");
    assert_eq!(door.count(trail).await, 1);
}

async fn an_invited_doctor_can_be_booked_before_they_accept(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let body = json!({ "first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org", "specialization": "Cardiology" });
    let made = door.ask("POST", "/api/doctors").token(&ada).json(body).await;
    assert_eq!((made.status.as_u16(), &made.body["doctor"]["is_active"]), (201, &json!(true)), "{made:?}");
    let doctor = made.body["doctor"]["user_id"].as_i64().expect("an id");
    assert_eq!(state(&door, &ada, doctor).await, "invited");
    let hours = json!({ "weekly": [{ "weekday": "monday", "start": "09:00", "end": "17:00" }] });
    assert_eq!(door.ask("PUT", &format!("/api/doctors/{doctor}/availability")).token(&ada).json(hours).await.status, 200);
    let token = mailed(&door, "grace@example.org").await;
    assert_eq!(accept(&door, &token, "green kettle 7").await.body["user"]["doctor"], true);
    let nobody = json!({ "first_name": "No", "last_name": "Address", "username": "no.address" });
    let refused = door.ask("POST", "/api/doctors").token(&ada).json(nobody).await;
    assert_eq!((refused.status.as_u16(), &refused.body["errors"][0]["field"]), (400, &json!("password")));
}

async fn a_link_works_once_and_for_a_week(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    invite(&door, &ada, "grace@example.org", "nurse").await;
    let token = mailed(&door, "grace@example.org").await;
    let (one, two) = tokio::join!(accept(&door, &token, "green kettle 7"), accept(&door, &token, "green kettle 8"));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{one:?} {two:?}");
    assert_eq!(open(&door, &token).await.body["errors"][0]["field"], "token");
    invite(&door, &ada, "late@example.org", "nurse").await;
    let token = mailed(&door, "late@example.org").await;
    house.clock.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    assert_eq!(open(&door, &token).await.status, 200);
    house.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(accept(&door, &token, "green kettle 7").await.status, 400);
    assert_eq!(accept(&door, &"x".repeat(43), "green kettle 7").await.status, 400);
}

async fn an_invitation_is_sent_again_and_withdrawn(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let user = id_of(&invite(&door, &ada, "grace@example.org", "nurse").await);
    let first = mailed(&door, "grace@example.org").await;
    house.clock.advance(SignedDuration::from_mins(1));
    let again = || door.ask("POST", &format!("/api/users/{user}/invitation")).token(&ada).go();
    let sent = again().await;
    assert_eq!((sent.status.as_u16(), &sent.body["message"]), (200, &json!("Invitation sent successfully")), "{sent:?}");
    assert_eq!(open(&door, &first).await.status, 200, "until the new one is there");
    door.run_jobs().await;
    assert_eq!(open(&door, &first).await.status, 400);
    let away = door.ask("PUT", &format!("/api/users/{user}/deactivate")).token(&ada).go().await;
    assert_eq!(away.body["user"]["state"], "inactive");
    let links: Vec<_> = door.mails().iter().map(|mail| token_in(mail)).collect();
    assert_eq!(links.len(), 2);
    for token in links {
        assert_eq!(accept(&door, &token, "green kettle 7").await.status, 400, "it was withdrawn");
    }
    assert_eq!(again().await.error(), (409, "This member is not active"));
    door.ask("PUT", &format!("/api/users/{user}/activate")).token(&ada).go().await;
    house.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(again().await.status, 200);
    let token = mailed(&door, "grace@example.org").await;
    assert_eq!(accept(&door, &token, "green kettle 7").await.status, 200);
    assert_eq!(again().await.error(), (409, "This member has accepted already"));
}

async fn a_link_to_a_former_address_is_worth_nothing(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let user = id_of(&invite(&door, &ada, "wrong@example.org", "nurse").await);
    let wrong = mailed(&door, "wrong@example.org").await;
    door.ask("PUT", &format!("/api/users/{user}")).token(&ada).json(json!({ "email": "right@example.org" })).await;
    assert_eq!(accept(&door, &wrong, "green kettle 7").await.status, 400);
    door.ask("POST", &format!("/api/users/{user}/invitation")).token(&ada).go().await;
    let right = mailed(&door, "right@example.org").await;
    let token = accept(&door, &right, "green kettle 7").await.text("access_token");
    // What was shown of one address says nothing of the next.
    let change = json!({ "email": "next@example.org", "current_password": "green kettle 7" });
    assert_eq!(door.ask("PUT", "/api/auth/me").token(&token).json(change).await.status, 200);
    let member = door.ask("GET", &format!("/api/users/{user}")).token(&ada).go().await;
    assert_eq!(member.body["email_verified"], false);
}

async fn an_account_that_somebody_else_made_becomes_its_owners(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let body = json!({ "first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org", "role": "nurse", "password": PASSWORD });
    let user = id_of(&door.ask("POST", "/api/users").token(&ada).json(body).await);
    let known_to_ada = door.sign_in("grace@example.org").await;
    assert_eq!(door.ask("POST", &format!("/api/users/{user}/invitation")).token(&ada).go().await.status, 200);
    let token = mailed(&door, "grace@example.org").await;
    assert_eq!(open(&door, &token).await.body["chooses_password"], true);
    assert_eq!(accept(&door, &token, "green kettle 7").await.status, 200);
    assert!(!door.is_in(&known_to_ada.text("access_token")).await);
    assert_eq!(login(&door, "grace@example.org", PASSWORD).await, 401);
}

async fn a_colleague_of_another_clinic_is_asked_first(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let xyz = door.clinic("XYZ02").await;
    let diana = known(&door, "diana", xyz, Role::Nurse).await;
    let asked = invite(&door, &ada, "DIANA@example.org", "doctor").await;
    let user = &asked.body["user"];
    assert_eq!(
        (asked.status.as_u16(), id_of(&asked), &user["state"], &user["is_active"]),
        (201, diana.0, &json!("invited"), &json!(false))
    );
    for (field, value) in [("first_name", json!("Grace")), ("phone", Value::Null), ("username", Value::Null)] {
        assert_eq!(user[field], value, "the clinic sees what it typed");
    }
    let list = door.ask("GET", "/api/users?search=diana%20test").token(&ada).go().await;
    assert_eq!(list.body["pagination"]["total"], 0);
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM doctors")).await, 0, "nobody is a doctor before they agree");
    let own = door.sign_in("diana@example.org").await;
    assert_eq!(own.body["user"]["clinics"].as_array().map(Vec::len), Some(1));
    let token = mailed(&door, "diana@example.org").await;
    assert_eq!(open(&door, &token).await.body["chooses_password"], false);
    assert_eq!(accept(&door, &token, "green kettle 7").await.body["errors"][0]["field"], "password");
    let accepted = accept(&door, &token, PASSWORD).await;
    assert_eq!((accepted.status.as_u16(), &accepted.body["user"]["clinic_code"]), (200, &json!("ABC01")), "{accepted:?}");
    assert_eq!((&accepted.body["user"]["first_name"], &accepted.body["user"]["doctor"]), (&json!("diana"), &json!(true)));
    assert_eq!(accepted.body["user"]["clinics"].as_array().map(Vec::len), Some(2));
    let member = door.ask("GET", &format!("/api/users/{diana}")).token(&ada).go().await;
    assert_eq!((&member.body["state"], &member.body["first_name"]), (&json!("active"), &json!("diana")));
    assert!(door.is_in(&own.text("access_token")).await, "what they did elsewhere goes on");
}

async fn nobody_is_brought_in_without_agreeing(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = admin(&door, "ABC01", "ada").await;
    let xyz = door.clinic("XYZ02").await;
    let diana = known(&door, "diana", xyz, Role::Doctor).await;
    invite(&door, &ada, "diana@example.org", "nurse").await;
    let put = |path: &str, body: Value| door.ask("PUT", &format!("/api/users/{diana}{path}")).token(&ada).json(body);
    assert_eq!(put("/activate", json!(null)).await.error(), (409, "They have not accepted the invitation; send it again"));
    assert_eq!(put("", json!({ "email": "mine@example.org" })).await.status, 403);
    assert_eq!(put("", json!({ "role": "doctor" })).await.body["user"]["state"], "invited");
    assert_eq!(put("/deactivate", json!(null)).await.body["user"]["state"], "inactive");
    assert_eq!(put("/activate", json!(null)).await.status, 409);
    let doctors = door.ask("GET", "/api/doctors").token(&ada).go().await;
    assert_eq!(doctors.body["pagination"]["total"], 0, "{doctors:?}");
    assert_eq!(door.ask("GET", &format!("/api/doctors/{diana}/availability")).token(&ada).go().await.status, 404);
    let again = door.ask("POST", &format!("/api/users/{diana}/invitation")).token(&ada).go().await;
    assert_eq!((again.status.as_u16(), &again.body["user"]["state"]), (200, &json!("invited")), "{again:?}");
    let body = json!({ "first_name": "Di", "last_name": "Ana", "email": "diana@example.org" });
    let doctor = door.ask("POST", "/api/doctors").token(&ada).json(body).await;
    assert_eq!(doctor.status, 409, "{doctor:?}");
    assert_ne!(abc, xyz);
}

async fn an_address_that_was_not_shown_to_be_theirs_joins_no_other_clinic(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let (_, bruno) = admin(&door, "XYZ02", "bruno").await;
    let body = json!({ "first_name": "Gr", "last_name": "Ho", "email": "grace@example.org", "role": "nurse", "password": PASSWORD });
    assert_eq!(door.ask("POST", "/api/users").token(&bruno).json(body).await.status, 201);
    assert_eq!(invite(&door, &ada, "grace@example.org", "admin").await.error(), (409, "Email already exists"));
    verify(&door, "grace").await;
    assert_eq!(invite(&door, &ada, "grace@example.org", "admin").await.status, 201);
    assert_eq!(invite(&door, &ada, "grace@example.org", "admin").await.error(), (409, "Email already exists"));
}

async fn a_password_is_tried_a_few_times_only(house: &House) {
    let door = Door::of(house);
    let (_, ada) = admin(&door, "ABC01", "ada").await;
    let xyz = door.clinic("XYZ02").await;
    known(&door, "diana", xyz, Role::Nurse).await;
    invite(&door, &ada, "diana@example.org", "nurse").await;
    let token = mailed(&door, "diana@example.org").await;
    house.clock.advance(SignedDuration::from_mins(2));
    for _ in 0..5 {
        assert_eq!(accept(&door, &token, "wrong kettle").await.status, 400);
    }
    assert_eq!(accept(&door, &token, PASSWORD).await.status, 429);
}

async fn the_operator_invites_the_first_admin_of_a_clinic_and_no_other(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("NEW01").await;
    door.person("oscar", &[]).await;
    let operator = door.sign_in("oscar@example.org").await.text("access_token");
    let ask = async |email: &str| {
        let body = json!({ "first_name": "Ada", "last_name": "Marin", "email": email });
        door.ask("POST", &format!("/api/clinics/{}/admins", clinic.0)).token(&operator).json(body).await
    };
    let faulty = ask("nobody").await;
    assert_eq!((faulty.status.as_u16(), &faulty.body["errors"][0]["field"]), (400, &json!("email")));
    assert_eq!(ask("Ada@exmaple.org").await.status, 201);
    let mistyped = mailed(&door, "ada@exmaple.org").await;
    let asked = ask("ada@example.org").await;
    assert_eq!((asked.status.as_u16(), &asked.body["admin"]["email"]), (201, &json!("ada@example.org")), "{asked:?}");
    let first = mailed(&door, "ada@example.org").await;
    assert_eq!(open(&door, &mistyped).await.status, 400, "the mistyped address can't become the admin");
    // Mails of one moment lie in any order.
    house.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(ask("ada@example.org").await.status, 201, "it can be sent again");
    let second = mailed(&door, "ada@example.org").await;
    assert_eq!(open(&door, &first).await.status, 400, "one link works at a time");
    let accepted = accept(&door, &second, "green kettle 7").await;
    assert_eq!((&accepted.body["user"]["role"], &accepted.body["user"]["clinic_code"]), (&json!("admin"), &json!("NEW01")), "{accepted:?}");
    let late = ask("eve@example.org").await;
    assert_eq!(late.error(), (409, "The clinic has an admin already, who invites the others"));
    let nowhere = door.ask("POST", "/api/clinics/987654/admins").token(&operator);
    assert_eq!(nowhere.json(json!({ "first_name": "A", "last_name": "B", "email": "a@example.org" })).await.status, 404);
    let ada = accepted.text("access_token");
    let colleague = invite(&door, &ada, "grace@example.org", "admin").await;
    assert_eq!(colleague.status, 201, "{colleague:?}");
    let trail = platform_sql!("SELECT COUNT(*) FROM audit_events WHERE action = 'invite_first_admin' AND outcome = 'allowed'");
    assert_eq!(door.count(trail).await, 3);
}
