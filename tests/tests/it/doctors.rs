//! Doctors: who sees what of them, their hours and time off, and the slots that are left.

use clinichub_app::doctors;
use clinichub_core::{AppError, ClinicId, PatientId, Role, UserId, UtcTime};
use clinichub_db::{PlatformTx, TenantTx, params, platform_sql};
use clinichub_jobs::system_grant;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::door::{Door, Reply};
use crate::house::{House, on_both};

on_both!(
    anyone_sees_public_doctors_without_their_contact,
    staff_sees_the_own_doctors,
    a_doctor_is_made,
    hours_are_replaced_as_a_whole,
    wrong_hours_are_named,
    hours_are_the_doctor_s_or_the_admin_s_to_change,
    slots_are_the_hours_less_what_is_taken,
    slots_skip_what_the_clocks_skip,
    slots_are_asked_for_within_bounds,
    doctors_with_a_free_slot_are_found,
    a_profile_is_the_doctor_s_own,
    a_deleted_doctor_is_not_bookable,
    who_works_elsewhere_only_leaves,
    providers_are_required_and_offered,
);

/// A clinic in a time zone, its admin's token, and a doctor who works from nine to five on workdays.
struct Practice {
    clinic: ClinicId,
    admin: String,
    doctor: UserId,
    token: String,
}

async fn practice(door: &Door, code: &str, zone: &str, admin: &str, doctor: &str) -> Practice {
    let clinic = door.clinic(code).await;
    door.person(admin, &[(clinic, Role::Admin)]).await;
    let admin = token(door, admin).await;
    let set = door.ask("PUT", &format!("/api/clinics/{clinic}")).token(&admin).json(json!({ "time_zone": zone, "city": "Boston" })).await;
    assert_eq!(set.status, 200, "{set:?}");
    let id = door.person(doctor, &[(clinic, Role::Doctor)]).await;
    let practice = Practice { clinic, admin, doctor: id, token: token(door, doctor).await };
    let set = put_hours(door, &practice.token, id, json!({ "weekly": workdays() })).await;
    assert_eq!(set.status, 200, "{set:?}");
    practice
}

async fn token(door: &Door, name: &str) -> String {
    door.sign_in(&format!("{name}@example.org")).await.text("access_token")
}

fn workdays() -> Value {
    let day = |weekday: &str| json!({ "weekday": weekday, "start": "09:00", "end": "17:00" });
    json!([day("monday"), day("tuesday"), day("wednesday"), day("thursday"), day("friday")])
}

async fn put_hours(door: &Door, token: &str, doctor: UserId, body: Value) -> Reply {
    door.ask("PUT", &format!("/api/doctors/{doctor}/availability")).token(token).json(body).await
}

async fn slots(door: &Door, at: &Practice, query: &str) -> Vec<String> {
    let reply = door.ask("GET", &format!("/api/doctors/{}/slots?{query}", at.doctor)).token(&at.token).go().await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let slots = reply.body["slots"].as_array().expect("slots").clone();
    slots.iter().map(|slot| slot["start"].as_str().expect("a start").to_owned()).collect()
}

async fn doctors(door: &Door, query: &str, token: Option<&str>) -> Vec<Value> {
    let ask = door.ask("GET", &format!("/api/doctors{query}"));
    let reply = if let Some(token) = token { ask.token(token).go().await } else { ask.go().await };
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["doctors"].as_array().expect("doctors").clone()
}

