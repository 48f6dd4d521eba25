//! Owns the fee schedule, the procedures performed (CPT records) and the invoices.
//!
//! What must never happen here: an appointment billed twice, an invoice for something that was not completed, money in a
//! float. Descriptions are the clinic's own; nothing of the AMA's code set is shipped.

mod api;
mod csv;
mod document;
mod events;
mod model;
mod routes;
mod service;
mod store;

pub use api::fee_schedule::ServiceBody;
pub use model::{CompletedAppointment, Modifiers, NewService, Performed, ServiceRow, Unpaid};
pub use routes::routes;
pub use service::{
    cpt_ids_of, create_first_services, create_service_in, offered_services, record_completion, replace_charges, require_service,
    timeline_for_patient, unpaid_of_patient,
};
