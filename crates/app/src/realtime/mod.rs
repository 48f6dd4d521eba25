//! Owns the events that are pushed to those who may see them: [`EventHub`] follows the outbox, `GET /api/ws` delivers.
//!
//! What must never happen here: an event in another clinic, or of another patient's chart; a push to somebody who has logged out; a
//! name in an event (events carry ids and states, whoever gets one asks for the rest).

mod api;
mod hub;
mod model;
mod routes;
mod socket;
mod store;
mod tail;

pub use hub::EventHub;
pub use routes::routes;
