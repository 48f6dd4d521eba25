//! Answers of handlers that went well.

use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, Grant};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::ApiError;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A resource with a version, which becomes its `ETag`. Implement it empty for bodies without one.
pub trait Versioned {
    /// The version, from 1.
    fn version(&self) -> Option<i64> {
        None
    }
}

/// 200 with a body.
#[derive(Debug)]
pub struct Read<T>(pub T);

/// 200 after a change, with a body that says so.
#[derive(Debug)]
pub struct Written<T>(pub T);

/// 201 with a body that says so.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize + Versioned> IntoResponse for Read<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize + Versioned> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize + Versioned> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::CREATED, &self.0)
    }
}

fn answer<T: Serialize + Versioned>(status: StatusCode, body: &T) -> Response {
    // Into one vector: the writer over `BytesMut` behind axum's `Json` costs a long list a tenth of its time.
    let json = match serde_json::to_vec(body) {
        Ok(json) => json,
        Err(error) => return ApiError(AppError::internal(error)).into_response(),
    };
    let mut response = (status, [(header::CONTENT_TYPE, JSON)], json).into_response();
    if let Some(etag) = body.version().and_then(|version| HeaderValue::from_str(&format!("\"v{version}\"")).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// That the stored version is one of those `If-Match` asks for, if it asks for any.
pub fn check_version(grant: &Grant, stored: i64) -> Result<(), AppError> {
    if grant.origin().wants(stored) { Ok(()) } else { Err(AppError::Stale) }
}

/// That `If-Match` asks for nothing, where what is changed has no version that it could name.
pub fn check_unversioned(grant: &Grant) -> Result<(), AppError> {
    if grant.origin().if_match.is_some() { Err(AppError::Stale) } else { Ok(()) }
}

/// Defines the body of a list: `list_body!(/// A page of charts. Patients, patients: Patient)` has the members `patients` and
/// `pagination`, and is made from a `Page<Patient>`.
#[macro_export]
macro_rules! list_body {
    ($(#[$doc:meta])* $name:ident, $field:ident: $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The rows of this page.
            pub $field: Vec<$item>,
            /// Where the page stands in the list.
            pub pagination: clinichub_core::Pagination,
        }

        impl<T: Into<$item>> From<clinichub_core::Page<T>> for $name {
            fn from(page: clinichub_core::Page<T>) -> Self {
                let pagination = page.pagination();
                Self { $field: page.items.into_iter().map(Into::into).collect(), pagination }
            }
        }

        impl $crate::Versioned for $name {}
    };
}

/// Defines the body that answers a change: `written_body!(/// … PatientWritten, patient: Patient)` has the members `message` and
/// `patient`.
#[macro_export]
macro_rules! written_body {
    ($(#[$doc:meta])* $name:ident, $field:ident: $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// What was done.
            pub message: &'static str,
            /// The thing as it is now.
            pub $field: $item,
        }

        impl $name {
            /// Says `message` about the thing.
            pub fn new(message: &'static str, thing: impl Into<$item>) -> Self {
                Self { message, $field: thing.into() }
            }
        }

        impl $crate::Versioned for $name {
            fn version(&self) -> Option<i64> {
                $crate::Versioned::version(&self.$field)
            }
        }
    };
}

/// The body that answers a change with nothing to show.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Done {
    /// What was done.
    pub message: &'static str,
}

impl Versioned for Done {}

impl<T> Versioned for Vec<T> {}
