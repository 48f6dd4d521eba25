//! Killed in the middle of load: what was answered is there, whole, and nothing is there by half.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::caller::{Caller, Reply};
use crate::program::{Installation, Server, until};

const ROUNDS: usize = 3;
const CLIENTS: usize = 4;
/// So many answers are waited for before the server is killed; the clients go on until they notice.
const ANSWERS: usize = 60;
/// What tells the clients' work from the demonstration's.
const MARK: &str = "Under load";

/// What somebody was told is done.
#[derive(Debug)]
enum Told {
    Registered { patient: i64 },
    Booked { appointment: i64, reference: String },
    Completed { appointment: i64 },
    Invoiced { invoice: i64, number: String },
}

/// One client: registers, books, completes and bills, again and again, until the server is gone; what it was told.
struct Client<'r> {
    caller: Caller,
    /// Rounds and clients have times of their own, so that nobody is refused.
    lane: usize,
    answers: &'r AtomicUsize,
    told: Vec<Told>,
}

impl Client<'_> {
    fn work(mut self) -> Vec<Told> {
        for number in 0.. {
            if self.visit(number).is_err() {
                break;
            }
        }
        self.told
    }

    /// One patient's way through the clinic. Ends where the server does.
    fn visit(&mut self, number: usize) -> std::io::Result<()> {
        let name = json!({ "first_name": format!("N{}-{number}", self.lane), "last_name": MARK, "dob": "1990-05-10", "sex": "other" });
        let patient = self.done("POST", "/api/patients", &name, 201)?.id(201, "/patient/patient_id");
        self.told.push(Told::Registered { patient });
        let booking = json!({
            "patient_id": patient, "provider_user_id": 2, "reason": MARK, "duration_minutes": 5, "scheduled_start": self.time(number)
        });
        let booked = self.done("POST", "/api/appointments", &booking, 201)?;
        let appointment = booked.id(201, "/appointment/appointment_id");
        self.told.push(Told::Booked { appointment, reference: text(&booked.body, "/appointment/reference") });
        self.done("PUT", &format!("/api/appointments/{appointment}"), &json!({ "status": "completed" }), 200)?;
        self.told.push(Told::Completed { appointment });
        let billed = self.done("POST", "/api/invoices", &json!({ "appointment_id": appointment }), 201)?;
        let invoice = billed.id(201, "/invoice/invoice_id");
        self.told.push(Told::Invoiced { invoice, number: text(&billed.body, "/invoice/number") });
        Ok(())
    }

    fn done(&self, method: &str, path: &str, body: &Value, status: u16) -> std::io::Result<Reply> {
        let reply = self.caller.send(method, path, &[], &body.to_string())?;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        self.answers.fetch_add(1, Ordering::Relaxed);
        Ok(reply)
    }

    fn time(&self, number: usize) -> String {
        let minutes = i64::try_from((self.lane * 4000 + number) * 5).expect("a number");
        let start = jiff::civil::date(2040, 1, 1).at(0, 0, 0, 0).saturating_add(jiff::Span::new().minutes(minutes));
        format!("{start}Z")
    }
}

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {body}")).to_owned()
}

/// Works until some answers are there, and kills the server; what the clients were told.
fn round(server: Server, token: &str, round: usize) -> Vec<Told> {
    let answers = AtomicUsize::new(0);
    let told: Vec<Told> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| Client { caller: server.caller(token), lane: round * CLIENTS + client, answers: &answers, told: Vec::new() })
            .map(|client| scope.spawn(|| client.work()))
            .collect();
        until("the clients have answers, or one failed", || {
            answers.load(Ordering::Relaxed) >= ANSWERS || clients.iter().any(std::thread::ScopedJoinHandle::is_finished)
        });
        assert_eq!(server.signal("KILL"), None);
        clients.into_iter().flat_map(|client| client.join().expect("a client that was refused nothing")).collect()
    });
    assert!(told.len() >= ANSWERS, "{told:?}");
    told
}

