//! A request with a file that is sent again with its `Idempotency-Key` is answered as the first time, and has no other effect.

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use clinichub_db::{PlatformSql, platform_sql};
use clinichub_testkit::{BOUNDARY, Client, TestApp, Who, form, on_both_databases};
use futures_util::future::join_all;
use futures_util::stream;
use serde_json::{Value, json};

use crate::documents::{PDF, expect_left, number, png};
use crate::imported::{FILE, PATH, patients};
use crate::labs::{Ward, glucose};

on_both_databases!(
    a_document_that_comes_again_is_stored_once,
    what_stands_between_the_parts_of_a_form_does_not_count,
    another_document_under_the_same_key_is_refused,
    of_equal_uploads_at_once_one_is_stored,
    an_upload_that_failed_can_be_tried_again,
    a_lab_report_that_comes_again_is_stored_once,
    a_key_stands_for_one_request_of_any_kind,
    an_import_that_comes_again_has_the_same_report,
    another_import_under_the_same_key_is_refused,
    of_equal_imports_at_once_one_is_done,
    a_report_is_kept_as_far_as_it_is_shown,
);

/// What an upload or an import leaves in the database, but for the files and what the guard writes of each request.
const MADE: [PlatformSql; 6] = [
    platform_sql!("SELECT count(*) FROM documents"),
    platform_sql!("SELECT count(*) FROM lab_reports"),
    platform_sql!("SELECT count(*) FROM patients"),
    platform_sql!("SELECT count(*) FROM jobs"),
    platform_sql!("SELECT count(*) FROM outbox"),
    platform_sql!("SELECT count(*) FROM audit_events WHERE outcome = 'allowed' AND (resource IS NOT NULL OR details IS NOT NULL)"),
];

async fn made(app: &TestApp) -> Vec<i64> {
    let mut made = Vec::new();
    for statement in MADE {
        made.push(number(app, statement).await);
    }
    made
}

/// How many more of each there are.
async fn added(app: &TestApp, before: &[i64]) -> Vec<i64> {
    made(app).await.iter().zip(before).map(|(after, before)| after - before).collect()
}

async fn keys(app: &TestApp) -> i64 {
    number(app, platform_sql!("SELECT count(*) FROM idempotency_keys")).await
}

fn keyed(client: &Client, key: &str) -> Client {
    client.with("idempotency-key", key)
}

/// A nurse, and where documents of a chart go.
async fn chart(app: &TestApp) -> (Client, String) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    (nurse, format!("/api/patients/{patient}/documents"))
}

async fn a_document_that_comes_again_is_stored_once(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let (once, picture) = (keyed(&nurse, "k-1"), png(90, 60));
    let file = ("wound.png", "image/png", &picture[..]);
    let before = made(app).await;
    let first = once.post_file(&path, file, &[("title", "Wound"), ("note", "Left hand")]).await.expect(201);
    assert_eq!(added(app, &before).await, [1, 0, 0, 1, 1, 1]);
    assert_eq!(number(app, platform_sql!("SELECT count(*) FROM audit_events WHERE action = 'upload_document'")).await, 1);
    let after = made(app).await;
    assert_eq!(once.post_file(&path, file, &[("title", "Wound"), ("note", "Left hand")]).await.expect(201), first);
    expect_left(app, 1, 1).await;
    assert_eq!((made(app).await, keys(app).await), (after, 1));
    app.run_jobs().await;
    expect_left(app, 2, 2).await;
    // It is the first answer, whatever has become of the document and of the chart.
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let document = format!("/api/documents/{}", first["document"]["document_id"]);
    doctor.put(&document, json!({ "title": "Burn" })).await.expect(200);
    let fields = [("title", "Wound"), ("note", "Left hand")];
    assert_eq!(once.post_file(&path, file, &fields).await.expect(201), first);
    doctor.delete(&document).await.expect(200);
    app.sign_in(Who::Admin).await.delete(path.trim_end_matches("/documents")).await.expect(200);
    assert_eq!(once.post_file(&path, file, &fields).await.expect(201), first);
    nurse.post_file(&path, file, &fields).await.expect(404);
    keyed(&nurse, "k-2").post_file(&path, file, &fields).await.expect(404);
    expect_left(app, 2, 2).await;
}

