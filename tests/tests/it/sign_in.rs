//! Signing in and out: by what, for how long, and how it ends.

use clinichub_app::identity;
use clinichub_core::{AppError, ClinicId, Role, TrailEntry, UserId};
use clinichub_db::{PlatformTx, platform_sql};
use clinichub_jobs::system_grant;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD, token_in};
use crate::house::{House, on_both};

on_both!(
    one_signs_in_by_email_user_name_or_phone,
    an_unknown_account_is_answered_like_a_wrong_password,
    a_token_lasts_fifteen_minutes,
    what_we_did_not_sign_is_refused,
    a_refresh_token_works_once,
    a_session_does_not_outlive_a_week_of_silence,
    logging_out_holds_at_once,
    sending_somebody_away_holds_at_once,
    another_role_makes_the_token_worthless,
    nobody_signs_in_to_a_suspended_clinic,
    one_goes_on_in_another_clinic,
    the_operator_has_no_clinic,
    sessions_are_listed_and_ended,
    the_web_app_has_its_refresh_token_in_a_cookie,
    a_forgotten_password_is_reset_by_mail,
    nobody_learns_who_has_an_account,
    who_signs_in_learns_what_to_show,
    what_a_program_keeps_for_somebody_is_theirs,
    the_own_profile_changes_and_what_one_signs_in_with_needs_the_password,
    a_changed_password_ends_the_other_sessions,
    the_first_start_makes_a_clinic_once,
    sign_ins_are_on_the_trail,
);

pub async fn login(door: &Door, body: Value) -> crate::door::Reply {
    door.ask("POST", "/api/auth/login").json(body).await
}

async fn one_signs_in_by_email_user_name_or_phone(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    let user = door.person("anne", &[(clinic, Role::Doctor)]).await;
    for (field, value) in
        [("email", " Anne@Example.ORG"), ("username", "ANNE"), ("username", "anne@example.org"), ("phone", "1 (787) 555-0004")]
    {
        let reply = door.ask("POST", "/api/login").json(json!({ field: value, "password": PASSWORD })).await;
        assert_eq!(reply.status, 200, "{field} {reply:?}");
        assert_eq!(reply.body["message"], "Login successful");
        assert_eq!((&reply.body["token_type"], &reply.body["expires_in"]), (&json!("Bearer"), &json!(900)));
        let person = &reply.body["user"];
        assert_eq!(person["user_id"], user.0);
        assert_eq!((&person["role"], &person["clinic_id"], &person["clinic_code"]), (&json!("doctor"), &json!(clinic.0), &json!("ABC01")));
        assert_eq!(person["clinics"], json!([{ "clinic_id": clinic.0, "code": "ABC01", "name": "A clinic", "role": "doctor" }]));
        let reply = door.ask("GET", "/api/protected").token(&reply.text("access_token")).go().await;
        assert_eq!(reply.body, json!({ "message": "Access granted", "user_id": user.0, "role": "doctor" }));
    }
    let missing = door.ask("GET", "/api/protected").go().await;
    assert_eq!(missing.error(), (401, "Authorization token is missing"));
    assert_eq!(login(&door, json!({ "password": PASSWORD })).await.error(), (400, "Missing required field: email"));
    assert_eq!(login(&door, json!({ "email": "anne@example.org" })).await.error(), (400, "Missing required field: password"));
    let wrong_clinic = login(&door, json!({ "email": "anne@example.org", "password": PASSWORD, "clinic": "XYZ02" })).await;
    assert_eq!(wrong_clinic.status, 403);
}

async fn an_unknown_account_is_answered_like_a_wrong_password(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let hashes = |door: &Door| door.app.hasher.verified();
    let before = hashes(&door);
    let wrong = login(&door, json!({ "email": "anne@example.org", "password": "violet kettle 8" })).await;
    let after_wrong = hashes(&door);
    let unknown = login(&door, json!({ "email": "nobody@example.org", "password": PASSWORD })).await;
    assert_eq!((after_wrong - before, hashes(&door) - after_wrong), (1, 1));
    assert_eq!(wrong.error(), (401, "Invalid credentials"));
    assert_eq!(wrong.body, unknown.body);
    let long = login(&door, json!({ "email": "anne@example.org", "password": format!("{PASSWORD}{}", "x".repeat(100)) })).await;
    assert_eq!((long.status.as_u16(), hashes(&door) - before), (401, 3));
}

