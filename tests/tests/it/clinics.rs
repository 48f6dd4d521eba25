//! Clinics: who sees and runs them, what suspending does, what they count, and who may do what in them.

use clinichub_core::{ClinicId, PatientId, Role, UserId, UtcTime};
use clinichub_db::{PlatformTx, params, platform_sql};
use clinichub_jobs::system_grant;
use serde_json::{Value, json};

use crate::door::Door;
use crate::house::{House, on_both};

on_both!(
    the_operator_makes_clinics,
    what_a_clinic_must_be_is_said,
    one_sees_the_own_clinics,
    an_admin_changes_the_own_clinic,
    a_stale_change_is_refused,
    suspending_ends_sessions_at_once,
    anyone_sees_the_clinics_that_work,
    usage_is_counted,
    permissions_change_at_once,
    an_admin_gives_only_what_an_admin_has,
);

async fn token(door: &Door, name: &str) -> String {
    door.sign_in(&format!("{name}@example.org")).await.text("access_token")
}

fn new_clinic(code: &str) -> Value {
    json!({ "code": code, "name": "Harbor", "time_zone": "america/new_york", "currency": "USD", "city": "Boston" })
}

async fn the_operator_makes_clinics(house: &House) {
    let door = Door::of(house);
    door.person("op", &[]).await;
    let operator = token(&door, "op").await;
    let made = door.ask("POST", "/api/clinics").token(&operator).json(new_clinic("ABC01")).await;
    assert_eq!((made.status.as_u16(), &made.body["message"]), (201, &json!("Clinic created successfully")));
    let clinic = &made.body["clinic"];
    assert_eq!(
        (&clinic["time_zone"], &clinic["status"], &clinic["slot_minutes"]),
        (&json!("America/New_York"), &json!("active"), &json!(30))
    );
    assert_eq!(made.headers["etag"], "\"v1\"");
    let again = door.ask("POST", "/api/clinics").token(&operator).json(new_clinic("ABC01")).await;
    assert_eq!(again.error(), (409, "Clinic code already exists"));
    let services = door.count(platform_sql!("SELECT COUNT(*) FROM fee_schedule WHERE code = 'VISIT' AND is_default")).await;
    assert_eq!(services, 1);
    let repeat = || door.ask("POST", "/api/clinics").token(&operator).header("Idempotency-Key", "k1").json(new_clinic("XYZ02"));
    let (first, second) = (repeat().await, repeat().await);
    assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
    let all = door.ask("GET", "/api/clinics?sort=code&order=desc&per_page=1").token(&operator).go().await;
    assert_eq!((&all.body["clinics"][0]["code"], &all.body["pagination"]["total"]), (&json!("XYZ02"), &json!(2)));
}

async fn what_a_clinic_must_be_is_said(house: &House) {
    let door = Door::of(house);
    door.person("op", &[]).await;
    let operator = token(&door, "op").await;
    for (field, value) in [
        ("code", json!("abc01")),
        ("code", json!("ABC1")),
        ("name", json!("  ")),
        ("time_zone", json!("Mars/Olympus")),
        ("currency", json!("XXZ")),
        ("slot_minutes", json!(4)),
        ("email", json!("nobody")),
        ("nonsense", json!(1)),
    ] {
        let mut body = new_clinic("ABC01");
        body[field] = value;
        let reply = door.ask("POST", "/api/clinics").token(&operator).json(body).await;
        assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!(field)), "{reply:?}");
    }
}

