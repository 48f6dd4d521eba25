//! Owns the people who work in a clinic and their roles.
//!
//! What must never happen here: a clinic without an active admin, somebody's account taken over by another clinic that added
//! them, an operator of the installation made by a clinic.

mod api;
mod model;
mod service;
mod store;

pub use model::{NewUser, Person, StaffMember};
pub use service::{add_member_in, create_user_in, get_in};
