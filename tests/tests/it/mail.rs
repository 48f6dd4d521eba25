//! Mail through a mail server: well-formed, as encrypted as the configuration wants it, and not lost when the server is away.

use std::net::TcpListener;
use std::path::PathBuf;

use clinichub_app::SmtpSettings;
use clinichub_app::clinics::{self, NewClinic};
use clinichub_core::{AppError, ClinicId, Currency, Role, TrailEntry};
use clinichub_db::PlatformTx;
use clinichub_jobs::{QueueStatus, dead, revive, status, system_grant};
use clinichub_testkit::mail_server::MailServer;
use jiff::SignedDuration;
use serde_json::json;

use crate::door::{Door, token_in};
use crate::house::{House, on_both};

on_both!(
    a_link_arrives_and_works,
    a_name_with_accents_is_in_the_subject,
    a_mail_waits_for_its_server,
    what_can_t_be_delivered_is_given_up_where_one_sees_it,
    a_mail_that_must_be_encrypted_is_sent_encrypted_or_not_at_all,
);

fn plain(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        tls: false,
        ca: None,
        username: None,
        password: None,
        from: "ClinicHub <no-reply@clinic.example>".to_owned(),
    }
}

async fn forgot(door: &Door) {
    let asked = door.ask("POST", "/api/auth/password/forgot").json(json!({ "email": "anne@example.org" })).await;
    assert_eq!(asked.status, 202);
    door.run_jobs().await;
}

async fn with_anne(house: &House, smtp: SmtpSettings) -> Door {
    let door = Door::mailing(house, Some(smtp));
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Admin)]).await;
    door
}

async fn queue(house: &House) -> QueueStatus {
    status(&house.db, house.clock.as_ref()).await.expect("the queue answers")
}

/// A port that nothing listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

async fn a_link_arrives_and_works(house: &House) {
    let mut server = MailServer::start(0).await;
    let door = with_anne(house, plain(server.port)).await;
    forgot(&door).await;
    let mail = server.next().await;
    assert_eq!((&mail["from"], &mail["to"]), (&json!("no-reply@clinic.example"), &json!(["anne@example.org"])));
    let headers = &mail["headers"];
    assert_eq!(headers["from"], "ClinicHub <no-reply@clinic.example>");
    assert_eq!((&headers["to"], &headers["subject"]), (&json!("anne@example.org"), &json!("Choose a new password for ClinicHub")));
    assert_eq!(headers["date"], "Wed, 15 Apr 2026 10:00:00 +0000");
    assert!(headers["message-id"].as_str().is_some_and(|id| id.starts_with("<reset-") && id.ends_with("@clinic.example>")), "{headers}");
    assert_eq!(headers["mime-version"], "1.0");
    assert_eq!((&mail["type"], &mail["charset"], &mail["defects"]), (&json!("text/plain"), &json!("utf-8"), &json!([])));
    assert!(mail["longest_line"].as_u64().is_some_and(|length| length <= 998), "RFC 5322 2.1.1");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains("\nhttp://localhost:8080/reset-password#token="), "{text}");
    let body = json!({ "token": token_in(text), "password": "green kettle 7" });
    assert_eq!(door.ask("POST", "/api/auth/password/reset").json(body).await.status, 200);
    assert_eq!(queue(house).await, QueueStatus { ready: 0, overdue: 0, running: 0, dead: 0 });
}

async fn clinic(door: &Door, name: &str) -> ClinicId {
    let make = async |mut tx: PlatformTx, name: String| {
        let clinic = clinics::create_in(&mut tx, NewClinic::named("XYZ02", &name, "UTC", Currency::USD)).await?;
        tx.audit(Some(clinic.clinic_id), TrailEntry::default()).await?;
        Ok::<_, AppError>(clinic.clinic_id)
    };
    let grant = system_grant(None, "test", &*door.app.clock);
    door.app.db.platform_write(&grant, name.to_owned(), make).await.expect("a clinic")
}

async fn a_name_with_accents_is_in_the_subject(house: &House) {
    let mut server = MailServer::start(0).await;
    let door = Door::mailing(house, Some(plain(server.port)));
    let name = "Clínica Ñandú y Compañía, Médicos de Familia de la Bahía de San Juan";
    let clinic = clinic(&door, name).await;
    door.person("anne", &[(clinic, Role::Admin)]).await;
    let token = door.sign_in("anne@example.org").await.text("access_token");
    let body = json!({ "first_name": "Zoë", "last_name": "Hopper", "email": "zoe@example.org", "role": "nurse" });
    assert_eq!(door.ask("POST", "/api/users").token(&token).json(body).await.status, 201);
    door.run_jobs().await;
    let mail = server.next().await;
    assert_eq!(mail["headers"]["subject"], format!("{name} invites you to ClinicHub"));
    assert_eq!((&mail["is_ascii"], &mail["defects"]), (&json!(true), &json!([])), "not every server takes UTF-8 in a header");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.starts_with("Hello Zoë,") && text.contains(name), "{text}");
    let accepted = json!({ "token": token_in(text), "password": "green kettle 7" });
    assert_eq!(door.ask("POST", "/api/auth/invitation/accept").json(accepted).await.status, 200);
}

