//! Appointments from outside: what seed 000 asks for, time, states and who may set them, requests of patients.

use clinichub_core::UtcTime;
use serde_json::{Value, json};

use crate::front::Front;
use crate::house::{House, on_both};

on_both!(
    the_requests_of_seed_000_work,
    what_is_wrong_is_named,
    local_times_are_the_clinics,
    an_overlap_is_refused_and_touching_is_not,
    a_refusal_says_what_is_in_the_way,
    many_refusals_say_what_is_in_the_way,
    every_role_sets_the_states_it_may,
    steps_follow_the_table,
    completing_bills_once,
    a_final_appointment_is_not_moved,
    a_move_keeps_what_it_does_not_name,
    a_stale_version_changes_nothing,
    patients_ask_inside_the_hours,
    requests_are_decided_by_the_desk_or_their_doctor,
    another_clinic_and_another_patient_see_nothing,
);

async fn the_requests_of_seed_000_work(house: &House) {
    let front = Front::open(house).await;
    let booking = json!({
        "patient_id": front.charts[0][0], "provider_user_id": front.user("doctor"), "scheduled_start": "2026-04-15T10:00:00",
        "scheduled_end": "2026-04-15T10:30:00", "status": "scheduled", "reason": "General checkup", "notes": "First visit"
    });
    let created = front.call("receptionist", "POST", "/api/appointments", booking).await.expect(201);
    assert_eq!(created["message"], "Appointment created successfully");
    let appointment = &created["appointment"];
    assert_eq!(appointment["scheduled_start"], "2026-04-15T10:00:00Z");
    assert_eq!(appointment["status"], "scheduled");
    assert!(appointment["reference"].as_str().expect("a reference").starts_with("ABC01-A"));
    let path = format!("/api/appointments/{}", appointment["appointment_id"]);

    let listed = front.call("nurse", "GET", "/api/appointments?page=1&per_page=10&status=scheduled", None).await.expect(200);
    assert_eq!(listed["appointments"][0]["patient"]["last_name"], "Secretname");
    let pagination = json!({ "total": 1, "page": 1, "per_page": 10, "has_next": false, "has_prev": false });
    assert_eq!(listed["pagination"], pagination);

    let completed = front.call("doctor", "PUT", &path, json!({ "status": "completed" })).await.expect(200);
    assert_eq!(completed["message"], "Appointment updated successfully");
    assert_eq!(completed["appointment"]["status"], "completed");
    assert!(completed["appointment"]["cpt_id"].is_i64());

    let id = front.book(1, "2026-04-16T10:00:00").await["appointment_id"].clone();
    let cancelled = front.call("receptionist", "DELETE", &format!("/api/appointments/{id}"), None).await.expect(200);
    assert_eq!(cancelled, json!({ "message": "Appointment cancelled successfully", "appointment_id": id }));
    assert_eq!(front.call("nurse", "GET", "/api/appointments/4711", None).await.refusal(404), "Appointment not found");
}

