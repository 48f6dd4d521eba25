//! Documents come into a chart, go out the same, and leave nothing behind when they don't come in whole.

use axum::body::Body;
use bytes::Bytes;
use clinichub_app::files;
use clinichub_core::ClinicId;
use clinichub_db::{PlatformTx, platform_sql};
use clinichub_jobs::system_grant;
use clinichub_testkit::{BOUNDARY, Client, TestApp, Who, form, on_both_databases};
use futures_util::stream;
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::requests::{registration, sign_in};

on_both_databases!(
    a_document_comes_back_as_it_was,
    a_part_of_a_document_can_be_had,
    what_is_no_document_is_refused_and_leaves_nothing,
    what_breaks_off_leaves_nothing,
    a_name_leads_nowhere,
    a_name_comes_back_as_it_was,
    a_document_can_be_changed_and_taken_away,
    a_patient_sees_what_was_released_and_what_is_the_patients_own,
    whoever_may_bring_documents_may_not_read_charts_for_that,
    a_picture_gets_a_small_one,
    an_upload_that_came_to_nothing_is_swept,
    a_damaged_file_is_an_error_and_never_handed_out,
    keys_change_and_files_stay,
    what_does_not_fit_is_found_and_swept,
);

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

/// Bytes that don't repeat at the chunks' size.
fn noise(count: usize) -> impl Iterator<Item = u8> {
    (0..=250).cycle().take(count)
}

async fn upload(client: &Client, patient: i64, name: &str, contents: &[u8]) -> Value {
    let path = format!("/api/patients/{patient}/documents");
    client.post_file(&path, (name, "application/octet-stream", contents), &[]).await.expect(201)["document"].clone()
}

pub async fn number(app: &TestApp, statement: clinichub_db::PlatformSql) -> i64 {
    let grant = system_grant(None, "test", app.clock.as_ref());
    let read = app.app.db.platform_read(&grant, statement, async |mut tx: PlatformTx, statement| Ok(tx.one::<i64>(statement, ()).await?));
    read.await.expect("a number")
}

/// Rows of files, whatever their state, and files in the folder.
async fn left(app: &TestApp) -> (i64, usize) {
    fn files_in(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
    }
    (number(app, platform_sql!("SELECT count(*) FROM files")).await, files_in(&app.folder.path().join("files")))
}

/// What is removed beside the request is gone soon.
pub async fn expect_left(app: &TestApp, rows: i64, objects: usize) {
    for _ in 0..200 {
        if left(app).await == (rows, objects) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(left(app).await, (rows, objects));
}

async fn a_document_comes_back_as_it_was(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let contents: Vec<u8> = PDF.iter().copied().chain(noise(300_000)).collect();
    let fields = [("title", " Referral "), ("category", "referral"), ("note", "From Dr. Ortiz")];
    let path = format!("/api/patients/{patient}/documents");
    let made = nurse.post_file(&path, ("überweisung.pdf", "application/pdf", &contents), &fields).await.expect(201);
    assert_eq!(made["message"], "Document uploaded successfully");
    let document = &made["document"];
    assert_eq!((&document["title"], &document["category"]), (&json!("Referral"), &json!("referral")));
    assert_eq!((&document["file_size"], &document["mime_type"]), (&json!(contents.len()), &json!("application/pdf")));
    let id = document["document_id"].as_i64().expect("an id");
    assert_eq!(nurse.get(&format!("/api/documents/{id}")).await.expect(200), *document);
    let listed = nurse.get(&format!("{path}?category=referral&search=refer")).await.expect(200);
    assert_eq!((&listed["documents"][0], &listed["pagination"]["total"]), (document, &json!(1)));
    assert_eq!(nurse.get(&format!("{path}?category=consent")).await.expect(200)["pagination"]["total"], 0);
    assert_eq!(nurse.get(&format!("{path}?released=true")).await.expect(200)["pagination"]["total"], 0);

    let (status, headers, bytes) = nurse.download(&format!("/api/documents/{id}/download")).await;
    assert_eq!((status, bytes == contents), (StatusCode::OK, true));
    assert_eq!(headers["content-disposition"], "attachment; filename=\"_berweisung.pdf\"; filename*=UTF-8''%C3%BCberweisung.pdf");
    assert_eq!(headers["content-type"], "application/pdf");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
    let (_, headers, _) = nurse.download(&format!("/api/documents/{id}/download?inline=1")).await;
    assert!(headers["content-disposition"].to_str().expect("text").starts_with("inline;"));

    let sealed = walk(&app.folder.path().join("files"));
    assert!(sealed.iter().all(|object| !object.windows(8).any(|part| part == &PDF[..8])), "nothing lies there in the clear");
    assert_eq!(left(app).await, (1, 1));
    let trail = app.sign_in(Who::Admin).await.get(&format!("/api/audit?patient_id={patient}")).await.expect(200);
    let actions: Vec<&str> = trail["events"].as_array().expect("events").iter().filter_map(|event| event["action"].as_str()).collect();
    assert!(
        ["upload_document", "download_document", "get_document", "list_documents"].iter().all(|action| actions.contains(action)),
        "{actions:?}"
    );
}

fn walk(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![std::fs::read(path).expect("read")] }).collect()
}