/// That what somebody was told is there, whole.
fn check(caller: &Caller, told: &Told) {
    let get = |path: String| {
        let reply = caller.get(&path).expect("answered");
        assert_eq!(reply.status, 200, "{told:?}, and now {path}: {}", reply.body);
        reply.body
    };
    let whole = match told {
        Told::Registered { patient } => get(format!("/api/patients/{patient}"))["last_name"] == MARK,
        Told::Booked { appointment, reference } => {
            let found = get(format!("/api/appointments/{appointment}"));
            found["reference"] == **reference && found["history"][0]["status"] == "scheduled"
        }
        Told::Completed { appointment } => {
            let found = get(format!("/api/appointments/{appointment}"));
            let records = get(format!("/api/cpt-records?appointment_id={appointment}"));
            found["status"] == "completed" && records["pagination"]["total"] == 1
        }
        Told::Invoiced { invoice, number } => {
            let found = get(format!("/api/invoices/{invoice}"));
            found["number"] == **number && found["lines"].as_array().is_some_and(|lines| !lines.is_empty())
        }
    };
    assert!(whole, "{told:?} is there by half");
}

/// What would be there by half: each counts rows that must not exist.
const HALVES: [(&str, &str); 9] = [
    (
        "a patient without an audit row",
        "SELECT count(*) FROM patients p WHERE p.last_name = 'Under load' AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.action = 'create_patient' AND e.outcome = 'allowed' AND e.clinic_id = p.clinic_id AND e.patient_id = p.patient_id)",
    ),
    (
        "a booking without an audit row",
        "SELECT count(*) FROM appointments a WHERE a.reason = 'Under load' AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.action = 'create_appointment' AND e.clinic_id = a.clinic_id AND e.resource = 'appointment' AND e.resource_id = a.appointment_id)",
    ),
    (
        "an invoice without an audit row",
        "SELECT count(*) FROM invoices i JOIN appointments a ON a.clinic_id = i.clinic_id AND a.appointment_id = i.appointment_id WHERE a.reason = 'Under load' AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.action = 'create_invoice' AND e.clinic_id = i.clinic_id AND e.resource = 'invoice' AND e.resource_id = i.invoice_id)",
    ),
    (
        "an appointment without history",
        "SELECT count(*) FROM appointments a WHERE NOT EXISTS (SELECT 1 FROM appointment_states s WHERE s.clinic_id = a.clinic_id AND s.appointment_id = a.appointment_id AND s.status = a.status)",
    ),
    (
        "a completed appointment without a CPT record",
        "SELECT count(*) FROM appointments a WHERE a.status = 'completed' AND NOT EXISTS (SELECT 1 FROM cpt_records c WHERE c.clinic_id = a.clinic_id AND c.appointment_id = a.appointment_id)",
    ),
    (
        "a CPT record of an appointment that is not completed",
        "SELECT count(*) FROM cpt_records c JOIN appointments a ON a.clinic_id = c.clinic_id AND a.appointment_id = c.appointment_id WHERE a.status <> 'completed'",
    ),
    (
        "an invoice whose lines are not its total",
        "SELECT count(*) FROM invoices i WHERE i.total_minor <> COALESCE((SELECT sum(l.amount_minor) FROM invoice_lines l WHERE l.clinic_id = i.clinic_id AND l.invoice_id = i.invoice_id), -1)",
    ),
    ("a reference twice", "SELECT count(*) FROM (SELECT 1 FROM appointments GROUP BY reference HAVING count(*) > 1) twice"),
    ("an invoice number twice", "SELECT count(*) FROM (SELECT 1 FROM invoices GROUP BY clinic_id, number HAVING count(*) > 1) twice"),
];

fn what_was_answered_is_there_whole(here: &Installation) {
    let mut server = here.serve(&["--demo"]);
    let token = server.sign_in("admin@clinichub.com", "admin123");
    let mut told = Vec::new();
    for number in 0..ROUNDS {
        told.extend(round(server, &token, number));
        server = here.serve(&["--demo"]);
        let caller = server.caller(&token);
        for told in &told {
            check(&caller, told);
        }
        for (half, statement) in HALVES {
            assert_eq!(here.number(statement), 0, "{half}, after round {number}");
        }
    }
    assert_eq!(server.signal("TERM"), Some(0));
    here.run(&["audit", "verify"]).ok();
    here.run(&["doctor"]).ok();
}

#[test]
fn a_server_killed_under_load_loses_nothing_on_sqlite() {
    let here = Installation::sqlite();
    what_was_answered_is_there_whole(&here);
    assert_eq!(here.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    assert_eq!(here.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_under_load_loses_nothing_on_postgres() {
    what_was_answered_is_there_whole(&Installation::postgres().await);
}
