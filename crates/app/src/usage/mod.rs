//! Owns what clinics used and what the operator charges for it.
//!
//! What must never happen here: the same visit counted twice, a price that changes after the fact, a name or a diagnosis in what the
//! operator sees.

mod api;
mod model;
mod routes;
mod service;
mod store;

pub use api::{UsageEntry, UsageTotal};
pub use model::{Use, Used};
pub use routes::routes;
pub use service::{record, used_in};
