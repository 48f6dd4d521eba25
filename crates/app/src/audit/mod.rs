//! Owns the audit trail and its chain: who did what, about which patient, when, from where, allowed or refused.
//!
//! A write's row is in its own transaction ([`TenantTx::audit`](clinichub_db::TenantTx::audit)); the row of a read or a refusal is
//! written by the [`AuditWriter`] before the answer leaves. The [`Sealer`] chains the rows by hash, [`verify`] finds what was
//! changed afterwards. What must never happen here: an event lost or altered, a name in a row, an answer without its row.

mod api;
mod chain;
mod record;
mod routes;
mod sealer;
mod service;
mod store;
mod verify;
mod writer;

pub use record::record;
pub use routes::routes;
pub use sealer::Sealer;
pub use verify::{ClinicReport, Finding, Problem, Report, verify, verify_in};
pub use writer::AuditWriter;