async fn a_mail_waits_for_its_server(house: &House) {
    let port = free_port();
    let door = with_anne(house, plain(port)).await;
    forgot(&door).await;
    assert_eq!((queue(house).await.ready, queue(house).await.dead), (1, 0));
    door.run_jobs().await;
    let mut server = MailServer::start(port).await;
    house.clock.advance(SignedDuration::from_secs(7));
    door.run_jobs().await;
    let mail = server.next().await;
    let body = json!({ "token": token_in(mail["text"].as_str().expect("a text")), "password": "green kettle 7" });
    assert_eq!(door.ask("POST", "/api/auth/password/reset").json(body).await.status, 200);
    assert_eq!(queue(house).await.ready, 0);
}

async fn what_can_t_be_delivered_is_given_up_where_one_sees_it(house: &House) {
    let port = free_port();
    let door = with_anne(house, plain(port)).await;
    forgot(&door).await;
    let mut tries = 1;
    while queue(house).await.dead == 0 {
        house.clock.advance(SignedDuration::from_hours(2));
        door.run_jobs().await;
        tries += 1;
    }
    assert_eq!(tries, 8);
    let job = dead(&house.db, house.clock.as_ref(), 10).await.expect("a list").remove(0);
    assert_eq!((job.kind.as_str(), job.attempts), ("identity.send_reset", 8));
    assert_eq!(job.last_error.as_deref(), Some("the mail server did not answer"), "and nobody's address");
    let mut server = MailServer::start(port).await;
    assert!(revive(&house.db, house.clock.as_ref(), job.job_id).await.expect("it is tried"));
    door.run_jobs().await;
    assert_eq!(server.next().await["to"], json!(["anne@example.org"]));

    let server = MailServer::refusing("550 No such mailbox anne@example.org").await;
    let door = Door::mailing(house, Some(plain(server.port)));
    house.clock.advance(SignedDuration::from_mins(5));
    forgot(&door).await;
    let job = dead(&house.db, house.clock.as_ref(), 10).await.expect("a list").remove(0);
    assert_eq!((job.attempts, job.last_error.as_deref()), (1, Some("the mail server answered 550")), "there is no sense in trying again");

    let server = MailServer::refusing("451 Come back later").await;
    let door = Door::mailing(house, Some(plain(server.port)));
    house.clock.advance(SignedDuration::from_mins(5));
    forgot(&door).await;
    assert_eq!((queue(house).await.ready, queue(house).await.dead), (1, 1), "greylisting is no refusal");
}

async fn a_mail_that_must_be_encrypted_is_sent_encrypted_or_not_at_all(house: &House) {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    let (mut secret, mut open) = (MailServer::encrypted(&ca).await, MailServer::start(0).await);
    let tls = |port, ca: Option<&PathBuf>| SmtpSettings { tls: true, ca: ca.cloned(), ..plain(port) };
    let door = with_anne(house, tls(open.port, None)).await;
    forgot(&door).await;
    assert_eq!(queue(house).await.ready, 1, "no mail to a server without STARTTLS");
    house.clock.advance(SignedDuration::from_mins(1));
    Door::mailing(house, Some(tls(secret.port, None))).run_jobs().await;
    assert_eq!(queue(house).await.ready, 1, "nor to one whose certificate nobody knows");
    house.clock.advance(SignedDuration::from_mins(1));
    Door::mailing(house, Some(plain(secret.port))).run_jobs().await;
    assert!(queue(house).await.ready + queue(house).await.dead == 1, "the server insists on STARTTLS");
    house.clock.advance(SignedDuration::from_mins(3));
    let door = Door::mailing(house, Some(tls(secret.port, Some(&ca))));
    forgot(&door).await;
    let mail = secret.next().await;
    assert_eq!((&mail["is_encrypted"], &mail["to"]), (&json!(true), &json!(["anne@example.org"])));
    // Nothing came in the clear: the first mail that this server gets is the next one.
    let door = Door::mailing(house, Some(SmtpSettings { from: "Last <last@clinic.example>".to_owned(), ..plain(open.port) }));
    house.clock.advance(SignedDuration::from_mins(5));
    forgot(&door).await;
    assert_eq!(open.next().await["from"], "last@clinic.example");
}
