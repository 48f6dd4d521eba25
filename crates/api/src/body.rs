//! Request bodies.

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use clinichub_core::{AppError, FieldError};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::{ApiError, MOST_BODY_BYTES, strict};

/// A JSON body, read strictly and validated.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

/// A JSON body that may be missing altogether.
#[derive(Debug, Clone, Copy)]
pub struct OptionalBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + garde::Validate<Context = ()>> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(AppError::UnsupportedMediaType("The body must be application/json".to_owned()).into());
        }
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Err(AppError::field("body", "The body is empty; JSON is expected").into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default + garde::Validate<Context = ()>> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let json = is_json(request.headers());
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !json {
            return Err(AppError::UnsupportedMediaType("The body must be application/json".to_owned()).into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// Reads an object of named values (a row of a file) as a body would be read.
pub fn from_json_object<T: DeserializeOwned>(object: serde_json::Map<String, serde_json::Value>) -> clinichub_core::Result<T> {
    let value = serde_json::Value::Object(object);
    serde_path_to_error::deserialize(value).map_err(|error| strict::explain(&error.path().to_string(), &error.inner().to_string()))
}

fn parse<T: DeserializeOwned + garde::Validate<Context = ()>>(bytes: &[u8]) -> Result<T, AppError> {
    let value: T = strict::from_slice(bytes)?;
    value.validate().map_err(|report| {
        let errors = report.iter().map(|(path, error)| FieldError { field: path.to_string(), message: error.message().to_owned() });
        AppError::Invalid(errors.collect())
    })?;
    Ok(value)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The whole body, up to the limit.
async fn read(request: Request) -> Result<Bytes, AppError> {
    if request.body().size_hint().lower() > MOST_BODY_BYTES as u64 {
        return Err(AppError::TooLarge(MOST_BODY_BYTES));
    }
    collect(request.into_body()).await
}

/// What the body holds, up to the limit.
pub(crate) async fn collect(body: axum::body::Body) -> Result<Bytes, AppError> {
    axum::body::to_bytes(body, MOST_BODY_BYTES).await.map_err(|error| {
        let mut causes = std::iter::successors(Some(&error as &(dyn std::error::Error + 'static)), |error| error.source());
        let is_too_large = causes.any(|cause| cause.is::<http_body_util::LengthLimitError>());
        if is_too_large { AppError::TooLarge(MOST_BODY_BYTES) } else { AppError::field("body", "The body could not be read to its end") }
    })
}
