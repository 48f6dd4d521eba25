//! A Redis on loopback: the one that runs on this machine, or one that is started.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// More than a Redis needs to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where one runs that was installed with the system.
const USUAL: u16 = 6379;

/// A Redis to count in; it ends when it is dropped, if the test started it.
pub struct RedisServer {
    /// How it is reached.
    pub url: String,
    child: Option<Child>,
}

impl RedisServer {
    /// One that answers. Others use it too: begin every key with something of your own.
    pub fn find() -> Self {
        if answers(USUAL) { Self { url: format!("redis://127.0.0.1:{USUAL}"), child: None } } else { Self::start() }
    }

    /// One of the test's own, which it can stop.
    pub fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        Self::start_on(port)
    }

    /// One of the test's own on this port.
    pub fn start_on(port: u16) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.expect("redis-server starts; `apt-get install redis-server`, or run `cargo xtask test`, which does it");
        let begun = Instant::now();
        while !answers(port) {
            assert!(begun.elapsed() < PATIENCE, "redis-server does not answer on port {port}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { url: format!("redis://127.0.0.1:{port}"), child: Some(child) }
    }

    /// Ends it, as a machine does that is switched off.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), Duration::from_secs(1)).is_ok()
}
