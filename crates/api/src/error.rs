//! Errors as RFC 9457 problem+json. The one place where an [`AppError`] becomes an answer.

use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, FieldError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// What handlers return.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// An [`AppError`] on its way to the client.
#[derive(Debug)]
pub struct ApiError(pub AppError);

impl<E: Into<AppError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// A problem (RFC 9457), with `error`, `code` and `success` beside the standard members for clients of seed 002.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    /// The kind in words.
    #[schema(example = "Not found")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    pub status: u16,
    /// What is wrong here.
    #[schema(example = "Patient not found")]
    pub detail: String,
    /// The same sentence.
    #[schema(example = "Patient not found")]
    pub error: String,
    /// The HTTP status again.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    pub code: u16,
    /// Always `false`.
    pub success: bool,
    /// Every refused field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// How long a client waits before it asks a database that was away again, in seconds.
const RETRY_UNAVAILABLE: u64 = 2;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = self.0;
        match &error {
            AppError::Internal(source) => tracing::error!(error = %source, "internal error"),
            AppError::Unavailable(reason) => tracing::warn!(%reason, "unavailable"),
            _ => {}
        }
        let retry = match &error {
            AppError::RateLimited(seconds) => Some(*seconds),
            AppError::Unavailable(_) => Some(RETRY_UNAVAILABLE),
            _ => None,
        };
        let mut response = problem(&error).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if matches!(error, AppError::Unauthenticated(_)) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn problem(error: &AppError) -> Problem {
    let (slug, title) = kind(error);
    let detail = error.to_string();
    let errors = if let AppError::Invalid(errors) = error { errors.clone() } else { Vec::new() };
    Problem {
        kind: format!("/problems/{slug}"),
        title,
        status: error.status(),
        error: detail.clone(),
        detail,
        code: error.status(),
        success: false,
        errors,
    }
}

fn kind(error: &AppError) -> (&'static str, &'static str) {
    match error {
        AppError::Invalid(_) => ("invalid", "The request is not valid"),
        AppError::Rule(_) => ("rule", "The request breaks a rule"),
        AppError::Unauthenticated(_) => ("unauthenticated", "Not signed in"),
        AppError::Forbidden(_) => ("forbidden", "Not allowed"),
        AppError::NotFound(_) => ("not-found", "Not found"),
        AppError::Conflict(_) => ("conflict", "Conflict"),
        AppError::Stale => ("stale", "Changed by someone else"),
        AppError::TooLarge(_) => ("too-large", "Too large"),
        AppError::UnsupportedMediaType(_) => ("unsupported-media-type", "Unsupported media type"),
        AppError::IdempotencyMismatch => ("idempotency-mismatch", "Idempotency-Key used before"),
        AppError::RateLimited(_) => ("rate-limited", "Too many requests"),
        AppError::Unavailable(_) => ("unavailable", "Temporarily unavailable"),
        AppError::Internal(_) => ("internal", "Internal error"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))], body).into_response()
    }
}

impl Problem {
    /// A problem that no [`AppError`] stands for: an unknown path or method.
    pub fn plain(status: StatusCode, slug: &str, title: &'static str, detail: &str) -> Self {
        let code = status.as_u16();
        let detail = detail.to_owned();
        Self {
            kind: format!("/problems/{slug}"),
            title,
            status: code,
            error: detail.clone(),
            detail,
            code,
            success: false,
            errors: Vec::new(),
        }
    }
}
