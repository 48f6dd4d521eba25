//! Owns appointments: booking, moving, their states, requests of patients, calendars.
//!
//! What must never happen here: a provider booked twice, in whatever clinic; a state that the table does not allow; an appointment that
//! is completed without a record of what was performed; a name or a reason in a calendar or an event.

mod api;
mod booking;
mod bulk;
mod calendar;
mod change;
mod conflicts;
mod day;
mod events;
mod feed;
mod for_invoices;
mod for_patients;
mod for_visits;
mod handlers;
mod load;
mod model;
mod queries;
mod routes;
mod service;
mod status;
mod store;
mod when;

pub use booking::New;
pub use for_invoices::{InvoicedAppointment, get_for_invoice, reference_of};
pub use for_patients::{
    PatientAppointment, PatientAppointments, brief_for_patient, cancel_all_of_patient, has_open, open_for_patient, timeline_for_patient,
};
pub use for_visits::{VisitedAppointment, WalkIn, begin_visit, book_walk_in, complete_visited, lock_for_visit, recharge_visited};
pub use load::load;
pub use routes::routes;
pub use status::Status;
pub use when::Span;
