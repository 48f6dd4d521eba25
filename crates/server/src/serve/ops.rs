//! What machines ask: is the process alive, may it get requests, how is it doing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use clinichub_api::{ApiError, ApiRoutes, Because, Public, Read, Versioned, routes};
use clinichub_app::App;
use clinichub_core::AppError;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

/// What `/metrics` needs beside the app.
#[derive(Clone)]
pub struct Ops {
    /// What collects the numbers.
    pub metrics: PrometheusHandle,
    /// Who asks must send it, if it is there.
    pub token: Option<Arc<SecretString>>,
}

/// The routes of operations.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .open(Because("a supervisor asks it before anybody can sign in; it tells nothing"), routes!(get_health))
        .open(Because("a load balancer asks it; it tells only whether the database answers"), routes!(get_readiness))
        .open(Because("Prometheus asks it, with its own token or from a private address; it names no person"), routes!(get_metrics))
}

/// How the program is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is another status code.
    #[schema(example = "ok")]
    pub status: &'static str,
}

impl Versioned for Health {}

/// Whether the process works. Asks nothing of the database.
#[utoipa::path(get, path = "/healthz", tag = "Operations", responses((status = 200, description = "The process works", body = Health)))]
async fn get_health(_: Public<App>) -> Read<Health> {
    Read(Health { status: "ok" })
}

/// Whether requests can be worked on: the database answers and its schema is this version's.
#[utoipa::path(get, path = "/readyz", tag = "Operations", responses((status = 200, description = "Ready for requests", body = Health)))]
async fn get_readiness(public: Public<App>) -> Result<Read<Health>, ApiError> {
    let pending = public.app.db.pending_migrations().await.map_err(AppError::from)?;
    if pending.is_empty() {
        return Ok(Read(Health { status: "ok" }));
    }
    Err(AppError::Unavailable(format!("{} migrations are missing", pending.len())).into())
}

/// Numbers for Prometheus. With `metrics_token` configured, that token as Bearer; else from loopback and private addresses only.
#[utoipa::path(get, path = "/metrics", tag = "Operations",
    responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain")))]
async fn get_metrics(
    _: Public<App>,
    ops: Option<Extension<Ops>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(Extension(ops)) = ops else { return Err(AppError::NotFound("Page").into()) };
    admit(&ops, peer.map(|Extension(ConnectInfo(peer))| peer.ip()), &headers)?;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, ops.metrics.render()).into_response())
}

fn admit(ops: &Ops, peer: Option<IpAddr>, headers: &HeaderMap) -> Result<(), AppError> {
    match &ops.token {
        Some(token) => {
            let given =
                headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
            let is_right = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes())));
            if is_right { Ok(()) } else { Err(AppError::Unauthenticated("Invalid or expired token".to_owned())) }
        }
        // What a proxy passes on comes from anywhere, though the proxy itself is near.
        None if peer.is_some_and(is_near) && !headers.contains_key("x-forwarded-for") => Ok(()),
        None => Err(AppError::forbidden("Metrics are for this machine and its network; set metrics_token for others")),
    }
}

fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ops(token: Option<&str>) -> Ops {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        Ops { metrics: recorder.handle(), token: token.map(|token| Arc::new(SecretString::from(token))) }
    }

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))])
    }

    #[test]
    fn without_a_token_only_neighbours_see_the_numbers() {
        let near = ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "::ffff:127.0.0.1", "fd00::1"];
        let far = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "172.32.0.1"];
        let admitted = |ip: &str, headers| admit(&ops(None), Some(ip.parse().expect("an address")), &headers).is_ok();
        assert!(near.iter().all(|ip| admitted(ip, HeaderMap::new())));
        assert!(!far.iter().any(|ip| admitted(ip, HeaderMap::new())));
        assert!(!admitted("127.0.0.1", with("x-forwarded-for", "8.8.8.8")));
    }

    #[test]
    fn with_a_token_only_its_bearer_sees_them() {
        let admitted = |headers| admit(&ops(Some("0123456789abcdef")), Some([127, 0, 0, 1].into()), &headers).is_ok();
        assert!(admitted(with("authorization", "Bearer 0123456789abcdef")));
        assert!(!admitted(with("authorization", "Bearer 0123456789abcdee")));
        assert!(!admitted(HeaderMap::new()));
    }
}
