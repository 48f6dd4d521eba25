//! The audit trail over HTTP: every request leaves its row before it is answered, and who may read the trail sees what is theirs.

use axum::http::StatusCode;
use clinichub_db::platform_sql;
use serde_json::Value;

use crate::house::{House, on_both};
use crate::served::Served;

on_both!(
    a_read_is_on_the_trail_when_it_is_answered,
    a_refusal_is_on_the_trail,
    another_clinics_trail_never_appears,
    a_patient_sees_who_looked_at_the_own_chart,
    the_trail_is_filtered_and_paged,
    without_its_row_a_request_is_not_answered,
);

async fn entries(served: &Served, token: &str, query: &str) -> Vec<Value> {
    let body = served.get(token, &format!("/api/audit?{query}")).await;
    body["events"].as_array().expect("a list").clone()
}

fn field(entries: &[Value], name: &str) -> Vec<Value> {
    entries.iter().map(|entry| entry[name].clone()).collect()
}

async fn a_read_is_on_the_trail_when_it_is_answered(house: &House) {
    let served = Served::fill(house).await;
    let (admin, nurse) = (served.sign_in("admin1").await, served.sign_in("nurse1").await);

    served.get(&nurse, "/api/auth/me").await;

    let found = entries(&served, &admin, "user_id=12&action=get_me").await;
    assert_eq!(found.len(), 1);
    let entry = &found[0];
    assert_eq!(
        (entry["outcome"].as_str(), entry["role"].as_str(), entry["user_name"].as_str()),
        (Some("allowed"), Some("nurse"), Some("Alex Doe"))
    );
    assert!(entry["request_id"].is_string() && entry["session_id"].is_number());
    assert_eq!(entries(&served, &admin, "action=list_audit&user_id=11").await.len(), 1, "reading the trail is on the trail");

    for (list, action) in [("prescriptions", "list_prescriptions"), ("invoices", "list_invoices"), ("cpt-records", "list_cpt_records")] {
        served.get(&admin, &format!("/api/{list}?patient_id=1")).await;
        let seen = entries(&served, &admin, &format!("patient_id=1&user_id=11&action={action}")).await;
        assert_eq!(seen.len(), 1, "{list}: who looks for what is a chart's looks at the chart");
    }
}

async fn a_refusal_is_on_the_trail(house: &House) {
    let served = Served::fill(house).await;
    let (admin, nurse) = (served.sign_in("admin1").await, served.sign_in("nurse1").await);

    let (status, _) = served.ask("GET", "/api/audit", Some(&nurse), None).await;

    assert_eq!(status, StatusCode::FORBIDDEN);
    let refused = entries(&served, &admin, "outcome=refused").await;
    assert_eq!(field(&refused, "user_id"), [12]);
    assert_eq!(field(&refused, "action"), ["list_audit"]);

    let (status, _) = served.ask("DELETE", "/api/patients/4711", Some(&nurse), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let refused = entries(&served, &admin, "outcome=refused&patient_id=4711").await;
    assert_eq!((field(&refused, "action"), field(&refused, "resource")), (vec!["delete_patient".into()], vec!["patient".into()]));
}

async fn another_clinics_trail_never_appears(house: &House) {
    let served = Served::fill(house).await;
    let (ours, theirs) = (served.sign_in("admin1").await, served.sign_in("admin2").await);
    served.get(&ours, "/api/auth/me").await;
    served.happen(1, 1, 7).await;

    for query in ["", "user_id=11", "patient_id=1", "action=get_me"] {
        let found = entries(&served, &theirs, query).await;
        let is_ours = |entry: &Value| entry["user_id"] == 11 || entry["resource_id"] == 11 || entry["patient_id"] == 1;
        assert!(!found.iter().any(is_ours), "{query}: {found:?}");
    }
}

async fn a_patient_sees_who_looked_at_the_own_chart(house: &House) {
    let served = Served::fill(house).await;
    let patient = served.sign_in("patient1").await;
    served.happen(1, 1, 7).await;
    served.happen(1, 2, 8).await;

    let found = entries(&served, &patient, "action=test").await;

    assert_eq!(field(&found, "patient_id"), [1]);
    assert!(["address", "request_id", "session_id", "details"].iter().all(|hidden| found[0].get(hidden).is_none()), "{found:?}");
    assert_eq!(entries(&served, &patient, "patient_id=2").await, [] as [Value; 0]);
    let admin = served.sign_in("admin1").await;
    let looks = entries(&served, &admin, "action=list_audit&user_id=31").await;
    assert_eq!(field(&looks, "patient_id"), [1, 1], "a patient's look is at the own chart, whatever was asked");
}

async fn the_trail_is_filtered_and_paged(house: &House) {
    let served = Served::fill(house).await;
    let admin = served.sign_in("admin1").await;
    for appointment in 1..=5 {
        served.happen(1, 1 + appointment % 2, appointment).await;
    }

    // The clock stands at 10:00 UTC, which is 6:00 of the same day in New York.
    let of_patient = served.get(&admin, "/api/audit?patient_id=2&per_page=2&from=2026-04-15&to=2026-04-15").await;
    assert_eq!(of_patient["events"].as_array().map(Vec::len), Some(2));
    assert_eq!((&of_patient["pagination"]["total"], &of_patient["pagination"]["has_next"]), (&3.into(), &true.into()));
    let newest_first = field(&entries(&served, &admin, "action=test").await, "event_id");
    assert!(newest_first.is_sorted_by(|one, next| one.as_i64() > next.as_i64()), "{newest_first:?}");
    let oldest_first = field(&entries(&served, &admin, "action=test&sort=at").await, "event_id");
    assert!(newest_first.iter().rev().eq(&oldest_first));
    for none in ["to=2026-04-15T10:00:00Z", "from=2026-04-16", "to=2026-04-14", "action=tes", "search=nothing"] {
        assert_eq!(entries(&served, &admin, &format!("patient_id=1&{none}")).await, [] as [Value; 0], "{none}");
    }
    assert_eq!(entries(&served, &admin, "search=TES").await.len(), 5);
    for wrong in ["patient_id=0", "user_id=x", "outcome=perhaps", "from=yesterday", "colour=red", "sort=name", "page=0"] {
        let (status, _) = served.ask("GET", &format!("/api/audit?{wrong}"), Some(&admin), None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

async fn without_its_row_a_request_is_not_answered(house: &House) {
    let served = Served::fill(house).await;
    let nurse = served.sign_in("nurse1").await;
    served.tamper(platform_sql!("ALTER TABLE audit_events RENAME TO mislaid")).await;

    let (status, body) = served.ask("GET", "/api/auth/me", Some(&nurse), None).await;
    assert_eq!((status, body.get("user")), (StatusCode::SERVICE_UNAVAILABLE, None));

    served.tamper(platform_sql!("ALTER TABLE mislaid RENAME TO audit_events")).await;
    served.get(&nurse, "/api/auth/me").await;
}
