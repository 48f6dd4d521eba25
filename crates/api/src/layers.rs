//! What stands around every route: the request's id, limits of time, headers, measuring, and answers for what no route takes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use clinichub_core::AppError;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::{ApiError, Platform, Problem, envelope, guard};

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request before its route is.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// In the answer's `X-Request-Id`, in the log and in the audit trail.
    pub request_id: Arc<str>,
    /// The peer's address.
    pub address: Option<IpAddr>,
}

/// The operation that answered, for the log and the metrics.
#[derive(Debug, Clone)]
pub(crate) struct OperationId(pub(crate) Arc<str>);

/// Puts the common layers around the routes, and the document and its browser beside them.
pub(crate) fn wrap<P: Platform>(router: Router, app: P, document: &OpenApi) -> Router {
    let json: serde_json::Value = serde_json::to_value(document).unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "the document is open to all")]
    let router = router.route("/api/openapi.json", axum::routing::get(move || std::future::ready(Json(json.clone()))));
    router
        .merge(utoipa_swagger_ui::SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/api/openapi.json")))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app, around::<P>))
}

async fn around<P: Platform>(State(app): State<P>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let info = RequestInfo { request_id: request_id(&app, &request), address: guard::peer(&request, app.trust_proxy()) };
    let method = request.method().clone();
    let is_page = is_page(request.uri());
    let wants_envelope = envelope::is_wanted(request.headers());
    request.extensions_mut().insert(info.clone());
    let mut response = match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError(AppError::Unavailable("the request took too long".to_owned())).into_response(),
    };
    if wants_envelope {
        response = envelope::put_in(response).await;
    }
    add_headers(&mut response, &info, is_page, app.is_tls());
    measure(&method, &response, started, &info);
    response
}

fn is_page(uri: &Uri) -> bool {
    !uri.path().starts_with("/api")
}

fn request_id<P: Platform>(app: &P, request: &Request) -> Arc<str> {
    let given = request.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_fine = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if let Some(id) = given.filter(is_fine) {
        return id.into();
    }
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let id: String = app
        .entropy()
        .bytes::<16>()
        .iter()
        .flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]])
        .map(char::from)
        .collect();
    id.into()
}

fn add_headers(response: &mut Response, info: &RequestInfo, is_page: bool, is_tls: bool) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&info.request_id) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(if is_page {
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    }));
    if !is_page {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if is_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

/// One line and two numbers a request, without anything about a person: the operation's name, never the path.
fn measure(method: &Method, response: &Response, started: Instant, info: &RequestInfo) {
    let operation = response.extensions().get::<OperationId>().map_or_else(|| Arc::from("none"), |id| id.0.clone());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    metrics::counter!("http_requests_total", "operation" => operation.to_string(), "status" => status_text(status)).increment(1);
    metrics::histogram!("http_request_duration_seconds", "operation" => operation.to_string()).record(took);
    tracing::info!(target: "access", %method, %operation, status, micros = took.as_micros(), request_id = %info.request_id);
}

fn status_text(status: u16) -> &'static str {
    match status {
        200 => "200",
        201 => "201",
        202 => "202",
        204 => "204",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        409 => "409",
        412 => "412",
        429 => "429",
        500 => "500",
        503 => "503",
        100..=399 => "other success",
        _ => "other error",
    }
}

async fn no_route() -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "not-found", "Not found", "There is nothing at this path")
}

async fn no_method() -> Problem {
    Problem::plain(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", "This path does not take this method")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer wants")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    ApiError(AppError::internal(format!("panic: {}", text.unwrap_or_default()))).into_response()
}