/// Books the doctor in a clinic, past the scheduling slice.
async fn book(door: &Door, clinic: ClinicId, doctor: UserId, start: &str, minutes: i64) {
    let book = async |mut tx: PlatformTx, (clinic, doctor, start, end): (ClinicId, UserId, UtcTime, UtcTime)| {
        tx.unaudited("a test's data");
        let now = tx.now();
        let patient: PatientId = tx
            .one(
                platform_sql!(
                    "INSERT INTO patients (clinic_id, mrn, first_name, last_name, name_key, dob, sex, created_at, updated_at)
                     VALUES ($1, $2, 'A', 'B', 'b a', $3, 'other', $4, $4) RETURNING patient_id"
                ),
                params![clinic, start.to_string(), jiff::civil::date(1990, 5, 10), now],
            )
            .await?;
        let insert = platform_sql!(
            "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status,
                 status_changed_at, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'scheduled', $7, $7, $7)"
        );
        tx.exec(insert, params![clinic, start.to_string(), patient, doctor, start, end, now]).await?;
        Ok(())
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    let start = UtcTime::parse(start).expect("a time");
    let args = (clinic, doctor, start, start.plus(SignedDuration::from_mins(minutes)));
    door.app.db.platform_write(&grant, args, book).await.expect("an appointment");
}

async fn anyone_sees_public_doctors_without_their_contact(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let change = json!({ "specialization": "Pediatric Cardiology", "registration_number": "MD-1", "bio": "Kind" });
    let reply = door.ask("PATCH", &format!("/api/doctors/{}", abc.doctor)).token(&abc.token).json(change).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let expected = json!({
        "doctor_id": abc.doctor.0, "user_id": abc.doctor.0, "first_name": "diana", "last_name": "Test",
        "specialization": "Pediatric Cardiology", "bio": "Kind", "clinic": {
            "clinic_id": abc.clinic.0, "code": "ABC01", "name": "A clinic", "city": "Boston", "state": null, "country": null, "time_zone": "UTC"
        }
    });
    assert_eq!(
        doctors(&door, "?specialty=cardiology&location=boston&clinic=abc01&search=dia", None).await,
        std::slice::from_ref(&expected)
    );
    let one = format!("/api/doctors/{}", abc.doctor);
    assert_eq!(door.ask("GET", &one).go().await.body, expected);
    for query in ["?specialty=dental", "?location=Madrid", "?clinic=XYZ02", "?search=nobody"] {
        assert_eq!(doctors(&door, query, None).await, [Value::Null; 0], "{query}");
    }
    door.ask("PUT", &one).token(&abc.token).json(json!({ "is_public": false })).await;
    assert_eq!(doctors(&door, "", None).await, [Value::Null; 0]);
    assert_eq!(door.ask("GET", &one).go().await.error(), (404, "Doctor not found"));
    let reply = door.ask("GET", "/api/doctors").token("nonsense").go().await;
    assert_eq!(reply.error(), (401, "Invalid or expired token"));
}

async fn staff_sees_the_own_doctors(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let xyz = practice(&door, "XYZ02", "UTC", "xavier", "konstantin").await;
    door.ask("PUT", &format!("/api/doctors/{}", abc.doctor)).token(&abc.token).json(json!({ "is_public": false })).await;
    let own = doctors(&door, "", Some(&abc.admin)).await;
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["email"], &own[0]["is_public"], &own[0]["role"]), (&json!("diana@example.org"), &json!(false), &json!("doctor")));
    let other = door.ask("GET", &format!("/api/doctors/{}", xyz.doctor)).token(&abc.admin).go().await;
    assert_eq!(other.error(), (404, "Doctor not found"));
    for path in ["availability", "slots"] {
        let reply = door.ask("GET", &format!("/api/doctors/{}/{path}", xyz.doctor)).token(&abc.admin).go().await;
        assert_eq!(reply.error(), (404, "Doctor not found"), "{path}");
    }
}

async fn a_doctor_is_made(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    let ada = door.person("ada", &[(clinic, Role::Admin)]).await;
    let admin = token(&door, "ada").await;
    let body = json!({
        "first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org", "password": "correct horse battery",
        "specialization": "Cardiology", "registration_number": "MD-1"
    });
    let make = |body: Value| door.ask("POST", "/api/doctors").token(&admin).json(body);
    let reply = make(body.clone()).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (201, &json!("Doctor created successfully")), "{reply:?}");
    assert_eq!(reply.body["doctor"]["doctor_id"], reply.body["doctor"]["user_id"]);
    assert_eq!(make(body).await.error(), (409, "Email already exists"));
    assert_eq!(make(json!({ "user_id": ada, "registration_number": "MD-1" })).await.error(), (409, "Registration number already exists"));
    let reply = make(json!({ "user_id": ada, "specialization": "Surgery" })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["doctor"]["role"]), (201, &json!("admin")), "{reply:?}");
    assert_eq!(make(json!({ "user_id": ada })).await.error(), (409, "Doctor already exists"));
    assert_eq!(make(json!({ "first_name": "X" })).await.status, 400);
    let names: Vec<_> = doctors(&door, "?sort=specialization", Some(&admin)).await;
    assert_eq!(names.iter().map(|doctor| doctor["specialization"].clone()).collect::<Vec<_>>(), [json!("Cardiology"), json!("Surgery")]);
}

