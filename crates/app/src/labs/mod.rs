//! Owns what laboratories send: their reports, files that belong to a visit, and their results, values that belong to a chart.
//!
//! What must never happen here: a result that a patient reads before it was released, a report that changes after a doctor has signed it, one
//! that is gone for good.

mod api;
mod events;
mod for_others;
mod model;
mod results;
mod routes;
mod service;
mod store;

pub use for_others::{LabReportBrief, timeline_for_patient, unsigned_of_patient};
pub use routes::routes;