async fn a_token_lasts_fifteen_minutes(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let token = door.sign_in("anne@example.org").await.text("access_token");
    house.clock.advance(SignedDuration::from_secs(899));
    assert!(door.is_in(&token).await);
    house.clock.advance(SignedDuration::from_secs(1));
    assert!(!door.is_in(&token).await);
}

async fn what_we_did_not_sign_is_refused(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let token = door.sign_in("anne@example.org").await.text("access_token");
    let parts: Vec<&str> = token.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9";
    let forged = format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>());
    for bad in [format!("{none}.{}.", parts[1]), format!("{none}.{}.{}", parts[1], parts[2]), forged, "nonsense".to_owned()] {
        assert!(!door.is_in(&bad).await, "{bad}");
    }
    assert!(door.is_in(&token).await);
}

async fn refresh(door: &Door, token: &str) -> crate::door::Reply {
    door.ask("POST", "/api/auth/refresh").json(json!({ "refresh_token": token })).await
}

async fn a_refresh_token_works_once(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let first = door.sign_in("anne@example.org").await;
    let second = door.ask("POST", "/api/refresh").token(&first.text("refresh_token")).go().await;
    assert_eq!((second.status.as_u16(), &second.body["user"]["clinic_code"]), (200, &json!("ABC01")));
    let third = refresh(&door, &second.text("refresh_token")).await;
    assert!(door.is_in(&third.text("access_token")).await);
    let again = refresh(&door, &first.text("refresh_token")).await;
    assert_eq!(again.error(), (401, "Invalid or expired token"));
    assert!(!door.is_in(&third.text("access_token")).await, "whoever has the copy, nobody goes on");
    assert_eq!(refresh(&door, &third.text("refresh_token")).await.status, 401);
    assert_eq!(refresh(&door, "never seen").await.error(), (401, "Invalid or expired token"));
    assert_eq!(door.ask("POST", "/api/auth/refresh").go().await.error(), (401, "Authorization token is missing"));
}