async fn a_part_of_a_document_can_be_had(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let contents: Vec<u8> = PDF.iter().copied().chain(noise(200_000)).collect();
    let document = upload(&nurse, patient, "scan.pdf", &contents).await;
    let path = format!("/api/documents/{}/download", document["document_id"]);
    let (status, headers, bytes) = nurse.with("range", "bytes=65530-131080").download(&path).await;
    assert_eq!((status, bytes == contents[65_530..=131_080]), (StatusCode::PARTIAL_CONTENT, true));
    assert_eq!(headers["content-range"], format!("bytes 65530-131080/{}", contents.len()));
    let (status, _, bytes) = nurse.with("range", "bytes=-10").download(&path).await;
    assert_eq!((status, &bytes[..]), (StatusCode::PARTIAL_CONTENT, &contents[contents.len() - 10..]));
    let (status, headers, _) = nurse.with("range", "bytes=9999999-").download(&path).await;
    assert_eq!(status.as_u16(), 416);
    assert_eq!(headers["content-range"], format!("bytes */{}", contents.len()));
    let tag = format!("\"{}\"", document["sha256"].as_str().expect("a sum"));
    let (status, _, bytes) = nurse.with("if-none-match", &tag).download(&path).await;
    assert_eq!((status, bytes.len()), (StatusCode::NOT_MODIFIED, 0));
}

async fn what_is_no_document_is_refused_and_leaves_nothing(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let path = format!("/api/patients/{patient}/documents");
    let zip = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[0; 16], b"\x08\0\0\0evil.exe"].concat();
    let cases: [(&str, &str, &[u8], u16); 9] = [
        ("a.pdf", "application/pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", 415),
        ("a.pdf", "application/pdf", &zip, 415),
        ("a.docx", "application/octet-stream", &zip, 415),
        ("a.txt", "text/plain", b"<html><script>alert(1)</script>", 415),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        ("a.html", "text/html", b"harmless", 415),
        ("a.png", "image/png", PDF, 415),
        ("a.pdf", "image/png", PDF, 415),
        ("a.pdf", "application/pdf", b"", 400),
    ];
    for (name, mime, contents, status) in cases {
        let answer = nurse.post_file(&path, (name, mime, contents), &[]).await.expect(status);
        assert_eq!(answer["errors"][0]["field"], "file", "{name}: {answer}");
    }
    let fields: [(&[(&str, &str)], &str); 4] = [
        (&[("colour", "red")], "colour"),
        (&[("category", "secret")], "category"),
        (&[("title", "a"), ("title", "b")], "title"),
        (&[("title", &"x".repeat(201))], "title"),
    ];
    for (fields, named) in fields {
        let answer = nurse.post_file(&path, ("a.pdf", "application/pdf", PDF), fields).await.expect(400);
        assert_eq!(answer["errors"][0]["field"], named, "{answer}");
    }
    let none = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA\r\n--{BOUNDARY}--\r\n");
    assert_eq!(nurse.post_form(&path, none).await.error(400), "Missing required field: file");
    nurse.post(&path, json!({})).await.expect(415);
    nurse.post_file("/api/patients/987654/documents", ("a.pdf", "application/pdf", PDF), &[]).await.expect(404);
    expect_left(app, 0, 0).await;
}

