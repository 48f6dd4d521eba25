//! One connection: TLS if there is a certificate, then HTTP/1.1 or HTTP/2, each with limits on what a slow or greedy client can hold.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::gate::{Gate, while_starting};
use super::listener::Limits;

const MAX_HEADERS: usize = 100;
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_STREAMS: u32 = 128;

/// Serves a connection to its end; at `stop` the requests in flight are finished and no further one is taken.
pub async fn serve(stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, limits: Limits, gate: Gate, stop: CancellationToken) {
    let Some(tls) = tls else {
        return http1(stream, peer, limits, gate, stop).await;
    };
    let Ok(Ok(stream)) = tokio::time::timeout(limits.handshake, tls.accept(stream)).await else {
        tracing::debug!("a TLS handshake failed");
        return;
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2(stream, peer, limits, gate, stop).await;
    } else {
        http1(stream, peer, limits, gate, stop).await;
    }
}

async fn http1<S>(stream: S, peer: SocketAddr, limits: Limits, gate: Gate, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD_BYTES);
    let service = service_fn(move |request| answer(request, peer, gate.router()));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    note(ended);
}

async fn http2<S>(stream: S, peer: SocketAddr, limits: Limits, gate: Gate, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(limits.handshake);
    let service = service_fn(move |request| answer(request, peer, gate.router()));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    note(ended);
}

/// What ends a connection early is the client's doing and no news.
fn note(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(mut request: Request<Incoming>, peer: SocketAddr, router: Option<axum::Router>) -> Result<Response<Body>, Infallible> {
    let Some(router) = router else { return Ok(while_starting(&request)) };
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request.map(Body::new)).await
}
