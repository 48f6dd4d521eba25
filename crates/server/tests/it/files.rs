//! Files through the real program: large ones at flat memory, none by half after the program was killed, all of them after a restore.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use clinichub_testkit::{BOUNDARY, form};
use serde_json::Value;

use crate::program::{Installation, Server, text, until};

const ADMIN: (&str, &str) = ("admin@clinichub.com", "admin123");
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";
const PIECE: usize = 1 << 20;
/// Documents of the demonstration.
const DEMO_DOCUMENTS: usize = 76;
/// Files of the demonstration: those, the small picture of each, and four of a laboratory.
const DEMO: usize = DEMO_DOCUMENTS * 2 + 4;
/// What an upload may take of memory, in KiB.
const MOST_MEMORY: u64 = 64 * 1024;

/// A form on its way: begun, its file of `size` bytes not yet sent.
struct Sending {
    stream: TcpStream,
    end: String,
    left: usize,
}

impl Sending {
    fn begin(server: &Server, token: &str, size: usize) -> Self {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n"
        );
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let length = head.len() + size - 9 + end.len();
        let mut stream = TcpStream::connect(&server.address).expect("connected");
        let request = format!(
            "POST /api/patients/1/documents HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n{head}",
            server.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        Self { stream, end, left: size - 9 }
    }

    fn send(&mut self, bytes: usize) {
        let piece: Vec<u8> = (0..=250).cycle().take(PIECE).collect();
        let mut wanted = bytes.min(self.left);
        self.left -= wanted;
        while wanted > 0 {
            let now = wanted.min(PIECE);
            self.stream.write_all(&piece[..now]).expect("sent");
            wanted -= now;
        }
    }

    fn finish(mut self) -> Value {
        self.send(self.left);
        self.stream.write_all(self.end.as_bytes()).expect("sent");
        let (status, body) = self.answer();
        assert_eq!(status, 201, "{body}");
        body
    }

    /// Sends until the server has enough, whether it has answered or hung up.
    fn send_what_is_wanted(&mut self) {
        let piece = vec![7; PIECE];
        while self.left > 0 && self.stream.write_all(&piece[..PIECE.min(self.left)]).is_ok() {
            self.left = self.left.saturating_sub(PIECE);
        }
    }

    fn answer(mut self) -> (u16, Value) {
        let mut answer = Vec::new();
        // An answer that comes before the end is followed by a reset.
        drop(self.stream.read_to_end(&mut answer));
        let answer = String::from_utf8(answer).expect("a text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        (head[9..12].parse().expect("a status"), serde_json::from_str(body).expect("JSON"))
    }
}

/// Reads a download to its end; the status and how many bytes there were.
fn download(server: &Server, token: &str, path: &str) -> (u16, usize, Vec<u8>) {
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n", server.address);
    stream.write_all(request.as_bytes()).expect("sent");
    let (mut head, mut piece, mut bytes) = (Vec::new(), vec![0; PIECE], 0);
    let body = loop {
        let read = stream.read(&mut piece).expect("read");
        assert!(read > 0, "no answer");
        head.extend_from_slice(&piece[..read]);
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break head.split_off(end + 4);
        }
    };
    bytes += body.len();
    loop {
        match stream.read(&mut piece).expect("read") {
            0 => break,
            read => bytes += read,
        }
    }
    let status = String::from_utf8_lossy(&head[9..12]).parse().expect("a status");
    (status, bytes, body)
}

fn objects(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { objects(&path) } else { vec![path] }).collect()
}

fn upload_small(server: &Server, token: &str) -> i64 {
    upload(server, token, PDF)
}

