//! Owns the code set of diagnoses (ICD-10-CM), if the operator brought it in, and the form of its codes.
//!
//! What must never happen here: a diagnosis refused because no code set is there, a code set shipped with the program.

mod api;
pub mod import;
mod model;
mod routes;
mod service;
mod store;

pub use model::{WRONG, normal};
pub use routes::routes;
pub use service::describe;
