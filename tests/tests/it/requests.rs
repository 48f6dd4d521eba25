//! A valid request for every operation, and two clinics furnished alike to ask it of.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use clinichub_api::RouteRow;
use clinichub_testkit::{Client, PASSWORD, TestApp, Who, form};
use http::Method;
use serde_json::{Value, json};

/// Stands in everything of the clinic XYZ02, so that it is seen where it must not be.
pub const FOREIGN: &str = "Zanzibar";
/// An id that nothing has.
pub const NOWHERE: i64 = 987_654_321;

/// What is in a clinic, by the name that a path or a body calls it.
pub type Ids = BTreeMap<&'static str, i64>;

/// A request: what stands behind the path, and the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub path: String,
    pub body: Option<Value>,
}

/// The operation's name without what tells its paths and methods apart.
pub fn base(operation: &str) -> &str {
    let operation = operation.strip_suffix("_alias").unwrap_or(operation);
    operation.strip_suffix("_patch").unwrap_or(operation)
}

/// A valid request for a mounted operation.
pub fn asked(row: &RouteRow, ids: &Ids) -> Asked {
    let operation = base(&row.operation_id);
    let number = next();
    let (query, body) = valid(operation, ids, number).unwrap_or_else(|| {
        panic!(
            "you added an endpoint, {} {} ({operation}): give it a row in `valid` of {}, with what a valid request for it says, so \
             that everybody who must not reach it is tried",
            row.method,
            row.path,
            file!()
        )
    });
    let body = if row.method == Method::GET || body.is_null() { None } else { Some(body) };
    Asked { path: path(row, ids) + query, body }
}

fn path(row: &RouteRow, ids: &Ids) -> String {
    let operation = base(&row.operation_id);
    let mut path = String::new();
    for part in row.path.split_inclusive('/') {
        let name = part.trim_end_matches('/');
        let name_end = name.len();
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some("token") => path.push_str("3q2-7wAAAAAAAAAAAAAAAA"),
            Some(name) => {
                let name = expendable(operation, name);
                let id = ids.get(name).unwrap_or_else(|| panic!("give `furnish` of {} a {name} for {operation}", file!()));
                path.push_str(&id.to_string());
                path.push_str(&part[name_end..]);
            }
            None => path.push_str(part),
        }
    }
    path
}

/// What an operation uses up has one of its own.
fn expendable<'n>(operation: &str, name: &'n str) -> &'n str {
    match (operation, name) {
        ("delete_patient", _) => "doomed_patient_id",
        ("delete_document", _) => "doomed_document_id",
        ("delete_lab_report", _) => "doomed_lab_report_id",
        ("delete_lab_result", _) => "doomed_lab_result_id",
        ("sign_lab_report", _) => "unsigned_lab_report_id",
        ("get_document_thumbnail", _) => "picture_document_id",
        ("delete_doctor", _) => "doomed_doctor_id",
        ("deactivate_user" | "activate_user", _) => "doomed_user_id",
        ("invite_user", _) => "invited_user_id",
        ("invite_first_admin", _) => "new_clinic_id",
        ("change_user_password", _) => "own_user_id",
        ("cancel_appointment", _) => "doomed_appointment_id",
        ("accept_appointment", _) => "request_id",
        ("reject_appointment", _) => "other_request_id",
        ("delete_prescription", _) => "doomed_prescription_id",
        ("finalize_prescription", _) => "unsigned_prescription_id",
        ("correct_prescription", _) => "signed_prescription_id",
        ("get_appointment_visit", _) => "visited_appointment_id",
        ("complete_visit", _) => "completable_visit_id",
        ("create_visit_addendum", _) => "completed_visit_id",
        ("delete_record", "record_id") => "doomed_record_id",
        ("delete_visit_template", _) => "doomed_template_id",
        _ => name,
    }
}

