//! The staff of a clinic: added, changed, sent away and brought back, without reaching into other clinics.

use clinichub_core::{ClinicId, Role};
use clinichub_db::platform_sql;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD, Reply};
use crate::house::{House, on_both};

on_both!(
    an_admin_adds_somebody_who_then_signs_in,
    what_is_taken_is_a_conflict,
    nobody_becomes_operator_or_patient_here,
    another_clinic_s_staff_is_not_there,
    one_changes_oneself_and_an_admin_others,
    who_belongs_elsewhere_is_not_ours_to_rename,
    sending_somebody_away_holds_at_once,
    a_clinic_keeps_an_admin,
    another_role_holds_at_once,
    one_changes_the_own_password_only,
    the_staff_is_listed,
    a_stale_change_is_refused,
);

async fn token(door: &Door, name: &str) -> String {
    door.sign_in(&format!("{name}@example.org")).await.text("access_token")
}

/// A clinic and its admin's token.
async fn clinic(door: &Door, code: &str, admin: &str) -> (ClinicId, String) {
    let clinic = door.clinic(code).await;
    door.person(admin, &[(clinic, Role::Admin)]).await;
    (clinic, token(door, admin).await)
}

fn grace() -> Value {
    json!({
        "first_name": "Grace", "last_name": "Hopper", "email": "Grace@Example.org", "password": "correct horse battery", "role": "doctor",
        "specialization": "Cardiology", "registration_number": "MD-1"
    })
}

async fn add(door: &Door, token: &str, body: Value) -> Reply {
    door.ask("POST", "/api/users").token(token).json(body).await
}

async fn an_admin_adds_somebody_who_then_signs_in(house: &House) {
    let door = Door::of(house);
    let (_, ada) = clinic(&door, "ABC01", "ada").await;
    let reply = add(&door, &ada, grace()).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (201, &json!("User created successfully")), "{reply:?}");
    let user = &reply.body["user"];
    assert_eq!((&user["email"], &user["role"], &user["is_active"]), (&json!("grace@example.org"), &json!("doctor"), &json!(true)));
    assert_eq!((&user["specialization"], &user["registration_number"]), (&json!("Cardiology"), &json!("MD-1")));
    assert!(!reply.body.to_string().contains("password"));
    let login = json!({ "email": "grace@example.org", "password": "correct horse battery" });
    assert_eq!(door.ask("POST", "/api/auth/login").json(login).await.status, 200);
    let mut weak = grace();
    (weak["email"], weak["password"]) = (json!("x@example.org"), json!("password"));
    let reply = add(&door, &ada, weak).await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("password")));
    for field in ["first_name", "last_name", "role"] {
        let mut body = grace();
        body.as_object_mut().expect("an object").remove(field);
        let reply = add(&door, &ada, body).await;
        assert_eq!(reply.error(), (400, format!("Missing required field: {field}").as_str()));
    }
}

async fn what_is_taken_is_a_conflict(house: &House) {
    let door = Door::of(house);
    let (_, ada) = clinic(&door, "ABC01", "ada").await;
    let mut body = grace();
    (body["username"], body["phone"]) = (json!("ghopper"), json!("+1 787 555 9999"));
    assert_eq!(add(&door, &ada, body.clone()).await.status, 201);
    assert_eq!(add(&door, &ada, body.clone()).await.error(), (409, "Email already exists"));
    (body["email"], body["registration_number"], body["phone"]) = (json!("other@example.org"), Value::Null, Value::Null);
    assert_eq!(add(&door, &ada, body.clone()).await.error(), (409, "Username already exists"));
    (body["username"], body["phone"]) = (Value::Null, json!("1 (787) 555-9999"));
    assert_eq!(add(&door, &ada, body.clone()).await.error(), (409, "Phone already exists"));
    (body["phone"], body["registration_number"]) = (Value::Null, json!("MD-1"));
    assert_eq!(add(&door, &ada, body).await.error(), (409, "Registration number already exists"));
}

async fn nobody_becomes_operator_or_patient_here(house: &House) {
    let door = Door::of(house);
    let (_, ada) = clinic(&door, "ABC01", "ada").await;
    door.person("op", &[]).await;
    for role in ["platform_admin", "patient"] {
        let mut body = grace();
        body["role"] = json!(role);
        let reply = add(&door, &ada, body).await;
        assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("role")), "{reply:?}");
    }
    let mut body = grace();
    body["email"] = json!("op@example.org");
    assert_eq!(add(&door, &ada, body).await.error(), (409, "Email already exists"));
}

