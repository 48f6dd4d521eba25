//! Many appointments from outside: lists, bookings of several at once, calendars, events.

use clinichub_core::UtcTime;
use serde_json::{Value, json};

use crate::front::Front;
use crate::house::{House, on_both};

on_both!(
    a_day_is_the_clinics_day,
    lists_filter_and_sort,
    open_ends_are_listed_oldest_first,
    a_retry_books_once,
    many_are_booked_all_or_none,
    many_are_booked_as_far_as_they_fit,
    a_calendar_says_when_and_where_and_nothing_else,
    a_feed_opens_with_its_token_only,
    a_feeds_token_comes_again_with_its_key,
    events_carry_no_names,
);

async fn a_day_is_the_clinics_day(house: &House) {
    let front = Front::open(house).await;
    // In New York the 15th goes from four to four o'clock UTC.
    for start in ["2026-04-15T03:30:00Z", "2026-04-15T04:00:00Z", "2026-04-16T03:30:00Z", "2026-04-16T04:00:00Z"] {
        front.book(0, start).await;
    }
    let starts = async |query: &str| -> Vec<String> {
        let listed = front.call("nurse", "GET", &format!("/api/appointments?{query}"), None).await.expect(200);
        let rows = listed["appointments"].as_array().expect("rows").clone();
        assert_eq!(listed["pagination"]["total"], rows.len());
        rows.iter().map(|row| row["scheduled_start"].as_str().expect("a time")[..16].to_owned()).collect()
    };
    assert_eq!(starts("date=2026-04-15").await, ["2026-04-15T04:00", "2026-04-16T03:30"]);
    assert_eq!(starts("from=2026-04-15&to=2026-04-15").await, ["2026-04-15T04:00", "2026-04-16T03:30"]);
    assert_eq!(starts("from=2026-04-15T04:00:00Z&to=2026-04-16T03:30:00Z").await, ["2026-04-15T04:00"]);
    assert_eq!(starts("to=2026-04-14").await, ["2026-04-15T03:30"]);
    front.call("nurse", "GET", "/api/appointments?date=2026-04-15&from=2026-04-15", None).await.expect(400);
}

