//! The connection that one transaction works with.
//!
//! BEGIN travels with the first statement and the rows that nobody waits for travel with COMMIT, so that a transaction of n
//! statements costs n + 1 round trips. A connection whose transaction did not end in order (the client hung up, the network failed)
//! is never given back to the pool.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::TryStreamExt as _;
use futures_util::future::{join, try_join_all};
use tokio_postgres::{Error, Statement};

use super::errors::{explain, is_lost, is_stale};
use crate::row::Row;
use crate::tx::Mode;
use crate::{DbError, FromRow, Value};

const BEGUN: u8 = 1;
const LOST: u8 = 2;
const ENDED: u8 = 4;
const COMMITTING: u8 = 8;

/// So many rows that nobody waits for travel with COMMIT; more go before it.
const PIPELINED: usize = 16;

pub(crate) struct PgConn {
    /// Always there until it is dropped.
    client: Option<Object>,
    mode: Mode,
    state: AtomicU8,
    deferred: Mutex<Vec<(&'static str, Vec<Value>)>>,
}

impl Drop for PgConn {
    fn drop(&mut self) {
        let keep = !self.is(LOST) && (self.mode == Mode::Read || !self.is(BEGUN) || self.is(ENDED));
        if !keep && let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

impl PgConn {
    pub(crate) fn new(client: Object, mode: Mode) -> Self {
        Self { client: Some(client), mode, state: AtomicU8::new(0), deferred: Mutex::default() }
    }

    fn set(&self, state: u8) {
        self.state.fetch_or(state, Ordering::AcqRel);
    }

    fn is(&self, state: u8) -> bool {
        self.state.load(Ordering::Acquire) & state != 0
    }

    /// Whether the connection broke.
    pub(crate) fn is_lost(&self) -> bool {
        self.is(LOST)
    }

    /// Whether COMMIT was sent: if the connection broke, nobody knows whether it was done.
    pub(crate) fn is_committing(&self) -> bool {
        self.is(COMMITTING)
    }

    fn client(&self) -> Result<&ClientWrapper, DbError> {
        self.client.as_deref().ok_or_else(|| DbError::other("the connection was given back"))
    }

    fn failed(&self, error: Error) -> DbError {
        if is_lost(&error) {
            self.set(LOST);
        }
        if error.as_db_error().is_some_and(is_stale)
            && let Some(client) = &self.client
        {
            client.statement_cache.clear();
        }
        explain(error)
    }

    /// The statement that opens the transaction, where it is not open yet.
    fn begin(&self) -> Option<&'static str> {
        match self.mode {
            Mode::Read => None,
            _ if self.is(BEGUN) => None,
            Mode::Snapshot => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Mode::Write => Some("BEGIN"),
        }
    }

    /// Runs `statement` behind the BEGIN that may be due: both are sent at once, in this order.
    async fn after_begin<T>(&self, statement: impl Future<Output = Result<T, Error>>) -> Result<T, DbError> {
        let Some(begin) = self.begin() else { return statement.await.map_err(|error| self.failed(error)) };
        self.set(BEGUN);
        let (begun, result) = join(self.client()?.batch_execute(begin), statement).await;
        begun.and(result).map_err(|error| self.failed(error))
    }

    async fn prepare(&self, text: &str) -> Result<Statement, DbError> {
        self.client()?.prepare_cached(text).await.map_err(|error| self.failed(error))
    }

    async fn rows(&self, text: &str, values: &[Value]) -> Result<Vec<tokio_postgres::Row>, DbError> {
        let statement = self.prepare(text).await?;
        let client = self.client()?;
        check(&statement, values)?;
        self.after_begin(async { client.query_raw(&statement, values).await?.try_collect().await }).await
    }

    pub(crate) async fn all<T: FromRow>(&self, text: &str, values: &[Value]) -> Result<Vec<T>, DbError> {
        let rows = self.rows(text, values).await?;
        rows.iter().map(|row| T::from_row(&Row::pg(row))).collect()
    }

    pub(crate) async fn opt<T: FromRow>(&self, text: &str, values: &[Value]) -> Result<Option<T>, DbError> {
        let rows = self.rows(text, values).await?;
        rows.first().map(|row| T::from_row(&Row::pg(row))).transpose()
    }

    pub(crate) async fn exec(&self, text: &str, values: &[Value]) -> Result<u64, DbError> {
        let statement = self.prepare(text).await?;
        self.execute(&statement, values).await
    }

    /// As [`Self::exec`]; the statement is kept prepared only where `keep` says so.
    pub(crate) async fn exec_once(&self, text: &str, values: &[Value], keep: bool) -> Result<u64, DbError> {
        if keep {
            return self.exec(text, values).await;
        }
        let statement = self.client()?.prepare(text).await.map_err(|error| self.failed(error))?;
        self.execute(&statement, values).await
    }

    async fn execute(&self, statement: &Statement, values: &[Value]) -> Result<u64, DbError> {
        check(statement, values)?;
        let client = self.client()?;
        self.after_begin(client.execute_raw(statement, values)).await
    }

    /// Keeps a statement for [`Self::commit`].
    pub(crate) fn defer(&self, text: &'static str, values: Vec<Value>) {
        self.deferred.lock().unwrap_or_else(PoisonError::into_inner).push((text, values));
    }

    /// Runs what was deferred, and commits.
    pub(crate) async fn commit(&self) -> Result<(), DbError> {
        let deferred = std::mem::take(&mut *self.deferred.lock().unwrap_or_else(PoisonError::into_inner));
        if self.mode == Mode::Read || (deferred.is_empty() && !self.is(BEGUN)) {
            return Ok(());
        }
        if let Some(begin) = self.begin() {
            self.set(BEGUN);
            self.client()?.batch_execute(begin).await.map_err(|error| self.failed(error))?;
        }
        let (before, with) = deferred.split_at(deferred.len().saturating_sub(PIPELINED));
        for (text, values) in before {
            self.exec(text, values).await?;
        }
        let mut statements = Vec::with_capacity(with.len());
        for (text, values) in with {
            let statement = self.prepare(text).await?;
            check(&statement, values)?;
            statements.push((statement, values));
        }
        self.commit_with(&statements).await?;
        self.set(ENDED);
        Ok(())
    }

    /// Sends the statements and COMMIT at once. Where a statement fails on the server, the COMMIT behind it rolls back; one that fails
    /// before it is sent keeps COMMIT from being sent.
    async fn commit_with(&self, statements: &[(Statement, &Vec<Value>)]) -> Result<(), DbError> {
        let client = self.client()?;
        let runs = statements.iter().map(|(statement, values)| client.execute_raw(statement, values.iter()));
        let mut runs = pin!(try_join_all(runs));
        let at_once = poll_fn(|context| Poll::Ready(runs.as_mut().poll(context))).await;
        if let Poll::Ready(result) = at_once {
            result.map_err(|error| self.failed(error))?;
            self.set(COMMITTING);
            return client.batch_execute("COMMIT").await.map_err(|error| self.failed(error));
        }
        self.set(COMMITTING);
        let (ran, committed) = join(runs, client.batch_execute("COMMIT")).await;
        ran.map(drop).and(committed).map_err(|error| self.failed(error))
    }

    /// Rolls back. A connection on which that fails is not used again.
    pub(crate) async fn roll_back(&self) {
        if self.mode == Mode::Read || !self.is(BEGUN) || self.is(LOST | ENDED) {
            return;
        }
        let Ok(client) = self.client() else { return };
        match client.batch_execute("ROLLBACK").await {
            Ok(()) => self.set(ENDED),
            Err(error) => {
                tracing::warn!(error = %super::errors::chain(&error), "a transaction could not be rolled back");
                self.set(LOST);
            }
        }
    }
}

/// The client panics where the number of parameters differs.
fn check(statement: &Statement, values: &[Value]) -> Result<(), DbError> {
    let (wanted, given) = (statement.params().len(), values.len());
    if wanted == given {
        return Ok(());
    }
    Err(DbError::other(format!("a statement wants {wanted} parameters and got {given}")))
}
