//! Accepts connections, no more than a limit at once, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection;
use super::gate::Gate;
use crate::failure::Failure;

/// How patient the server is with a client.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more wait in the system's queue.
    pub connections: usize,
    /// How long a client may take for the head of a request, and how long a connection may stand idle.
    pub head: Duration,
    /// How long a client may take for the TLS handshake.
    pub handshake: Duration,
}

impl Limits {
    /// The limits with this many connections.
    pub fn with_connections(connections: usize) -> Self {
        Self { connections, head: Duration::from_secs(30), handshake: Duration::from_secs(10) }
    }
}

/// A bound socket.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Listener {
    /// Binds; an error says what is in the way.
    pub async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>, limits: Limits) -> Result<Self, Failure> {
        let socket = TcpListener::bind(address).await.map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::AddrInUse => "another program has the port; give another one with --listen",
                std::io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege; take one above, or let a proxy listen there",
                std::io::ErrorKind::AddrNotAvailable => "this machine does not have that address",
                _ => "see --listen",
            };
            Failure::failed(format!("could not listen on {address}: {error}; {hint}"))
        })?;
        let address = socket.local_addr().unwrap_or(address);
        Ok(Self { socket, address, tls, limits })
    }

    /// The address, with the port that was really taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts until `stop`; each connection runs in `connections` and finishes what it is at.
    pub async fn run(self, gate: Gate, stop: CancellationToken, connections: TaskTracker) {
        let free = Arc::new(Semaphore::new(self.limits.connections));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.accept(&free) => accepted,
            };
            let Some((stream, peer, permit)) = accepted else { break };
            let (gate, stop, tls, limits) = (gate.clone(), stop.clone(), self.tls.clone(), self.limits);
            connections.spawn(async move {
                connection::serve(stream, peer, tls, limits, gate, stop).await;
                drop(permit);
            });
        }
    }

    async fn accept(&self, free: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let permit = Arc::clone(free).acquire_owned().await.ok()?;
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    drop(stream.set_nodelay(true));
                    return Some((stream, peer, permit));
                }
                Err(error) => {
                    // Out of file descriptors, or a client that left in between: neither ends the server.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}
