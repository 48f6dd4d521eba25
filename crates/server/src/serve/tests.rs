//! The listener over real sockets: slow clients, too many clients, and stopping in the middle of a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Gate, Limits, Listener};

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    connections: TaskTracker,
    gate: Gate,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), None, limits).await.expect("bound");
        let (address, stop, connections, gate) = (listener.address(), CancellationToken::new(), TaskTracker::new(), Gate::default());
        connections.spawn(listener.run(gate.clone(), stop.clone(), connections.clone()));
        Self { address, stop, connections, gate }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connected")
    }

    /// Stops, and waits until the last connection is done.
    async fn stopped(&self) {
        self.stop.cancel();
        self.connections.close();
        self.connections.wait().await;
    }
}

fn limits() -> Limits {
    Limits { connections: 8, head: Duration::from_secs(30), handshake: Duration::from_secs(10) }
}

/// What comes until a blank line and a body of JSON have come, or the connection ends.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"}") {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.expect("read");
        if n == 0 {
            break;
        }
        bytes.extend_from_slice(&chunk[..n]);
    }
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn while_starting_it_is_alive_and_not_ready() {
    let server = Server::start(limits()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.expect("sent");
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let refused = answer(&mut stream).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("application/problem+json") && refused.contains("retry-after"));
    let mut visit = server.connect().await;
    visit.write_all(b"GET /today HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n").await.expect("sent");
    let page = answer(&mut visit).await;
    assert!(page.starts_with("HTTP/1.1 503") && page.contains("text/html") && page.contains("is starting"), "{page}");
    server.gate.open(Router::new().fallback(async || "{}"));
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_dropped() {
    let server = Server::start(Limits { head: Duration::from_millis(50), ..limits() }).await;
    for head in [&b""[..], b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut stream = server.connect().await;
        stream.write_all(head).await.expect("sent");
        assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap_or(0), 0, "closed without an answer");
    }
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight() {
    let server = Server::start(limits()).await;
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (in_handler, to_go) = (arrived.clone(), go.clone());
    server.gate.open(Router::new().fallback(async move || {
        in_handler.notify_one();
        to_go.notified().await;
        "{}"
    }));
    let (mut busy, idle) = (server.connect().await, server.connect().await);
    busy.write_all(GET).await.expect("sent");
    arrived.notified().await;
    let stopped = server.stopped();
    let finish = async {
        server.stop.cancelled().await;
        go.notify_one();
        let answer = answer(&mut busy).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    tokio::join!(stopped, finish);
    drop(idle);
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody accepts any more");
}

#[tokio::test]
async fn too_many_connections_wait_their_turn() {
    let server = Server::start(Limits { connections: 1, ..limits() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    first.write_all(GET).await.expect("sent");
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 200"));
    second.write_all(GET).await.expect("sent");
    let early = tokio::time::timeout(Duration::from_millis(50), second.readable()).await;
    assert!(early.is_err(), "the second is not served while the first is there");
    drop(first);
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let server = Server::start(limits()).await;
    let Err(failure) = Listener::bind(server.address, None, limits()).await else { panic!("bound twice") };
    assert!(failure.message.contains(&server.address.to_string()) && failure.message.contains("--listen"), "{failure}");
}