async fn another_clinic_s_staff_is_not_there(house: &House) {
    let door = Door::of(house);
    let (_, ada) = clinic(&door, "ABC01", "ada").await;
    let xyz = door.clinic("XYZ02").await;
    let diana = door.person("diana", &[(xyz, Role::Nurse)]).await;
    let one = format!("/api/users/{diana}");
    assert_eq!(door.ask("GET", &one).token(&ada).go().await.error(), (404, "User not found"));
    assert_eq!(door.ask("PUT", &one).token(&ada).json(json!({ "first_name": "X" })).await.error(), (404, "User not found"));
    for action in ["deactivate", "activate"] {
        assert_eq!(door.ask("PUT", &format!("{one}/{action}")).token(&ada).go().await.error(), (404, "User not found"));
    }
    let list = door.ask("GET", "/api/users").token(&ada).go().await;
    assert_eq!(list.body["pagination"]["total"], 1);
}

async fn one_changes_oneself_and_an_admin_others(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let nina = door.person("nina", &[(abc, Role::Nurse)]).await;
    let robin = door.person("robin", &[(abc, Role::Receptionist)]).await;
    let token = token(&door, "nina").await;
    let change = |user, token: &str, body: Value| door.ask("PATCH", &format!("/api/users/{user}")).token(token).json(body);
    let reply = change(nina, &token, json!({ "last_name": "Simone" })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["user"]["last_name"]), (200, &json!("Simone")), "{reply:?}");
    let reply = change(nina, &token, json!({ "phone": "+1 787 555 7777" })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("current_password")));
    let reply = change(nina, &token, json!({ "phone": "+1 787 555 7777", "current_password": PASSWORD })).await;
    assert_eq!(reply.body["user"]["phone"], "+1 787 555 7777", "{reply:?}");
    assert_eq!(change(nina, &token, json!({ "role": "admin" })).await.status, 403);
    assert_eq!(change(robin, &token, json!({ "last_name": "Hood" })).await.status, 403);
    let reply = change(robin, &ada, json!({ "last_name": "Hood", "email": "hood@example.org", "username": null })).await;
    assert_eq!(reply.body["user"]["email"], "hood@example.org", "{reply:?}");
    let reply = change(robin, &ada, json!({ "email": null, "phone": null })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("email")));
    assert_eq!(change(robin, &ada, json!({ "email": "ada@example.org" })).await.error(), (409, "Email already exists"));
}

async fn who_belongs_elsewhere_is_not_ours_to_rename(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let xyz = door.clinic("XYZ02").await;
    let diana = door.person("diana", &[(abc, Role::Nurse), (xyz, Role::Doctor)]).await;
    let reply = door.ask("PUT", &format!("/api/users/{diana}")).token(&ada).json(json!({ "email": "mine@example.org" })).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    let reply = door.ask("PUT", &format!("/api/users/{diana}")).token(&ada).json(json!({ "role": "technician" })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["user"]["role"]), (200, &json!("technician")));
}

async fn sending_somebody_away_holds_at_once(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let nina = door.person("nina", &[(abc, Role::Nurse)]).await;
    let token = token(&door, "nina").await;
    assert!(door.is_in(&token).await);
    let reply = door.ask("PUT", &format!("/api/admins/{nina}/deactivate")).token(&ada).go().await;
    assert_eq!((&reply.body["message"], &reply.body["user"]["is_active"]), (&json!("User deactivated successfully"), &json!(false)));
    assert!(!door.is_in(&token).await);
    let login = json!({ "email": "nina@example.org", "password": PASSWORD });
    assert_ne!(door.ask("POST", "/api/auth/login").json(login.clone()).await.status, 200);
    let reply = door.ask("PUT", &format!("/api/users/{nina}/activate")).token(&ada).go().await;
    assert_eq!(reply.body["message"], "User activated successfully");
    assert_eq!(door.ask("POST", "/api/auth/login").json(login).await.status, 200);
}

async fn a_clinic_keeps_an_admin(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let other = door.person("other", &[(abc, Role::Admin)]).await;
    let own = door.ask("GET", "/api/auth/me").token(&ada).go().await.body["user_id"].as_i64().expect("an id");
    let away = |user: i64, token: &str| door.ask("PUT", &format!("/api/users/{user}/deactivate")).token(token).go();
    assert_eq!(away(own, &ada).await.error(), (400, "You can't deactivate yourself"));
    let others = token(&door, "other").await;
    // Each sends the other away at the same time: one of them is too late, or is out already.
    let (first, second) = tokio::join!(away(other.0, &ada), away(own, &others));
    let done = [&first, &second].into_iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1, "{first:?} {second:?}");
    let left = door.count(platform_sql!("SELECT COUNT(*) FROM memberships WHERE role = 'admin' AND is_active")).await;
    assert_eq!(left, 1);
}