fn next() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What stands behind the path of a valid request, and its body; `None` for an operation that nobody has described.
#[expect(clippy::too_many_lines, reason = "a table with a row an operation")]
fn valid(operation: &str, ids: &Ids, number: i64) -> Option<(&'static str, Value)> {
    let id = |name: &str| ids.get(name).copied().unwrap_or(NOWHERE);
    let body = match operation {
        "search_patients" => return Some(("?q=jo", Value::Null)),
        "find_duplicates" => json!({ "first_name": "John", "last_name": "Oakland", "dob": "1990-05-10" }),
        "get_board" => return Some(("?date=2027-01-01", Value::Null)),
        "get_schedule" => return Some(("?from=2027-01-01&to=2027-01-07", Value::Null)),
        "find_slots" => return Some(("?from=2027-01-01&to=2027-01-07", Value::Null)),
        "import_patients" => json!(format!("first_name,last_name,dob,sex\nNew,Comer{number},1990-05-10,female\n")),
        "get_doctor_calendar" => return Some(("?token=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Value::Null)),
        "get_setup" | "verify_prescription" | "list_public_clinics" | "list_doctors" | "get_doctor" | "open_events" => Value::Null,
        "get_clinic_usage" | "export_clinic_usage" | "get_usage_overview" => {
            return Some(("?from=2026-04-01&to=2026-04-30", Value::Null));
        }
        "search_icd10" => return Some(("?q=acute", Value::Null)),
        // That which `set_usage_prices` plans.
        "delete_usage_price" => return Some(("?kind=visit_completion&valid_from=2030-01-01", Value::Null)),
        "list_users"
        | "get_user"
        | "list_clinics"
        | "get_clinic"
        | "get_clinic_permissions"
        | "list_patients"
        | "get_patient"
        | "get_patient_summary"
        | "get_patient_timeline"
        | "get_patient_chart"
        | "list_patient_visits"
        | "list_records"
        | "list_visits"
        | "list_open_visits"
        | "get_visit"
        | "get_appointment_visit"
        | "list_visit_templates"
        | "list_usage_prices"
        | "list_audit"
        | "list_audit_actions"
        | "list_clinics_usage"
        | "list_services"
        | "list_cpt_records"
        | "list_invoices"
        | "export_invoices"
        | "get_invoice"
        | "get_invoice_pdf"
        | "list_prescriptions"
        | "get_prescription"
        | "get_prescription_pdf"
        | "list_prescription_favorites"
        | "get_me"
        | "protected"
        | "list_sessions"
        | "get_doctor_availability"
        | "list_doctor_slots"
        | "list_appointments"
        | "list_open_ends"
        | "get_appointment"
        | "list_documents"
        | "list_lab_reports"
        | "get_lab_report"
        | "download_lab_report"
        | "list_lab_results"
        | "get_document"
        | "download_document"
        | "get_document_thumbnail"
        | "get_appointment_calendar" => Value::Null,
        "logout"
        | "end_session"
        | "deactivate_user"
        | "activate_user"
        | "invite_user"
        | "delete_doctor"
        | "delete_time_off"
        | "delete_patient"
        | "delete_prescription"
        | "finalize_prescription"
        | "correct_prescription"
        | "delete_prescription_favorite"
        | "delete_document"
        | "delete_lab_report"
        | "delete_lab_result"
        | "sign_lab_report"
        | "release_lab_report"
        | "cancel_appointment"
        | "accept_appointment"
        | "create_calendar_token"
        | "delete_calendar_token"
        | "complete_visit"
        | "delete_record"
        | "delete_visit_template" => Value::Null,
        "create_clinic" => json!({
            "code": format!("NEW{:04}", number % 10_000), "name": "Another Clinic", "time_zone": "America/New_York", "currency": "USD"
        }),
        "update_clinic" => json!({ "city": "Boston" }),
        "set_clinic_status" => json!({ "status": "active" }),
        "set_clinic_permissions" => json!({ "permissions": [{ "role": "nurse", "permission": "audit_read", "allowed": null }] }),
        "create_user" => json!({
            "first_name": "New", "last_name": "Comer", "email": format!("new{number}@abc01.example"), "password": PASSWORD,
            "role": "nurse"
        }),
        "invite_first_admin" => json!({ "first_name": "First", "last_name": "Admin", "email": format!("first{number}@fresh.example") }),
        "update_user" | "update_me" => json!({ "first_name": "Other" }),
        "change_user_password" => json!({ "current_password": PASSWORD, "new_password": PASSWORD }),
        "switch_clinic" => json!({ "clinic_id": id("clinic_id") }),
        "create_doctor" => json!({ "user_id": id("user_id"), "specialization": "Cardiology" }),
        "update_doctor" => json!({ "bio": "Has seen a lot." }),
        "set_doctor_availability" => json!({ "weekly": [{ "weekday": "monday", "start": "09:00", "end": "17:00" }] }),
        "create_time_off" => json!({ "start": "2027-07-01T04:00:00Z", "end": "2027-07-15T04:00:00Z" }),
        "create_patient" => json!({ "first_name": "New", "last_name": "Patient", "dob": "1990-05-10", "sex": "female" }),
        "update_patient" => json!({ "phone": "787 999 8888" }),
        "upload_document" => json!("Brought by the patient.\n"),
        "upload_lab_report" => json!("Glucose 126 mg/dL\n"),
        "update_lab_report" => json!({ "title": "Metabolic panel" }),
        "add_lab_results" | "create_lab_results" => json!({ "results": [{ "analyte": "Glucose", "value": 126, "unit": "mg/dL" }] }),
        "update_document" => json!({ "title": "Referral" }),
        "create_service" => service(&format!("S{number}"), "Office visit"),
        "put_fee_schedule" => json!({ "services": [service("S0", "Office visit")] }),
        "update_service" => json!({ "price": "130.00" }),
        "create_prescription" => json!({
            "patient_id": id("patient_id"), "doctor_id": id("doctor_id"), "drug": "Metformin", "dosage": "500mg", "frequency": "Daily",
            "cost": 12.5
        }),
        "update_prescription" => json!({ "note": "With food" }),
        "create_prescription_favorite" => json!({ "name": format!("Favorite {number}"), "item": { "drug": "Metformin" } }),
        "create_invoice" => json!({ "appointment_id": id("billable_appointment_id") }),
        "update_invoice" => json!({ "status": "paid", "payment_method": "card" }),
        "create_appointment" => booking(ids, number),
        "schedule_appointments" => json!({ "appointments": [booking(ids, number)] }),
        "update_appointment" => json!({ "reason": "General checkup" }),
        "set_appointment_status" => json!({ "status": "waiting" }),
        "reject_appointment" => json!({ "reason": "Please see your family doctor first" }),
        "start_visit" => json!({ "appointment_id": id("arrived_appointment_id") }),
        "update_visit" => json!({ "plan": format!("Come back in {number} days.") }),
        "set_visit_diagnoses" => json!({ "diagnoses": [{ "code": "J06.9", "description": "Acute upper respiratory infection" }] }),
        "set_visit_procedures" => json!({ "procedures": [{ "service_id": id("service_id"), "units": 1, "modifiers": ["25"] }] }),
        "record_visit_vitals" => json!({ "vitals": { "heart_rate": 72 } }),
        "create_visit_addendum" => json!({ "text": "The culture came back negative." }),
        "create_visit_template" => json!({ "name": "Check-up", "objective": "Heart and lungs: " }),
        "update_visit_template" => json!({ "plan": "Come back in a year." }),
        "create_record" => json!({ "kind": "allergy", "name": "Penicillin", "severity": "severe" }),
        "update_record" => json!({ "details": "Asked again." }),
        "set_usage_prices" => json!({ "prices": [{ "kind": "visit_completion", "unit_price": "1.50", "valid_from": "2030-01-01" }] }),
        "login" => json!({ "email": Who::Admin.email(), "password": PASSWORD }),
        "refresh_token" => json!({ "refresh_token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
        "register" => registration("ABC01", &format!("new{number}@patients.example")),
        "forgot_password" => json!({ "email": "nobody@patients.example" }),
        "reset_password" => json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "password": PASSWORD }),
        "open_invitation" => json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
        "accept_invitation" => json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "password": PASSWORD }),
        "set_up" => json!({
            "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "clinic": { "code": "NEW01", "name": "New Clinic", "time_zone": "America/New_York", "currency": "USD" },
            "admin": { "first_name": "Ada", "last_name": "Lane", "email": "ada@new.example", "password": PASSWORD }
        }),
        _ => return None,
    };
    Some(("", body))
}