async fn what_stands_between_the_parts_of_a_form_does_not_count(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let file = ("a.pdf", "application/pdf", PDF);
    let first = keyed(&nurse, "k").post_file(&path, file, &[("title", "A"), ("note", "B")]).await.expect(201);
    // A browser makes up another boundary each time.
    let body = String::from_utf8(form(file, &[("note", "B"), ("title", "A")])).expect("text").replace(BOUNDARY, "another");
    let again = Request::post(&path)
        .header("authorization", format!("Bearer {}", nurse.token()))
        .header("content-type", "multipart/form-data; boundary=another")
        .header("idempotency-key", "k");
    assert_eq!(nurse.pass(again.body(Body::from(body)).expect("a request")).await.expect(201), first);
    expect_left(app, 1, 1).await;
}

async fn another_document_under_the_same_key_is_refused(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let once = keyed(&nurse, "k");
    let first = once.post_file(&path, ("a.pdf", "application/pdf", PDF), &[("title", "A")]).await.expect(201);
    let other = app.patient(&nurse, "Berta", "Soto").await;
    let other = format!("/api/patients/{other}/documents");
    let after = made(app).await;
    let longer = [PDF, b"\n"].concat();
    let others: [(&str, (&str, &str, &[u8]), &[(&str, &str)]); 6] = [
        (&path, ("a.pdf", "application/pdf", &longer), &[("title", "A")]),
        (&path, ("b.pdf", "application/pdf", PDF), &[("title", "A")]),
        (&path, ("a.pdf", "application/octet-stream", PDF), &[("title", "A")]),
        (&path, ("a.pdf", "application/pdf", PDF), &[("note", "A")]),
        (&path, ("a.pdf", "application/pdf", PDF), &[]),
        (&other, ("a.pdf", "application/pdf", PDF), &[("title", "A")]),
    ];
    for (path, file, fields) in others {
        let refused = once.post_file(path, file, fields).await.error(422);
        assert_eq!(refused, "This Idempotency-Key was used with a different request");
    }
    expect_left(app, 1, 1).await;
    assert_eq!((made(app).await, keys(app).await), (after, 1));
    assert_eq!(once.post_file(&path, ("a.pdf", "application/pdf", PDF), &[("title", "A")]).await.expect(201), first);
    // Another person's key is another key.
    let front = keyed(&app.sign_in(Who::Receptionist).await, "k");
    front.post_file(&path, ("b.pdf", "application/pdf", PDF), &[]).await.expect(201);
    expect_left(app, 2, 2).await;
}

async fn of_equal_uploads_at_once_one_is_stored(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let once = keyed(&nurse, "k");
    let before = made(app).await;
    let uploads = (0..8).map(|_| once.post_file(&path, ("a.pdf", "application/pdf", PDF), &[]));
    let mut answers: Vec<Value> = join_all(uploads).await.into_iter().map(|answer| answer.expect(201)).collect();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    expect_left(app, 1, 1).await;
    assert_eq!(added(app, &before).await, [1, 0, 0, 1, 1, 1]);
    let (_, _, bytes) = nurse.download(&format!("/api/documents/{}/download", answers[0]["document"]["document_id"])).await;
    assert_eq!(bytes, PDF, "what is removed of the others is not the one that is kept");
}