async fn what_breaks_off_leaves_nothing(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let path = format!("/api/patients/{patient}/documents");
    let contents: Vec<u8> = PDF.iter().copied().chain(std::iter::repeat_n(7, 3_000_000)).collect();
    let whole = form(("a.pdf", "application/pdf", &contents), &[]);
    let answer = nurse.post_form(&path, whole[..whole.len() - 5000].to_vec()).await.expect(400);
    assert_eq!(answer["errors"][0]["field"], "body");
    let reset = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let cut = stream::iter([Ok(Bytes::from(whole[..2_000_000].to_vec())), Err(reset())]);
    nurse.post_form(&path, Body::from_stream(cut)).await.expect(400);
    // The sender hangs up: the request is dropped where it stands.
    let never = futures_util::StreamExt::chain(
        stream::iter([Ok::<_, std::io::Error>(Bytes::from(whole[..2_000_000].to_vec()))]),
        stream::pending(),
    );
    let asked = nurse.post_form(&path, Body::from_stream(never));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(500), asked).await.is_err());
    expect_left(app, 0, 0).await;
    let listed = nurse.get(&path).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 0);
}

async fn a_name_leads_nowhere(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    for (name, kept) in [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\win.pdf", "win.pdf"),
        ("/absolute/a.pdf", "a.pdf"),
        ("fdp\u{202e}.pdf", "fdp.pdf"),
        ("", "file"),
    ] {
        assert_eq!(upload(&nurse, patient, name, PDF).await["file_name"], kept, "{name:?}");
    }
    let long = upload(&nurse, patient, &format!("{}.pdf", "é".repeat(400)), PDF).await;
    assert!(
        long["file_name"]
            .as_str()
            .is_some_and(|name| name.len() <= 255 && name.strip_suffix("pdf").is_some_and(|stem| stem.ends_with('.')))
    );
    assert!(!app.folder.path().join("etc").exists());
}

