//! The one error. It is rendered as RFC 9457 problem+json in one place (`clinichub-api`); its `Internal` source goes to the
//! log and never to a client.

use serde::{Deserialize, Serialize};

/// A field of the request that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's path in the body (`lines[0].units`) or the parameter's name.
    #[schema(example = "first_name")]
    pub field: String,
    /// A sentence for the person who typed it.
    #[schema(example = "Missing required field: first_name")]
    pub message: String,
}

/// Everything that can go wrong, as the caller sees it.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// 400: the request is malformed or breaks a rule; every refused field is named.
    #[error("{}", first_message(.0))]
    Invalid(Vec<FieldError>),
    /// 400: a rule that belongs to no single field.
    #[error("{0}")]
    Rule(String),
    /// 401: no credentials, or none that hold.
    #[error("{0}")]
    Unauthenticated(String),
    /// 403: signed in, and not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// 404: not there, or not yours to see; the noun (`Patient`).
    #[error("{0} not found")]
    NotFound(&'static str),
    /// 409: conflicts with what is stored.
    #[error("{0}")]
    Conflict(String),
    /// 412: the `If-Match` version is not the stored one.
    #[error("The record was changed by someone else; load it again")]
    Stale,
    /// 412: the same, with who changed it and when.
    #[error("{0}")]
    StaleBy(String),
    /// 413: more than is accepted; what is accepted, in bytes.
    #[error("The request is too large; at most {0} bytes are accepted")]
    TooLarge(usize),
    /// 415: a body of another type than the one accepted.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// 422: an `Idempotency-Key` that was used with another request.
    #[error("This Idempotency-Key was used with a different request")]
    IdempotencyMismatch,
    /// 429: too often; wait this many seconds.
    #[error("Too many requests; try again in {0} seconds")]
    RateLimited(u64),
    /// 503: the database is away or busy; the reason goes to the log.
    #[error("The service is temporarily unavailable; try again")]
    Unavailable(String),
    /// 500: a fault of ours; the source goes to the log.
    #[error("Internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// One refused field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// A field that must be there and is not, in the words of seed 000.
    pub fn missing(field: &str) -> Self {
        Self::field(field, format!("Missing required field: {field}"))
    }

    /// A conflict with what is stored.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }

    /// Not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden(message.into())
    }

    /// A fault of ours, with its cause for the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::Rule(_) => 400,
            Self::Unauthenticated(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Conflict(_) => 409,
            Self::Stale | Self::StaleBy(_) => 412,
            Self::TooLarge(_) => 413,
            Self::UnsupportedMediaType(_) => 415,
            Self::IdempotencyMismatch => 422,
            Self::RateLimited(_) => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
        }
    }
}

fn first_message(errors: &[FieldError]) -> &str {
    errors.first().map_or("The request is not valid", |error| error.message.as_str())
}