async fn lists_filter_and_sort(house: &House) {
    let front = Front::open(house).await;
    let first = front.book(0, "2026-04-17T10:00:00Z").await;
    let second = front.book(1, "2026-04-16T10:00:00Z").await;
    let third = front.book(1, "2026-04-18T10:00:00Z").await;
    front
        .call(
            "admin",
            "PUT",
            &format!("/api/appointments/{}", third["appointment_id"]),
            json!({ "status": "waiting", "department": "Scan" }),
        )
        .await
        .expect(200);
    let ids = async |query: &str| -> Vec<Value> {
        let listed = front.call("nurse", "GET", &format!("/api/appointments?{query}"), None).await.expect(200);
        listed["appointments"].as_array().expect("rows").iter().map(|row| row["appointment_id"].clone()).collect()
    };
    let [first, second, third] = [&first, &second, &third].map(|row| row["appointment_id"].clone());
    let reference = front.call("nurse", "GET", &format!("/api/appointments/{first}"), None).await.expect(200)["reference"].clone();
    let reference = reference.as_str().expect("a reference");
    let bare = reference.split_once("-A").expect("a number").1;
    let patient = front.charts[0][1];
    let doctor = front.user("doctor");
    for (query, expected) in [
        (String::new(), vec![&second, &first, &third]),
        ("sort=scheduled_start&order=desc".into(), vec![&third, &first, &second]),
        ("sort=created_at".into(), vec![&first, &second, &third]),
        ("sort=status&order=desc".into(), vec![&third, &first, &second]),
        ("limit=1&page=2".into(), vec![&first]),
        (format!("patient_id={patient}"), vec![&second, &third]),
        (format!("doctor={doctor}&status=Waiting"), vec![&third]),
        (format!("doctor_id={doctor}&status=waiting,scheduled"), vec![&second, &first, &third]),
        (format!("provider_user_id={}", front.user("colleague")), vec![]),
        ("department=Scan".into(), vec![&third]),
        (format!("search={}", reference.to_lowercase()), vec![&first]),
        (format!("search={bare}"), vec![&first]),
        (format!("search=A{bare}"), vec![&first]),
        (format!("reference={reference}"), vec![&first]),
        (format!("reference={bare}"), vec![&first]),
        ("reference=nobody".into(), vec![]),
        ("search=nobody".into(), vec![]),
        ("search=secretname%20first1".into(), vec![&second, &third]),
        ("search=first1&sort=created_at&order=desc".into(), vec![&third, &second]),
        ("search=first1&sort=status&order=desc".into(), vec![&third, &second]),
        ("search=%3F".into(), vec![]),
    ] {
        assert_eq!(ids(&query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let page = front.call("nurse", "GET", "/api/appointments?per_page=2", None).await.expect(200);
    assert_eq!(page["pagination"], json!({ "total": 3, "page": 1, "per_page": 2, "has_next": true, "has_prev": false }));
}

async fn open_ends_are_listed_oldest_first(house: &House) {
    let front = Front::open(house).await;
    // It is ten o'clock on the 15th.
    let older = front.book(0, "2026-04-13T10:00:00Z").await["appointment_id"].clone();
    let newer = front.book(1, "2026-04-15T09:00:00Z").await["appointment_id"].clone();
    let closed = front.book(2, "2026-04-14T10:00:00Z").await["appointment_id"].clone();
    front.book(0, "2026-04-15T09:45:00Z").await;
    front.book(0, "2026-04-16T10:00:00Z").await;
    front.call("receptionist", "PUT", &format!("/api/appointments/{closed}"), json!({ "status": "no_show" })).await.expect(200);
    let listed = front.call("receptionist", "GET", "/api/appointments/open-ends", None).await.expect(200);
    let ids: Vec<_> = listed["appointments"].as_array().expect("rows").iter().map(|row| row["appointment_id"].clone()).collect();
    assert_eq!(ids, [older, newer]);
    let of_nobody = format!("/api/appointments/open-ends?doctor={}", front.user("colleague"));
    assert_eq!(front.call("nurse", "GET", &of_nobody, None).await.expect(200)["pagination"]["total"], 0);
    front.call("patient", "GET", "/api/appointments/open-ends", None).await.expect(403);
}

async fn a_retry_books_once(house: &House) {
    let front = Front::open(house).await;
    let token = front.sign_in("receptionist", "ABC01").await;
    let key = [("Idempotency-Key", "a-key-of-one-booking")];
    let booking = front.booking(0, "2026-04-17T10:00:00Z");
    let first = front.send("POST", "/api/appointments", Some(&token), &key, Some(booking.clone())).await.expect(201);
    let again = front.send("POST", "/api/appointments", Some(&token), &key, Some(booking)).await.expect(201);
    assert_eq!(first, again);
    let other = front.send("POST", "/api/appointments", Some(&token), &key, Some(front.booking(1, "2026-04-17T11:00:00Z"))).await;
    other.expect(422);
}

async fn many_are_booked_all_or_none(house: &House) {
    let front = Front::open(house).await;
    front.book(0, "2026-04-17T10:00:00Z").await;
    let good = front.booking(0, "2026-04-17T11:00:00Z");
    let taken = front.booking(1, "2026-04-17T10:15:00Z");
    let of_nobody = json!({ "patient_id": 4711, "doctor": front.user("doctor"), "date": "2026-04-18", "time": "10:00" });
    let answer =
        front.call("receptionist", "POST", "/api/appointments/schedule", json!({ "appointments": [good, taken, of_nobody] })).await;
    let refused = answer.expect(400);
    let fields: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["appointments[1].scheduled_start", "appointments[2].patient_id"]);
    let answer = front.call("receptionist", "POST", "/api/appointments/schedule", json!({ "appointments": [good, taken] })).await;
    assert!(answer.refusal(409).contains("appointments[1].scheduled_start"));
    let listed = front.call("nurse", "GET", "/api/appointments", None).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 1, "nothing of a refused request is there");

    let rows: Vec<_> = (0..500)
        .map(|index| {
            let start = UtcTime::parse("2026-06-01T00:00:00Z").expect("a time").plus(jiff::SignedDuration::from_mins(30 * index));
            front.booking(usize::try_from(index % 3).expect("small"), &start.to_string())
        })
        .collect();
    let booked = front.call("receptionist", "POST", "/api/appointments/schedule", json!({ "appointments": rows })).await.expect(201);
    assert_eq!((booked["created"].clone(), booked["refused"].clone()), (json!(500), json!(0)));
    assert_eq!(booked["results"][499]["appointment"]["patient"]["first_name"], "First1");
    front.call("nurse", "POST", "/api/appointments/schedule", json!({ "appointments": [good] })).await.expect(403);
    front.call("receptionist", "POST", "/api/appointments/schedule", json!({ "appointments": [] })).await.expect(400);
}

async fn many_are_booked_as_far_as_they_fit(house: &House) {
    let front = Front::open(house).await;
    front.book(0, "2026-04-17T10:00:00Z").await;
    let mut no_end = front.booking(2, "2026-04-17T14:00:00Z");
    no_end.as_object_mut().expect("an object").remove("scheduled_end");
    let rows = json!([
        front.booking(0, "2026-04-17T11:00:00Z"),
        front.booking(1, "2026-04-17T10:15:00Z"),
        front.booking(1, "2026-04-17T11:15:00Z"),
        no_end,
        front.booking(2, "2026-04-17T11:30:00Z"),
    ]);
    let body = json!({ "mode": "partial", "appointments": rows });
    let booked = front.call("receptionist", "POST", "/api/appointments/schedule", body.clone()).await.expect(201);
    let results: Vec<_> = booked["results"].as_array().expect("results").iter().map(|row| row["status"].clone()).collect();
    assert_eq!(results, ["created", "refused", "refused", "refused", "created"]);
    assert_eq!(booked["results"][2]["error"], "Provider already has an appointment at this time");
    assert_eq!(booked["results"][3]["field"], "scheduled_end");
    let again = front.call("receptionist", "POST", "/api/appointments/schedule", body).await.expect(200);
    assert_eq!((again["created"].clone(), again["refused"].clone()), (json!(0), json!(5)));
}

async fn a_calendar_says_when_and_where_and_nothing_else(house: &House) {
    let front = Front::open(house).await;
    let mut booking = front.booking(0, "2026-04-17T10:00:00Z");
    booking["reason"] = json!("Chest pain");
    let booked = front.call("receptionist", "POST", "/api/appointments", booking).await.expect(201);
    let path = format!("/api/appointments/{}", booked["appointment"]["appointment_id"]);
    let calendar = front.call("patient", "GET", &format!("{path}/calendar.ics"), None).await;
    assert_eq!(calendar.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(calendar.text.contains("DTSTART:20260417T100000Z") && calendar.text.contains("STATUS:CONFIRMED"));
    assert!(!calendar.text.contains("Secretname") && !calendar.text.contains("Chest"));
    front.call("receptionist", "DELETE", &format!("{path}?reason=Ill"), None).await.expect(200);
    assert!(front.call("nurse", "GET", &format!("{path}/calendar.ics"), None).await.text.contains("STATUS:CANCELLED"));
    assert_eq!(front.call("nurse", "GET", &path, None).await.expect(200)["close_reason"], "Ill");
}

async fn a_feed_opens_with_its_token_only(house: &House) {
    let front = Front::open(house).await;
    front.book(0, "2026-04-17T10:00:00Z").await;
    let elsewhere = json!({
        "patient_id": front.charts[1][0], "provider_user_id": front.user("doctor"), "scheduled_start": "2026-04-18T10:00:00Z",
        "duration_minutes": 20
    });
    front.call("other_desk", "POST", "/api/appointments", elsewhere).await.expect(201);
    let doctor = front.user("doctor");
    let path = format!("/api/doctors/{doctor}/calendar-token");
    front.call("nurse", "POST", &path, None).await.expect(403);
    front.call("colleague", "POST", &path, None).await.expect(403);
    let made = front.call("doctor", "POST", &path, None).await.expect(201);
    let url = made["url"].as_str().expect("a url").trim_start_matches("https://clinic.example").to_owned();
    let feed = front.send("GET", &url, None, &[], None).await;
    assert_eq!(feed.status.as_u16(), 200, "{}", feed.text);
    assert_eq!(feed.text.matches("BEGIN:VEVENT").count(), 2);
    assert!(!feed.text.contains("Secretname"));
    let wrong = format!("/api/doctors/{doctor}/calendar.ics?token=wrong");
    front.send("GET", &wrong, None, &[], None).await.expect(404);
    front.send("GET", &url.replace(&format!("/{doctor}/"), &format!("/{}/", front.user("colleague"))), None, &[], None).await.expect(404);
    let renewed = front.call("admin", "POST", &path, None).await.expect(201);
    front.send("GET", &url, None, &[], None).await.expect(404);
    let url = renewed["url"].as_str().expect("a url").trim_start_matches("https://clinic.example").to_owned();
    assert_eq!(front.send("GET", &url, None, &[], None).await.status.as_u16(), 200);
    front.call("doctor", "DELETE", &path, None).await.expect(200);
    front.send("GET", &url, None, &[], None).await.expect(404);
}

async fn a_feeds_token_comes_again_with_its_key(house: &House) {
    let front = Front::open(house).await;
    let (doctor, token) = (front.user("doctor"), front.sign_in("doctor", "ABC01").await);
    let path = format!("/api/doctors/{doctor}/calendar-token");
    let key = [("Idempotency-Key", "a-key-of-one-feed")];
    let first = front.send("POST", &path, Some(&token), &key, None).await.expect(201);
    assert_eq!(front.send("POST", &path, Some(&token), &key, None).await.expect(201), first);
    let url = first["url"].as_str().expect("a url").trim_start_matches("https://clinic.example").to_owned();
    assert_eq!(front.send("GET", &url, None, &[], None).await.status.as_u16(), 200);
    let grant = clinichub_jobs::system_grant(None, "test", house.clock.as_ref());
    let kept = house.db.platform_read(&grant, (), async |mut tx: clinichub_db::PlatformTx, ()| {
        Ok(tx.all::<String>(clinichub_db::platform_sql!("SELECT answer FROM idempotency_keys"), ()).await?)
    });
    let secret = first["token"].as_str().expect("a token");
    let kept = kept.await.expect("the answers");
    assert!(kept.len() == 1 && !kept[0].contains(secret), "it is sealed");
    // It is the first answer, whatever has become of the feed.
    front.call("doctor", "DELETE", &path, None).await.expect(200);
    assert_eq!(front.send("POST", &path, Some(&token), &key, None).await.expect(201), first);
    front.send("GET", &url, None, &[], None).await.expect(404);
    let elsewhere = format!("/api/doctors/{}/calendar-token", front.user("colleague"));
    let admin = front.sign_in("admin", "ABC01").await;
    assert_ne!(front.send("POST", &elsewhere, Some(&admin), &key, None).await.expect(201)["token"], first["token"]);
}

async fn events_carry_no_names(house: &House) {
    let front = Front::open(house).await;
    let path = format!("/api/appointments/{}", front.book(0, "2026-04-17T10:00:00Z").await["appointment_id"]);
    front.call("nurse", "PUT", &path, json!({ "status": "waiting", "time": "08:00" })).await.expect(200);
    front.call("nurse", "PUT", &path, json!({ "notes": "Called back" })).await.expect(200);
    let grant = clinichub_jobs::system_grant(None, "test", house.clock.as_ref());
    let events = house.db.platform_read(&grant, (), async |mut tx: clinichub_db::PlatformTx, ()| {
        let sql = clinichub_db::platform_sql!("SELECT kind, payload FROM outbox WHERE resource = 'appointment' ORDER BY event_id");
        Ok(tx.all::<(String, String)>(sql, ()).await?)
    });
    let events = events.await.expect("the events");
    let kinds: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["appointment.created", "appointment.status_changed", "appointment.rescheduled", "appointment.updated"]);
    let changed: Value = serde_json::from_str(&events[1].1).expect("JSON");
    assert_eq!((changed["status"].clone(), changed["previous"].clone()), (json!("waiting"), json!("scheduled")));
    let noted: Value = serde_json::from_str(&events[3].1).expect("JSON");
    assert_eq!(noted["version"], 3, "a client knows whether it has this one already");
    assert!(events.iter().all(|(_, payload)| !payload.contains("First") && !payload.contains("Secretname")));
}