/// The body of a form whose file is this text.
pub fn text_form(text: &str) -> Vec<u8> {
    form(("note.txt", "text/plain", text.as_bytes()), &[])
}

/// A GIF of one pixel.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

fn service(code: &str, description: &str) -> Value {
    json!({ "code": code, "description": description, "price": "125.00" })
}

/// Half an hour that no other booking has.
fn booking(ids: &Ids, number: i64) -> Value {
    let (day, hour, half) = (number / 48, number / 2 % 24, number % 2 * 30);
    let date = jiff::civil::date(2027, 1, 1).saturating_add(jiff::Span::new().days(day));
    let id = |name: &str| ids.get(name).copied().unwrap_or(NOWHERE);
    json!({
        "patient_id": id("patient_id"), "provider_user_id": id("doctor_id"), "scheduled_start": format!("{date}T{hour:02}:{half:02}:00Z"),
        "duration_minutes": 30
    })
}

/// A patient's registration with themselves.
pub fn registration(clinic: &str, email: &str) -> Value {
    json!({
        "clinic": clinic, "first_name": "Pat", "last_name": "Ient", "dob": "1990-05-10", "sex": "female", "email": email,
        "password": PASSWORD
    })
}

/// Fills a clinic with one of everything, through its admin.
pub async fn furnish(app: &TestApp, admin: &Client, name: &str) -> Ids {
    let mut ids = Ids::new();
    let made = async |path: &str, body: Value, pointer: &str| {
        let answer = admin.post(path, body).await.expect(201);
        answer.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {answer}"))
    };
    let domain = name.to_lowercase();
    ids.insert("clinic_id", admin.get("/api/auth/me").await.expect(200)["clinic_id"].as_i64().expect("a clinic"));
    for (key, role) in [("user_id", "nurse"), ("doomed_user_id", "nurse"), ("doctor_id", "doctor"), ("doomed_doctor_id", "doctor")] {
        let body = json!({
            "first_name": name, "last_name": key, "email": format!("{key}@{domain}.example"), "password": PASSWORD, "role": role
        });
        ids.insert(key, made("/api/users", body, "/user/user_id").await);
    }
    let invited = json!({ "first_name": name, "last_name": "Invited", "email": format!("invited@{domain}.example"), "role": "nurse" });
    ids.insert("invited_user_id", made("/api/users", invited, "/user/user_id").await);
    for key in ["patient_id", "doomed_patient_id"] {
        let body = json!({ "first_name": "John", "last_name": name, "dob": "1990-05-10", "sex": "male" });
        ids.insert(key, made("/api/patients", body, "/patient/patient_id").await);
    }
    for key in ["document_id", "doomed_document_id", "picture_document_id"] {
        let path = format!("/api/patients/{}/documents", ids["patient_id"]);
        let (file, contents) = if key == "picture_document_id" { ("a.gif", PICTURE) } else { ("a.txt", name.as_bytes()) };
        let answer = admin.post_file(&path, (file, "application/octet-stream", contents), &[("title", name)]).await.expect(201);
        ids.insert(key, answer["document"]["document_id"].as_i64().expect("an id"));
    }
    ids.insert("service_id", made("/api/fee-schedule", service("99213", name), "/service/service_id").await);
    let away = json!({ "start": "2027-12-01T00:00:00Z", "end": "2027-12-02T00:00:00Z", "reason": name });
    ids.insert("time_off_id", made(&format!("/api/doctors/{}/time-off", ids["doctor_id"]), away, "/time_off/time_off_id").await);
    let kinds = ["appointment_id", "doomed_appointment_id", "billed_appointment_id", "billable_appointment_id"];
    for (key, status) in kinds.map(|key| (key, "scheduled")).into_iter().chain([("request_id", "pending"), ("other_request_id", "pending")])
    {
        let mut body = booking(&ids, next());
        (body["status"], body["reason"]) = (json!(status), json!(name));
        ids.insert(key, made("/api/appointments", body, "/appointment/appointment_id").await);
    }
    for key in ["billed_appointment_id", "billable_appointment_id"] {
        admin.put(&format!("/api/appointments/{}", ids[key]), json!({ "status": "completed" })).await.expect(200);
    }
    ids.insert("invoice_id", made("/api/invoices", json!({ "appointment_id": ids["billed_appointment_id"] }), "/invoice/invoice_id").await);
    furnish_charts(app, admin, name, &mut ids).await;
    ids.insert("session_id", session(admin).await);
    ids.insert("own_user_id", admin.get("/api/auth/me").await.expect(200)["user_id"].as_i64().expect("a user"));
    ids
}

