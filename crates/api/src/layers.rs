//! What stands around every route: the request's id, headers, measuring, and answers for what no route takes. One layer, because
//! each one costs every request.
//!
//! The log and the metrics know the operation, never the path: a path may name a person.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use clinichub_core::Entropy;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use metrics::SharedString;
use utoipa::openapi::OpenApi;

use crate::error::Rendered;
use crate::{Pages, Platform, Problem, envelope, origin};

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

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
pub(crate) fn wrap<P: Platform>(router: Router, app: &P, document: &OpenApi, pages: Option<Pages>) -> Router {
    let json = Bytes::from(serde_json::to_vec(document).unwrap_or_default());
    let kind = [(header::CONTENT_TYPE, "application/json")];
    #[expect(clippy::disallowed_methods, reason = "the document is open to all")]
    let router = router.route("/api/openapi.json", axum::routing::get(move || std::future::ready((kind, json.clone()))));
    let browser = utoipa_swagger_ui::Config::from("/api/openapi.json").validator_url("none");
    let outside = Outside { ids: RequestIds::new(app.entropy()), trust_proxy: app.trust_proxy(), is_tls: app.is_tls() };
    router
        .merge(utoipa_swagger_ui::SwaggerUi::new("/docs").config(browser))
        .fallback(move |request: Request| std::future::ready(no_route(&request, pages)))
        .method_not_allowed_fallback(no_method)
        .layer(from_fn_with_state(Arc::new(outside), around))
}

struct Outside {
    ids: RequestIds,
    trust_proxy: bool,
    is_tls: bool,
}

async fn around(State(outside): State<Arc<Outside>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = inbound(request.headers()).unwrap_or_else(|| outside.ids.next());
    let info = RequestInfo { request_id, address: origin::peer(&request, outside.trust_proxy) };
    let method = request.method().clone();
    let is_page = is_page(request.uri());
    let wants_envelope = envelope::is_wanted(request.headers());
    request.extensions_mut().insert(info.clone());
    let mut response = next.run(request).await;
    if response.status().is_server_error() {
        response = with_id(response, &info);
    }
    if wants_envelope {
        response = envelope::put_in(&method, response).await;
    }
    add_headers(response.headers_mut(), &info, is_page, outside.is_tls);
    measure(&method, &response, started, &info);
    response
}

fn is_page(uri: &Uri) -> bool {
    !["/api", "/dicomweb"].iter().any(|prefix| uri.path().starts_with(prefix))
}

/// The caller's own id, where it is one that may stand in a log.
fn inbound(headers: &HeaderMap) -> Option<Arc<str>> {
    let id = headers.get(&X_REQUEST_ID)?.to_str().ok()?;
    let is_fine = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    is_fine.then(|| id.into())
}

/// Ids that don't repeat: a random start and a counter, mixed (splitmix64). They name a request; nothing rests on their being secret.
struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl RequestIds {
    fn new(entropy: &dyn Entropy) -> Self {
        Self { start: u64::from_le_bytes(entropy.bytes()), next: AtomicU64::new(0) }
    }

    fn next(&self) -> Arc<str> {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut mixed = self.start.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        origin::hex(&(mixed ^ (mixed >> 31)).to_be_bytes()).into()
    }
}

/// A fault goes to the log with its cause, and to the client with the id under which the log has it.
fn with_id(mut response: Response, info: &RequestInfo) -> Response {
    let Some(Rendered { problem, cause }) = response.extensions().get::<Rendered>().cloned() else { return response };
    let operation = operation(&response);
    let (status, cause) = (problem.status, cause.as_deref().unwrap_or("unknown"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(request_id = %info.request_id, %operation, status, cause, "unavailable");
    } else {
        tracing::error!(request_id = %info.request_id, %operation, status, cause, "internal error");
    }
    let problem = Problem { request_id: Some(info.request_id.to_string()), ..Problem::clone(&problem) };
    *response.body_mut() = problem.to_json().into();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.extensions_mut().insert(Rendered { problem: Arc::new(problem), cause: None });
    response
}

/// OWASP ASVS 5, V3.4. What a handler has set already stays.
fn add_headers(headers: &mut HeaderMap, info: &RequestInfo, is_page: bool, is_tls: bool) {
    if let Ok(id) = HeaderValue::from_str(&info.request_id) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let (content, permissions) = if is_page {
        (
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            "camera=(self), microphone=(self), geolocation=()",
        )
    } else {
        ("default-src 'none'; frame-ancestors 'none'", "camera=(), microphone=(), geolocation=()")
    };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(content));
    headers.entry(PERMISSIONS_POLICY.clone()).or_insert(HeaderValue::from_static(permissions));
    if !is_page {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if is_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

fn operation(response: &Response) -> Arc<str> {
    response.extensions().get::<OperationId>().map_or_else(|| Arc::from("none"), |id| id.0.clone())
}

/// One line and two numbers a request, without anything about a person.
fn measure(method: &Method, response: &Response, started: Instant, info: &RequestInfo) {
    let (operation, status, took) = (operation(response), response.status().as_u16(), started.elapsed());
    let label = SharedString::from_shared(operation.clone());
    metrics::counter!("http_requests_total", "operation" => label.clone(), "method" => method_text(method), "status" => status_text(status))
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "operation" => label).record(took);
    tracing::info!(target: "access", %method, %operation, status, micros = took.as_micros(), request_id = %info.request_id);
}

/// The method as a label; what a client makes up is one label, not many.
fn method_text(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
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

fn no_route(request: &Request, pages: Option<Pages>) -> Response {
    let page = pages.and_then(|pages| pages(request.method(), request.uri(), request.headers()));
    let nothing = || Problem::plain(StatusCode::NOT_FOUND, "not-found", "Not found", "There is nothing at this path");
    page.unwrap_or_else(|| nothing().into_response())
}

/// 405, or 204 for `OPTIONS`; either says in `Allow` what is served here.
async fn no_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem::plain(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", "This path does not take this method")
        .into_response()
}
