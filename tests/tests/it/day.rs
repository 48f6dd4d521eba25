//! A clinic's day on the board, its doctors' days in the schedule, and the next free slot.

use clinichub_testkit::{Client, TestApp, Who, on_both_databases};
use serde_json::{Value, json};

use crate::requests;

on_both_databases!(
    a_board_shows_the_clinics_day,
    a_board_can_be_narrowed,
    a_board_counts_what_waits,
    a_schedule_shows_hours_and_absences,
    another_clinics_time_is_busy_and_nothing_else,
    a_schedule_has_bounds,
    a_doctor_keeps_the_colour,
    days_are_the_staffs,
    the_next_free_slots_of_all_doctors_are_found,
    slots_are_as_long_as_the_service,
    slots_are_sought_within_bounds,
);

/// The clinics are in New York: four hours behind UTC. The clock stands on Tuesday 2026-04-14, eight in the morning there.
struct Day {
    desk: Client,
    admin: Client,
    doctor: i64,
    patient: i64,
}

impl Day {
    async fn of(app: &TestApp) -> Self {
        let (desk, admin) = (app.sign_in(Who::Receptionist).await, app.sign_in(Who::Admin).await);
        let patient = app.patient(&desk, "Ana", "Rivera").await;
        Self { desk, admin, doctor: Who::Doctor.id().0, patient }
    }

    async fn book(&self, body: Value) -> Value {
        let mut booking = json!({ "patient_id": self.patient, "provider_user_id": self.doctor, "duration_minutes": 30 });
        booking.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        self.desk.post("/api/appointments", booking).await.expect(201)["appointment"].clone()
    }

    async fn at(&self, start: &str) -> Value {
        self.book(json!({ "scheduled_start": start })).await
    }

    /// From nine to five on Tuesdays and Wednesdays.
    async fn works(&self, doctor: i64) {
        let day = |weekday: &str| json!({ "weekday": weekday, "start": "09:00", "end": "17:00" });
        let body = json!({ "weekly": [day("tuesday"), day("wednesday")] });
        self.admin.put(&format!("/api/doctors/{doctor}/availability"), body).await.expect(200);
    }

    async fn colleague(&self, name: &str) -> i64 {
        let body = json!({
            "first_name": name, "last_name": "Quinn", "email": format!("{name}@abc01.example"), "password": clinichub_testkit::PASSWORD,
            "specialization": "Cardiology"
        });
        self.admin.post("/api/doctors", body).await.expect(201)["doctor"]["user_id"].as_i64().expect("an id")
    }
}

fn column<'v>(rows: &'v Value, name: &str) -> Vec<&'v Value> {
    rows.as_array().expect("a list").iter().map(|row| &row[name]).collect()
}

async fn a_board_shows_the_clinics_day(app: &TestApp) {
    let day = Day::of(app).await;
    day.admin
        .put(&format!("/api/patients/{}", day.patient), json!({ "phone": "787 123 4567", "preferred_language": "es" }))
        .await
        .expect(200);
    let service = json!({ "code": "99213", "description": "Office visit", "price": "125.00" });
    let service = day.admin.post("/api/fee-schedule", service).await.expect(201)["service"].clone();
    let early = day.book(json!({ "scheduled_start": "2026-04-14T04:00:00Z", "service_id": service["service_id"], "notes": "First" })).await;
    let late = day.at("2026-04-15T03:30:00Z").await;
    day.at("2026-04-14T03:30:00Z").await;
    day.at("2026-04-15T04:00:00Z").await;
    let called_off = day.at("2026-04-14T15:00:00Z").await;
    day.desk.delete(&format!("/api/appointments/{}", called_off["appointment_id"])).await.expect(200);

    let path = format!("/api/appointments/{}", early["appointment_id"]);
    day.desk.put(&format!("{path}/status"), json!({ "status": "waiting" })).await.expect(200);
    app.clock.advance(jiff::SignedDuration::from_mins(10));
    day.admin.put(&format!("{path}/status"), json!({ "status": "completed" })).await.expect(200);
    let invoice = day.desk.post("/api/invoices", json!({ "appointment_id": early["appointment_id"] })).await.expect(201)["invoice"].clone();

    let board = day.desk.get("/api/board").await.expect(200);
    assert_eq!((&board["date"], &board["time_zone"]), (&json!("2026-04-14"), &json!("America/New_York")));
    assert_eq!((&board["now"], &board["truncated"]), (&json!("2026-04-14T12:10:00Z"), &json!(false)));
    let ids = [&early, &called_off, &late].map(|row| &row["appointment_id"]);
    assert_eq!(column(&board["appointments"], "appointment_id"), ids, "what begins between midnight and midnight, in any state");
    assert_eq!(
        board["appointments"][0],
        json!({
            "appointment_id": early["appointment_id"], "reference": early["reference"], "patient_id": day.patient,
            "patient": {
                "first_name": "Ana", "last_name": "Rivera", "mrn": early["patient"]["mrn"], "dob": "1990-05-10", "sex": "female",
                "phone": "787 123 4567", "preferred_language": "es"
            },
            "provider_user_id": day.doctor, "provider_name": "Doctor Tester", "scheduled_start": "2026-04-14T04:00:00Z",
            "scheduled_end": "2026-04-14T04:30:00Z", "status": "completed", "status_changed_at": "2026-04-14T12:10:00Z",
            "arrived_at": "2026-04-14T12:00:00Z", "department": null,
            "service": {
                "service_id": service["service_id"], "code": "99213", "description": "Office visit", "price": "125.00", "currency": "USD"
            },
            "reason": null, "notes": "First", "close_reason": null, "cpt_id": invoice["cpt_id"], "invoice_id": invoice["invoice_id"],
            "version": 3
        })
    );
    let doctor = json!({ "user_id": day.doctor, "name": "Doctor Tester", "specialization": null, "color_index": 0 });
    assert_eq!(board["doctors"], json!([doctor]));
    let other_day = day.desk.get("/api/board?date=2026-04-13").await.expect(200);
    assert_eq!(column(&other_day["appointments"], "scheduled_start"), [&json!("2026-04-14T03:30:00Z")]);
}