async fn hours_are_replaced_as_a_whole(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "Europe/Madrid", "ada", "diana").await;
    let body = json!({
        "time_zone": "europe/madrid",
        "weekly": [{ "weekday": 2, "start": "08:30", "end": "24:00", "valid_from": "2026-05-01" }],
        "exceptions": [{ "date": "2026-12-24" }, { "date": "2026-12-31", "start": "09:00", "end": "12:00", "reason": "Half a day" }]
    });
    let reply = put_hours(&door, &abc.token, abc.doctor, body).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (200, &json!("Availability updated successfully")), "{reply:?}");
    let expected = json!({
        "doctor_id": abc.doctor.0, "user_id": abc.doctor.0, "time_zone": "Europe/Madrid",
        "weekly": [{ "weekday": "tuesday", "start": "08:30", "end": "24:00", "valid_from": "2026-05-01" }],
        "exceptions": [{ "date": "2026-12-24" }, { "date": "2026-12-31", "start": "09:00", "end": "12:00", "reason": "Half a day" }],
        "time_off": [], "version": reply.body["availability"]["version"]
    });
    assert_eq!(reply.body["availability"], expected);
    let path = format!("/api/doctors/{}/availability", abc.doctor);
    let closed = || door.ask("PUT", &path).token(&abc.token).header("if-match", "\"v1\"").json(json!({ "weekly": [] }));
    assert_eq!(closed().await.status, 412, "somebody else's hours are not written over");
    assert_eq!(door.ask("GET", &path).token(&abc.admin).go().await.body, expected);
    let reply = put_hours(&door, &abc.token, abc.doctor, json!({ "time_zone": "UTC", "weekly": [] })).await;
    assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!("time_zone")));
    assert_eq!(door.ask("GET", &path).token(&abc.admin).go().await.body, expected);
}

async fn wrong_hours_are_named(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let hour = |weekday: Value, start: &str, end: &str| json!({ "weekday": weekday, "start": start, "end": end });
    for (field, weekly) in [
        (
            "weekly[2].start",
            json!([hour(json!(1), "09:00", "12:00"), hour(json!(2), "09:00", "12:00"), hour(json!("monday"), "11:59", "13:00")]),
        ),
        ("weekly[0].end", json!([hour(json!(1), "12:00", "09:00")])),
        ("weekly[0].weekday", json!([hour(json!(8), "09:00", "12:00")])),
        ("weekly[0].weekday", json!([hour(json!("funday"), "09:00", "12:00")])),
        ("weekly[0].start", json!([hour(json!(1), "9 am", "12:00")])),
        ("weekly[0].end", json!([hour(json!(1), "09:00", "24:30")])),
    ] {
        let reply = put_hours(&door, &abc.token, abc.doctor, json!({ "weekly": weekly })).await;
        assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!(field)), "{reply:?}");
    }
    assert_eq!(slots(&door, &abc, "from=2026-04-16&to=2026-04-16").await.len(), 16);
}