async fn an_upload_that_failed_can_be_tried_again(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let once = keyed(&nurse, "k");
    let contents: Vec<u8> = PDF.iter().copied().chain(std::iter::repeat_n(7, 300_000)).collect();
    let whole = form(("a.pdf", "application/pdf", &contents), &[]);
    once.post_form(&path, whole[..whole.len() - 5000].to_vec()).await.expect(400);
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let cut = stream::iter([Ok(Bytes::from(whole[..200_000].to_vec())), Err(reset)]);
    once.post_form(&path, Body::from_stream(cut)).await.expect(400);
    once.post_file(&path, ("a.png", "image/png", PDF), &[]).await.expect(415);
    once.post_file(&path, ("a.pdf", "application/pdf", PDF), &[("category", "secret")]).await.expect(400);
    assert_eq!(keys(app).await, 0);
    let made = once.post_form(&path, whole.clone()).await.expect(201);
    assert_eq!(once.post_form(&path, whole).await.expect(201), made);
    expect_left(app, 1, 1).await;
}

async fn a_lab_report_that_comes_again_is_stored_once(app: &TestApp) {
    let ward = Ward::open(app).await;
    let path = format!("/api/visits/{}/lab-reports", ward.visit);
    let (once, file) = (keyed(&ward.doctor, "k"), ("labs.pdf", "application/pdf", PDF));
    let (high, fine) = (glucose(126.0).to_string(), glucose(80.0).to_string());
    let before = made(app).await;
    let first = once.post_file(&path, file, &[("title", "Glucose"), ("results", &high)]).await.expect(201);
    let after = made(app).await;
    assert_eq!((added(app, &before).await, &first["lab_report"]["results"][0]["flag"]), (vec![0, 1, 0, 0, 1, 1], &json!("high")));
    assert_eq!(once.post_file(&path, file, &[("results", &high), ("title", "Glucose")]).await.expect(201), first);
    once.post_file(&path, file, &[("title", "Glucose"), ("results", &fine)]).await.expect(422);
    once.post_file(&path, ("labs.pdf", "application/pdf", &[PDF, b"\n"].concat()), &[("title", "Glucose"), ("results", &high)])
        .await
        .expect(422);
    expect_left(app, 1, 1).await;
    assert_eq!((made(app).await, keys(app).await), (after, 1));
    ward.doctor.delete(&format!("/api/lab-reports/{}", first["lab_report"]["lab_report_id"])).await.expect(200);
    assert_eq!(once.post_file(&path, file, &[("title", "Glucose"), ("results", &high)]).await.expect(201), first);
}

async fn a_key_stands_for_one_request_of_any_kind(app: &TestApp) {
    let (nurse, path) = chart(app).await;
    let file = ("a.pdf", "application/pdf", PDF);
    let luis = json!({ "first_name": "Luis", "last_name": "Soto", "dob": "1980-01-02", "sex": "male" });
    let (text, upload) = (keyed(&nurse, "text"), keyed(&nurse, "file"));
    text.post("/api/patients", luis.clone()).await.expect(201);
    upload.post_file(&path, file, &[]).await.expect(201);
    text.post_file(&path, file, &[]).await.expect(422);
    upload.post("/api/patients", luis).await.expect(422);
    let front = keyed(&app.sign_in(Who::Receptionist).await, "file");
    front.upload(&format!("{PATH}?mode=keep_good"), FILE).await.expect(200);
    front.post_file(&path, file, &[]).await.expect(422);
    expect_left(app, 1, 1).await;
}