async fn another_role_holds_at_once(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let nina = door.person("nina", &[(abc, Role::Receptionist)]).await;
    let before = token(&door, "nina").await;
    assert_eq!(door.ask("GET", "/api/users").token(&before).go().await.status, 200);
    let reply = door.ask("PUT", &format!("/api/users/{nina}")).token(&ada).json(json!({ "role": "doctor" })).await;
    assert_eq!(reply.body["user"]["role"], "doctor");
    assert!(!door.is_in(&before).await);
    assert_eq!(door.sign_in("nina@example.org").await.body["user"]["role"], "doctor");
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM doctors")).await, 1);
}

async fn one_changes_the_own_password_only(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let nina = door.person("nina", &[(abc, Role::Nurse)]).await;
    let body = json!({ "current_password": PASSWORD, "new_password": "a much longer staple" });
    let path = format!("/api/users/{nina}/password");
    assert_eq!(door.ask("PUT", &path).token(&ada).json(body.clone()).await.status, 403);
    let (here, there) = (token(&door, "nina").await, token(&door, "nina").await);
    let wrong = json!({ "current_password": "wrong", "new_password": "a much longer staple" });
    assert_eq!(door.ask("PUT", &path).token(&here).json(wrong).await.status, 400);
    assert_eq!(door.ask("PUT", &path).token(&here).header("if-match", "\"v9\"").json(body.clone()).await.status, 412);
    let reply = door.ask("PUT", &path).token(&here).json(body).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (200, &json!("Password changed successfully")), "{reply:?}");
    assert!(door.is_in(&here).await && !door.is_in(&there).await);
}

async fn the_staff_is_listed(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    door.person("nina", &[(abc, Role::Nurse)]).await;
    let robin = door.person("robin", &[(abc, Role::Nurse)]).await;
    door.ask("PUT", &format!("/api/users/{robin}/deactivate")).token(&ada).go().await;
    let names = async |query: &str| {
        let reply = door.ask("GET", &format!("/api/admins{query}")).token(&ada).go().await;
        let users = reply.body["users"].as_array().unwrap_or_else(|| panic!("{reply:?}")).clone();
        users.iter().map(|user| user["first_name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["ada", "nina", "robin"]);
    assert_eq!(names("?role=nurse").await, ["nina", "robin"]);
    assert_eq!(names("?role=nurse&is_active=true").await, ["nina"]);
    assert_eq!(names("?is_active=false").await, ["robin"]);
    let nina = token(&door, "nina").await;
    let list = door.ask("GET", "/api/users").token(&nina).go().await;
    let own =
        list.body["users"].as_array().and_then(|users| users.iter().find(|user| user["first_name"] == "nina")).expect("nina")["user_id"]
            .clone();
    let look = async |user: &Value| door.ask("GET", &format!("/api/users/{user}")).token(&nina).go().await.status.as_u16();
    assert_eq!((look(&own).await, look(&json!(robin.0)).await), (200, 403), "a colleague's profile is for who manages the staff");
    assert_eq!(names("?search=NIN%20test").await, ["nina"]);
    assert_eq!(names("?search=%25").await, [""; 0]);
    assert_eq!(names("?per_page=1&page=2").await, ["nina"]);
    assert_eq!(names("?sort=role&order=desc&limit=1").await.len(), 1);
    for query in ["?role=king", "?sort=password_hash", "?is_active=maybe", "?nonsense=1", "?per_page=0"] {
        assert_eq!(door.ask("GET", &format!("/api/users{query}")).token(&ada).go().await.status, 400, "{query}");
    }
}

async fn a_stale_change_is_refused(house: &House) {
    let door = Door::of(house);
    let (abc, ada) = clinic(&door, "ABC01", "ada").await;
    let nina = door.person("nina", &[(abc, Role::Nurse)]).await;
    let path = format!("/api/users/{nina}");
    let tag = door.ask("GET", &path).token(&ada).go().await.headers["etag"].to_str().expect("a tag").to_owned();
    let change = |body: Value| door.ask("PUT", &path).token(&ada).header("If-Match", &tag).json(body);
    assert_eq!(change(json!({ "role": "technician" })).await.status, 200);
    assert_eq!(change(json!({ "first_name": "Nana" })).await.status, 412);
    let own = token(&door, "nina").await;
    let tag = door.ask("GET", &path).token(&own).go().await.headers["etag"].to_str().expect("a tag").to_owned();
    let reply = door.ask("PUT", &path).token(&own).header("If-Match", &tag).json(json!({ "first_name": "Nana" })).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}
