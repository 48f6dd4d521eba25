//! How a server ends: asked to, or not asked.

use crate::program::{Installation, Server};

fn register(server: &Server, token: &str, number: usize) -> i64 {
    let body = format!(r#"{{"first_name":"Number","last_name":"N{number}","dob":"1990-05-10","sex":"other"}}"#);
    let (status, answer) = server.ask("POST", "/api/patients", token, &body);
    assert_eq!(status, 201, "{answer}");
    answer["patient"]["patient_id"].as_i64().expect("an id")
}

fn killed(here: &Installation) {
    let server = here.serve(&["--demo"]);
    let token = server.sign_in("admin@clinichub.com", "admin123");
    let ids: Vec<i64> = (0..20).map(|number| register(&server, &token, number)).collect();
    assert_eq!(server.signal("KILL"), None);
    let server = here.serve(&["--demo"]);
    let token = server.sign_in("admin@clinichub.com", "admin123");
    for id in ids {
        assert_eq!(server.ask("GET", &format!("/api/patients/{id}"), &token, "").0, 200, "patient {id} was promised");
    }
    here.run(&["audit", "verify"]).ok();
}

#[test]
fn what_was_answered_survives_a_kill_on_sqlite() {
    killed(&Installation::sqlite());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_kill_on_postgres() {
    killed(&Installation::postgres().await);
}

#[test]
fn a_server_that_is_asked_to_stop_ends_well() {
    let here = Installation::sqlite();
    for signal in ["TERM", "INT"] {
        assert_eq!(here.serve(&["--demo"]).signal(signal), Some(0));
    }
    assert!(!here.data().join("clinichub.db-wal").exists(), "the database was closed");
}

#[test]
fn one_server_a_folder() {
    let here = Installation::sqlite();
    let _first = here.serve(&["--demo"]);
    here.run(&["serve", "--demo", "--listen", "127.0.0.1:0"]).failed(3, "in use by process");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let (here, there) = (Installation::sqlite(), Installation::sqlite());
    let first = here.serve(&["--demo"]);
    there.run(&["serve", "--demo", "--listen", &first.address]).failed(1, "another program has the port");
}