async fn what_is_wrong_is_named(house: &House) {
    let front = Front::open(house).await;
    let good = front.booking(0, "2026-04-15T10:00:00");
    let cases: [(&str, Value, &str, &str); 11] = [
        ("patient_id", Value::Null, "patient_id", "Missing required field: patient_id"),
        ("scheduled_start", Value::Null, "scheduled_start", "Missing required field: scheduled_start"),
        ("scheduled_end", Value::Null, "scheduled_end", "Missing required field: scheduled_end"),
        ("scheduled_end", json!("2026-04-15T10:00:00"), "scheduled_end", "End time must be after start time"),
        ("scheduled_end", json!("2026-04-17T10:00:00"), "scheduled_end", "An appointment lasts at most 24 hours"),
        ("scheduled_start", json!("tomorrow"), "scheduled_start", ""),
        ("scheduled_start", json!("0000-01-01T00:00:00"), "scheduled_start", ""),
        ("status", json!("completed"), "status", "An appointment begins as scheduled, confirmed or pending"),
        ("status", json!("done"), "status", ""),
        ("colour", json!("red"), "colour", ""),
        ("reason", json!("x".repeat(501)), "reason", ""),
    ];
    for (field, value, named, sentence) in cases {
        let mut body = good.clone();
        match value {
            Value::Null => drop(body.as_object_mut().expect("an object").remove(field)),
            value => body[field] = value,
        }
        let answer = front.call("receptionist", "POST", "/api/appointments", body).await.expect(400);
        assert_eq!(answer["errors"][0]["field"], named, "{answer}");
        assert!(sentence.is_empty() || answer["error"] == sentence, "{answer}");
    }
    let of_nobody = json!({ "patient_id": 4711 });
    for (change, sentence) in [(of_nobody, "Patient not found"), (json!({ "provider_user_id": 4711 }), "Provider not found")] {
        let mut body = good.clone();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        assert_eq!(front.call("receptionist", "POST", "/api/appointments", body).await.refusal(404), sentence);
    }
    let mut stranger = good.clone();
    stranger["provider_user_id"] = json!(front.user("stranger"));
    assert_eq!(front.call("receptionist", "POST", "/api/appointments", stranger).await.refusal(404), "Provider not found");
    let mut not_a_doctor = good.clone();
    not_a_doctor["provider_user_id"] = json!(front.user("nurse"));
    assert_eq!(front.call("receptionist", "POST", "/api/appointments", not_a_doctor).await.refusal(404), "Provider not found");
    for query in ["page=0", "per_page=101", "sort=colour", "colour=red", "date=2026-13-01", "status=done", "patient_id=x"] {
        front.call("nurse", "GET", &format!("/api/appointments?{query}"), None).await.expect(400);
    }
}

async fn local_times_are_the_clinics(house: &House) {
    let front = Front::open(house).await;
    let on =
        |date: &str, time: &str| json!({ "patient_id": front.charts[0][0], "doctor": front.user("doctor"), "date": date, "time": time });
    let booked = front.call("receptionist", "POST", "/api/appointments", on("2026-04-20", "10:00")).await.expect(201);
    assert_eq!(booked["appointment"]["scheduled_start"], "2026-04-20T14:00:00Z");
    assert_eq!(booked["appointment"]["scheduled_end"], "2026-04-20T14:30:00Z");
    let gap = front.call("receptionist", "POST", "/api/appointments", on("2026-03-08", "02:30")).await.expect(400);
    assert_eq!(gap["errors"][0]["field"], "time");
    let twice = front.call("receptionist", "POST", "/api/appointments", on("2026-11-01", "01:30")).await.expect(201);
    assert_eq!(twice["appointment"]["scheduled_start"], "2026-11-01T05:30:00Z");
    for time in ["25:00", "10", "10:00:60", "10.00", ""] {
        let wrong = front.call("receptionist", "POST", "/api/appointments", on("2026-04-21", time)).await.expect(400);
        assert_eq!(wrong["errors"][0]["field"], "time", "{time}");
    }
}

async fn an_overlap_is_refused_and_touching_is_not(house: &House) {
    let front = Front::open(house).await;
    front.book(0, "2026-04-15T10:00:00").await;
    for start in ["2026-04-15T09:31:00", "2026-04-15T10:00:00", "2026-04-15T10:29:00"] {
        let answer = front.call("receptionist", "POST", "/api/appointments", front.booking(1, start)).await;
        assert_eq!(answer.refusal(409), "Provider already has an appointment at this time");
    }
    front.book(1, "2026-04-15T10:30:00").await;
    front.book(2, "2026-04-15T09:30:00").await;
    let in_the_other_clinic = json!({
        "patient_id": front.charts[1][0], "provider_user_id": front.user("doctor"), "scheduled_start": "2026-04-15T10:15:00Z",
        "scheduled_end": "2026-04-15T10:20:00Z"
    });
    let answer = front.call("other_desk", "POST", "/api/appointments", in_the_other_clinic).await;
    assert_eq!(answer.refusal(409), "Provider already has an appointment at this time");
}

