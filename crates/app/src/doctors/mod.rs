//! Owns the providers: their profile, weekly hours, exceptions, time off, and the slots that follow.
//!
//! What must never happen here: contact data in a public answer, another clinic's appointments known as more than busy time, a
//! slot outside the hours.

mod api;
mod calendar;
mod hours;
mod model;
mod roster;
mod routes;
mod service;
mod slots;
mod store;
mod times;

pub use hours::Interval;
pub use model::{Doctor, Profile, Provider, Signature, TimeOff, WeeklyEntry, check_weekly};
pub use roster::{Days, RosterDoctor, days_of, list as list_roster};
pub use routes::routes;
pub use service::{create_profile_in, offered, require_provider, set_first_hours_in, signature_of};
