//! Owns the charts: register, find, change, delete (softly), import.
//!
//! What must never happen here: a chart seen from another clinic or by another patient, two charts of one clinic with one
//! e-mail address, a chart that is gone for good, a national id or insurance number in the clear in the database.

mod api;
mod columns;
mod duplicates;
mod events;
mod identifiers;
pub mod import;
mod import_api;
mod lines;
mod model;
mod routes;
mod search;
mod service;
mod store;
mod timeline;

pub use api::{NewPatient, Sex};
pub use identifiers::{Identifiers, store_in as set_identifiers};
pub use model::{Patient, PatientBrief};
pub use routes::routes;
pub use search::{after as after_term, terms as search_terms};
pub use service::{get_in, is_email_free, lock_in, name_of, register_in, require};
pub use store::insert_many;
