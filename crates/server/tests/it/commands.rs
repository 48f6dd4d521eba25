//! Commands at the terminal: what they do, what they say, and the code they end with.

use std::os::unix::fs::PermissionsExt;

use crate::program::{Installation, text};

const FAILED: i32 = 1;
const USAGE: i32 = 2;
const REFUSED: i32 = 3;
const UNREACHABLE: i32 = 4;
const FINDINGS: i32 = 5;

fn with_clinic() -> Installation {
    let here = Installation::sqlite();
    here.run(&["clinic", "create", "--code", "ABC01", "--name", "Harbor", "--time-zone", "America/Puerto_Rico"]).ok();
    here
}

const PERSON: [&str; 8] = ["user", "create", "--email", "ada@example.com", "--first-name", "Ada", "--last-name", "Byron"];

#[test]
fn a_slip_in_the_configuration_is_named() {
    let here = Installation::sqlite();
    std::fs::create_dir(here.data()).expect("made");
    std::fs::write(here.data().join("clinichub.toml"), "lisen = \"127.0.0.1:1\"\n").expect("written");
    here.run(&["migrate"]).failed(USAGE, "did you mean \"listen\"?");
}

#[test]
fn plain_http_on_an_open_address_is_refused() {
    let here = Installation::sqlite();
    here.run(&["serve", "--listen", "0.0.0.0:0"]).failed(USAGE, "--tls-cert");
    here.run(&["serve", "--listen", "0.0.0.0:0", "--demo", "--behind-proxy"]).failed(USAGE, "this machine only");
}

#[test]
fn a_made_password_signs_in() {
    let here = with_clinic();
    let ended = here.run(&[&PERSON[..], &["--clinic", "ABC01", "--role", "nurse"]].concat()).ok();
    let password = ended.out.lines().last().expect("a password").to_owned();
    let server = here.serve(&[]);
    let token = server.sign_in("ada@example.com", &password);
    let (status, me) = server.ask("GET", "/api/auth/me", &token, "");
    assert_eq!((status, me["user"]["role"].as_str().or(me["role"].as_str())), (200, Some("nurse")), "{me}");
}

#[test]
fn the_operator_is_made_at_the_terminal() {
    let here = with_clinic();
    let operator = [&PERSON[..], &["--role", "platform_admin"]].concat();
    here.run(&[&operator[..], &["--clinic", "ABC01"]].concat()).failed(USAGE, "belongs to no clinic");
    here.run_with(&operator, "violet kettle 9\n").ok();
    let server = here.serve(&[]);
    let token = server.sign_in("ada@example.com", "violet kettle 9");
    let (status, clinics) = server.ask("GET", "/api/clinics", &token, "");
    assert_eq!((status, clinics["clinics"][0]["code"].as_str()), (200, Some("ABC01")), "{clinics}");
    assert_eq!(server.ask("GET", "/api/patients", &token, "").0, 403);
}

#[test]
fn a_key_is_rotated_and_the_tokens_of_the_old_one_hold() {
    let here = with_clinic();
    here.run_with(&[&PERSON[..], &["--clinic", "ABC01", "--role", "nurse"]].concat(), "violet kettle 9\n").ok();
    let server = here.serve(&[]);
    let before = server.sign_in("ada@example.com", "violet kettle 9");
    let signing = || {
        let entries = std::fs::read_dir(here.data().join("keys")).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("jwt-")))
    };
    here.run(&["key", "rotate"]).ok();
    here.run(&["key", "rotate", "--prune"]).ok().says("No key is old enough");
    assert_eq!(signing().count(), 3);
    drop(server);
    let server = here.serve(&[]);
    assert_eq!(server.ask("GET", "/api/protected", &before, "").0, 200);
    let old = signing().min().expect("a key");
    // As if the first two had been made long ago.
    std::fs::rename(&old, old.with_file_name("jwt-0000000000000001-old.key")).expect("renamed");
    let next = old.with_file_name("jwt-0000000000000002-next.key");
    std::fs::copy(old.with_file_name("jwt-0000000000000001-old.key"), next).expect("copied");
    here.run(&["key", "rotate", "--prune"]).ok().says("The key 0000000000000001-old was removed");
    here.run(&["doctor"]).ok();
}

#[test]
fn a_weak_password_and_an_unknown_clinic_are_refused() {
    let here = with_clinic();
    here.run_with(&[&PERSON[..], &["--role", "platform_admin"]].concat(), "password\n").failed(FAILED, "assword");
    here.run(&[&PERSON[..], &["--clinic", "XYZ99", "--role", "nurse"]].concat()).failed(FAILED, "no clinic XYZ99");
}

