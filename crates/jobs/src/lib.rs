//! Work that must happen after a transaction, kept in the database: a queue of jobs, and schedules that one node runs.
//!
//! A job is a row, written by [`TenantTx::enqueue`](clinichub_db::TenantTx::enqueue) in the transaction that wants it done. A
//! [`Runner`] claims it for a while (a lease), runs the handler of its kind, and marks it done. A handler that fails is tried
//! again, later and later, until its attempts are used up: then the job is `dead` and waits for a person ([`dead`]). The jobs of a
//! node that died are claimed by another one once their lease is over, so **a handler may run twice** and must be written so
//! that this does no harm. This crate knows no job and no clinic.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod backoff;
mod door;
mod lease;
mod queue;
mod runner;
mod schedule;
mod store;
mod sweep;

pub use backoff::delay;
pub use door::system_grant;
pub use lease::{hold, hold_in, is_held_by_another};
pub use queue::{DeadJob, QueueStatus, dead, revive, status};
pub use runner::{JobContext, JobError, Runner, RunnerBuilder};
