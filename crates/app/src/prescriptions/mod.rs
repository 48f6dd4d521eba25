//! Owns prescriptions: what a doctor wrote for a patient to take, from the draft to the signed document, and what doctors prescribe often.
//!
//! What must never happen here: a finalized prescription changed, one signed by somebody else than its doctor, a warning passed over without
//! a reason, a word about the patient on the public page.

mod amount;
mod api;
mod body;
mod document;
mod drug;
mod favorites;
mod for_others;
mod model;
mod public;
mod routes;
mod service;
mod store;
mod ucum;
mod warnings;

pub use for_others::{PrescriptionBrief, timeline_for_patient};
pub use routes::routes;
