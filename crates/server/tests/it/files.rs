//! Files through the real program: large ones at flat memory, none by half after the program was killed, all of them after a restore.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use clinichub_testkit::{BOUNDARY, form};
use serde_json::Value;

use crate::program::{Installation, Server, text, until};

const ADMIN: (&str, &str) = ("admin@clinichub.com", "admin123");
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";
const PIECE: usize = 1 << 20;
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
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 201"), "{answer}");
        serde_json::from_str(body).expect("JSON")
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
    let body = form(("scan.pdf", "application/pdf", PDF), &[]);
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
    let server = here.serve(&["--demo"]);
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

#[test]
fn a_kill_in_the_middle_leaves_nothing_that_is_not_found() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let kept = upload_small(&server, &token);
    let mut sending = Sending::begin(&server, &token, 100 * PIECE);
    sending.send(20 * PIECE);
    let files = here.data().join("files");
    until("the upload is under way", || objects(&files).len() == 2);
    server.signal("KILL");
    assert_eq!(here.number("SELECT count(*) FROM documents"), 1);
    assert_eq!(here.number("SELECT count(*) FROM files WHERE state = 'pending'"), 1);
    // Its row knows what is left of it, until it is swept.
    here.run(&["doctor"]).ok();
    let server = here.serve(&["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let (status, _, contents) = download(&server, &token, &format!("/api/documents/{kept}/download"));
    assert_eq!((status, &contents[..]), (200, PDF));
}

async fn files_come_back(here: Installation) {
    let server = here.serve(&["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let document = upload_small(&server, &token);
    let file = here.beside("backup.chb");
    here.run(&["backup", text(&file)]).ok();
    assert_eq!(server.signal("TERM"), Some(0));
    let there = here.another().await;
    there.run(&["restore", text(&file)]).ok();
    there.run(&["doctor"]).ok().says("1 stored file(s), none without a row");
    let server = there.serve(&["--demo"]);
    let token = server.sign_in(ADMIN.0, ADMIN.1);
    let path = format!("/api/documents/{document}/download");
    assert_eq!(download(&server, &token, &path).2, PDF);
    // A new key while the server works: it takes it over.
    there.run(&["key", "rotate", "--files", "--prune"]).ok().says("1 were wrapped anew");
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
    let server = here.serve(&["--demo"]);
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