async fn a_name_comes_back_as_it_was(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let disposition = async |document: &Value| {
        let (_, headers, _) = nurse.download(&format!("/api/documents/{}/download", document["document_id"])).await;
        headers["content-disposition"].to_str().expect("text").to_owned()
    };
    // As browsers write it: `%22`.
    let name = "say \"ah\": 50% <ok>?.pdf";
    let document = upload(&nurse, patient, name, PDF).await;
    assert_eq!((&document["file_name"], &document["title"]), (&json!(name), &json!(name)));
    let said = "attachment; filename=\"say _ah__ 50_ _ok__.pdf\"; filename*=UTF-8''say%20%22ah%22%3A%2050%25%20%3Cok%3E%3F.pdf";
    assert_eq!(disposition(&document).await, said);
    let arabic = upload(&nurse, patient, "تقرير.pdf", PDF).await;
    assert_eq!(arabic["file_name"], "تقرير.pdf");
    let said = "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1.pdf";
    assert_eq!(disposition(&arabic).await, said);
    // As other programs do: `\"`.
    let escaped = String::from_utf8(form(("NAME", "application/pdf", PDF), &[])).expect("text").replace("NAME", r#"say \"ah\".pdf"#);
    let answer = nurse.post_form(&format!("/api/patients/{patient}/documents"), escaped).await.expect(201);
    assert_eq!(answer["document"]["file_name"], "say \"ah\".pdf");
}

async fn a_document_can_be_changed_and_taken_away(app: &TestApp) {
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let patient = app.patient(&doctor, "Ana", "Rivera").await;
    let document = upload(&doctor, patient, "scan.pdf", PDF).await;
    let path = format!("/api/documents/{}", document["document_id"]);
    let changed = doctor.put(&path, json!({ "title": "Passport", "category": "identification", "released": true })).await.expect(200);
    assert_eq!((&changed["document"]["title"], &changed["document"]["version"]), (&json!("Passport"), &json!(2)));
    assert!(changed["document"]["released_at"].is_string());
    doctor.with("if-match", "\"v1\"").put(&path, json!({ "title": "Other" })).await.expect(412);
    doctor.put(&path, json!({ "title": null })).await.expect(400);
    let other = app.sign_in(Who::OtherDoctor).await;
    for what in ["", "/download", "/thumbnail"] {
        other.get(&format!("{path}{what}")).await.expect(404);
    }
    other.delete(&path).await.expect(404);
    app.sign_in(Who::Nurse).await.delete(&path).await.expect(403);
    doctor.delete(&path).await.expect(200);
    doctor.get(&path).await.expect(404);
    doctor.get(&format!("{path}/download")).await.expect(404);
    doctor.put(&path, json!({ "title": "Other" })).await.expect(404);
    assert_eq!(doctor.get(&format!("/api/patients/{patient}/documents")).await.expect(200)["pagination"]["total"], 0);
    assert_eq!(left(app).await, (1, 1), "nothing is erased");
}

async fn a_patient_sees_what_was_released_and_what_is_the_patients_own(app: &TestApp) {
    app.anyone().post("/api/auth/register", registration("ABC01", "pat@abc01.example")).await.expect(201);
    let pat = sign_in(app, "pat@abc01.example").await;
    let chart = pat.get("/api/patients").await.expect(200)["patients"][0]["patient_id"].as_i64().expect("a chart");
    let doctor = app.sign_in_to(Who::Doctor, "ABC01").await;
    let hidden = upload(&doctor, chart, "hidden.pdf", PDF).await;
    let own = upload(&pat, chart, "own.pdf", PDF).await;
    let path = format!("/api/patients/{chart}/documents");
    let seen = async || pat.get(&path).await.expect(200)["pagination"]["total"].clone();
    assert_eq!(seen().await, 1);
    let of_hidden = format!("/api/documents/{}", hidden["document_id"]);
    pat.get(&of_hidden).await.expect(404);
    pat.get(&format!("{of_hidden}/download")).await.expect(404);
    doctor.put(&of_hidden, json!({ "released": true })).await.expect(200);
    assert_eq!(seen().await, 2);
    assert_eq!(pat.download(&format!("{of_hidden}/download")).await.2, PDF);
    assert_eq!(pat.download(&format!("/api/documents/{}/download", own["document_id"])).await.0, StatusCode::OK);
    pat.put(&of_hidden, json!({ "title": "Mine" })).await.expect(403);
    let stranger = app.patient(&doctor, "Some", "Stranger").await;
    pat.post_file(&format!("/api/patients/{stranger}/documents"), ("a.pdf", "application/pdf", PDF), &[]).await.expect(404);
}

async fn whoever_may_bring_documents_may_not_read_charts_for_that(app: &TestApp) {
    let front = app.sign_in(Who::Receptionist).await;
    let patient = app.patient(&front, "Ana", "Rivera").await;
    let document = upload(&front, patient, "insurance.pdf", PDF).await;
    front.get(&format!("/api/patients/{patient}/documents")).await.expect(403);
    front.get(&format!("/api/documents/{}/download", document["document_id"])).await.expect(403);
}

async fn a_picture_gets_a_small_one(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let picture = upload(&nurse, patient, "wound.png", &png(900, 600)).await;
    let path = format!("/api/documents/{}", picture["document_id"]);
    assert_eq!(picture["has_thumbnail"], false);
    nurse.get(&format!("{path}/thumbnail")).await.expect(404);
    app.run_jobs().await;
    assert_eq!(nurse.get(&path).await.expect(200)["has_thumbnail"], true);
    let (status, headers, bytes) = nurse.download(&format!("{path}/thumbnail")).await;
    assert_eq!((status, &bytes[..3]), (StatusCode::OK, &b"\xff\xd8\xff"[..]));
    assert_eq!(headers["content-type"], "image/jpeg");
    // A picture in name only has none, and harms nothing.
    let broken = upload(&nurse, patient, "broken.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and then nothing of the kind").await;
    app.run_jobs().await;
    nurse.get(&format!("/api/documents/{}/thumbnail", broken["document_id"])).await.expect(404);
    expect_left(app, 3, 3).await;
}

/// A PNG of one colour: an uncompressed deflate stream, so that no library is needed.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    };
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&u32::try_from(data.len()).expect("small").to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let row: Vec<u8> = std::iter::once(0).chain(std::iter::repeat_n(200, width as usize * 3)).collect();
    let rows: Vec<u8> = row.repeat(height as usize);
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &rows {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    let mut data = vec![0x78, 0x01];
    let pieces: Vec<&[u8]> = rows.chunks(65_535).collect();
    for (place, piece) in pieces.iter().enumerate() {
        let length = u16::try_from(piece.len()).expect("small");
        data.push(u8::from(place + 1 == pieces.len()));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(*piece);
    }
    data.extend(((b << 16) | a).to_be_bytes());
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat()
}

async fn an_upload_that_came_to_nothing_is_swept(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    upload(&nurse, patient, "kept.pdf", PDF).await;
    // As after a loss of power: the row waits, and the object was just written.
    let grant = system_grant(Some(ClinicId(1)), "test", app.clock.as_ref());
    let waiting = app.app.db.write(&grant, (), async |mut tx: clinichub_db::TenantTx, ()| {
        tx.unaudited("a test");
        let now = tx.now();
        let insert = clinichub_db::tenant_sql!(
            "INSERT INTO files (clinic_id, object, state, mime, name, created_at) VALUES ($1, '1/aa/aabbcc', 'pending', 'application/pdf', 'a.pdf', $2)"
        );
        Ok(tx.exec(insert, clinichub_db::params![now]).await?)
    });
    waiting.await.expect("a row");
    let folder = app.folder.path().join("files/1/aa");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("aabbcc"), "half").expect("written");
    std::fs::write(folder.join("aabbcc#1"), "half").expect("written");
    app.run_jobs().await;
    assert_eq!(left(app).await, (2, 3), "it may still go on");
    app.clock.advance(SignedDuration::from_hours(25));
    app.run_jobs().await;
    assert_eq!(left(app).await, (1, 1));
}

