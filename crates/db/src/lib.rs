//! The database: one SQL text, two engines.
//!
//! [`Db`] runs closures in transactions, with [`TenantTx`] for the data of one clinic and [`PlatformTx`] for the few statements
//! across clinics. SQLite is embedded (reader threads, one writer that commits groups), PostgreSQL is reached through a pool.
//! Statements are literals made by [`tenant_sql!`] and [`platform_sql!`]; a tenant's statement can't forget the clinic.
//! What must never happen here: knowledge of what a clinic does.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bulk;
mod config;
mod db;
mod dialect;
mod entries;
mod error;
mod hooks;
mod idempotency;
mod lite;
pub mod migrations;
mod pg;
pub mod query;
mod row;
mod sequences;
#[doc(hidden)]
pub mod sql;
pub mod statements;
#[cfg(test)]
mod tests;
mod tx;
mod value;

pub use config::{DbConfig, DbUrl, SecretUrl};
pub use db::Db;
pub use dialect::Dialect;
pub use entries::{AUDIT_BULK, AUDIT_INSERT, AuditOutcome, Event, NewJob, audit_row};
pub use error::{DbError, OnConflict};
pub use hooks::Heard;
pub use lite::Lite;
pub use query::Query;
#[doc(hidden)]
pub use row::check_names;
pub use row::{BadCell, Cell, Col, FromRow, Row};
pub use sequences::Counter;
pub use sql::{PlatformBulk, PlatformSql, TenantBulk, TenantSql};
pub use tx::{PlatformTx, TenantTx};
pub use value::{Params, Value};