async fn hours_are_the_doctor_s_or_the_admin_s_to_change(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let other = door.person("florian", &[(abc.clinic, Role::Doctor)]).await;
    door.person("nina", &[(abc.clinic, Role::Nurse)]).await;
    let (florian, nina) = (token(&door, "florian").await, token(&door, "nina").await);
    let body = || json!({ "weekly": [] });
    assert_eq!(put_hours(&door, &florian, abc.doctor, body()).await.status, 403);
    assert_eq!(put_hours(&door, &nina, abc.doctor, body()).await.status, 403);
    assert_eq!(put_hours(&door, &abc.admin, other, body()).await.status, 200);
    let away = json!({ "start": "2026-05-01T00:00:00Z", "end": "2026-05-02T00:00:00Z" });
    let path = format!("/api/doctors/{}/time-off", abc.doctor);
    assert_eq!(door.ask("POST", &path).token(&florian).json(away.clone()).await.status, 403);
    assert_eq!(door.ask("POST", &path).token(&abc.token).json(away).await.status, 201);
}

async fn slots_are_the_hours_less_what_is_taken(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "America/New_York", "ada", "diana").await;
    let xyz = door.clinic("XYZ02").await;
    let add = async |mut tx: PlatformTx, (clinic, user): (ClinicId, UserId)| {
        tx.unaudited("a test's data");
        clinichub_app::staff::add_member_in(&mut tx, clinic, user, Role::Doctor).await
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, (xyz, abc.doctor), add).await.expect("a member");
    // Thursday, 09:00 to 17:00 in New York is 13:00 to 21:00 UTC.
    let day = "from=2026-04-16&to=2026-04-16";
    let free = slots(&door, &abc, day).await;
    assert_eq!(
        (free.len(), free.first().map(String::as_str), free.last().map(String::as_str)),
        (16, Some("2026-04-16T13:00:00Z"), Some("2026-04-16T20:30:00Z"))
    );
    book(&door, xyz, abc.doctor, "2026-04-16T13:15:00Z", 30).await;
    let away = json!({ "start": "2026-04-16T15:00:00Z", "end": "2026-04-16T20:00:00Z", "reason": "Course" });
    let path = format!("/api/doctors/{}/time-off", abc.doctor);
    let reply = door.ask("POST", &path).token(&abc.token).json(away).await;
    assert_eq!((reply.status.as_u16(), &reply.body["message"]), (201, &json!("Time off created successfully")), "{reply:?}");
    let left = ["2026-04-16T14:00:00Z", "2026-04-16T14:30:00Z", "2026-04-16T20:00:00Z", "2026-04-16T20:30:00Z"];
    assert_eq!(slots(&door, &abc, day).await, left);
    assert_eq!(slots(&door, &abc, &format!("{day}&duration_minutes=60")).await, ["2026-04-16T14:00:00Z", "2026-04-16T20:00:00Z"]);
    let id = reply.body["time_off"]["time_off_id"].as_i64().expect("an id");
    let reply = door.ask("DELETE", &format!("{path}/{id}")).token(&abc.token).go().await;
    assert_eq!(reply.body["message"], "Time off deleted successfully");
    assert_eq!(door.ask("DELETE", &format!("{path}/{id}")).token(&abc.token).go().await.error(), (404, "Time off not found"));
    assert_eq!(slots(&door, &abc, day).await.len(), 14);
    // It is 06:00 on Wednesday in New York: nothing before now.
    assert_eq!(slots(&door, &abc, "from=2026-04-14&to=2026-04-15").await.len(), 16);
    house.clock.advance(SignedDuration::from_mins(14));
    assert_eq!(slots(&door, &abc, "from=2026-04-01&to=2026-04-14").await.len(), 0);
}

async fn slots_skip_what_the_clocks_skip(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "America/New_York", "ada", "diana").await;
    let night = |start: &str, end: &str| json!({ "weekly": [{ "weekday": "sunday", "start": start, "end": end }] });
    put_hours(&door, &abc.token, abc.doctor, night("00:00", "04:00")).await;
    let free = slots(&door, &abc, "from=2026-11-01&to=2026-11-01&duration_minutes=60").await;
    assert_eq!(free, ["2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z", "2026-11-01T08:00:00Z"]);
    put_hours(&door, &abc.token, abc.doctor, night("01:00", "04:00")).await;
    let free = slots(&door, &abc, "from=2027-03-14&to=2027-03-14&duration_minutes=60").await;
    assert_eq!(free, ["2027-03-14T06:00:00Z", "2027-03-14T07:00:00Z"]);
}

