//! Owns what a screen shows of whole days: the board of one day, the schedule of several. Each is one request and a fixed number of
//! statements. It reads only; what changes an appointment is the slice's own.

mod api;
pub mod handlers;
mod service;
mod store;
