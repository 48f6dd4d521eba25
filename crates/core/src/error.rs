//! The one error. It is rendered as RFC 9457 problem+json in one place (`clinichub-api`); its `Internal` source goes to the
//! log and never to a client.

use serde::{Deserialize, Serialize};

use crate::{AppointmentId, UserId, UtcTime};

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

/// A time that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenTime {
    /// The sentence for whoever asked for it.
    pub message: String,
    /// Whose time.
    pub provider_user_id: UserId,
    /// The first instant that was asked for.
    pub start: UtcTime,
    /// The instant of its end.
    pub end: UtcTime,
    /// The appointment that was to be moved there.
    pub moved: Option<AppointmentId>,
    /// What is there, as far as whoever asked may know it.
    pub conflict: Option<TimeConflict>,
    /// Where many times were asked for: those that could not be had.
    pub errors: Vec<FieldError>,
}

/// The appointment that a time is taken by. Of another clinic's nothing is told but when it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimeConflict {
    /// When it begins.
    pub scheduled_start: UtcTime,
    /// When it ends.
    pub scheduled_end: UtcTime,
    /// What people call it; `null` where it is another clinic's.
    #[schema(example = "ABC01-A1234")]
    pub reference: Option<String>,
    /// Whose it is; `null` where it is another clinic's.
    #[schema(example = "John Doe")]
    pub patient_name: Option<String>,
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
    /// 409: a provider's time is taken, and by what.
    #[error("{}", .0.message)]
    Taken(Box<TakenTime>),
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
    /// 415: a file of a kind that is not accepted; the field that it came in.
    #[error("{}", .0.message)]
    FileRefused(FieldError),
    /// 422: an `Idempotency-Key` that was used with another request.
    #[error("This Idempotency-Key was used with a different request")]
    IdempotencyMismatch,
    /// 429: too often; wait this many seconds.
    #[error("Too many requests; try again in {0} seconds")]
    RateLimited(u64),
    /// 503: the database is away or busy; the reason goes to the log.
    #[error("The service is temporarily unavailable; try again")]
    Unavailable(String),
    /// 507: the disk or the store of files is full.
    #[error("There is no room left for files; tell whoever runs this installation")]
    NoRoom,
    /// 500: a fault of ours; the source goes to the log.
    #[error("Internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// One refused field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// The same about a part of the body: `price` becomes `services[0].price`.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        let name = |error: FieldError| FieldError { field: format!("{place}.{}", error.field), ..error };
        match self {
            Self::Invalid(errors) => Self::Invalid(errors.into_iter().map(name).collect()),
            other => other,
        }
    }

    /// A field that must be there and is not, in the words of seed 000.
    pub fn missing(field: &str) -> Self {
        Self::field(field, format!("Missing required field: {field}"))
    }

    /// The same error where what is called `field` in the message stands at another place of the request (`services[3].code`).
    #[must_use]
    pub fn at(self, place: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Invalid(errors) => {
                let moved = |error: FieldError| FieldError { field: place(&error.field), ..error };
                Self::Invalid(errors.into_iter().map(moved).collect())
            }
            other => other,
        }
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
            Self::Conflict(_) | Self::Taken(_) => 409,
            Self::Stale | Self::StaleBy(_) => 412,
            Self::TooLarge(_) => 413,
            Self::UnsupportedMediaType(_) | Self::FileRefused(_) => 415,
            Self::IdempotencyMismatch => 422,
            Self::RateLimited(_) => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
            Self::NoRoom => 507,
        }
    }
}

fn first_message(errors: &[FieldError]) -> &str {
    errors.first().map_or("The request is not valid", |error| error.message.as_str())
}