async fn one_sees_the_own_clinics(house: &House) {
    let door = Door::of(house);
    let (abc, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("ann", &[(abc, Role::Nurse)]).await;
    door.person("both", &[(abc, Role::Doctor), (xyz, Role::Doctor)]).await;
    let (ann, both) = (token(&door, "ann").await, token(&door, "both").await);
    let codes = |reply: &crate::door::Reply| {
        reply.body["clinics"]
            .as_array()
            .expect("clinics")
            .iter()
            .map(|clinic| clinic["code"].as_str().expect("a code").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&door.ask("GET", "/api/clinics").token(&ann).go().await), ["ABC01"]);
    assert_eq!(codes(&door.ask("GET", "/api/clinics").token(&both).go().await), ["ABC01", "XYZ02"]);
    assert_eq!(door.ask("GET", &format!("/api/clinics/{abc}")).token(&ann).go().await.body["code"], "ABC01");
    let other = door.ask("GET", &format!("/api/clinics/{xyz}")).token(&ann).go().await;
    assert_eq!(other.error(), (404, "Clinic not found"));
    let reply = door.ask("POST", "/api/clinics").token(&ann).json(new_clinic("NEW01")).await;
    assert_eq!(reply.status, 403);
    let reply = door.ask("PUT", &format!("/api/clinics/{abc}/status")).token(&ann).json(json!({ "status": "suspended" })).await;
    assert_eq!(reply.status, 403);
}

async fn an_admin_changes_the_own_clinic(house: &House) {
    let door = Door::of(house);
    let (abc, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("ada", &[(abc, Role::Admin)]).await;
    door.person("nina", &[(abc, Role::Nurse)]).await;
    let (ada, nina) = (token(&door, "ada").await, token(&door, "nina").await);
    let path = format!("/api/clinics/{abc}");
    let change = json!({ "time_zone": "Europe/Madrid", "phone": "+34 91 555 0100", "slot_minutes": 20 });
    let reply = door.ask("PATCH", &path).token(&ada).json(change).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (200, &json!("Clinic updated successfully")));
    let clinic = &reply.body["clinic"];
    assert_eq!((&clinic["time_zone"], &clinic["slot_minutes"], &clinic["version"]), (&json!("Europe/Madrid"), &json!(20), &json!(2)));
    let cleared = door.ask("PUT", &path).token(&ada).json(json!({ "phone": null })).await;
    assert_eq!(cleared.body["clinic"]["phone"], Value::Null);
    assert_eq!(door.ask("PUT", &path).token(&nina).json(json!({ "name": "Mine" })).await.status, 403);
    let reply = door.ask("PUT", &format!("/api/clinics/{xyz}")).token(&ada).json(json!({ "name": "Mine" })).await;
    assert_eq!(reply.error(), (404, "Clinic not found"));
    let reply = door.ask("PUT", &path).token(&ada).json(json!({ "code": "NEW01" })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("code")));
    let audited = door
        .count(platform_sql!(
            "SELECT COUNT(*) FROM audit_events WHERE action = 'update_clinic' AND resource = 'clinic' AND outcome = 'allowed'"
        ))
        .await;
    assert_eq!(audited, 2);
}

async fn a_stale_change_is_refused(house: &House) {
    let door = Door::of(house);
    let abc = door.clinic("ABC01").await;
    door.person("ada", &[(abc, Role::Admin)]).await;
    let ada = token(&door, "ada").await;
    let change = |version: &'static str| {
        door.ask("PUT", &format!("/api/clinics/{abc}")).token(&ada).header("If-Match", version).json(json!({ "name": "New name" }))
    };
    assert_eq!(change("\"v1\"").await.status, 200);
    assert_eq!(change("\"v1\"").await.status, 412);
    assert_eq!(change("\"v2\"").await.status, 200);
}

async fn suspending_ends_sessions_at_once(house: &House) {
    let door = Door::of(house);
    let abc = door.clinic("ABC01").await;
    door.person("op", &[]).await;
    door.person("ada", &[(abc, Role::Admin)]).await;
    let (operator, ada) = (token(&door, "op").await, token(&door, "ada").await);
    assert!(door.is_in(&ada).await);
    let set =
        |status: &'static str| door.ask("PUT", &format!("/api/clinics/{abc}/status")).token(&operator).json(json!({ "status": status }));
    assert_eq!(set("suspended").await.body["clinic"]["status"], "suspended");
    assert!(!door.is_in(&ada).await);
    let login = json!({ "email": "ada@example.org", "password": crate::door::PASSWORD });
    assert_eq!(door.ask("POST", "/api/auth/login").json(login).await.status, 403);
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM memberships WHERE is_active")).await, 1);
    assert_eq!(set("nonsense").await.status, 400);
    assert_eq!(set("active").await.status, 200);
    let ada = token(&door, "ada").await;
    assert!(door.is_in(&ada).await);
}

async fn anyone_sees_the_clinics_that_work(house: &House) {
    let door = Door::of(house);
    let (_, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("op", &[]).await;
    let operator = token(&door, "op").await;
    door.ask("PUT", &format!("/api/clinics/{xyz}/status")).token(&operator).json(json!({ "status": "inactive" })).await;
    let reply = door.ask("GET", "/api/public/clinics").go().await;
    let clinic = json!({
        "code": "ABC01", "name": "A clinic", "city": null, "state": null, "country": null, "time_zone": "UTC", "self_registration": true
    });
    assert_eq!(reply.body["clinics"], json!([clinic]));
}

/// Charts, appointments and invoices of a clinic as numbers need them.
async fn fill(door: &Door, clinic: ClinicId, provider: UserId, at: UtcTime) {
    let fill = async |mut tx: PlatformTx, (clinic, provider, at): (ClinicId, UserId, UtcTime)| {
        tx.unaudited("a test's data");
        let patient: PatientId = tx
            .one(
                platform_sql!(
                    "INSERT INTO patients (clinic_id, mrn, first_name, last_name, name_key, dob, sex, created_at, updated_at)
                     VALUES ($1, 'M1', 'A', 'B', 'b a', $2, 'other', $3, $3) RETURNING patient_id"
                ),
                params![clinic, jiff::civil::date(1990, 5, 10), at],
            )
            .await?;
        for (index, status) in ["completed", "completed", "cancelled", "no_show", "scheduled"].into_iter().enumerate() {
            let start = at.plus(jiff::SignedDuration::from_hours(i64::try_from(index).expect("few")));
            let insert = platform_sql!(
                "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status,
                     status_changed_at, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)"
            );
            let end = start.plus(jiff::SignedDuration::from_mins(30));
            tx.exec(insert, params![clinic, format!("R{index}"), patient, provider, start, end, status, at]).await?;
        }
        Ok(())
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, (clinic, provider, at), fill).await.expect("the data");
}