/// Visits, entries of the chart and templates, through the clinic's doctor.
async fn furnish_charts(app: &TestApp, admin: &Client, name: &str, ids: &mut Ids) {
    let doctor = sign_in(app, &format!("doctor_id@{}.example", name.to_lowercase())).await;
    let made = async |client: &Client, path: &str, body: Value, pointer: &str| {
        let answer = client.post(path, body).await.expect(201);
        answer.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {answer}"))
    };
    for key in ["arrived_appointment_id", "visit_id", "completable_visit_id", "completed_visit_id"] {
        let mut body = booking(ids, next());
        body["reason"] = json!(name);
        let appointment = made(admin, "/api/appointments", body, "/appointment/appointment_id").await;
        if key == "visit_id" {
            ids.insert("visited_appointment_id", appointment);
        }
        if key == "arrived_appointment_id" {
            ids.insert(key, appointment);
            continue;
        }
        let visit = made(&doctor, "/api/visits", json!({ "appointment_id": appointment }), "/visit/visit_id").await;
        doctor.put(&format!("/api/visits/{visit}"), json!({ "assessment": name, "plan": name })).await.expect(200);
        ids.insert(key, visit);
    }
    doctor.put(&format!("/api/visits/{}/complete", ids["completed_visit_id"]), Value::Null).await.expect(200);
    for key in ["lab_report_id", "doomed_lab_report_id", "unsigned_lab_report_id"] {
        let path = format!("/api/visits/{}/lab-reports", ids["visit_id"]);
        let answer = doctor.post_file(&path, ("labs.txt", "text/plain", name.as_bytes()), &[("title", name)]).await.expect(201);
        ids.insert(key, answer["lab_report"]["lab_report_id"].as_i64().expect("an id"));
    }
    for key in ["lab_result_id", "doomed_lab_result_id"] {
        let body = json!({ "results": [{ "analyte": name, "value": 5.4 }] });
        ids.insert(
            key,
            made(&doctor, &format!("/api/patients/{}/lab-results", ids["patient_id"]), body, "/lab_results/0/lab_result_id").await,
        );
    }
    for key in ["record_id", "doomed_record_id"] {
        let body = json!({ "kind": "condition", "name": name });
        ids.insert(key, made(&doctor, &format!("/api/patients/{}/records", ids["patient_id"]), body, "/record/record_id").await);
    }
    for key in ["template_id", "doomed_template_id"] {
        let body = json!({ "name": name, "shared": true });
        ids.insert(key, made(admin, "/api/visit-templates", body, "/template/template_id").await);
    }
}