async fn a_session_does_not_outlive_a_week_of_silence(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let mut reply = door.sign_in("anne@example.org").await;
    for _ in 0..4 {
        house.clock.advance(SignedDuration::from_hours(24 * 6));
        reply = refresh(&door, &reply.text("refresh_token")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    house.clock.advance(SignedDuration::from_hours(24 * 6));
    assert_eq!(refresh(&door, &reply.text("refresh_token")).await.status, 401, "thirty days are the end in any case");
    let silent = door.sign_in("anne@example.org").await;
    house.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(refresh(&door, &silent.text("refresh_token")).await.status, 401);
}

async fn logging_out_holds_at_once(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let (one, other) = (door.sign_in("anne@example.org").await, door.sign_in("anne@example.org").await);
    let token = one.text("access_token");
    assert!(door.is_in(&token).await);
    let reply = door.ask("POST", "/api/logout").token(&token).go().await;
    assert_eq!((reply.status.as_u16(), reply.body), (200, json!({ "message": "Logged out successfully" })));
    assert!(!door.is_in(&token).await);
    assert_eq!(refresh(&door, &one.text("refresh_token")).await.status, 401);
    assert!(door.is_in(&other.text("access_token")).await);
}

async fn sending_somebody_away_holds_at_once(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    let user = door.person("anne", &[(clinic, Role::Doctor)]).await;
    let reply = door.sign_in("anne@example.org").await;
    assert!(door.is_in(&reply.text("access_token")).await);
    send_away(&door, user, clinic).await;
    assert!(!door.is_in(&reply.text("access_token")).await);
    assert_eq!(refresh(&door, &reply.text("refresh_token")).await.status, 401);
    let again = login(&door, json!({ "email": "anne@example.org", "password": PASSWORD })).await;
    assert_eq!(again.error(), (403, "This account belongs to no clinic"));
}

async fn send_away(door: &Door, user: UserId, clinic: ClinicId) {
    door.exec(platform_sql!("UPDATE memberships SET is_active = FALSE")).await;
    let revoke = async |mut tx: PlatformTx, (user, clinic): (UserId, ClinicId)| {
        identity::revoke_sessions_of(&mut tx, user, Some(clinic), "deactivated").await?;
        Ok(tx.audit(Some(clinic), TrailEntry::default()).await?)
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, (user, clinic), revoke).await.expect("it is written");
}

async fn another_role_makes_the_token_worthless(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    let user = door.person("anne", &[(clinic, Role::Admin)]).await;
    let reply = door.sign_in("anne@example.org").await;
    assert!(door.is_in(&reply.text("access_token")).await);
    door.exec(platform_sql!("UPDATE memberships SET role = 'nurse'")).await;
    let announce = async |mut tx: PlatformTx, user: UserId| -> Result<(), AppError> {
        tx.unaudited("a test");
        identity::announce(&mut tx, identity::Changed::User(user))
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, user, announce).await.expect("it is announced");
    assert!(!door.is_in(&reply.text("access_token")).await);
    let next = refresh(&door, &reply.text("refresh_token")).await;
    assert_eq!(next.body["user"]["role"], "nurse");
    assert!(door.is_in(&next.text("access_token")).await);
}

async fn nobody_signs_in_to_a_suspended_clinic(house: &House) {
    let door = Door::of(house);
    let (one, two) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("anne", &[(one, Role::Doctor)]).await;
    door.person("bertram", &[(one, Role::Doctor), (two, Role::Nurse)]).await;
    let reply = door.sign_in("anne@example.org").await;
    assert!(door.is_in(&reply.text("access_token")).await);
    door.exec(platform_sql!("UPDATE clinics SET status = 'suspended' WHERE code = 'ABC01'")).await;
    let revoke = async |mut tx: PlatformTx, clinic: ClinicId| {
        identity::revoke_sessions_of_clinic(&mut tx, clinic, "suspended").await?;
        Ok(tx.audit(Some(clinic), TrailEntry::default()).await?)
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, one, revoke).await.expect("it is suspended");
    assert!(!door.is_in(&reply.text("access_token")).await);
    assert_eq!(refresh(&door, &reply.text("refresh_token")).await.status, 401);
    let refused = login(&door, json!({ "email": "anne@example.org", "password": PASSWORD })).await;
    assert_eq!(refused.status, 403);
    assert_eq!(login(&door, json!({ "email": "anne@example.org", "password": "not the one" })).await.status, 401);
    let elsewhere = door.sign_in("bertram@example.org").await;
    assert_eq!(elsewhere.body["user"]["clinic_code"], "XYZ02");
}

async fn one_goes_on_in_another_clinic(house: &House) {
    let door = Door::of(house);
    let (one, two, three) = (door.clinic("ABC01").await, door.clinic("XYZ02").await, door.clinic("XYZ03").await);
    door.person("anne", &[(one, Role::Doctor), (two, Role::Admin)]).await;
    let first = door.sign_in("anne@example.org").await;
    assert_eq!(first.body["user"]["clinic_id"], one.0);
    let switch = |token: String, body: Value| door.ask("POST", "/api/auth/clinic").token(&token).json(body);
    let other = switch(first.text("access_token"), json!({ "clinic_id": three.0 })).await;
    assert_eq!(other.error(), (404, "Clinic not found"));
    assert_eq!(switch(first.text("access_token"), json!({})).await.status, 400);
    let second = switch(first.text("access_token"), json!({ "clinic_id": two.0 })).await;
    assert_eq!((&second.body["user"]["clinic_id"], &second.body["user"]["role"]), (&json!(two.0), &json!("admin")));
    assert!(!door.is_in(&first.text("access_token")).await);
    assert_eq!(refresh(&door, &first.text("refresh_token")).await.status, 401);
    let third = refresh(&door, &second.text("refresh_token")).await;
    assert_eq!(third.body["user"]["clinic_code"], "XYZ02");
    let back = switch(third.text("access_token"), json!({ "clinic": "abc01" })).await;
    assert_eq!(back.body["user"]["role"], "doctor");
    let chosen = login(&door, json!({ "email": "anne@example.org", "password": PASSWORD, "clinic": "XYZ02" })).await;
    assert_eq!(chosen.body["user"]["clinic_code"], "XYZ02");
}

async fn the_operator_has_no_clinic(house: &House) {
    let door = Door::of(house);
    door.person("olga", &[]).await;
    let reply = door.sign_in("olga@example.org").await;
    assert_eq!((&reply.body["user"]["role"], &reply.body["user"]["clinic_id"]), (&json!("platform_admin"), &Value::Null));
    assert!(door.is_in(&reply.text("access_token")).await);
    assert_eq!(refresh(&door, &reply.text("refresh_token")).await.body["user"]["role"], "platform_admin");
}

async fn sessions_are_listed_and_ended(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    door.person("bertram", &[(clinic, Role::Doctor)]).await;
    let other = door.sign_in("anne@example.org").await.text("access_token");
    let token = door.sign_in("anne@example.org").await.text("access_token");
    let foreign = door.sign_in("bertram@example.org").await.text("access_token");
    let list = door.ask("GET", "/api/auth/sessions?per_page=10").token(&token).go().await;
    assert_eq!(list.body["pagination"]["total"], 2);
    assert_eq!((&list.body["sessions"][0]["is_current"], &list.body["sessions"][1]["is_current"]), (&json!(true), &json!(false)));
    assert_eq!(list.body["sessions"][1]["address"], "192.0.2.1");
    let id = list.body["sessions"][1]["session_id"].as_i64().expect("an id");
    let end = |token: String| door.ask("DELETE", &format!("/api/auth/sessions/{id}")).token(&token).go();
    assert_eq!(end(foreign.clone()).await.error(), (404, "Session not found"));
    assert!(door.is_in(&other).await);
    assert_eq!(end(token.clone()).await.status, 200);
    assert!(!door.is_in(&other).await);
    assert_eq!(end(token.clone()).await.status, 404);
    assert!(door.is_in(&token).await && door.is_in(&foreign).await);
}

async fn the_web_app_has_its_refresh_token_in_a_cookie(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let web = |path: &str| door.ask("POST", path).header("x-clinichub-client", "web");
    let reply = web("/api/auth/login").json(json!({ "email": "anne@example.org", "password": PASSWORD })).await;
    assert!(reply.body.get("refresh_token").is_none(), "scripts can't read it");
    let cookie = reply.headers["set-cookie"].to_str().expect("a cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/auth"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().expect("a pair").to_owned();
    let bare = door.ask("POST", "/api/auth/refresh").header("cookie", &pair).go().await;
    assert_eq!(bare.error(), (401, "Authorization token is missing"), "another site can't set the header");
    let next = web("/api/auth/refresh").header("cookie", &pair).go().await;
    assert_eq!(next.status, 200, "{next:?}");
    let gone = web("/api/auth/logout").token(&next.text("access_token")).go().await;
    assert!(gone.headers["set-cookie"].to_str().is_ok_and(|cookie| cookie.contains("Max-Age=0")));
}

async fn a_forgotten_password_is_reset_by_mail(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let session = door.sign_in("anne@example.org").await.text("access_token");
    assert_eq!(door.ask("POST", "/api/auth/password/forgot").json(json!({ "email": "Anne@example.org" })).await.status, 202);
    door.run_jobs().await;
    let mails = door.mails();
    assert_eq!(mails.len(), 1);
    let token = token_in(&mails[0]);
    let reset =
        |token: String, password: &str| door.ask("POST", "/api/auth/password/reset").json(json!({ "token": token, "password": password }));
    let weak = reset(token.clone(), "password1").await;
    assert_eq!((weak.status.as_u16(), &weak.body["errors"][0]["field"]), (400, &json!("password")));
    assert_eq!(reset("x".repeat(43), "green kettle 7").await.body["errors"][0]["field"], "token");
    assert_eq!(reset(token.clone(), "green kettle 7").await.status, 200);
    assert_eq!(reset(token, "green kettle 8").await.status, 400, "it works once");
    assert!(!door.is_in(&session).await);
    assert_eq!(login(&door, json!({ "email": "anne@example.org", "password": PASSWORD })).await.status, 401);
    assert_eq!(login(&door, json!({ "email": "anne@example.org", "password": "green kettle 7" })).await.status, 200);
    assert_eq!(door.ask("POST", "/api/auth/password/forgot").json(json!({ "email": "anne@example.org" })).await.status, 202);
    door.run_jobs().await;
    let late = door.mails().into_iter().map(|mail| token_in(&mail)).collect::<Vec<_>>();
    assert_eq!(late.len(), 2);
    house.clock.advance(SignedDuration::from_mins(60));
    for token in late {
        assert_eq!(reset(token, "green kettle 8").await.status, 400, "an hour is the end");
    }
}

async fn nobody_learns_who_has_an_account(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let forgot = |email: &str| door.ask("POST", "/api/auth/password/forgot").json(json!({ "email": email }));
    let (known, unknown) = (forgot("anne@example.org").await, forgot("nobody@example.org").await);
    assert_eq!((known.status.as_u16(), known.body), (unknown.status.as_u16(), unknown.body));
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'identity.send_reset'")).await, 2);
    door.run_jobs().await;
    assert_eq!(door.mails().len(), 1);
    forgot("anne@example.org").await;
    door.run_jobs().await;
    assert_eq!(door.mails().len(), 1, "not again while the first link is fresh");
}

async fn who_signs_in_learns_what_to_show(house: &House) {
    let door = Door::of(house);
    let (abc, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("anne", &[(abc, Role::Doctor), (xyz, Role::Nurse)]).await;
    door.person("operator", &[]).await;
    door.exec(platform_sql!(
        "INSERT INTO role_permissions (clinic_id, role, permission, allowed)
         VALUES (1, 'doctor', 'audit_read', TRUE), (1, 'doctor', 'patient_create', FALSE), (1, 'nurse', 'patient_delete', TRUE)"
    ))
    .await;
    let signed_in = door.sign_in("anne@example.org").await;
    let token = signed_in.text("access_token");
    let user = signed_in.body["user"].clone();
    let expected = json!({
        "clinic_id": abc.0, "code": "ABC01", "name": "A clinic", "time_zone": "UTC", "currency": "USD", "slot_minutes": 30, "status": "active"
    });
    assert_eq!((&user["clinic"], &user["doctor"]), (&expected, &json!(true)));
    let may = |user: &Value, permission: &str| user["permissions"].as_array().expect("a list").contains(&json!(permission));
    assert!(may(&user, "chart_write") && may(&user, "audit_read"));
    assert!(!may(&user, "patient_create") && !may(&user, "patient_delete") && !may(&user, "clinics_manage"));
    assert_eq!(door.ask("GET", "/api/auth/me").token(&token).go().await.body, user);
    let there = door.ask("POST", "/api/auth/clinic").token(&token).json(json!({ "clinic_id": xyz.0 })).await.body["user"].clone();
    assert_eq!((&there["clinic"]["code"], there["clinics"].as_array().map(Vec::len)), (&json!("XYZ02"), Some(2)));
    assert!(may(&there, "patient_create") && !may(&there, "audit_read"));
    let operator = door.sign_in("operator@example.org").await.body["user"].clone();
    assert_eq!((&operator["clinic"], &operator["doctor"]), (&Value::Null, &json!(false)));
    assert_eq!(operator["permissions"], json!(["signed_in", "clinics_manage"]));
}

async fn what_a_program_keeps_for_somebody_is_theirs(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let signed_in = door.sign_in("anne@example.org").await;
    assert_eq!((&signed_in.body["user"]["language"], &signed_in.body["user"]["preferences"]), (&Value::Null, &json!({})));
    let token = signed_in.text("access_token");
    let put = |body: Value| door.ask("PUT", "/api/auth/me").token(&token).json(body);
    let kept = put(json!({ "language": "es-PR", "preferences": { "theme": "dark", "columns": [1, 2] } })).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    put(json!({ "first_name": "Anna" })).await;
    let user = door.sign_in("anne@example.org").await.body["user"].clone();
    assert_eq!((&user["language"], &user["preferences"]), (&json!("es-PR"), &json!({ "theme": "dark", "columns": [1, 2] })));
    for (field, value) in [
        ("language", json!("spanish!")),
        ("preferences", json!([])),
        ("preferences", json!("dark")),
        ("preferences", json!({ "x": "x".repeat(4096) })),
    ] {
        let refused = put(json!({ field: value })).await;
        assert_eq!((refused.status.as_u16(), &refused.body["errors"][0]["field"]), (400, &json!(field)), "{refused:?}");
    }
    let cleared = put(json!({ "language": null, "preferences": null })).await;
    assert_eq!((&cleared.body["user"]["language"], &cleared.body["user"]["preferences"]), (&Value::Null, &json!({})));
}

async fn the_own_profile_changes_and_what_one_signs_in_with_needs_the_password(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    door.person("bertram", &[(clinic, Role::Doctor)]).await;
    let token = door.sign_in("anne@example.org").await.text("access_token");
    let put = |body: Value| door.ask("PUT", "/api/auth/me").token(&token).json(body);
    let named = put(json!({ "first_name": "Anna" })).await;
    assert_eq!((named.status.as_u16(), &named.body["user"]["first_name"]), (200, &json!("Anna")));
    assert_eq!(put(json!({ "email": "new@example.org" })).await.error(), (400, "Missing required field: current_password"));
    let wrong = put(json!({ "email": "new@example.org", "current_password": "wrong" })).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["errors"][0]["field"]), (400, &json!("current_password")));
    let taken = put(json!({ "email": "bertram@example.org", "current_password": PASSWORD })).await;
    assert_eq!(taken.error(), (409, "Email already exists"));
    assert_eq!(put(json!({ "email": "new@example.org", "current_password": PASSWORD })).await.status, 200);
    assert_eq!(put(json!({ "role": "admin" })).await.status, 400);
    let me = door.ask("GET", "/api/profile").token(&token).go().await;
    assert_eq!((&me.body["email"], &me.body["version"]), (&json!("new@example.org"), &json!(3)));
    let stale = door.ask("PUT", "/api/auth/me").token(&token).header("if-match", "\"v1\"").json(json!({ "first_name": "A" })).await;
    assert_eq!(stale.status, 412);
    door.sign_in("new@example.org").await;
}

async fn a_changed_password_ends_the_other_sessions(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let other = door.sign_in("anne@example.org").await.text("access_token");
    let token = door.sign_in("anne@example.org").await.text("access_token");
    let access = door.access(&token).await;
    let wrong = identity::change_password(&door.app, &access, "wrong", "green kettle 7").await;
    assert_eq!(wrong.map_err(|error| error.status()), Err(400));
    let weak = identity::change_password(&door.app, &access, PASSWORD, "password").await;
    assert_eq!(weak.map_err(|error| error.status()), Err(400));
    identity::change_password(&door.app, &access, PASSWORD, "green kettle 7").await.expect("it is changed");
    assert!(door.is_in(&token).await);
    assert!(!door.is_in(&other).await);
    assert_eq!(login(&door, json!({ "email": "anne@example.org", "password": "green kettle 7" })).await.status, 200);
}

async fn the_first_start_makes_a_clinic_once(house: &House) {
    let door = Door::of(house);
    assert_eq!(door.ask("GET", "/api/setup").go().await.body, json!({ "needed": true }));
    let earlier = identity::ensure_setup_token(&door.app).await.expect("it is asked").expect("a token");
    let token = identity::ensure_setup_token(&door.app).await.expect("it is asked").expect("a token");
    let body = |token: &str| {
        json!({
            "token": token,
            "clinic": { "code": "ABC01", "name": "Harbour", "time_zone": "America/Puerto_Rico", "currency": "USD" },
            "admin": { "first_name": "Ada", "last_name": "Marin", "email": "ada@harbour.example", "password": PASSWORD },
        })
    };
    assert_eq!(door.ask("POST", "/api/setup").json(body(&earlier)).await.body["errors"][0]["field"], "token");
    let made = door.ask("POST", "/api/setup").json(body(&token)).await;
    assert_eq!((made.status.as_u16(), &made.body["user"]["role"]), (201, &json!("admin")), "{made:?}");
    assert!(door.is_in(&made.text("access_token")).await);
    assert_eq!(door.ask("POST", "/api/setup").json(body(&token)).await.status, 400);
    assert_eq!(door.ask("GET", "/api/setup").go().await.body, json!({ "needed": false }));
    assert_eq!(identity::ensure_setup_token(&door.app).await.expect("it is asked"), None);
}

async fn sign_ins_are_on_the_trail(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    door.sign_in("anne@example.org").await;
    login(&door, json!({ "email": "anne@example.org", "password": "wrong one" })).await;
    login(&door, json!({ "email": "nobody@example.org", "password": "wrong one" })).await;
    let allowed = platform_sql!(
        "SELECT COUNT(*) FROM audit_events WHERE action = 'login' AND outcome = 'allowed' AND resource = 'user' AND address = '192.0.2.1'"
    );
    let refused = platform_sql!("SELECT COUNT(*) FROM audit_events WHERE action = 'login' AND outcome = 'refused'");
    assert_eq!((door.count(allowed).await, door.count(refused).await), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_hears_that_somebody_logged_out() {
    let house = House::postgres().await;
    let (here, there) = (Door::of(&house), Door::of(&house));
    let clinic = here.clinic("ABC01").await;
    here.person("anne", &[(clinic, Role::Doctor)]).await;
    let stop = tokio_util::sync::CancellationToken::new();
    clinichub_app::background::start(&there.app, &stop);
    let token = here.sign_in("anne@example.org").await.text("access_token");
    assert!(there.is_in(&token).await);
    here.ask("POST", "/api/auth/logout").token(&token).go().await;
    let mut tries = 0;
    while there.is_in(&token).await {
        tries += 1;
        assert!(tries < 500, "the other node never heard of it");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stop.cancel();
}
