//! What goes over the wire about money, and the handlers.

pub mod cpt;
pub mod fee_schedule;
pub mod invoices;