/// The client's own session.
pub async fn session(client: &Client) -> i64 {
    let sessions = client.get("/api/auth/sessions?per_page=100").await.expect(200);
    let current = sessions["sessions"].as_array().expect("a list").iter().find(|session| session["is_current"] == true);
    current.expect("the current session")["session_id"].as_i64().expect("an id")
}

/// Both clinics, each with one of everything.
pub async fn furnished(app: &TestApp) -> (Ids, Ids) {
    let mut own = furnish(app, &app.sign_in(Who::Admin).await, "Oakland").await;
    let mut foreign = furnish(app, &app.sign_in(Who::OtherAdmin).await, FOREIGN).await;
    prescribe(app, &mut own, "Oakland").await;
    prescribe(app, &mut foreign, FOREIGN).await;
    let operator = app.sign_in(Who::Operator).await;
    for (ids, code) in [(&mut own, "FRESH01"), (&mut foreign, "FRESH02")] {
        let new = json!({ "code": code, "name": "Nobody Runs It", "time_zone": "America/New_York", "currency": "USD" });
        let made = operator.post("/api/clinics", new).await.expect(201);
        ids.insert("new_clinic_id", made["clinic"]["clinic_id"].as_i64().expect("an id"));
    }
    // The small pictures of the documents that are some.
    app.run_jobs().await;
    (own, foreign)
}

/// What the clinic's doctor wrote: drafts, one that is signed, a favourite.
async fn prescribe(app: &TestApp, ids: &mut Ids, name: &str) {
    let doctor = sign_in(app, &format!("doctor_id@{}.example", name.to_lowercase())).await;
    let made = async |path: &str, body: Value, pointer: &str| {
        let answer = doctor.post(path, body).await.expect(201);
        answer.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {answer}"))
    };
    let kinds = [
        ("prescription_id", "Lisinopril"),
        ("doomed_prescription_id", "Atorvastatin"),
        ("unsigned_prescription_id", "Omeprazole"),
        ("signed_prescription_id", "Levothyroxine"),
    ];
    for (key, drug) in kinds {
        let body = json!({ "patient_id": ids["patient_id"], "note": name, "items": [{ "drug": drug, "frequency": "Daily" }] });
        ids.insert(key, made("/api/prescriptions", body, "/prescription/prescription_id").await);
    }
    doctor.put(&format!("/api/prescriptions/{}/finalize", ids["signed_prescription_id"]), json!({})).await.expect(200);
    let favorite = json!({ "name": name, "item": { "drug": name } });
    ids.insert("favorite_id", made("/api/prescription-favorites", favorite, "/favorite/favorite_id").await);
}

/// A client of somebody who was made by [`furnish`] or has registered.
pub async fn sign_in(app: &TestApp, email: &str) -> Client {
    let body = json!({ "email": email, "password": PASSWORD });
    let body = app.anyone().post("/api/auth/login", body).await.expect(200);
    app.with_token(body["access_token"].as_str().expect("a token"))
}