async fn a_board_can_be_narrowed(app: &TestApp) {
    let day = Day::of(app).await;
    let (first, second) = (day.colleague("mia").await, day.colleague("noa").await);
    for (provider, department) in [(first, "Radiology"), (second, "Radiology"), (day.doctor, "Surgery")] {
        let start = "2026-04-14T14:00:00Z";
        day.book(json!({ "scheduled_start": start, "provider_user_id": provider, "department": department })).await;
    }
    let shown = async |query: &str| {
        let board = day.desk.get(&format!("/api/board?{query}")).await.expect(200);
        board["appointments"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["provider_user_id"].as_i64().unwrap_or(0))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown("department=Radiology").await, [first, second]);
    assert_eq!(shown(&format!("provider_user_id={second},{}", day.doctor)).await, [second, day.doctor]);
    assert_eq!(shown(&format!("provider_user_id={second}&department=Surgery")).await, [0; 0]);
    for bad in ["date=2026-13-01", "date=now", "provider_user_id=x", "provider_user_id=1,", "provider_user_id=0", "colour=red"] {
        day.desk.get(&format!("/api/board?{bad}")).await.expect(400);
    }
}

async fn a_board_counts_what_waits(app: &TestApp) {
    let day = Day::of(app).await;
    let other = day.colleague("mia").await;
    day.at("2026-04-10T14:00:00Z").await;
    day.at("2026-04-13T14:00:00Z").await;
    day.book(json!({ "scheduled_start": "2026-04-13T15:00:00Z", "provider_user_id": other })).await;
    day.book(json!({ "scheduled_start": "2026-05-20T14:00:00Z", "status": "pending" })).await;
    let counts = async |query: &str| {
        let board = day.desk.get(&format!("/api/board{query}")).await.expect(200);
        (board["open_ends"].as_i64(), board["requests"].as_i64())
    };
    assert_eq!(counts("").await, (Some(3), Some(1)));
    assert_eq!(counts(&format!("?provider_user_id={other}")).await, (Some(1), Some(0)));
    let listed = day.desk.get("/api/appointments/open-ends").await.expect(200);
    assert_eq!(listed["pagination"]["total"], 3, "as many as the list has");
}

