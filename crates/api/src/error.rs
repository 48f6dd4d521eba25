//! Errors as RFC 9457 problem+json. The one place where an [`AppError`] becomes an answer.
//!
//! What a client must not see (where an internal error came from, why the database is away) travels beside the answer to
//! the outermost layer, which logs it with the request's id.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, FieldError, Permission, TimeConflict};
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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
    /// The appointment that stands in the way (409, when a provider's time is taken).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conflict: Option<TimeConflict>,
    /// The permission that is missing (403).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub permission: Option<Permission>,
    /// What to quote to support (5xx); the log has the cause under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

/// The problem that an answer renders, for the layers that add the request's id or the envelope.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) problem: Arc<Problem>,
    /// What the log says of it.
    pub(crate) cause: Option<Arc<str>>,
}

/// How long a client waits before it asks a database that was away again, in seconds.
const RETRY_UNAVAILABLE: u64 = 2;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = self.0;
        let mut response = problem(&error).into_response();
        let cause: Option<Arc<str>> = match &error {
            AppError::Internal(source) => Some(chain(source.as_ref()).into()),
            AppError::Unavailable(reason) => Some(reason.as_str().into()),
            AppError::NoRoom => Some("the store of files is full".into()),
            _ => None,
        };
        if let Some(rendered) = response.extensions_mut().get_mut::<Rendered>() {
            rendered.cause = cause;
        }
        if let AppError::RateLimited(seconds) = error {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An error and all that it came from, in one line for the log.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn problem(error: &AppError) -> Problem {
    let (slug, title) = kind(error);
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let plain = Problem::plain(status, slug, title, &error.to_string());
    match error {
        AppError::Invalid(errors) => Problem { errors: errors.clone(), ..plain },
        AppError::FileRefused(refused) => Problem { errors: vec![refused.clone()], ..plain },
        AppError::Taken(taken) => Problem { errors: taken.errors.clone(), conflict: taken.conflict.clone(), ..plain },
        _ => plain,
    }
}

fn kind(error: &AppError) -> (&'static str, &'static str) {
    match error {
        AppError::Invalid(_) => ("invalid", "The request is not valid"),
        AppError::Rule(_) => ("rule", "The request breaks a rule"),
        AppError::Unauthenticated(_) => ("unauthenticated", "Not signed in"),
        AppError::Forbidden(_) => ("forbidden", "Not allowed"),
        AppError::NotFound(_) => ("not-found", "Not found"),
        AppError::Conflict(_) | AppError::Taken(_) => ("conflict", "Conflict"),
        AppError::Stale | AppError::StaleBy(_) => ("stale", "Changed by someone else"),
        AppError::TooLarge(_) => ("too-large", "Too large"),
        AppError::UnsupportedMediaType(_) | AppError::FileRefused(_) => ("unsupported-media-type", "Unsupported media type"),
        AppError::IdempotencyMismatch => ("idempotency-mismatch", "Idempotency-Key used before"),
        AppError::RateLimited(_) => ("rate-limited", "Too many requests"),
        AppError::Unavailable(_) => ("unavailable", "Temporarily unavailable"),
        AppError::NoRoom => ("no-room", "No room left"),
        AppError::Internal(_) => ("internal", "Internal error"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
        let mut response = (status, kind, self.to_json()).into_response();
        match status {
            StatusCode::UNAUTHORIZED => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                response.headers_mut().insert(header::RETRY_AFTER, RETRY_UNAVAILABLE.into());
            }
            _ => {}
        }
        response.extensions_mut().insert(Rendered { problem: Arc::new(self), cause: None });
        response
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
            conflict: None,
            permission: None,
            request_id: None,
        }
    }

    /// A missing permission.
    pub(crate) fn refused(permission: Permission) -> Self {
        let (slug, title) = kind(&AppError::Forbidden(String::new()));
        let detail = "You do not have permission to do this";
        Self { permission: Some(permission), ..Self::plain(StatusCode::FORBIDDEN, slug, title, detail) }
    }

    /// What a client may see, for the document.
    pub(crate) fn example(status: u16, detail: &str) -> Self {
        let text = detail.to_owned();
        let error = match status {
            400 => AppError::missing("first_name"),
            401 => AppError::Unauthenticated(text),
            404 => AppError::NotFound("Patient"),
            409 => AppError::Conflict(text),
            412 => AppError::Stale,
            413 => AppError::TooLarge(crate::MOST_BODY_BYTES),
            415 => AppError::UnsupportedMediaType(text),
            422 => AppError::IdempotencyMismatch,
            429 => AppError::RateLimited(60),
            503 => AppError::Unavailable(text),
            507 => AppError::NoRoom,
            403 => return Self::refused(Permission::PatientDelete),
            _ => AppError::internal(text),
        };
        let request_id = (status >= 500).then(|| "3f0c1a9be0d24c57".to_owned());
        Self { request_id, ..problem(&error) }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
