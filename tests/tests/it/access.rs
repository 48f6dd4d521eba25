//! The access matrix: every mounted operation is tried by everyone who might ask, and the wrong ones must not get in.
//!
//! Generated from the mounted routes: an operation without a row in `requests.rs` fails, and so does one that is open without being
//! in [`OPEN`].

use std::collections::BTreeSet;

use clinichub_api::{MOST_FORM_BYTES, RouteRow};
use clinichub_core::{ClinicId, Role};
use clinichub_testkit::{Answer, Client, PASSWORD, TestApp, Who, on_both_databases};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::requests::{FOREIGN, Ids, NOWHERE, asked, base, furnished, registration, session, sign_in, text_form};

on_both_databases!(
    each_role_does_what_its_permissions_say,
    another_clinics_things_are_not_there,
    nobody_gets_in_without_a_good_token,
    nobody_gets_in_whose_clinic_is_suspended_or_who_was_sent_away,
);

/// The operations that need no permission, and nothing else does. Each was looked at: what it shows or does, anyone may see or do.
const OPEN: [&str; 15] = [
    "accept_invitation",
    "forgot_password",
    "get_doctor",
    "get_doctor_calendar",
    "get_setup",
    "list_doctors",
    "list_public_clinics",
    "login",
    "open_events",
    "open_invitation",
    "refresh_token",
    "register",
    "reset_password",
    "set_up",
    "verify_prescription",
];

/// After these the token is worth nothing.
const ENDS_THE_SESSION: [&str; 3] = ["logout", "switch_clinic", "end_session"];

/// What the operator of the installation reaches in every clinic.
const OPERATORS: [&str; 9] = [
    "get_clinic",
    "update_clinic",
    "get_clinic_usage",
    "export_clinic_usage",
    "list_usage_prices",
    "set_usage_prices",
    "delete_usage_price",
    "set_clinic_status",
    "invite_first_admin",
];

fn guarded(app: &TestApp) -> Vec<&RouteRow> {
    app.rows.iter().filter(|row| row.needs.is_ok()).collect()
}

#[tokio::test]
async fn the_open_routes_are_the_reviewed_ones() {
    let app = TestApp::start(clinichub_testkit::Engine::Sqlite).await;
    let mut open: Vec<&str> = app.rows.iter().filter(|row| row.needs.is_err()).map(|row| base(&row.operation_id)).collect();
    open.sort_unstable();
    open.dedup();
    assert_eq!(open, OPEN, "a route that needs no permission must be reviewed and put into OPEN of {}", file!());
}

/// Somebody of a role, and how they sign in again.
struct Person {
    role: Role,
    email: String,
    client: Client,
    /// The clinic's things as this person has them.
    ids: Ids,
}

impl Person {
    async fn new(app: &TestApp, role: Role, email: &str, own: &Ids) -> Self {
        let client = sign_in(app, email).await;
        let mut ids = own.clone();
        let me = client.get("/api/auth/me").await.expect(200);
        ids.insert("own_user_id", me["user_id"].as_i64().expect("an id"));
        if role == Role::Patient {
            let charts = client.get("/api/patients").await.expect(200);
            ids.insert("patient_id", charts["patients"][0]["patient_id"].as_i64().expect("a chart"));
        }
        Self { role, email: email.to_owned(), client, ids }
    }

    /// The client for one request, and the things; a new session where the operation ends it.
    async fn ready(&self, app: &TestApp, row: &RouteRow) -> (Client, Ids) {
        let mut ids = self.ids.clone();
        if !ENDS_THE_SESSION.contains(&base(&row.operation_id)) {
            return (self.client.clone(), ids);
        }
        let client = sign_in(app, &self.email).await;
        ids.insert("session_id", session(&client).await);
        (client, ids)
    }
}

async fn register(app: &TestApp, clinic: &str, email: &str) {
    app.anyone().post("/api/auth/register", registration(clinic, email)).await.expect(201);
}

/// One person of every role in ABC01, who belongs nowhere else.
async fn everyone(app: &TestApp, own: &Ids) -> Vec<Person> {
    register(app, "ABC01", "pat@abc01.example").await;
    let accounts = [
        (Role::Admin, Who::Admin.email()),
        (Role::Doctor, "doctor_id@oakland.example"),
        (Role::Nurse, Who::Nurse.email()),
        (Role::Technician, Who::Technician.email()),
        (Role::Receptionist, Who::Receptionist.email()),
        (Role::Patient, "pat@abc01.example"),
        (Role::PlatformAdmin, Who::Operator.email()),
    ];
    assert_eq!(accounts.len(), Role::ALL.len(), "a role is missing here");
    let mut people = Vec::new();
    for (role, email) in accounts {
        people.push(Person::new(app, role, email, own).await);
    }
    people
}

