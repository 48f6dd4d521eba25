//! What answers while the program is starting: alive, not ready. The real router takes over once the database is there.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};

use crate::web;

/// The router that answers now. Cheap to clone.
#[derive(Clone, Default)]
pub struct Gate(Arc<OnceLock<Router>>);

impl Gate {
    /// Lets requests through to `router` from now on.
    pub fn open(&self, router: Router) {
        drop(self.0.set(router));
    }

    /// The router, when the program is ready.
    pub fn router(&self) -> Option<Router> {
        self.0.get().cloned()
    }
}

/// The answer of a program that is still starting.
pub fn while_starting(request: &Request<hyper::body::Incoming>) -> Response<Body> {
    if request.uri().path() == "/healthz" {
        return answer(StatusCode::OK, "application/json", r#"{"status":"ok"}"#);
    }
    if web::is_visit(request.method(), request.uri(), request.headers()) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", STARTING_PAGE);
    }
    answer(StatusCode::SERVICE_UNAVAILABLE, "application/problem+json", STARTING)
}

/// Comes again by itself until there is more to see.
const STARTING_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
    <meta http-equiv=\"refresh\" content=\"1\"><title>ClinicHub</title><p>ClinicHub is starting…</p>";

const STARTING: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The service is starting; try again","error":"The service is starting; try again","code":503,"success":false}"#;

fn answer(status: StatusCode, kind: &'static str, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
    }
    response
}
