//! Owns visits: what happened in an appointment, from the moment the patient is with the doctor to the charges. The field calls it an
//! encounter; the people who work here say visit, and so does everything in the program.
//!
//! What must never happen here: two visits of one appointment, a completed visit that changes (an addendum is added instead), a visit
//! charged twice, notes lost because somebody else was typing too, a patient reading notes that were not meant for them.

mod api;
mod complete;
mod content;
mod for_others;
mod model;
mod query;
mod routes;
mod service;
mod store;
mod templates;
mod templates_api;

pub use for_others::{
    VisitBrief, count_open_before, get_brief, latest_of_patient, lock_chart_in, require_none_open, require_none_open_of_patient,
    require_of_patient, require_unfinished, timeline_for_patient,
};
pub use model::{Diagnosis, Visit, VisitStatus, VisitSummary};
pub use routes::routes;