async fn ask(client: &Client, row: &RouteRow, ids: &Ids) -> Answer {
    let asked = asked(row, ids);
    match (row.upload, asked.body) {
        (Some(MOST_FORM_BYTES), Some(Value::String(text))) => client.post_form(&asked.path, text_form(&text)).await,
        (Some(_), Some(Value::String(file))) => client.upload(&asked.path, file).await,
        (_, body) => client.send(row.method.clone(), &asked.path, body).await,
    }
}

fn may(row: &RouteRow, role: Role) -> bool {
    row.needs.is_ok_and(|permission| permission.default_for(role))
}

async fn each_role_does_what_its_permissions_say(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let people = everyone(app, &own).await;
    let (mut wrong, mut done) = (Vec::new(), BTreeSet::new());
    for row in guarded(app) {
        for person in &people {
            let (client, ids) = person.ready(app, row).await;
            let answer = ask(&client, row, &ids).await;
            if answer.status.is_success() {
                done.insert(base(&row.operation_id));
            }
            if let Some(what) = fault_of_own(row, person.role, &answer) {
                wrong.push(format!("{} {} ({}) as {}: {what}: {}", row.method, row.path, row.operation_id, person.role, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Otherwise it might be the request that is refused, and not the person.
    let never: Vec<_> = guarded(app).into_iter().map(|row| base(&row.operation_id)).filter(|operation| !done.contains(operation)).collect();
    assert!(never.is_empty(), "nobody could do {never:?}: what `valid` says of them is not valid");
}

/// What is wrong with the answer to a valid request about the own clinic.
fn fault_of_own(row: &RouteRow, role: Role, answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    let leaks = role != Role::PlatformAdmin && (answer.body.to_string().contains(FOREIGN) || answer.body.to_string().contains("xyz02"));
    match (may(row, role), status) {
        _ if leaks => Some(format!("{status} shows what belongs to the other clinic")),
        (false, 403) => None,
        (false, _) => Some(format!("{status} instead of 403, for want of the permission")),
        (true, 200..=299 | 403 | 404 | 409) => None,
        // A patient books inside offered slots only.
        (true, 400) if role == Role::Patient => None,
        (true, _) => Some(format!("{status}, although the request is valid")),
    }
}

async fn another_clinics_things_are_not_there(app: &TestApp) {
    let (own, foreign) = furnished(app).await;
    let people = everyone(app, &own).await;
    let mut wrong = Vec::new();
    for row in guarded(app) {
        for person in &people {
            for name in foreign.keys().filter(|name| **name != "own_user_id") {
                wrong.extend(fault_with_foreign(row, person, name, foreign[name]).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the answer to a request about one thing of the other clinic, if the operation takes such a thing.
async fn fault_with_foreign(row: &RouteRow, person: &Person, name: &'static str, id: i64) -> Option<String> {
    let with = |id: i64| person.ids.clone().into_iter().chain([(name, id)]).collect::<Ids>();
    let names_it = {
        let asked = asked(row, &with(NOWHERE));
        asked.path.contains(&NOWHERE.to_string()) || asked.body.is_some_and(|body| body.to_string().contains(&NOWHERE.to_string()))
    };
    let is_operators = person.role == Role::PlatformAdmin && OPERATORS.contains(&base(&row.operation_id));
    if !names_it || is_operators {
        return None;
    }
    let (theirs, nobodys) = (ask(&person.client, row, &with(id)).await, ask(&person.client, row, &with(NOWHERE)).await);
    let fine = match (may(row, person.role), theirs.status.as_u16()) {
        (false, status) => status == 403,
        (true, 404) => true,
        (true, 403) => is_own_only(row, person),
        // Of many bookings at once, the one that names nothing is named.
        (true, status) => status == 400 && base(&row.operation_id) == "schedule_appointments",
    };
    let same = (theirs.status, &theirs.body) == (nobodys.status, &nobodys.body);
    (!fine || !same).then(|| {
        let Answer { status, body, .. } = theirs;
        format!(
            "{} {} as {} with the other clinic's {name}: {status} {body}, and {} where nobody has it: {}",
            row.method, row.path, person.role, nobodys.status, nobodys.body
        )
    })
}

/// Whether the operation is refused to this role with whatever is not their own, so that the refusal says nothing.
fn is_own_only(row: &RouteRow, person: &Person) -> bool {
    match base(&row.operation_id) {
        "change_user_password" => true,
        "update_user" | "update_doctor" => person.role != Role::Admin,
        "set_doctor_availability" | "create_time_off" | "delete_time_off" | "create_calendar_token" | "delete_calendar_token" => {
            person.role == Role::Doctor
        }
        // The operator belongs to no clinic.
        _ => person.role == Role::PlatformAdmin,
    }
}

/// That nobody with this client gets anything but a 401, whatever is asked.
async fn expect_unauthenticated(app: &TestApp, who: &str, client: &Client, ids: &Ids) {
    for row in guarded(app) {
        let answer = ask(client, row, ids).await;
        assert_eq!(answer.status, 401, "{} {} {who}: {}", row.method, row.path, answer.body);
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{} {} {who}", row.method, row.path);
    }
}

async fn nobody_gets_in_without_a_good_token(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let expired = everyone(app, &own).await;
    app.clock.advance(SignedDuration::from_mins(15));
    for person in &expired {
        expect_unauthenticated(app, &format!("with an expired token of a {}", person.role), &person.client, &own).await;
    }
    expect_unauthenticated(app, "without a token", &app.anyone(), &own).await;
    for who in Who::ALL {
        let client = app.sign_in(who).await;
        for (how, token) in forgeries(client.token()) {
            expect_unauthenticated(app, &format!("with a token of {who:?} {how}"), &app.with_token(&token), &own).await;
        }
    }
}

/// Tokens that we did not sign, made from one that we did.
fn forgeries(token: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let (head, claims, signature) = (parts[0], parts[1], parts[2]);
    let reversed: String = signature.chars().rev().collect();
    let none = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9";
    vec![
        ("with a forged signature", format!("{head}.{claims}.{reversed}")),
        ("without a signature", format!("{head}.{claims}.")),
        ("with `alg: none`", format!("{none}.{claims}.")),
        ("with `alg: none` and a signature", format!("{none}.{claims}.{signature}")),
    ]
}

async fn nobody_gets_in_whose_clinic_is_suspended_or_who_was_sent_away(app: &TestApp) {
    let (own, foreign) = furnished(app).await;
    let operator = app.sign_in(Who::Operator).await;
    let mut away = Vec::new();
    for who in [Who::Nurse, Who::Technician, Who::Receptionist] {
        away.push((who, app.sign_in(who).await));
    }
    let doctor = sign_in(app, "doctor_id@oakland.example").await;
    let admin = app.sign_in(Who::Admin).await;
    for (who, _) in &away {
        admin.put(&format!("/api/users/{}/deactivate", who.id()), Value::Null).await.expect(200);
    }
    admin.put(&format!("/api/users/{}/deactivate", own["doctor_id"]), Value::Null).await.expect(200);
    for (who, client) in &away {
        expect_unauthenticated(app, &format!("as {who:?}, who was sent away"), client, &own).await;
    }
    expect_unauthenticated(app, "as a doctor who was sent away", &doctor, &own).await;
    let suspended = members_of_xyz02(app).await;
    let status = format!("/api/clinics/{}/status", ClinicId(foreign["clinic_id"]));
    operator.put(&status, json!({ "status": "suspended" })).await.expect(200);
    for (who, client) in &suspended {
        expect_unauthenticated(app, &format!("as {who} of a suspended clinic"), client, &foreign).await;
    }
    app.anyone().post("/api/auth/login", json!({ "email": Who::OtherAdmin.email(), "password": PASSWORD })).await.expect(403);
}

async fn members_of_xyz02(app: &TestApp) -> Vec<(&'static str, Client)> {
    let admin = app.sign_in(Who::OtherAdmin).await;
    register(app, "XYZ02", "pat@xyz02.example").await;
    let mut members = vec![("a patient", sign_in(app, "pat@xyz02.example").await)];
    for role in ["doctor", "nurse", "technician", "receptionist"] {
        let email = format!("{role}.more@xyz02.example");
        let body = json!({ "first_name": "One", "last_name": "More", "email": email, "password": PASSWORD, "role": role });
        admin.send(Method::POST, "/api/users", Some(body)).await.expect(201);
        members.push((role, sign_in(app, &email).await));
    }
    members.push(("an admin", admin));
    members
}