#[test]
fn the_first_start_prints_a_link_and_the_next_one_a_new_one() {
    let here = Installation::sqlite();
    let link = || {
        let mut server = here.serve(&[]);
        assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
        server.hear("/setup#token=")
    };
    assert_ne!(link(), link());
}

#[test]
fn patients_are_imported_once() {
    let here = with_clinic();
    let (file, report) = (here.beside("patients.csv"), here.beside("report.csv"));
    std::fs::write(
        &file,
        "first_name,last_name,dob,sex\nAda,Byron,1990-12-10,female\nBad,Row,1990-13-10,male\nCarl,Calder,1980-01-02,male\n",
    )
    .expect("written");
    let import = ["import", "patients", text(&file), "--clinic", "ABC01"];
    here.run(&import).failed(FINDINGS, "nothing was kept");
    let good = [&import[..], &["--mode", "good", "--report", text(&report)]].concat();
    here.run(&[&good[..], &["--dry-run"]].concat()).failed(FINDINGS, "3 rows: 2 would be created");
    here.run(&good).failed(FINDINGS, "3 rows: 2 created, 0 were there already, 1 refused");
    let report = std::fs::read_to_string(&report).expect("a report");
    assert!(report.starts_with("line,column,reason\n3,\"dob\","), "{report}");
    here.run(&good).failed(FINDINGS, "3 rows: 0 created, 2 were there already, 1 refused");
}

#[test]
fn doctor_finds_what_is_wrong_and_changes_nothing() {
    let here = Installation::sqlite();
    here.run(&["doctor"]).failed(FINDINGS, "there is no data folder");
    assert!(!here.data().exists());
    let here = with_clinic();
    here.run(&["doctor"]).ok().says("documents can be printed in");
    std::fs::set_permissions(here.data().join("keys"), std::fs::Permissions::from_mode(0o755)).expect("changed");
    here.run(&["doctor"]).failed(FINDINGS, "chmod go-rwx");
}

#[test]
fn the_audit_trail_can_be_checked() {
    with_clinic().run(&["audit", "verify"]).ok();
}

#[test]
fn a_mistyped_folder_is_not_made_into_an_installation() {
    let here = Installation::sqlite();
    let file = here.beside("patients.csv");
    std::fs::write(&file, "first_name,last_name,dob,sex\n").expect("written");
    let nurse = [&PERSON[..], &["--clinic", "ABC01", "--role", "nurse"]].concat();
    let import = ["import", "patients", text(&file), "--clinic", "ABC01"];
    let rotate: [&[&str]; 2] = [&["key", "rotate"], &["key", "rotate", "--files"]];
    for command in [&["audit", "verify"][..], &import, &nurse, rotate[0], rotate[1]] {
        here.run(command).failed(FAILED, "is --data-dir right?");
        assert!(!here.data().exists(), "{command:?}");
    }
    std::fs::create_dir(here.data()).expect("made");
    here.run(&["audit", "verify"]).failed(FAILED, "there is no database");
    assert!(!here.sqlite_file().exists());
}

#[test]
fn a_database_that_is_away_has_a_code_of_its_own() {
    let here = Installation::sqlite();
    std::fs::create_dir(here.data()).expect("made");
    std::fs::write(here.data().join("clinichub.toml"), "database_url = \"postgres://nobody@127.0.0.1:1/none\"\n").expect("written");
    here.run(&["migrate"]).failed(UNREACHABLE, "the database is away");
}

#[test]
fn the_demonstration_is_for_an_empty_folder_and_stays_one() {
    let here = with_clinic();
    here.run(&PERSON.iter().copied().chain(["--role", "platform_admin"]).collect::<Vec<_>>()).ok();
    here.run(&["serve", "--demo", "--listen", "127.0.0.1:0"]).failed(REFUSED, "other data");
    let demo = Installation::sqlite();
    drop(demo.serve(&["--demo"]));
    demo.run(&["serve", "--listen", "127.0.0.1:0"]).failed(REFUSED, "--demo");
    let again = demo.serve(&["--demo"]);
    assert_eq!(again.count("/api/patients"), 200);
}

#[test]
fn everybody_of_the_demonstration_signs_in() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    for (name, role) in [
        ("admin@clinichub.com", "admin"),
        ("doctor@clinichub.com", "doctor"),
        ("nurse@clinichub.com", "nurse"),
        ("receptionist@clinichub.com", "receptionist"),
        ("technician@clinichub.com", "technician"),
        ("patient@clinichub.com", "patient"),
        ("admin@xyz02.clinichub.com", "admin"),
        ("operator@clinichub.com", "platform_admin"),
    ] {
        let token = server.sign_in(name, "admin123");
        let (status, answer) = server.ask("GET", "/api/protected", &token, "");
        assert_eq!((status, answer["role"].as_str()), (200, Some(role)), "{name}");
    }
}