async fn a_refusal_says_what_is_in_the_way(house: &House) {
    let front = Front::open(house).await;
    let first = front.book(0, "2026-04-15T10:00:00").await;
    let known = json!({
        "scheduled_start": "2026-04-15T10:00:00Z", "scheduled_end": "2026-04-15T10:30:00Z", "reference": first["reference"],
        "patient_name": "First0 Secretname"
    });
    let refused = front.call("receptionist", "POST", "/api/appointments", front.booking(1, "2026-04-15T10:15:00")).await.expect(409);
    assert_eq!(refused["conflict"], known);

    // What is moved is not in its own way; what is behind it is.
    let next = front.book(1, "2026-04-15T10:30:00").await;
    let path = format!("/api/appointments/{}", first["appointment_id"]);
    let refused = front.call("nurse", "PUT", &path, json!({ "scheduled_start": "2026-04-15T10:15:00Z" })).await.expect(409);
    assert_eq!(refused["conflict"]["reference"], next["reference"]);

    let elsewhere = json!({
        "patient_id": front.charts[1][0], "provider_user_id": front.user("doctor"), "scheduled_start": "2026-04-15T10:15:00Z",
        "scheduled_end": "2026-04-15T10:20:00Z"
    });
    let refused = front.call("other_desk", "POST", "/api/appointments", elsewhere).await.expect(409);
    let times_only = json!({
        "scheduled_start": "2026-04-15T10:00:00Z", "scheduled_end": "2026-04-15T10:30:00Z", "reference": null, "patient_name": null
    });
    assert_eq!(refused["conflict"], times_only);

    front.book(1, "2026-04-15T15:00:00").await;
    let request = front.booking(0, "2026-04-15T15:00:00");
    let refused = front.call("patient", "POST", "/api/appointments", request).await.expect(409);
    assert!(refused.get("conflict").is_none(), "a patient learns nothing of others: {refused}");
}

async fn many_refusals_say_what_is_in_the_way(house: &House) {
    let front = Front::open(house).await;
    let stored = front.book(0, "2026-04-17T10:00:00Z").await;
    let rows =
        [front.booking(1, "2026-04-17T10:15:00Z"), front.booking(1, "2026-04-17T11:00:00Z"), front.booking(2, "2026-04-17T11:15:00Z")];
    let path = "/api/appointments/schedule";
    let refused = front.call("receptionist", "POST", path, json!({ "appointments": rows })).await.expect(409);
    assert_eq!(refused["conflict"]["reference"], stored["reference"]);
    let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["appointments[0].scheduled_start", "appointments[2].scheduled_start"]);

    let wish = format!("{path}?mode=partial");
    front.call("receptionist", "POST", &format!("{path}?mode=some"), json!({ "appointments": rows })).await.expect(400);
    let booked = front.call("receptionist", "POST", &wish, json!({ "appointments": rows })).await.expect(201);
    assert_eq!(booked["results"][0]["conflict"]["patient_name"], "First0 Secretname");
    assert!(booked["results"][1].get("conflict").is_none());
    let with_the_row_before = &booked["results"][2]["conflict"];
    assert_eq!(with_the_row_before["scheduled_start"], "2026-04-17T11:00:00Z");
    assert_eq!(with_the_row_before["reference"], json!(null), "it was not booked yet");
}