async fn slots_are_asked_for_within_bounds(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "America/New_York", "ada", "diana").await;
    for (field, query) in [
        ("to", "from=2026-05-01&to=2026-07-02"),
        ("to", "from=2026-05-02&to=2026-04-30"),
        ("duration_minutes", "duration_minutes=0"),
        ("from", "from=tomorrow"),
        ("from", "from=0000-01-01"),
        ("nonsense", "nonsense=1"),
    ] {
        let reply = door.ask("GET", &format!("/api/doctors/{}/slots?{query}", abc.doctor)).token(&abc.token).go().await;
        assert_eq!((reply.status.as_u16(), &reply.body["errors"][0]["field"]), (400, &json!(field)), "{query} {reply:?}");
    }
    assert_eq!(slots(&door, &abc, "from=2026-10-01&to=2026-12-01").await.len(), 44 * 16);
    let reply = door.ask("GET", &format!("/api/doctors/{}/slots", abc.doctor)).token(&abc.token).go().await;
    assert_eq!((&reply.body["time_zone"], &reply.body["duration_minutes"]), (&json!("America/New_York"), &json!(30)));
}

async fn doctors_with_a_free_slot_are_found(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let idle = door.person("florian", &[(abc.clinic, Role::Doctor)]).await;
    let free = async |query: &str, token: Option<&str>| {
        let found = doctors(&door, &format!("?available=true{query}"), token).await;
        found.iter().map(|doctor| (doctor["doctor_id"].as_i64().expect("an id"), doctor["next_available"].clone())).collect::<Vec<_>>()
    };
    // Wednesday, 10:00.
    assert_eq!(free("", None).await, [(abc.doctor.0, json!("2026-04-15T10:00:00Z"))]);
    book(&door, abc.clinic, abc.doctor, "2026-04-15T08:00:00Z", 600).await;
    assert_eq!(free("", Some(&abc.admin)).await, [(abc.doctor.0, json!("2026-04-16T09:00:00Z"))]);
    let away = json!({ "start": "2026-04-16T00:00:00Z", "end": "2026-04-30T00:00:00Z" });
    door.ask("POST", &format!("/api/doctors/{}/time-off", abc.doctor)).token(&abc.token).json(away).await;
    assert_eq!(free("", None).await, []);
    let once = json!({ "weekly": [], "exceptions": [{ "date": "2026-04-18", "start": "20:00", "end": "20:30" }] });
    assert_eq!(put_hours(&door, &abc.admin, idle, once).await.status, 200);
    assert_eq!(free("&search=florian", None).await, [(idle.0, json!("2026-04-18T20:00:00Z"))]);
    assert_eq!(free("&specialty=dental", None).await, []);
    let busy = doctors(&door, "?available=false", None).await;
    assert_eq!((busy.len(), &busy[0]["doctor_id"]), (1, &json!(abc.doctor.0)), "who has none");
}

async fn a_profile_is_the_doctor_s_own(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let xyz = door.clinic("XYZ02").await;
    let both = door.person("konstantin", &[(abc.clinic, Role::Doctor), (xyz, Role::Doctor)]).await;
    let change = |user: UserId, token: &str, body: Value| door.ask("PUT", &format!("/api/doctors/{user}")).token(token).json(body);
    let special = || json!({ "specialization": "Dermatology" });
    assert_eq!(change(abc.doctor, &abc.admin, special()).await.body["doctor"]["specialization"], "Dermatology");
    assert_eq!(change(both, &abc.admin, special()).await.status, 403);
    assert_eq!(change(both, &abc.token, special()).await.status, 403);
    assert_eq!(change(both, &token(&door, "konstantin").await, special()).await.status, 200);
    assert_eq!(change(abc.doctor, &abc.token, json!({ "is_active": false })).await.status, 403);
    let stale =
        door.ask("PUT", &format!("/api/doctors/{}", abc.doctor)).token(&abc.token).header("If-Match", "\"v1\"").json(special()).await;
    assert_eq!(stale.status, 412);
}

