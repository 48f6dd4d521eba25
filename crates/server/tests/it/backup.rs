//! Backup of a running server, and restore: wholly or not at all.

use crate::program::{Installation, text};

const REFUSED: i32 = 3;

async fn there_and_back(here: Installation) {
    let (server, file) = (here.demonstrate(), here.beside("backup.chb"));
    here.run(&["backup", text(&file)]).ok();
    here.run(&["backup", text(&file)]).failed(REFUSED, "--force");
    here.run(&["restore", text(&file), "--force"]).failed(REFUSED, "in use");
    let before = (server.count("/api/patients"), server.count("/api/invoices"));
    assert_eq!(server.signal("TERM"), Some(0));
    let there = here.another().await;
    there.run(&["restore", text(&file)]).ok();
    there.run(&["restore", text(&file)]).failed(REFUSED, "--force");
    there.run(&["doctor"]).ok();
    let server = there.serve(&["--demo"]);
    assert_eq!((server.count("/api/patients"), server.count("/api/invoices")), before);
    // Numbers go on where they were: what is made now collides with nothing.
    let token = server.sign_in("admin@clinichub.com", "admin123");
    let patient = r#"{"first_name":"New","last_name":"Comer","dob":"1990-05-10","sex":"other"}"#;
    let (status, answer) = server.ask("POST", "/api/patients", &token, patient);
    assert_eq!(status, 201, "{answer}");
    assert_eq!(server.signal("TERM"), Some(0));
    there.run(&["restore", text(&file), "--force"]).ok();
    assert_eq!(there.serve(&["--demo"]).count("/api/patients"), before.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_on_sqlite() {
    there_and_back(Installation::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_on_postgres() {
    there_and_back(Installation::postgres().await).await;
}

fn damaged(here: &Installation) {
    let file = here.beside("backup.chb");
    drop(here.serve(&["--demo"]));
    here.run(&["backup", text(&file)]).ok();
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&file, &bytes).expect("written");
    here.run(&["restore", text(&file), "--force"]).failed(1, "not a whole backup");
    bytes.truncate(middle);
    std::fs::write(&file, &bytes).expect("written");
    here.run(&["restore", text(&file), "--force"]).failed(1, "not a whole backup");
    assert_eq!(here.serve(&["--demo"]).count("/api/patients"), 200);
}

#[test]
fn a_damaged_backup_changes_nothing_on_sqlite() {
    damaged(&Installation::sqlite());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_changes_nothing_on_postgres() {
    damaged(&Installation::postgres().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_back_to_the_kind_of_database_it_came_from() {
    let (here, there) = (Installation::sqlite(), Installation::postgres().await);
    let file = here.beside("backup.chb");
    here.run(&["migrate"]).ok();
    here.run(&["backup", text(&file)]).ok();
    there.run(&["restore", text(&file)]).failed(2, "sqlite");
}

#[test]
fn a_backup_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let here = Installation::sqlite();
    let file = here.beside("backup.chb");
    here.run(&["migrate"]).ok();
    here.run(&["backup", text(&file)]).ok();
    assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
}
