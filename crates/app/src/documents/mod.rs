//! Owns the documents of charts: what a clinic or a patient keeps as a file beside the chart.
//!
//! What must never happen here: a document that a patient sees before it was released (but for what the patient brought), one that is gone for
//! good, one that is handed out under a type that runs in a browser.

mod api;
mod events;
mod for_others;
mod model;
mod routes;
mod service;
mod store;
mod thumbnails;

pub use for_others::{DocumentBrief, timeline_for_patient};
pub use model::{Category, Document};
pub use routes::routes;
pub use thumbnails::{job as thumbnail_job, with_jobs};
