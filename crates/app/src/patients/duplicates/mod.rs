//! Owns the warning that somebody may have a chart already, before a second one is made. It only looks: whether two charts are one person is
//! for people to say.

pub mod api;
mod model;
mod service;
mod store;
