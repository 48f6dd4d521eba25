//! Owns the chart: problems, allergies, medications, immunizations, measurements and notes, and the page a doctor reads before walking in.
//!
//! What must never happen here: an entry of another patient or clinic shown, one erased, a number stored in another unit than its
//! column's, a note shown to the patient it is about, the title or the text of one marked sensitive in the clear in the database.

mod api;
mod for_others;
mod measures;
mod model;
mod notes;
mod overview;
mod overview_api;
mod routes;
mod service;
mod store;

pub use api::{RecordWritten, Recorded};
pub use for_others::{
    Allergy, Medication, NewMedication, PatientHeader, active_medications_of, add_medications, add_problems, allergies_of, header_of,
    records_for_timeline, stop_medications, vitals_of_visit, withdraw_problems,
};
pub use measures::{Vitals, VitalsInput, VitalsWarning};
pub use model::{Kind, Record, Severity};
pub use notes::seal_old as seal_old_notes;
pub use routes::routes;
pub use service::record_vitals_in;