async fn an_import_that_comes_again_has_the_same_report(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let (once, good) = (keyed(&front, "k-1"), format!("{PATH}?mode=keep_good"));
    let before = made(app).await;
    let looked = once.upload(&format!("{good}&dry_run=true"), FILE).await.expect(200);
    assert_eq!((&looked["importable"], keys(app).await), (&json!(2), 0), "a dry run has no use for a key");
    let first = once.upload(&good, FILE).await.expect(200);
    let after = made(app).await;
    assert_eq!((added(app, &before).await, &first["imported"], &first["refused_count"]), (vec![0, 0, 2, 0, 1, 1], &json!(2), &json!(1)));
    assert_eq!(once.upload(&good, FILE).await.expect(200), first, "although all rows are known by now");
    assert_eq!((made(app).await, keys(app).await), (after, 1));
    let looked = once.upload(&format!("{good}&dry_run=true"), FILE).await.expect(200);
    assert_eq!((&looked["importable"], &looked["skipped_existing"]), (&json!(0), &json!(2)));
    let anew = front.upload(&good, FILE).await.expect(200);
    assert_eq!((&anew["imported"], &anew["skipped_existing"]), (&json!(0), &json!(2)));
    // What brings in nothing has an answer, too: also when it would bring in something by now.
    let (nothing, row) = (keyed(&front, "k-2"), "first_name,last_name,dob,sex,email\nEva,Luna,1980-01-02,female,ada@example.com\n");
    let refused = nothing.upload(PATH, row).await.expect(200);
    assert_eq!((&refused["imported"], &refused["refused"][0]["field"]), (&json!(0), &json!("email")));
    let ada = front.get("/api/patients?search=byron").await.expect(200)["patients"][0]["patient_id"].clone();
    front.put(&format!("/api/patients/{ada}"), json!({ "email": null })).await.expect(200);
    assert_eq!(nothing.upload(PATH, row).await.expect(200), refused);
    assert_eq!(front.upload(PATH, row).await.expect(200)["imported"], 1);
}

async fn another_import_under_the_same_key_is_refused(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let (once, good) = (keyed(&front, "k"), format!("{PATH}?mode=keep_good"));
    // A file that can't be read, or that breaks off, leaves the key free.
    once.upload(&good, "first_name\nAda\n").await.expect(400);
    let cut = stream::iter([Ok(Bytes::from(FILE)), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
    once.upload(&good, Body::from_stream(cut)).await.expect(400);
    assert_eq!((patients(&front).await, keys(app).await), (json!(0), 0));
    once.upload(&good, FILE).await.expect(200);
    let after = made(app).await;
    once.upload(&good, format!("{FILE}Eva,Luna,1980-01-02,female,\n")).await.expect(422);
    once.upload(&good, FILE.trim_end()).await.expect(422);
    once.upload(PATH, FILE).await.expect(422);
    assert_eq!((made(app).await, keys(app).await), (after, 1));
}

async fn of_equal_imports_at_once_one_is_done(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let (once, good) = (keyed(&front, "k"), format!("{PATH}?mode=keep_good"));
    let before = made(app).await;
    let mut reports: Vec<Value> =
        join_all((0..8).map(|_| once.upload(&good, FILE))).await.into_iter().map(|answer| answer.expect(200)).collect();
    reports.dedup();
    assert_eq!((reports.len(), &reports[0]["imported"]), (1, &json!(2)), "{reports:?}");
    assert_eq!(added(app, &before).await, [0, 0, 2, 0, 1, 1]);
}

async fn a_report_is_kept_as_far_as_it_is_shown(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let (once, good) = (keyed(&front, "k"), format!("{PATH}?mode=keep_good"));
    let rows: String = (0..2500).map(|row| format!("First{row},Last,1990-05-10,other\nBad{row},Last,1990-05-10,none\n")).collect();
    let file = format!("first_name,last_name,dob,sex\n{rows}");
    let before = made(app).await;
    let first = once.upload(&good, file.clone()).await.expect(200);
    assert_eq!((&first["imported"], &first["refused_count"]), (&json!(2500), &json!(2500)));
    assert_eq!(first["refused"].as_array().map(Vec::len), Some(1000));
    assert_eq!(added(app, &before).await, [0, 0, 2500, 0, 1, 1], "all rows go in at once");
    assert_eq!(once.upload(&good, file).await.expect(200), first);
    let longest = number(app, platform_sql!("SELECT CAST(max(length(answer)) AS BIGINT) FROM idempotency_keys")).await;
    assert!(longest < 200_000, "{longest}");
}
