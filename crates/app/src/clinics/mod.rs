//! Owns the clinics: who they are, whether they work, what they changed in the table of permissions, and what they did in a period.
//!
//! What must never happen here: one clinic's settings changed from another, a clinic whose staff may do more than its admin, a
//! clinic that nobody may run any more.

mod api;
mod model;
mod routes;
mod service;
mod store;
mod usage;

pub use api::{CreateClinic, UsagePeriod};
pub use model::{Clinic, ClinicStatus, NewClinic, Overrides, permissions_of, zone_name, zone_of};
pub use routes::routes;
pub use service::{Period, create_in, create_with_in, get_any, get_in, overrides_in, require_books, zone_in};