async fn a_schedule_shows_hours_and_absences(app: &TestApp) {
    let day = Day::of(app).await;
    let body = json!({
        "weekly": [{ "weekday": "tuesday", "start": "09:00", "end": "12:00" }, { "weekday": "tuesday", "start": "13:00", "end": "17:00" }],
        "exceptions": [{ "date": "2026-04-15", "start": "10:00", "end": "11:00" }, { "date": "2026-04-21" }]
    });
    day.admin.put(&format!("/api/doctors/{}/availability", day.doctor), body).await.expect(200);
    let away = json!({ "start": "2026-04-16T04:00:00Z", "end": "2026-04-18T04:00:00Z", "reason": "Congress" });
    let away = day.admin.post(&format!("/api/doctors/{}/time-off", day.doctor), away).await.expect(201)["time_off"].clone();
    let booked = day.at("2026-04-14T14:00:00Z").await;
    let days = day.desk.get("/api/schedule?from=2026-04-14&to=2026-04-21").await.expect(200);
    assert_eq!((&days["from"], &days["to"], &days["slot_minutes"]), (&json!("2026-04-14"), &json!("2026-04-21"), &json!(30)));
    assert_eq!(column(&days["appointments"], "appointment_id"), [&booked["appointment_id"]]);
    let stretch = |start: &str, end: &str| json!({ "start": format!("2026-04-{start}:00Z"), "end": format!("2026-04-{end}:00Z") });
    assert_eq!(
        days["doctors"],
        json!([{
            "user_id": day.doctor, "name": "Doctor Tester", "specialization": null, "color_index": 0,
            "hours": [stretch("14T13:00", "14T16:00"), stretch("14T17:00", "14T21:00"), stretch("15T14:00", "15T15:00")],
            "time_off": [away], "busy": []
        }])
    );
    let next_week = day.desk.get("/api/schedule?from=2026-04-21").await.expect(200);
    assert_eq!((&next_week["to"], &next_week["doctors"][0]["hours"]), (&json!("2026-04-21"), &json!([])));
}

async fn another_clinics_time_is_busy_and_nothing_else(app: &TestApp) {
    let day = Day::of(app).await;
    let elsewhere = app.sign_in(Who::OtherAdmin).await;
    let patient = app.patient(&elsewhere, "Zoe", "Secretname").await;
    for start in ["2026-04-14T14:00:00Z", "2026-04-14T14:30:00Z", "2026-04-14T16:00:00Z"] {
        let body = json!({
            "patient_id": patient, "provider_user_id": day.doctor, "scheduled_start": start, "duration_minutes": 30, "reason": "Secretreason"
        });
        elsewhere.post("/api/appointments", body).await.expect(201);
    }
    let days = day.desk.get("/api/schedule").await.expect(200);
    let busy = json!([
        { "start": "2026-04-14T14:00:00Z", "end": "2026-04-14T15:00:00Z" }, { "start": "2026-04-14T16:00:00Z", "end": "2026-04-14T16:30:00Z" }
    ]);
    assert_eq!(days["doctors"][0]["busy"], busy, "even where one ends and the next begins is not told");
    assert_eq!(days["appointments"], json!([]));
    assert!(!days.to_string().contains("Secret"));
    let board = day.desk.get("/api/board").await.expect(200);
    assert_eq!(board["appointments"], json!([]));
}

async fn a_schedule_has_bounds(app: &TestApp) {
    let day = Day::of(app).await;
    let refused = async |query: &str| {
        let body = day.desk.get(&format!("/api/schedule?{query}")).await.expect(400);
        body["errors"][0]["field"].as_str().unwrap_or_default().to_owned()
    };
    day.desk.get("/api/schedule?from=2026-04-01&to=2026-05-12").await.expect(200);
    assert_eq!(refused("from=2026-04-01&to=2026-05-13").await, "to");
    assert_eq!(refused("from=2026-04-02&to=2026-04-01").await, "to");
    assert_eq!(refused("from=2026-04-31").await, "from");
    assert_eq!(refused("provider_user_id=one").await, "provider_user_id");
    let many: Vec<String> = (1..=101).map(|id: i64| id.to_string()).collect();
    assert_eq!(refused(&format!("provider_user_id={}", many.join(","))).await, "provider_user_id");
    let nobody = day.desk.get("/api/schedule?provider_user_id=4711").await.expect(200);
    assert_eq!(nobody["doctors"], json!([]), "who is not of this clinic is not there");
}

async fn a_doctor_keeps_the_colour(app: &TestApp) {
    let day = Day::of(app).await;
    let colours = async || {
        let days = day.desk.get("/api/schedule").await.expect(200);
        let doctors = days["doctors"].as_array().expect("a list").clone();
        doctors.iter().map(|doctor| (doctor["user_id"].as_i64(), doctor["color_index"].as_i64())).collect::<Vec<_>>()
    };
    let (first, second) = (day.colleague("mia").await, day.colleague("noa").await);
    assert_eq!(colours().await, [(Some(day.doctor), Some(0)), (Some(first), Some(1)), (Some(second), Some(2))]);
    day.admin.delete(&format!("/api/doctors/{first}")).await.expect(200);
    assert_eq!(colours().await, [(Some(day.doctor), Some(0)), (Some(second), Some(2))]);
    let asked = day.desk.get(&format!("/api/schedule?provider_user_id={second}")).await.expect(200);
    assert_eq!(asked["doctors"][0]["color_index"], 2);
}

