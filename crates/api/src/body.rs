//! Request bodies.

use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use clinichub_core::{AppError, FieldError};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::shape::Shape;
use crate::{ApiError, MOST_BODY_BYTES, rules, strict};

/// How long a client may take to send a body; less than a request may take, so that it is the client who hears that it was slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// A JSON body, read strictly and validated.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

/// A JSON body that may be missing altogether, or `null`.
#[derive(Debug, Clone, Copy)]
pub struct OptionalBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + ToSchema + garde::Validate<Context = ()> + 'static> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let is_json = is_json(request.headers());
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Err(AppError::field("body", "The body is empty; JSON is expected").into());
        }
        if !is_json {
            return Err(AppError::UnsupportedMediaType("The body must be application/json".to_owned()).into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default + ToSchema + garde::Validate<Context = ()> + 'static> FromRequest<S>
    for OptionalBody<T>
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let json = is_json(request.headers());
        let bytes = read(request).await?;
        if bytes.is_empty() || bytes.trim_ascii() == b"null" {
            return Ok(Self(T::default()));
        }
        if !json {
            return Err(AppError::UnsupportedMediaType("The body must be application/json".to_owned()).into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// The request of an operation that takes no body. Nothing, `null` and an object without fields say nothing; a field is refused by its
/// name, so that nobody takes for done what was never read.
pub(crate) async fn without(request: Request) -> Result<Request, AppError> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    refuse_content(&parts.headers, &collect(body).await?)?;
    Ok(Request::from_parts(parts, axum::body::Body::empty()))
}

fn refuse_content(headers: &HeaderMap, bytes: &[u8]) -> Result<(), AppError> {
    if bytes.is_empty() || bytes.trim_ascii() == b"null" {
        return Ok(());
    }
    if !is_json(headers) {
        return Err(AppError::UnsupportedMediaType("The body must be application/json".to_owned()));
    }
    let Value::Object(members) = strict::from_slice(bytes)? else {
        return Err(AppError::field("body", "body: expected an object"));
    };
    members.keys().next().map_or(Ok(()), |name| {
        // It may be as long as the body: that is not sent back.
        let name: String = name.chars().take(200).collect();
        Err(AppError::field(name.clone(), format!("Unknown field: {name}")))
    })
}

/// Reads an object of named values (a row of a file) as a body would be read.
pub fn from_json_object<T: DeserializeOwned>(object: serde_json::Map<String, Value>) -> clinichub_core::Result<T> {
    let value = Value::Object(object);
    serde_path_to_error::deserialize(value).map_err(|error| strict::explain(&error.path().to_string(), &error.inner().to_string()))
}

/// Reads a field of a form that holds JSON as a body would be read whose only field it is.
pub fn from_json_field<T: DeserializeOwned + ToSchema + garde::Validate<Context = ()> + 'static>(
    field: &str,
    text: &str,
) -> clinichub_core::Result<T> {
    let inside = |path: &str| match path {
        "body" => field.to_owned(),
        path if path.starts_with('[') => format!("{field}{path}"),
        path => format!("{field}.{path}"),
    };
    let given = strict::from_slice(text.as_bytes()).map_err(|error| error.at(inside))?;
    read_whole(serde_json::json!({ field: given }))
}

fn parse<T: DeserializeOwned + ToSchema + garde::Validate<Context = ()> + 'static>(bytes: &[u8]) -> Result<T, AppError> {
    read_whole(strict::from_slice(bytes)?)
}

fn read_whole<T: DeserializeOwned + ToSchema + garde::Validate<Context = ()> + 'static>(mut given: Value) -> Result<T, AppError> {
    let shape = Shape::of::<T>();
    strict::make_whole(&mut given);
    if given.is_array() && shape.is_object() {
        return Err(AppError::field("body", "body: expected an object"));
    }
    let value: T = strict::read(&given).map_err(|error| with_other_missing(error, &shape, &given))?;
    value.validate().map_err(|report| {
        let errors = report.iter().map(|(path, error)| refused(path.to_string(), error.message()));
        AppError::Invalid(errors.collect())
    })?;
    rules::verdict(shape.refusals(&given))?;
    Ok(value)
}

/// serde stops at the first field that is missing. The schema knows the others, so that a form can mark them all at once.
fn with_other_missing(error: AppError, shape: &Shape, given: &Value) -> AppError {
    let AppError::Invalid(mut errors) = error else { return error };
    let is_missing =
        errors.first().is_some_and(|first| first.message == missing(&first.field).message && !first.field.contains(['.', '[']));
    if let (true, Value::Object(given)) = (is_missing, given) {
        let others = shape.required().iter().filter(|name| **name != errors[0].field && !given.contains_key(*name));
        let others: Vec<_> = others.map(|name| missing(name)).collect();
        errors.extend(others);
    }
    AppError::Invalid(errors)
}

/// For a field of an update that can be left out and can't be cleared: `null` is refused. With `#[serde(default)]`.
pub fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn missing(field: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: format!("Missing required field: {field}") }
}

/// A sentence stays as the rule wrote it; what is no sentence says first what it is about.
fn refused(field: String, message: &str) -> FieldError {
    let is_sentence = field.is_empty() || message.starts_with(char::is_uppercase) || message.starts_with(&field);
    FieldError { message: if is_sentence { message.to_owned() } else { format!("{field}: {message}") }, field }
}

/// `application/json` or `…+json`, in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    is_json && charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8")
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
    collect_within(PATIENCE, body).await
}

async fn collect_within(patience: Duration, body: axum::body::Body) -> Result<Bytes, AppError> {
    let late = |_| AppError::field("body", "The body did not arrive in time");
    let collected = tokio::time::timeout(patience, axum::body::to_bytes(body, MOST_BODY_BYTES)).await.map_err(late)?;
    collected.map_err(|error| {
        let mut causes = std::iter::successors(Some(&error as &(dyn std::error::Error + 'static)), |error| error.source());
        let is_too_large = causes.any(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_too_large { AppError::TooLarge(MOST_BODY_BYTES) } else { AppError::field("body", "The body could not be read to its end") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_given_up() {
        let never = axum::body::Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let error = collect_within(Duration::ZERO, never).await.expect_err("given up");
        assert_eq!((error.status(), error.to_string().as_str()), (400, "The body did not arrive in time"));
    }
}
