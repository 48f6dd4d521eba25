//! Owns the people who work in a clinic and their roles.
//!
//! What must never happen here: a clinic without an active admin, somebody's account taken over by another clinic that added
//! them, an operator of the installation made by a clinic.

mod api;
mod first_admin;
mod model;
mod routes;
mod service;
mod store;

pub use api::check_username;
pub use model::{MemberState, NewUser, Person, StaffMember};
pub use routes::routes;
pub use service::{Added, NewMember, add_in, add_member_in, create_user_in, deactivate_in, get_in, join_in, set_first_password};
