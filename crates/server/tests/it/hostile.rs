//! What comes over a raw socket from somebody who means no good, or whose connection is bad: refused or dropped, never a server that
//! is down or busy with it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::caller::{Caller, Reply, read};
use crate::program::{Installation, Server};

/// What an honest request may take meanwhile.
const PROMPTLY: Duration = Duration::from_secs(5);

const LOGIN: &str = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/// Sends bytes, says that nothing more comes if `ends`, and reads to the end: the answer, or `None` where the server hung up.
fn throw(caller: &Caller, bytes: &[u8], ends: bool) -> Option<Reply> {
    let mut stream = caller.connect().expect("connected");
    // The server may have answered and hung up before it read everything.
    drop(stream.write_all(bytes));
    if ends {
        drop(stream.shutdown(Shutdown::Write));
    }
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    read(&answer).ok()
}

#[track_caller]
fn expect_well(server: &Server) {
    let started = Instant::now();
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
    server.sign_in("nurse@clinichub.com", "admin123");
    assert!(started.elapsed() < PROMPTLY, "an honest client waited {:?}", started.elapsed());
}

fn many_headers(count: usize) -> String {
    (0..count).map(|number| format!("X-Header-{number}: value\r\n")).collect()
}

#[test]
fn what_is_no_request_is_refused_or_dropped() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    let caller = server.caller("");
    let flood = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{}\r\n", many_headers(1000));
    let long = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "a".repeat(1 << 20));
    let path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(1 << 20));
    let both = format!("{LOGIN}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{{}}");
    for (what, request) in [
        ("a thousand headers", flood.as_bytes()),
        ("a header of a megabyte", long.as_bytes()),
        ("a path of a megabyte", path.as_bytes()),
        ("noise", &[0xff; 4096][..]),
        ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("no host and no version", b"GET /healthz\r\n\r\n"),
        ("a length that is none", &[LOGIN.as_bytes(), b"Content-Length: -1\r\n\r\n"].concat()),
        ("two lengths", &[LOGIN.as_bytes(), b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"].concat()),
        ("a length and chunks", both.as_bytes()),
        ("a chunk of no size", &[LOGIN.as_bytes(), b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"].concat()),
        ("a header in two lines", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n"),
        ("a header with a zero byte", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\0c\r\n\r\n"),
    ] {
        if let Some(reply) = throw(&caller, request, true) {
            assert!((400..500).contains(&reply.status), "{what}: {}", reply.head);
        }
        expect_well(&server);
    }
}

#[test]
fn a_body_that_ends_too_early_is_refused_or_dropped() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    let caller = server.caller("");
    for rest in [
        "Content-Length: 1000\r\n\r\n{\"email\": \"nurse@clinichub.com\"",
        "Content-Length: 1000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"email\": \"",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        if let Some(reply) = throw(&caller, format!("{LOGIN}{rest}").as_bytes(), true) {
            assert_eq!(reply.status, 400, "{rest}: {}", reply.head);
        }
    }
    expect_well(&server);
}

#[test]
fn a_body_that_is_too_large_is_refused_however_it_is_sent() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    let caller = server.caller("");
    let announced = format!("{LOGIN}Content-Length: 10485760\r\n\r\n");
    let reply = throw(&caller, announced.as_bytes(), false).expect("refused before it is sent");
    assert_eq!(reply.status, 413, "{}", reply.head);
    let mut stream = caller.connect().expect("connected");
    stream.write_all(format!("{LOGIN}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).expect("sent");
    assert_eq!(flood(&mut stream, 10 << 20).map(|reply| reply.status), Some(413));
    expect_well(&server);
}

/// Sends chunks, `most` bytes altogether or until the server has enough; its answer.
fn flood(stream: &mut TcpStream, most: usize) -> Option<Reply> {
    let chunk = [b"4000\r\n".as_slice(), &[b'a'; 0x4000], b"\r\n"].concat();
    let mut sent = 0;
    while sent < most && stream.write_all(&chunk).is_ok() {
        sent += chunk.len();
    }
    let mut answer = Vec::new();
    let mut byte = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut byte) {
        answer.extend_from_slice(&byte[..length]);
        if let Ok(reply) = read(&answer) {
            return Some(reply);
        }
    }
    None
}

#[test]
fn slow_clients_keep_nobody_waiting() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    let caller = server.caller("");
    let mut slow: Vec<TcpStream> = (0..100).map(|_| caller.connect().expect("connected")).collect();
    for (number, stream) in slow.iter_mut().enumerate() {
        let head = if number % 2 == 0 { format!("{LOGIN}Content-Length: 1000\r\n\r\n{{") } else { "GET /healthz HTT".to_owned() };
        stream.write_all(head.as_bytes()).expect("sent");
    }
    for _ in 0..5 {
        slow.iter_mut().step_by(2).for_each(|stream| stream.write_all(b" ").expect("sent"));
        expect_well(&server);
    }
    drop(slow);
    expect_well(&server);
}
