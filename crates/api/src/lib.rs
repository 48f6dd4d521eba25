//! HTTP without a clinic: mounting routes with their permission, the guard, reading requests, rendering answers and errors,
//! and the OpenAPI document that follows from all of it. No database lives here.

mod answer;
mod body;
mod download;
mod envelope;
mod error;
mod form;
mod guard;
mod layers;
mod openapi;
mod origin;
mod params;
mod path;
mod routes;
pub mod rules;
mod schemas;
mod shape;
mod strict;
#[cfg(test)]
mod tests;
mod upload;

pub use answer::{Created, Done, Read, Versioned, Written, check_unversioned, check_version};
pub use body::{Body, OptionalBody, from_json_field, from_json_object, not_null};
pub use download::{Download, Wanted};
pub use error::{ApiError, Problem, Result};
pub use form::{Fields, FilePart, Form, Part};
pub use guard::{Access, Outcome, Platform, Public, bearer};
pub use layers::RequestInfo;
pub use openapi::document;
pub use origin::finish_key;
pub use params::{List, PageQuery, Paging, PagingQuery, Params, SortField, comma_separated};
pub use path::{Id, Ids, Text};
pub use routes::{ApiRoutes, Because, Built, Pages, RouteRow};
pub use upload::{Arriving, CsvFile};
pub use utoipa_axum::routes;

/// The largest form with a file that is read at all, in bytes; what a file may have the installation says.
pub const MOST_FORM_BYTES: usize = 1 << 40;
/// The largest body that is read into memory, in bytes.
pub const MOST_BODY_BYTES: usize = 1024 * 1024;