async fn usage_is_counted(house: &House) {
    let door = Door::of(house);
    let (abc, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    let ada = door.person("ada", &[(abc, Role::Admin)]).await;
    door.person("op", &[]).await;
    let (admin, operator) = (token(&door, "ada").await, token(&door, "op").await);
    fill(&door, abc, ada, UtcTime::parse("2026-04-10T09:00:00Z").expect("a time")).await;
    let usage =
        |clinic: ClinicId, token: &str, period: &str| door.ask("GET", &format!("/api/clinics/{clinic}/usage{period}")).token(token).go();
    let reply = usage(abc, &admin, "?from=2026-04-01&to=2026-04-30").await;
    assert_eq!(reply.body["appointments"], json!({ "booked": 5, "completed": 2, "cancelled": 1, "no_show": 1 }), "{reply:?}");
    assert_eq!((&reply.body["patients_registered"], &reply.body["active_staff"]), (&json!(1), &json!(1)));
    assert_eq!((&reply.body["from"], &reply.body["to"]), (&json!("2026-04-01T00:00:00Z"), &json!("2026-05-01T00:00:00Z")));
    assert_eq!(usage(abc, &operator, "?from=2026-03-01&to=2026-03-31").await.body["appointments"]["booked"], 0);
    assert_eq!(usage(abc, &operator, "").await.body["appointments"]["booked"], 5);
    assert_eq!(usage(xyz, &admin, "").await.error(), (404, "Clinic not found"));
    assert_eq!(usage(abc, &admin, "?from=2026-04-02&to=2026-04-01").await.status, 200);
    let reply = usage(abc, &admin, "?from=2026-04-03&to=2026-04-01").await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("to")));
}

async fn permissions_change_at_once(house: &House) {
    let door = Door::of(house);
    let (abc, xyz) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("ada", &[(abc, Role::Admin)]).await;
    door.person("nina", &[(abc, Role::Nurse)]).await;
    let (ada, nina) = (token(&door, "ada").await, token(&door, "nina").await);
    let path = format!("/api/clinics/{abc}/permissions");
    let may = async || door.ask("GET", "/api/users").token(&nina).go().await.status.as_u16();
    assert_eq!(may().await, 200);
    let change = |allowed: Value| json!({ "permissions": [{ "role": "nurse", "permission": "staff_read", "allowed": allowed }] });
    let reply = door.ask("PUT", &path).token(&ada).json(change(json!(false))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(may().await, 403);
    let table = door.ask("GET", &path).token(&ada).go().await;
    let entries = table.body["permissions"].as_array().expect("entries");
    let entry = json!({ "role": "nurse", "permission": "staff_read", "allowed": false, "default": true, "changeable": true });
    assert!(entries.contains(&entry));
    assert_eq!(door.ask("PUT", &path).token(&ada).json(change(Value::Null)).await.status, 200);
    assert_eq!(may().await, 200);
    assert_eq!(door.ask("GET", &path).token(&nina).go().await.status, 403);
    let other = door.ask("GET", &format!("/api/clinics/{xyz}/permissions")).token(&ada).go().await;
    assert_eq!(other.error(), (404, "Clinic not found"));
}

async fn an_admin_gives_only_what_an_admin_has(house: &House) {
    let door = Door::of(house);
    let abc = door.clinic("ABC01").await;
    door.person("ada", &[(abc, Role::Admin)]).await;
    let ada = token(&door, "ada").await;
    for (role, permission, allowed, status) in [
        ("receptionist", "chart_write", true, 400),
        ("admin", "chart_write", true, 400),
        ("admin", "clinic_settings", false, 400),
        ("nurse", "clinics_manage", true, 400),
        ("patient", "staff_read", true, 400),
        ("platform_admin", "patient_read", true, 400),
        ("doctor", "chart_write", false, 200),
        ("doctor", "chart_write", true, 200),
        ("nurse", "invoice_read", true, 200),
    ] {
        let body = json!({ "permissions": [{ "role": role, "permission": permission, "allowed": allowed }] });
        let reply = door.ask("PUT", &format!("/api/clinics/{abc}/permissions")).token(&ada).json(body).await;
        assert_eq!(reply.status, status, "{role} {permission} {reply:?}");
    }
}