async fn days_are_the_staffs(app: &TestApp) {
    app.anyone().post("/api/auth/register", requests::registration("ABC01", "pat@abc01.example")).await.expect(201);
    let patient = requests::sign_in(app, "pat@abc01.example").await;
    for path in ["/api/board", "/api/schedule"] {
        assert_eq!(patient.get(path).await.error(403), "The schedule is for the clinic's staff");
        for who in [Who::Admin, Who::Doctor, Who::Nurse, Who::Technician, Who::Receptionist] {
            app.sign_in_to(who, "ABC01").await.get(path).await.expect(200);
        }
    }
}

async fn the_next_free_slots_of_all_doctors_are_found(app: &TestApp) {
    let day = Day::of(app).await;
    let colleague = day.colleague("mia").await;
    for doctor in [day.doctor, colleague] {
        day.works(doctor).await;
    }
    // Taken here, in the other clinic, and by a day off.
    day.at("2026-04-14T13:00:00Z").await;
    let elsewhere = app.sign_in(Who::OtherAdmin).await;
    let patient = app.patient(&elsewhere, "Zoe", "Secretname").await;
    let body = json!({
        "patient_id": patient, "provider_user_id": day.doctor, "scheduled_start": "2026-04-14T13:30:00Z", "duration_minutes": 30
    });
    elsewhere.post("/api/appointments", body).await.expect(201);
    let away = json!({ "start": "2026-04-14T04:00:00Z", "end": "2026-04-14T14:30:00Z" });
    day.admin.post(&format!("/api/doctors/{colleague}/time-off"), away).await.expect(201);

    let found = async |query: &str| {
        let body = day.desk.get(&format!("/api/slots?{query}")).await.expect(200);
        let slots = body["slots"].as_array().expect("slots").clone();
        let told = |slot: &Value| (slot["start"].as_str().unwrap_or_default().to_owned(), slot["provider_user_id"].as_i64().unwrap_or(0));
        slots.iter().map(told).collect::<Vec<_>>()
    };
    let at = |time: &str, doctor: i64| (format!("2026-04-{time}:00Z"), doctor);
    // Of one time in the order of the family names: Quinn before Tester.
    let all = [at("14T14:00", day.doctor), at("14T14:30", colleague), at("14T14:30", day.doctor), at("14T15:00", colleague)];
    assert_eq!(found("limit=4").await, all);
    assert_eq!(found(&format!("limit=2&provider_user_id={colleague}")).await, [at("14T14:30", colleague), at("14T15:00", colleague)]);
    assert_eq!(found("limit=1&specialty=cardio").await, [at("14T14:30", colleague)]);
    assert_eq!(found("limit=1&from=2026-04-15").await, [at("15T13:00", colleague)]);
    assert_eq!(found("").await.len(), 20);
    assert_eq!(found("from=2026-04-16&to=2026-04-20").await, []);
    day.admin.delete(&format!("/api/doctors/{colleague}")).await.expect(200);
    assert_eq!(found(&format!("provider_user_id={colleague}")).await, [], "who can't be booked has no slots");
}

async fn slots_are_as_long_as_the_service(app: &TestApp) {
    let day = Day::of(app).await;
    day.works(day.doctor).await;
    let long = json!({ "code": "LONG", "description": "Long visit", "price": "200.00", "duration_minutes": 90 });
    let long = day.admin.post("/api/fee-schedule", long).await.expect(201)["service"]["service_id"].clone();
    let found = day.desk.get(&format!("/api/slots?service_id={long}&limit=2")).await.expect(200);
    assert_eq!((&found["minutes"], &found["time_zone"]), (&json!(90), &json!("America/New_York")));
    assert_eq!(column(&found["slots"], "start"), [&json!("2026-04-14T13:00:00Z"), &json!("2026-04-14T14:30:00Z")]);
    let found = day.desk.get(&format!("/api/slots?service_id={long}&minutes=15&limit=1")).await.expect(200);
    assert_eq!(found["slots"][0]["end"], "2026-04-14T13:15:00Z");
    day.desk.get("/api/slots?service_id=4711").await.expect(404);
}

async fn slots_are_sought_within_bounds(app: &TestApp) {
    let day = Day::of(app).await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("minutes=4", "minutes"),
        ("minutes=481", "minutes"),
        ("from=2026-04-15&to=2026-04-13", "to"),
        ("from=2026-04-15&to=2026-06-16", "to"),
        ("provider_user_id=-1", "provider_user_id"),
        ("specialty=", ""),
    ] {
        let answer = day.desk.get(&format!("/api/slots?{query}")).await;
        let status = if field.is_empty() { 200 } else { 400 };
        let body = answer.expect(status);
        assert_eq!(body["errors"][0]["field"].as_str().unwrap_or_default(), field, "{query}");
    }
}
