//! Parameters in the path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use clinichub_core::AppError;
use http::request::Parts;

use crate::ApiError;

/// The one id in the path; 400 naming it where it is not a positive integer.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

/// The two ids in the path.
#[derive(Debug, Clone, Copy)]
pub struct Ids<A, B>(pub A, pub B);

/// The one text in the path.
#[derive(Debug, Clone)]
pub struct Text(pub String);

impl<S: Send + Sync, T: From64> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = raw(parts, state).await?;
        Ok(Self(read(&raw, 0)?))
    }
}

impl<S: Send + Sync, A: From64, B: From64> FromRequestParts<S> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = raw(parts, state).await?;
        Ok(Self(read(&raw, 0)?, read(&raw, 1)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Text {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = raw(parts, state).await?;
        Ok(Self(raw.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default()))
    }
}

/// An id type.
pub trait From64: FromStr {}

macro_rules! from64 {
    ($($id:ident),+) => {$(impl From64 for clinichub_core::$id {})+};
}
clinichub_core::for_each_id!(from64);

async fn raw<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, ApiError> {
    let wrong = |_| ApiError(AppError::field("path", "The path is not UTF-8"));
    RawPathParams::from_request_parts(parts, state).await.map_err(wrong)
}

fn read<T: From64>(raw: &RawPathParams, index: usize) -> Result<T, ApiError> {
    let (name, value) = raw.iter().nth(index).ok_or_else(|| AppError::internal("the route has no such parameter"))?;
    let is_id = value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse::<i64>().is_ok_and(|id| id > 0);
    let id = is_id.then(|| value.parse().ok()).flatten();
    id.ok_or_else(|| AppError::field(name, format!("{name}: expected a positive whole number")).into())
}
