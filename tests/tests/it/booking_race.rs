//! Races for a provider's time: whoever is second is told so, on both databases, whichever clinic they ask.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::front::Front;
use crate::house::{House, on_both};

on_both!(
    of_64_bookings_of_one_slot_one_succeeds,
    the_doctors_two_clinics_race_too,
    of_many_moves_to_one_slot_one_succeeds,
    overlapping_moves_and_bookings_leave_no_overlap,
    of_many_states_at_once_each_follows_the_table,
);

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

async fn race(front: &Arc<Front>, requests: Vec<(&'static str, &'static str, String, Value)>) -> Vec<u16> {
    let calls = requests.into_iter().map(|(who, method, path, body)| {
        let front = front.clone();
        async move { front.call(who, method, &path, body).await.status.as_u16() }
    });
    join_all(calls).await
}

async fn of_64_bookings_of_one_slot_one_succeeds(house: &House) {
    let front = Arc::new(Front::open(house).await);
    let booking = front.booking(0, "2026-04-20T14:00:00Z");
    let statuses = race(&front, (0..64).map(|_| ("receptionist", "POST", "/api/appointments".into(), booking.clone())).collect()).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 63), "{statuses:?}");
}

async fn the_doctors_two_clinics_race_too(house: &House) {
    let front = Arc::new(Front::open(house).await);
    let here = front.booking(0, "2026-04-20T14:00:00Z");
    let mut there = front.booking(0, "2026-04-20T14:15:00Z");
    there["patient_id"] = json!(front.charts[1][0]);
    let requests = (0..64).map(|index| {
        let (who, booking) = if index % 2 == 0 { ("receptionist", &here) } else { ("other_desk", &there) };
        (who, "POST", "/api/appointments".to_owned(), booking.clone())
    });
    let statuses = race(&front, requests.collect()).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 63), "{statuses:?}");
}

async fn of_many_moves_to_one_slot_one_succeeds(house: &House) {
    let front = Arc::new(Front::open(house).await);
    let mut requests = Vec::new();
    for hour in 0..24 {
        let appointment = front.book(0, &format!("2026-04-20T{hour:02}:00:00Z")).await;
        let body = json!({ "scheduled_start": "2026-04-22T14:00:00Z" });
        requests.push(("nurse", "PUT", format!("/api/appointments/{}", appointment["appointment_id"]), body));
    }
    let statuses = race(&front, requests).await;
    assert_eq!((count(&statuses, 200), count(&statuses, 409)), (1, 23), "{statuses:?}");
}

/// Two doctors' appointments are swapped and moved into each other while others book: nothing deadlocks, nothing overlaps.
async fn overlapping_moves_and_bookings_leave_no_overlap(house: &House) {
    let front = Arc::new(Front::open(house).await);
    let mut requests = Vec::new();
    for (index, hour) in (0..16).enumerate() {
        let appointment = front.book(0, &format!("2026-04-20T{hour:02}:00:00Z")).await;
        let to = if index % 2 == 0 { "colleague" } else { "doctor" };
        let body = json!({ "doctor_id": front.user(to), "scheduled_start": format!("2026-04-20T{:02}:10:00Z", (hour + 1) % 4) });
        requests.push(("nurse", "PUT", format!("/api/appointments/{}", appointment["appointment_id"]), body));
        let mut booking = front.booking(1, &format!("2026-04-20T{:02}:20:00Z", hour % 4));
        booking["provider_user_id"] = json!(front.user("colleague"));
        requests.push(("receptionist", "POST", "/api/appointments".to_owned(), booking));
    }
    let statuses = race(&front, requests).await;
    assert!(statuses.iter().all(|status| [200, 201, 409].contains(status)), "{statuses:?}");
    let listed = front.call("nurse", "GET", "/api/appointments?per_page=100", None).await.expect(200);
    let mut times: Vec<(i64, String, String)> = listed["appointments"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let text = |field: &str| row[field].as_str().expect("a time").to_owned();
            (row["provider_user_id"].as_i64().expect("an id"), text("scheduled_start"), text("scheduled_end"))
        })
        .collect();
    times.sort();
    assert!(times.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1), "{times:?}");
}

async fn of_many_states_at_once_each_follows_the_table(house: &House) {
    let front = Arc::new(Front::open(house).await);
    let path = format!("/api/appointments/{}", front.book(0, "2026-04-20T14:00:00Z").await["appointment_id"]);
    let states = ["completed", "cancelled", "no_show", "waiting"];
    let requests = (0..32).map(|index| ("admin", "PUT", path.clone(), json!({ "status": states[index % 4] })));
    let statuses = race(&front, requests.collect()).await;
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    let history = front.call("nurse", "GET", &path, None).await.expect(200)["history"].clone();
    let closed =
        history.as_array().expect("a history").iter().filter(|state| state["status"] != "scheduled" && state["status"] != "waiting");
    assert_eq!(closed.count(), 1, "{history}");
}