async fn a_damaged_file_is_an_error_and_never_handed_out(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let document = upload(&nurse, patient, "scan.pdf", PDF).await;
    let object = only_file(&app.folder.path().join("files")).expect("an object");
    let mut sealed = std::fs::read(&object).expect("read");
    sealed[10] ^= 1;
    std::fs::write(&object, sealed).expect("written");
    let path = format!("/api/documents/{}/download", document["document_id"]);
    let (status, _, bytes) = nurse.download(&path).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!bytes.windows(4).any(|part| part == b"%PDF"));
    std::fs::remove_file(&object).expect("removed");
    assert_eq!(nurse.download(&path).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

fn only_file(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let mut entries = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.find_map(|path| if path.is_dir() { only_file(&path) } else { Some(path) })
}

async fn keys_change_and_files_stay(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let document = upload(&nurse, patient, "scan.pdf", PDF).await;
    let path = format!("/api/documents/{}/download", document["document_id"]);
    app.clock.advance(SignedDuration::from_secs(1));
    let before = app.app.files.keys().current().expect("a key");
    let rotated = files::rotate_keys(&app.app).await.expect("rotated");
    assert_eq!((rotated.files, rotated.failed.len(), rotated.kid == before), (1, 0, false));
    assert_eq!(files::prune_keys(&app.app).await.expect("pruned"), [""; 0], "an upload may still be under way");
    app.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(files::prune_keys(&app.app).await.expect("pruned"), [before]);
    let nurse = app.sign_in(Who::Nurse).await;
    assert_eq!(nurse.download(&path).await.2, PDF);
}

async fn what_does_not_fit_is_found_and_swept(app: &TestApp) {
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    upload(&nurse, patient, "scan.pdf", PDF).await;
    let grant = system_grant(None, "test", app.clock.as_ref());
    let look = async || files::find_strays(&app.app.db, &app.app.files, &grant).await.expect("compared");
    let strays = look().await;
    assert_eq!((strays.objects.len(), strays.rows.len(), strays.seen), (0, 0, 1));
    let object = only_file(&app.folder.path().join("files")).expect("an object");
    std::fs::rename(&object, object.with_file_name("stray")).expect("moved");
    std::fs::write(object.with_file_name("other#3"), "half").expect("written");
    let strays = look().await;
    assert_eq!((strays.objects.len(), strays.rows.len()), (2, 1));
    files::sweep(&app.app.files, &strays).await.expect("swept");
    assert_eq!((look().await.objects.len(), left(app).await), (0, (1, 0)));
}