async fn a_deleted_doctor_is_not_bookable(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let path = format!("/api/doctors/{}", abc.doctor);
    assert_eq!(door.ask("DELETE", &path).token(&abc.token).go().await.status, 403);
    let reply = door.ask("DELETE", &path).token(&abc.admin).go().await;
    assert_eq!(reply.body, json!({ "message": "Doctor deleted successfully", "doctor_id": abc.doctor.0 }), "{reply:?}");
    assert!(door.is_in(&abc.token).await);
    assert_eq!(slots(&door, &abc, "from=2026-04-16&to=2026-04-16").await.len(), 0);
    assert_eq!(doctors(&door, "", None).await, [Value::Null; 0]);
    assert_eq!(doctors(&door, "", Some(&abc.admin)).await[0]["is_active"], false);
    let back = door.ask("PATCH", &path).token(&abc.admin).json(json!({ "is_active": true })).await;
    assert_eq!(back.body["doctor"]["is_active"], true);
}

async fn who_works_elsewhere_only_leaves(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "UTC", "ada", "diana").await;
    let xyz = door.clinic("XYZ02").await;
    let both = door.person("konstantin", &[(abc.clinic, Role::Doctor), (xyz, Role::Doctor)]).await;
    let here = token(&door, "konstantin").await;
    assert_eq!(door.ask("DELETE", &format!("/api/doctors/{both}")).token(&abc.admin).go().await.status, 200);
    assert!(!door.is_in(&here).await);
    let clinics: Vec<_> = doctors(&door, "?search=konstantin", None).await.iter().map(|doctor| doctor["clinic"]["code"].clone()).collect();
    assert_eq!(clinics, ["XYZ02"]);
}

async fn providers_are_required_and_offered(house: &House) {
    let door = Door::of(house);
    let abc = practice(&door, "ABC01", "America/New_York", "ada", "diana").await;
    let nurse = door.person("nina", &[(abc.clinic, Role::Nurse)]).await;
    let grant = door.access(&abc.admin).await;
    let require = async |user: UserId| {
        let require = async |mut tx: TenantTx, user: UserId| doctors::require_provider(&mut tx, user).await;
        door.app.db.write(&grant, user, require).await
    };
    assert_eq!(require(abc.doctor).await.expect("a provider").first_name, "diana");
    assert!(matches!(require(nurse).await, Err(AppError::NotFound("Provider"))));
    assert!(matches!(require(UserId(999_999)).await, Err(AppError::NotFound("Provider"))));
    let offered = async |start: &str, end: &str| {
        let time = |text: &str| UtcTime::parse(text).expect("a time");
        let offered =
            async |mut tx: TenantTx, (user, start, end): (UserId, UtcTime, UtcTime)| doctors::offered(&mut tx, user, start, end).await;
        door.app.db.read(&grant, (abc.doctor, time(start), time(end)), offered).await.expect("an answer")
    };
    assert!(offered("2026-04-16T13:10:00Z", "2026-04-16T13:40:00Z").await);
    assert!(!offered("2026-04-16T12:50:00Z", "2026-04-16T13:20:00Z").await);
    assert!(!offered("2026-04-16T20:50:00Z", "2026-04-16T21:10:00Z").await);
    assert!(!offered("2026-04-16T14:00:00Z", "2026-04-16T14:00:00Z").await);
    assert!(!offered("2026-04-18T14:00:00Z", "2026-04-18T14:30:00Z").await);
    let away = json!({ "start": "2026-04-16T13:30:00Z", "end": "2026-04-16T14:00:00Z" });
    door.ask("POST", &format!("/api/doctors/{}/time-off", abc.doctor)).token(&abc.token).json(away).await;
    assert!(!offered("2026-04-16T13:10:00Z", "2026-04-16T13:40:00Z").await);
    door.ask("DELETE", &format!("/api/doctors/{}", abc.doctor)).token(&abc.admin).go().await;
    let inactive = require(abc.doctor).await.expect_err("an inactive provider");
    assert_eq!(inactive.to_string(), "Provider is not active");
}
