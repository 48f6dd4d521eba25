//! The writer, which commits many jobs at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::job::Job;
use super::queue::Queue;
use super::{LiteConn, Work};
use crate::DbError;
use crate::hooks::Hooks;

/// So many jobs share a commit at most.
const GROUP: usize = 64;
/// A group that took so long is committed, however few it has.
const GROUP_TIME: Duration = Duration::from_millis(20);

pub(super) fn start_writer(conn: Arc<LiteConn>, queue: Arc<Queue<Work>>, hooks: Arc<Hooks>) -> Result<JoinHandle<()>, DbError> {
    let run = move || {
        while let Some(mut work) = queue.pop() {
            // A group ends where something else than a transaction is next; that is run after it.
            while let Some(next) = survive(&conn, || match work {
                Work::Job(job) => write_group(&conn, &queue, &hooks, job),
                Work::Raw(raw) => {
                    raw(&conn);
                    None
                }
            })
            .flatten()
            {
                work = next;
            }
        }
        // Not the usual look at two thousand rows: from that, SQLite takes a clinic of a hundred thousand charts for one of a thousand.
        let looked = conn.exec("PRAGMA analysis_limit = 100000", &[]).and_then(|_| conn.exec("PRAGMA optimize = 0xffee", &[]));
        if let Err(error) = looked {
            tracing::warn!(%error, "the statistics of the database could not be refreshed");
        }
    };
    Builder::new().name("db-writer".to_owned()).spawn(run).map_err(|error| DbError::Unavailable(error.to_string()))
}

/// A panic (in a hook, in work outside of a transaction) must not end the thread: without it nothing is ever answered again. Who waited
/// gets an error, as the answer's sender is gone.
fn survive<T>(conn: &LiteConn, work: impl FnOnce() -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(work)).ok();
    if result.is_none() {
        conn.roll_back();
    }
    result
}

/// Runs `first` and what is waiting behind it in one transaction, a savepoint each, and answers after the commit. What ended
/// the group, if it is not a transaction.
fn write_group(conn: &Arc<LiteConn>, queue: &Queue<Work>, hooks: &Hooks, first: Box<dyn Job>) -> Option<Work> {
    if let Err(error) = conn.simple("BEGIN IMMEDIATE") {
        conn.roll_back();
        return refuse(queue, first, &error.to_string());
    }
    let started = Instant::now();
    let mut group = Vec::with_capacity(8);
    let mut kept = run_in_savepoint(conn, first, &mut group);
    let mut next = None;
    while group.len() < GROUP && started.elapsed() < GROUP_TIME && conn.in_transaction() {
        match queue.try_pop() {
            Some(Work::Job(job)) => kept |= run_in_savepoint(conn, job, &mut group),
            other => {
                next = other;
                break;
            }
        }
    }
    let outcome = commit(conn, kept);
    let outcome = outcome.as_ref().copied().map_err(String::as_str);
    // Not `any`: each of them has something to note.
    if outcome.is_ok() && group.iter().filter(|job| job.committed()).count() > 0 {
        hooks.call();
    }
    for job in group {
        job.finish(outcome);
    }
    next
}

/// Refuses a transaction that could not begin, and those that queued up behind it: they would wait as long as it did, one after the
/// other. What ended them, if it is not a transaction.
fn refuse(queue: &Queue<Work>, first: Box<dyn Job>, reason: &str) -> Option<Work> {
    // All of them before the first is answered: whoever hears that may try again at once, and is not one of those who waited.
    let mut waiting = vec![first];
    let next = loop {
        match queue.try_pop() {
            Some(Work::Job(job)) => waiting.push(job),
            other => break other,
        }
    };
    for job in waiting {
        job.finish(Err(reason));
    }
    next
}

fn run_in_savepoint(conn: &Arc<LiteConn>, mut job: Box<dyn Job>, group: &mut Vec<Box<dyn Job>>) -> bool {
    if job.is_abandoned() {
        return false;
    }
    let mut keep = false;
    if conn.simple("SAVEPOINT job").is_ok() {
        keep = job.run(conn);
        // An I/O error can have rolled back all of the group; then there is nothing to release and the commit tells everybody.
        if conn.in_transaction() {
            let undone = if keep { Ok(()) } else { conn.simple("ROLLBACK TO job") };
            if undone.and_then(|()| conn.simple("RELEASE job")).is_err() {
                conn.roll_back();
            }
        }
    }
    group.push(job);
    keep
}

fn commit(conn: &LiteConn, kept: bool) -> Result<(), String> {
    if !conn.in_transaction() {
        return if kept { Err("the database gave the transaction up".to_owned()) } else { Ok(()) };
    }
    if !kept {
        conn.roll_back();
        return Ok(());
    }
    conn.simple("COMMIT").map_err(|error| {
        conn.roll_back();
        tracing::error!(%error, "a commit failed");
        error.to_string()
    })
}
