//! What several people do at once to one chart ends as if they had done it one after the other.

use clinichub_testkit::{TestApp, Who, on_both_databases};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::visits::{Desk, id};

on_both_databases!(
    who_names_no_version_is_not_refused_for_one,
    nothing_is_measured_in_a_completed_visit,
    a_chart_with_a_visit_stays,
    the_second_prescription_of_a_drug_is_warned_of_the_first,
    a_problem_is_added_once,
    a_chart_is_deleted_once,
    another_time_zone_counts_at_once,
);

async fn who_names_no_version_is_not_refused_for_one(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/visits/{}", desk.visit("12:30").await);
    let parts = ["subjective", "objective", "assessment", "plan"];
    for answer in join_all(parts.map(|part| desk.doctor.put(&path, json!({ part: part })))).await {
        answer.expect(200);
    }
    let visit = desk.doctor.get(&path).await.expect(200);
    assert!(parts.iter().all(|part| visit[part] == *part), "{visit}");
}

async fn nothing_is_measured_in_a_completed_visit(app: &TestApp) {
    let desk = Desk::open(app).await;
    for time in ["12:30", "13:00", "13:30", "14:00"] {
        let visit = desk.visit(time).await;
        let (vitals, complete) = (format!("/api/visits/{visit}/vitals"), format!("/api/visits/{visit}/complete"));
        let measure = || desk.nurse.post(&vitals, json!({ "vitals": { "pain": 1 } }));
        let (completed, measured) = join(desk.doctor.put(&complete, Value::Null), join_all([measure(), measure(), measure()])).await;
        let completed = completed.expect(200);
        let noted = measured.iter().filter(|answer| answer.status == 201).count();
        assert!(measured.iter().all(|answer| answer.status == 201 || answer.status == 409));
        assert_eq!(completed["visit"]["vitals"].as_array().map(Vec::len), Some(noted), "what was taken is in what was completed");
    }
}

async fn a_chart_with_a_visit_stays(app: &TestApp) {
    let desk = Desk::open(app).await;
    for time in ["12:30", "13:00", "13:30", "14:00"] {
        let patient = app.patient(&desk.admin, "Berta", time).await;
        let body = json!({
            "patient_id": patient, "provider_user_id": Who::Doctor.id(), "scheduled_start": format!("2026-04-14T{time}:00Z"),
            "duration_minutes": 30
        });
        let appointment = id(&desk.admin.post("/api/appointments", body).await.expect(201), "/appointment/appointment_id");
        let chart = format!("/api/patients/{patient}");
        let (deleted, started) =
            join(desk.admin.delete(&chart), desk.doctor.post("/api/visits", json!({ "appointment_id": appointment }))).await;
        assert_ne!(
            deleted.status == 200,
            started.status == 201,
            "{} and {}: {} {}",
            deleted.status,
            started.status,
            deleted.body,
            started.body
        );
        if started.status == 201 {
            let visit = id(&started.body, "/visit/visit_id");
            desk.doctor.put(&format!("/api/visits/{visit}/complete"), Value::Null).await.expect(200);
        }
    }
}

async fn the_second_prescription_of_a_drug_is_warned_of_the_first(app: &TestApp) {
    let desk = Desk::open(app).await;
    for drug in ["Metformin", "Amlodipine", "Lisinopril"] {
        let draft = async || {
            let body = json!({ "patient_id": desk.patient, "drug": drug, "dosage": "5 mg", "frequency": "daily" });
            id(&desk.doctor.post("/api/prescriptions", body).await.expect(201), "/prescription/prescription_id")
        };
        let (one, other) = (draft().await, draft().await);
        let sign = async |draft: i64| desk.doctor.put(&format!("/api/prescriptions/{draft}/finalize"), json!({})).await.status.as_u16();
        let mut statuses = [join(sign(one), sign(other)).await].map(|(one, other)| [one, other])[0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{drug}");
    }
}

async fn a_problem_is_added_once(app: &TestApp) {
    let desk = Desk::open(app).await;
    let (one, other) = (desk.visit("12:30").await, desk.visit("13:00").await);
    for name in ["Asthma", "Gout", "Migraine"] {
        let note = async |visit: i64| {
            let diagnoses = json!({ "diagnoses": [{ "description": name, "add_to_problems": true }] });
            desk.doctor.put(&format!("/api/visits/{visit}/diagnoses"), diagnoses).await.expect(200);
        };
        join(note(one), note(other)).await;
        let chart = desk.doctor.get(&format!("/api/patients/{}/records?kind=condition&search={name}", desk.patient)).await.expect(200);
        assert_eq!(chart["pagination"]["total"], 1, "{name}: {chart}");
    }
}

async fn a_chart_is_deleted_once(app: &TestApp) {
    let desk = Desk::open(app).await;
    let path = format!("/api/patients/{}", desk.patient);
    let mut statuses: Vec<_> = join_all((0..4).map(|_| desk.admin.delete(&path))).await.iter().map(|one| one.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
}

/// Sessions remember the clinic's zone. It is noon of 14 April in UTC.
async fn another_time_zone_counts_at_once(app: &TestApp) {
    let desk = Desk::open(app).await;
    let born = async || desk.nurse.put(&format!("/api/patients/{}", desk.patient), json!({ "dob": "2026-04-15" })).await.status.as_u16();
    assert_eq!(born().await, 400, "it is not tomorrow yet");
    desk.admin.put("/api/clinics/1", json!({ "time_zone": "Pacific/Kiritimati" })).await.expect(200);
    assert_eq!(born().await, 200);
}