fn upload(server: &Server, token: &str, pdf: &[u8]) -> i64 {
    let body = form(("scan.pdf", "application/pdf", pdf), &[]);
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    let head = format!(
        "POST /api/patients/1/documents HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let body: Value = serde_json::from_str(body).expect("JSON");
    body["document"]["document_id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn a_large_file_takes_no_more_memory_than_a_small_one() {
    let here = Installation::sqlite();
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    upload_small(&server, &token);
    let rest = server.memory_kib("VmRSS");
    #[expect(clippy::disallowed_methods, reason = "how much is tried by hand is said where the test is started")]
    let mib: usize = std::env::var("CLINICHUB_TEST_UPLOAD_MIB").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let size = mib * PIECE;
    let mut sending = Sending::begin(&server, &token, size);
    let mut most = 0;
    while sending.left > 0 {
        sending.send(16 * PIECE);
        most = most.max(server.memory_kib("VmRSS"));
    }
    let document = sending.finish();
    assert_eq!(document["document"]["file_size"], size);
    let uploaded = most.saturating_sub(rest);
    let path = format!("/api/documents/{}/download", document["document"]["document_id"]);
    let (status, bytes, _) = download(&server, &token, &path);
    assert_eq!((status, bytes), (200, size));
    let peak = server.memory_kib("VmHWM").saturating_sub(rest);
    println!("{mib} MiB: {rest} KiB at rest, {uploaded} KiB more while it came, {peak} KiB more at the highest");
    assert!(peak < MOST_MEMORY, "{peak} KiB more than at rest");
}

/// A PDF of one page, whose first drawing does what `first` says; drawing `n` calls drawing `n` + 1 as often as `calls` says.
fn pdf_of(first: &str, calls: usize) -> Vec<u8> {
    let mut text = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n".to_owned();
    text += "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</D 5 0 R>>>>>>endobj\n";
    let mut drawing = |number: usize, dict: &str, contents: &str| {
        let length = contents.len();
        let _ = writeln!(text, "{number} 0 obj<<{dict}/Length {length}>>stream\n{contents}\nendstream endobj");
    };
    drawing(4, "", first);
    for number in 5..12 {
        let dict = format!("/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</D {} 0 R>>>>", number + 1);
        drawing(number, &dict, &"/D Do ".repeat(calls));
    }
    drawing(12, "/Type/XObject/Subtype/Form/BBox[0 0 612 792]", &"0 0 m 9 9 l S ".repeat(calls));
    text += "trailer<</Root 1 0 R>>\n%%EOF\n";
    text.into_bytes()
}

#[test]
fn a_file_made_to_hang_whoever_looks_into_it_hangs_nobody() {
    let here = Installation::sqlite();
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let done = |more: usize| {
        let jobs = counted(&here, "SELECT count(*) FROM jobs WHERE kind = 'documents.thumbnail' AND state = 'done'");
        jobs == DEMO_DOCUMENTS + more
    };
    let pictured = || counted(&here, "SELECT count(*) FROM documents WHERE thumbnail_file_id IS NOT NULL");
    // A red half; nothing deep.
    let good = upload(&server, &token, &pdf_of("1 0 0 rg 0 0 612 396 re f", 0));
    until("its first page is drawn", || done(1));
    let (status, bytes, small) = download(&server, &token, &format!("/api/documents/{good}/thumbnail"));
    assert_eq!((status, &small[..3]), (200, &b"\xff\xd8\xff"[..]));
    assert!(bytes < 20_000);
    // A hundred calls, eight deep.
    upload(&server, &token, &pdf_of("/D Do", 100));
    until("it is given up", || done(2));
    assert_eq!(pictured(), DEMO_DOCUMENTS + 1);
    assert_eq!(server.signal("TERM"), Some(0));
}

/// How many a statement counts.
fn counted(here: &Installation, statement: &str) -> usize {
    usize::try_from(here.number(statement)).expect("a count")
}

#[test]
fn the_patient_of_the_demonstration_opens_what_was_released() {
    let here = Installation::sqlite();
    let server = here.demonstrate();
    let patient = server.sign_in("patient@clinichub.com", ADMIN.1);
    let (_, charts) = server.ask("GET", "/api/patients", &patient, "");
    let chart = &charts["patients"][0]["patient_id"];
    let (status, list) = server.ask("GET", &format!("/api/patients/{chart}/documents"), &patient, "");
    assert_eq!((status, list["documents"].as_array().map(Vec::len)), (200, Some(1)), "{list}");
    let path = format!("/api/documents/{}/download", list["documents"][0]["document_id"]);
    let (status, _, pdf) = download(&server, &patient, &path);
    assert!(status == 200 && pdf.starts_with(b"%PDF-1.4"));
    assert_eq!(list["documents"][0]["has_thumbnail"], true);
    let path = format!("/api/documents/{}/thumbnail", list["documents"][0]["document_id"]);
    let (status, _, picture) = download(&server, &patient, &path);
    assert!(status == 200 && picture.starts_with(b"\xff\xd8\xff"));
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let here = Installation::sqlite();
    // Room for the demonstration, and no more.
    here.demonstrate().signal("TERM");
    let server = here.serve_cramped(40 * 1024, &["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let mut sending = Sending::begin(&server, &token, 60 * PIECE);
    sending.send_what_is_wanted();
    let (status, problem) = sending.answer();
    assert_eq!((status, problem["detail"].as_str()), (507, Some("There is no room left for files; tell whoever runs this installation")));
    assert_eq!(objects(&here.data().join("files")).len(), DEMO);
    assert_eq!(counted(&here, "SELECT count(*) FROM documents"), DEMO_DOCUMENTS);
    assert_eq!(counted(&here, "SELECT count(*) FROM files WHERE state = 'stored'"), DEMO);
    // What fits goes on.
    upload_small(&server, &token);
    here.run(&["doctor"]).ok().says(&format!("{} stored file(s), none without a row", DEMO + 1));
}

/// An S3-compatible store that others wrote.
struct Bucket {
    process: std::process::Child,
    endpoint: String,
}

impl Bucket {
    /// Starts it with an empty bucket `clinic`.
    fn start() -> Self {
        let python = clinichub_testkit::python().expect("the Python tools");
        let script = "import sys, boto3\nfrom moto.server import ThreadedMotoServer\nserver = ThreadedMotoServer('127.0.0.1', 0, verbose=False)\n\
            server.start()\nurl = 'http://%s:%s' % server.get_host_and_port()\n\
            boto3.client('s3', endpoint_url=url, region_name='us-east-1').create_bucket(Bucket='clinic')\n\
            print(url, flush=True)\nsys.stdin.read()";
        let mut command = std::process::Command::new(python);
        command.args(["-c", script]).envs([("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")]);
        let mut process = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("moto starts");
        let mut endpoint = String::new();
        let out = process.stdout.take().expect("an output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut endpoint).expect("its address");
        Self { process, endpoint: endpoint.trim().to_owned() }
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn files_go_into_a_bucket_and_come_back() {
    let bucket = Bucket::start();
    let settings = [
        ("CLINICHUB_S3_BUCKET", "clinic".to_owned()),
        ("CLINICHUB_S3_ENDPOINT", bucket.endpoint.clone()),
        ("CLINICHUB_S3_ACCESS_KEY", "k".to_owned()),
        ("CLINICHUB_S3_SECRET_KEY", "s".to_owned()),
    ];
    let here = Installation::sqlite().with(settings);
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let small = upload_small(&server, &token);
    // In several parts.
    let mut sending = Sending::begin(&server, &token, 25 * PIECE);
    sending.send(25 * PIECE);
    let large = sending.finish()["document"]["document_id"].as_i64().expect("an id");
    assert_eq!(download(&server, &token, &format!("/api/documents/{small}/download")).2, PDF);
    assert_eq!(download(&server, &token, &format!("/api/documents/{large}/download")).1, 25 * PIECE);
    // A connection that is cut leaves nothing there.
    let mut cut = Sending::begin(&server, &token, 25 * PIECE);
    cut.send(12 * PIECE);
    drop(cut);
    until("the cut one is gone", || counted(&here, "SELECT count(*) FROM files") == DEMO + 2);
    here.run(&["doctor"]).ok().says(&format!("{} stored file(s), none without a row", DEMO + 2));
    assert!(objects(&here.data().join("files")).is_empty());
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_that_is_not_found() {
    let here = Installation::sqlite();
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let kept = upload_small(&server, &token);
    let mut sending = Sending::begin(&server, &token, 100 * PIECE);
    sending.send(20 * PIECE);
    let files = here.data().join("files");
    until("the upload is under way", || objects(&files).len() == DEMO + 2);
    server.signal("KILL");
    assert_eq!(counted(&here, "SELECT count(*) FROM documents"), DEMO_DOCUMENTS + 1);
    assert_eq!(here.number("SELECT count(*) FROM files WHERE state = 'pending'"), 1);
    here.run(&["doctor"]).ok().says("1 upload(s) are under way, or were broken off");
    let server = here.serve(&["--demo"]);
    until("what is left of it is removed", || here.number("SELECT count(*) FROM files WHERE state <> 'stored'") == 0);
    until("its object too", || objects(&files).len() == DEMO + 1);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let (status, _, contents) = download(&server, &token, &format!("/api/documents/{kept}/download"));
    assert_eq!((status, &contents[..]), (200, PDF));
}

async fn files_come_back(here: Installation) {
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let document = upload_small(&server, &token);
    let file = here.beside("backup.chb");
    here.run(&["backup", text(&file)]).ok();
    assert_eq!(server.signal("TERM"), Some(0));
    let there = here.another().await;
    there.run(&["restore", text(&file)]).ok();
    there.run(&["doctor"]).ok().says(&format!("{} stored file(s), none without a row", DEMO + 1));
    let server = there.serve(&["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let path = format!("/api/documents/{document}/download");
    assert_eq!(download(&server, &token, &path).2, PDF);
    // A new key while the server works: it takes it over.
    there.run(&["key", "rotate", "--files", "--prune"]).ok().says(&format!("those of {} files and 2 clinics were wrapped anew", DEMO + 1));
    assert_eq!(download(&server, &token, &path).2, PDF);
    assert_eq!(download(&server, &token, &format!("/api/documents/{}/download", upload_small(&server, &token))).2, PDF);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_back_on_sqlite() {
    files_come_back(Installation::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_back_on_postgres() {
    files_come_back(Installation::postgres().await).await;
}

#[test]
fn the_doctor_finds_what_does_not_fit_and_sweeps() {
    let here = Installation::sqlite();
    let server = here.demonstrate();
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    upload_small(&server, &token);
    assert_eq!(server.signal("TERM"), Some(0));
    let object = objects(&here.data().join("files")).pop().expect("an object");
    std::fs::copy(&object, object.with_file_name("stray")).expect("copied");
    here.run(&["doctor"]).failed(5, "1 object(s) are stored that no row knows");
    here.run(&["doctor", "--sweep"]).ok().says("1 object(s) without a row were removed");
    here.run(&["doctor"]).ok();
    std::fs::remove_file(&object).expect("removed");
    here.run(&["doctor"]).failed(5, "1 stored file(s) are missing");
}

#[test]
fn the_doctor_tries_the_clinics_keys() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    assert_eq!(server.signal("TERM"), Some(0));
    here.run(&["doctor"]).ok().says("the keys of 2 clinic(s) can be opened");
    let keys = here.data().join("keys");
    let of_files = std::fs::read_dir(&keys).expect("the keys").flatten().map(|entry| entry.path());
    for path in of_files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("files"))) {
        std::fs::remove_file(path).expect("removed");
    }
    here.run(&["doctor"]).failed(5, "what is sealed in the database can't be read: clinic 1, clinic 2");
}
