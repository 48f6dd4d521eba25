//! The slices: what a clinic does, one folder each. A slice owns its tables (`store.rs` is private); others call its
//! service functions. Every request enters through [`routes`], every other work through a job or a command.

pub mod audit;
pub mod background;
pub mod billing;
pub mod chart;
pub mod clinics;
pub mod codes;
mod cursor;
pub mod doctors;
pub mod documents;
pub mod files;
pub mod identity;
pub mod labs;
mod like;
pub mod notifications;
pub mod patients;
pub mod prescriptions;
pub mod press;
pub mod realtime;
mod routes;
pub mod scheduling;
pub mod sealing;
pub mod staff;
mod state;
pub mod usage;
pub mod visits;

pub use routes::routes;
pub use state::{App, Settings, SmtpSettings};