async fn every_role_sets_the_states_it_may(house: &House) {
    let front = Front::open(house).await;
    let rights: [(&str, &[&str]); 6] = [
        ("admin", &["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "cancelled", "no_show"]),
        ("doctor", &["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "cancelled", "no_show"]),
        ("nurse", &["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "no_show"]),
        ("technician", &["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "no_show"]),
        ("receptionist", &["confirmed", "waiting", "cancelled", "no_show"]),
        ("patient", &["cancelled"]),
    ];
    let mut minute = UtcTime::parse("2026-05-01T00:00:00Z").expect("a time");
    for (role, may) in rights {
        for status in ["confirmed", "waiting", "in_room", "in_scan", "review", "completed", "cancelled", "no_show"] {
            minute = minute.plus(jiff::SignedDuration::from_mins(30));
            let appointment = front.book(0, &minute.to_string()).await;
            let path = format!("/api/appointments/{}", appointment["appointment_id"]);
            let expected = if may.contains(&status) { 200 } else { 403 };
            let answer = front.call(role, "PUT", &path, json!({ "status": status })).await;
            assert_eq!(answer.status.as_u16(), expected, "{role} {status}: {}", answer.text);
            if role != "patient" && expected == 403 {
                front.call(role, "PUT", &format!("{path}/status"), json!({ "status": status })).await.expect(403);
            }
        }
    }
    let path = format!("/api/appointments/{}", front.book(0, "2026-06-01T00:00:00Z").await["appointment_id"]);
    // A whole appointment that is sent back with a changed note sets no state.
    front.call("nurse", "PUT", &path, json!({ "status": "scheduled", "notes": "Walks with a stick" })).await.expect(200);
    front.call("nurse", "DELETE", &path, None).await.expect(403);
    front.call("patient", "PUT", &format!("{path}/status"), json!({ "status": "cancelled" })).await.expect(403);
    for path in [path.clone(), format!("{path}/status")] {
        let refused = front.call("receptionist", "PUT", &path, json!({ "status": "In-Room" })).await;
        assert_eq!(refused.refusal(403), "You are not allowed to set an appointment to in_room");
    }
}

async fn steps_follow_the_table(house: &House) {
    let front = Front::open(house).await;
    let path = format!("/api/appointments/{}", front.book(0, "2026-04-15T12:00:00").await["appointment_id"]);
    let status = format!("{path}/status");
    for (step, expected) in [
        ("Waiting", 200),
        ("In-Room", 200),
        ("waiting", 200),
        ("In-Scan", 200),
        ("Review", 200),
        ("confirmed", 409),
        ("scheduled", 409),
        ("pending", 409),
        ("rejected", 409),
        ("review", 200),
        ("Completed", 200),
        ("completed", 200),
        ("waiting", 409),
        ("cancelled", 409),
    ] {
        let answer = front.call("admin", "PUT", &status, json!({ "status": step })).await;
        assert_eq!(answer.status.as_u16(), expected, "{step}: {}", answer.text);
    }
    front.call("admin", "DELETE", &path, None).await.expect(409);
    let read = front.call("nurse", "GET", &path, None).await.expect(200);
    let states: Vec<_> = read["history"].as_array().expect("a history").iter().map(|state| state["status"].as_str()).collect();
    assert_eq!(
        states,
        ["scheduled", "waiting", "in_room", "waiting", "in_scan", "review", "completed"].map(Some),
        "what changed nothing is not in the history"
    );
}

async fn completing_bills_once(house: &House) {
    let front = Front::open(house).await;
    let path = format!("/api/appointments/{}", front.book(0, "2026-04-15T12:00:00").await["appointment_id"]);
    let first = front.call("nurse", "PUT", &path, json!({ "status": "completed" })).await.expect(200);
    assert!(first["appointment"]["cpt_id"].is_i64());
    front.call("nurse", "PUT", &path, json!({ "status": "completed" })).await.expect(200);
    let lite = front.app.db.lite().is_some();
    let grant = clinichub_jobs::system_grant(None, "test", house.clock.as_ref());
    let count = house.db.platform_read(&grant, (), async |mut tx: clinichub_db::PlatformTx, ()| {
        Ok(tx.one::<i64>(clinichub_db::platform_sql!("SELECT count(*) FROM cpt_records"), ()).await?)
    });
    assert_eq!(count.await.expect("a count"), 1, "on SQLite: {lite}");
}

async fn a_final_appointment_is_not_moved(house: &House) {
    let front = Front::open(house).await;
    for (status, start) in [("completed", "2026-04-15T12:00:00"), ("cancelled", "2026-04-15T13:00:00"), ("no_show", "2026-04-15T14:00:00")]
    {
        let path = format!("/api/appointments/{}", front.book(0, start).await["appointment_id"]);
        front.call("admin", "PUT", &path, json!({ "status": status })).await.expect(200);
        let moved = front.call("admin", "PUT", &path, json!({ "scheduled_start": "2026-04-18T12:00:00" })).await;
        assert_eq!(moved.refusal(409), "Completed or cancelled appointments cannot be rescheduled");
        let noted = front.call("admin", "PATCH", &path, json!({ "notes": "Called back" })).await.expect(200);
        assert_eq!(noted["appointment"]["notes"], "Called back");
    }
    front.book(1, "2026-04-15T13:00:00").await;
}

async fn a_move_keeps_what_it_does_not_name(house: &House) {
    let front = Front::open(house).await;
    let appointment = front.book(0, "2026-04-15T12:00:00").await;
    let path = format!("/api/appointments/{}", appointment["appointment_id"]);
    let moved = front.call("nurse", "PUT", &path, json!({ "scheduled_start": "2026-04-15T15:00:00Z" })).await.expect(200);
    assert_eq!(moved["appointment"]["scheduled_end"], "2026-04-15T15:30:00Z");
    assert_eq!(moved["appointment"]["version"], 2);
    let colleague = front.user("colleague");
    let both = json!({ "doctor_id": colleague, "date": "2026-04-16", "status": "confirmed", "reason": null });
    let moved = front.call("nurse", "PUT", &path, both).await.expect(200);
    assert_eq!(moved["appointment"]["provider_user_id"], json!(colleague));
    assert_eq!(moved["appointment"]["provider_name"], "colleague Person");
    assert_eq!(moved["appointment"]["scheduled_start"], "2026-04-16T15:00:00Z");
    assert_eq!(moved["appointment"]["status"], "confirmed");
    front.book(1, "2026-04-15T15:00:00").await;
    let taken = front.call("nurse", "PUT", &path, json!({ "doctor_id": front.user("doctor"), "date": "2026-04-15" })).await;
    assert_eq!(taken.refusal(409), "Provider already has an appointment at this time");
    let unchanged = front.call("nurse", "PUT", &path, json!({})).await.expect(200);
    assert_eq!(unchanged["appointment"]["version"], 3);
}

async fn a_stale_version_changes_nothing(house: &House) {
    let front = Front::open(house).await;
    let appointment = front.book(0, "2026-04-15T12:00:00").await;
    let path = format!("/api/appointments/{}", appointment["appointment_id"]);
    let token = front.sign_in("nurse", "ABC01").await;
    let read = front.send("GET", &path, Some(&token), &[], None).await;
    let etag = read.headers["etag"].to_str().expect("a tag").to_owned();
    let change = || Some(json!({ "notes": "x" }));
    front.send("PUT", &path, Some(&token), &[("If-Match", &etag)], change()).await.expect(200);
    front.send("PUT", &path, Some(&token), &[("If-Match", &etag)], Some(json!({ "notes": "y" }))).await.expect(412);
    for (tags, notes, status) in [
        ("\"v1\", \"v3\"", "a", 412),
        ("\"v1\", \"v2\"", "b", 200),
        ("W/\"v3\"", "c", 412),
        ("W/\"v1\", \"v3\"", "d", 200),
        ("*", "e", 200),
        ("\"v5\", *", "f", 400),
    ] {
        let answer = front.send("PUT", &path, Some(&token), &[("If-Match", tags)], Some(json!({ "notes": notes }))).await;
        assert_eq!(answer.status.as_u16(), status, "{tags}: {}", answer.text);
    }
}

async fn patients_ask_inside_the_hours(house: &House) {
    let front = Front::open(house).await;
    let book = |start: &str| front.booking(0, start);
    let asked = front.call("patient", "POST", "/api/appointments", book("2026-04-20T14:00:00Z")).await.expect(201);
    assert_eq!(asked["appointment"]["status"], "pending");
    let outside = front.call("patient", "POST", "/api/appointments", book("2026-04-20T03:00:00Z")).await.expect(400);
    assert_eq!(outside["errors"][0]["field"], "scheduled_start");
    let past = front.call("patient", "POST", "/api/appointments", book("2026-04-14T14:00:00Z")).await;
    assert_eq!(past.refusal(400), "The time is in the past");
    let somebody_elses = front.call("patient", "POST", "/api/appointments", front.booking(1, "2026-04-20T15:00:00Z")).await;
    assert_eq!(somebody_elses.refusal(404), "Patient not found");
    let mut with_notes = book("2026-04-20T15:00:00Z");
    with_notes["notes"] = json!("for the staff");
    front.call("patient", "POST", "/api/appointments", with_notes).await.expect(400);

    let path = format!("/api/appointments/{}", asked["appointment"]["appointment_id"]);
    front.call("receptionist", "PUT", &format!("{path}/accept"), None).await.expect(200);
    front.call("nurse", "PUT", &path, json!({ "notes": "A difficult one" })).await.expect(200);
    let own = front.call("patient", "GET", &path, None).await.expect(200);
    assert_eq!(own["notes"], Value::Null);
    let moved = front.call("patient", "PUT", &path, json!({ "scheduled_start": "2026-04-21T14:00:00Z" })).await.expect(200);
    assert_eq!(moved["appointment"]["status"], "pending");
    front.call("patient", "PUT", &path, json!({ "scheduled_start": "2026-04-21T03:00:00Z" })).await.expect(400);
    front.call("patient", "PUT", &path, json!({ "status": "confirmed" })).await.expect(403);
    front.call("patient", "DELETE", &path, None).await.expect(200);

    let late = format!("/api/appointments/{}", front.book(0, "2026-04-15T09:00:00Z").await["appointment_id"]);
    front.call("patient", "DELETE", &late, None).await.expect(409);
    let stays = front.call("nurse", "GET", &late, None).await.expect(200);
    assert_eq!(stays["status"], "scheduled");
}

async fn requests_are_decided_by_the_desk_or_their_doctor(house: &House) {
    let front = Front::open(house).await;
    let ask = async |start: &str| {
        let asked = front.call("patient", "POST", "/api/appointments", front.booking(0, start)).await.expect(201);
        format!("/api/appointments/{}", asked["appointment"]["appointment_id"])
    };
    let path = ask("2026-04-20T14:00:00Z").await;
    front.call("nurse", "PUT", &format!("{path}/accept"), None).await.expect(403);
    front.call("colleague", "PUT", &format!("{path}/accept"), None).await.expect(403);
    front.call("colleague", "PUT", &path, json!({ "status": "scheduled" })).await.expect(403);
    front.call("admin", "PUT", &path, json!({ "status": "confirmed" })).await.expect(409);
    let accepted = front.call("doctor", "PUT", &format!("{path}/accept"), None).await.expect(200);
    assert_eq!(accepted["appointment"]["status"], "scheduled");
    front.call("doctor", "PUT", &format!("{path}/reject"), None).await.expect(409);

    let path = ask("2026-04-20T15:00:00Z").await;
    let rejected = front.call("receptionist", "PUT", &format!("{path}/reject"), json!({ "reason": "On holiday" })).await.expect(200);
    assert_eq!(rejected["appointment"]["close_reason"], "On holiday");
    front.book(1, "2026-04-20T15:00:00Z").await;
}

async fn another_clinic_and_another_patient_see_nothing(house: &House) {
    let front = Front::open(house).await;
    let foreign = front.book(1, "2026-04-20T15:00:00Z").await;
    let path = format!("/api/appointments/{}", foreign["appointment_id"]);
    for (who, method, suffix, body) in [
        ("other_desk", "GET", "", None),
        ("other_desk", "PUT", "", Some(json!({ "notes": "x" }))),
        ("other_desk", "DELETE", "", None),
        ("other_desk", "PUT", "/status", Some(json!({ "status": "waiting" }))),
        ("other_desk", "PUT", "/accept", None),
        ("other_desk", "PUT", "/reject", None),
        ("other_desk", "GET", "/calendar.ics", None),
        ("patient", "GET", "", None),
        ("patient", "PUT", "", Some(json!({ "reason": "x" }))),
        ("patient", "DELETE", "", None),
        ("patient", "GET", "/calendar.ics", None),
    ] {
        let answer = front.call(who, method, &format!("{path}{suffix}"), body).await;
        assert_eq!(answer.refusal(404), "Appointment not found", "{who} {method} {suffix}");
    }
    for who in ["other_desk", "patient"] {
        let listed = front.call(who, "GET", "/api/appointments", None).await.expect(200);
        assert_eq!(listed["pagination"]["total"], 0, "{who}");
        let listed = front.call(who, "GET", &format!("/api/appointments?patient_id={}", front.charts[0][1]), None).await.expect(200);
        assert_eq!(listed["pagination"]["total"], 0, "{who}");
    }
}
