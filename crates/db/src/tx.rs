//! Transactions: the owned handles that a closure works with, and what one remembers until its end.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clinichub_core::{AppError, ClinicId, Grant, TrailEntry, UtcTime};

use crate::entries::{self, Event, NewJob};
use crate::hooks::Hooks;
use crate::lite::LiteConn;
use crate::pg::PgConn;
use crate::sql::{Bulk, Text};
use crate::{DbError, Dialect, FromRow, Params, PlatformBulk, PlatformSql, Query, TenantBulk, TenantSql, Value, bulk, idempotency, query};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads; on PostgreSQL each statement by itself.
    Read,
    /// Reads that all see the same state.
    Snapshot,
    /// Reads and writes.
    Write,
}

#[expect(clippy::large_enum_variant, reason = "it lives in the one allocation of its transaction")]
pub(crate) enum Conn {
    Lite(Arc<LiteConn>),
    Pg(PgConn),
}

/// What happened in a transaction so far.
pub(crate) mod flag {
    /// A statement changed data.
    pub(crate) const WROTE: u8 = 1;
    /// The audit row was written.
    pub(crate) const AUDITED: u8 = 2;
    /// No audit row is wanted.
    pub(crate) const UNAUDITED: u8 = 4;
    /// Those who wait for commits are to be woken.
    pub(crate) const NUDGE: u8 = 8;
    /// A statement failed; nothing may be committed.
    pub(crate) const FAILED: u8 = 16;
    /// It is over; handles that are still around do nothing.
    pub(crate) const OVER: u8 = 32;
    /// It lost against another one and may be run again.
    pub(crate) const RETRY: u8 = 64;
    /// A statement succeeded.
    pub(crate) const SUCCEEDED: u8 = 128;
}

/// One transaction, shared by the handles of a closure and by what ends it.
pub(crate) struct Inner {
    conn: Conn,
    grant: Grant,
    hooks: Arc<Hooks>,
    clinic: i64,
    mode: Mode,
    flags: AtomicU8,
    /// What is announced once this is committed: channel and text.
    notices: Mutex<Vec<(&'static str, String)>>,
}

impl Inner {
    pub(crate) fn new(conn: Conn, grant: Grant, hooks: Arc<Hooks>, mode: Mode) -> Self {
        let clinic = grant.clinic_id().map_or(0, |clinic| clinic.0);
        Self { conn, grant, hooks, clinic, mode, flags: AtomicU8::new(0), notices: Mutex::default() }
    }

    pub(crate) fn conn(&self) -> &Conn {
        &self.conn
    }

    pub(crate) fn grant(&self) -> &Grant {
        &self.grant
    }

    pub(crate) fn set(&self, flags: u8) {
        self.flags.fetch_or(flags, Ordering::AcqRel);
    }

    pub(crate) fn is(&self, flags: u8) -> bool {
        self.flags.load(Ordering::Acquire) & flags != 0
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.conn {
            Conn::Lite(_) => Dialect::Sqlite,
            Conn::Pg(_) => Dialect::Postgres,
        }
    }

    /// The closure's result, or why it must not be committed after all.
    pub(crate) fn verdict<T>(&self, result: Result<T, AppError>) -> Result<T, AppError> {
        let value = result?;
        if self.is(flag::FAILED) {
            return Err(AppError::internal("a statement failed and the transaction went on: return its error"));
        }
        if self.is(flag::WROTE) && !self.is(flag::AUDITED | flag::UNAUDITED) {
            return Err(AppError::internal("a transaction wrote and was not audited: call audit, or unaudited with the reason"));
        }
        Ok(value)
    }

    /// What follows a commit: the trail knows that the audit row is there, listeners hear what was announced. Whether the waiting are
    /// to be woken.
    pub(crate) fn committed(&self) -> bool {
        for (channel, text) in self.notices.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            self.hooks.notice(channel, &text);
        }
        if self.is(flag::AUDITED) {
            self.grant.with_trail(|trail| trail.written = true);
        }
        self.is(flag::NUDGE)
    }

    fn admit(&self, text: &str, writes: bool) -> Result<(), DbError> {
        if self.is(flag::OVER) {
            return Err(DbError::other("the transaction is over"));
        }
        if writes && self.mode != Mode::Write {
            return Err(DbError::other("a transaction for reading was asked to write"));
        }
        if writes {
            self.set(flag::WROTE);
        }
        self.hooks.statement(text);
        Ok(())
    }

    /// Notes how a statement went.
    fn noted<T>(&self, result: Result<T, DbError>) -> Result<T, DbError> {
        match &result {
            Ok(_) => self.set(flag::SUCCEEDED),
            Err(DbError::Retry) => self.set(flag::FAILED | flag::RETRY),
            Err(_) => self.set(flag::FAILED),
        }
        result
    }

    pub(crate) async fn all<T: FromRow>(&self, text: &str, writes: bool, values: &[Value]) -> Result<Vec<T>, DbError> {
        self.admit(text, writes)?;
        let result = match &self.conn {
            Conn::Lite(conn) => conn.all(text, values),
            Conn::Pg(conn) => conn.all(text, values).await,
        };
        self.noted(result)
    }

    pub(crate) async fn opt<T: FromRow>(&self, text: &str, writes: bool, values: &[Value]) -> Result<Option<T>, DbError> {
        self.admit(text, writes)?;
        let result = match &self.conn {
            Conn::Lite(conn) => conn.opt(text, values),
            Conn::Pg(conn) => conn.opt(text, values).await,
        };
        self.noted(result)
    }

    pub(crate) async fn exec(&self, text: &str, writes: bool, values: &[Value]) -> Result<u64, DbError> {
        self.admit(text, writes)?;
        let result = match &self.conn {
            Conn::Lite(conn) => conn.exec(text, values),
            Conn::Pg(conn) => conn.exec(text, values).await,
        };
        self.noted(result)
    }

    /// Runs a statement whose answer nobody waits for: at once on SQLite, on PostgreSQL together with the COMMIT, in one round trip.
    pub(crate) fn defer(&self, text: Text, values: Vec<Value>) -> Result<(), DbError> {
        if self.is(flag::OVER) || self.mode != Mode::Write {
            return Err(DbError::other("a transaction for reading was asked to write"));
        }
        self.hooks.statement(self.dialect().pick(text.sqlite, text.postgres));
        match &self.conn {
            Conn::Lite(conn) => self.noted(conn.exec(text.sqlite, &values)).map(drop),
            Conn::Pg(conn) => {
                conn.defer(text.postgres, values);
                Ok(())
            }
        }
    }

    /// Announces `text` to this node's listeners after the commit, and to other nodes' with it.
    fn announce(&self, channel: &'static str, text: String) -> Result<(), DbError> {
        if let Some(notify) = self.dialect().notify() {
            self.defer(notify.0, crate::params![Value::Word(channel), &text].into_values())?;
        }
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push((channel, text));
        Ok(())
    }

    /// Inserts the rows, a bounded number a statement.
    async fn insert_many(&self, bulk: Bulk, clinic: Option<i64>, rows: Vec<Params>) -> Result<u64, DbError> {
        let mut inserted = 0;
        for batch in bulk::batches(bulk, self.dialect(), clinic, rows)? {
            self.admit(&batch.text, true)?;
            let result = match &self.conn {
                Conn::Lite(conn) => conn.exec_once(&batch.text, &batch.values, batch.keep),
                Conn::Pg(conn) => conn.exec_once(&batch.text, &batch.values, batch.keep).await,
            };
            inserted += self.noted(result)?;
        }
        Ok(inserted)
    }
}

fn no_row() -> DbError {
    DbError::other("a statement that always has a row gave none")
}

/// A handle that a closure can be given.
pub(crate) trait Handle: Send + 'static {
    fn over(inner: Arc<Inner>) -> Self;
    fn inner(&self) -> Arc<Inner>;
}

/// A transaction on the data of one clinic. Handed to the closure of [`Db::read`](crate::Db::read) and
/// [`Db::write`](crate::Db::write); there is no other way to get one.
///
/// A statement that failed dooms the transaction on both engines: it can't be committed any more.
pub struct TenantTx(Arc<Inner>);

/// A transaction across clinics, for identity, provider overlap, usage, jobs, outbox and audit.
pub struct PlatformTx(Arc<Inner>);

impl Handle for TenantTx {
    fn over(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    fn inner(&self) -> Arc<Inner> {
        self.0.clone()
    }
}

impl Handle for PlatformTx {
    fn over(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    fn inner(&self) -> Arc<Inner> {
        self.0.clone()
    }
}

impl TenantTx {
    /// The clinic.
    pub fn clinic_id(&self) -> ClinicId {
        ClinicId(self.0.clinic)
    }

    /// Another handle of the same transaction. Reads of several handles that are awaited together (`try_join`) travel to PostgreSQL
    /// together, so that they cost one round trip; SQLite answers them one after the other. For reads that don't need each other's answer.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self(self.0.clone())
    }

    /// All rows of a statement.
    pub async fn all<T: FromRow>(&mut self, statement: TenantSql, params: impl Into<Params>) -> Result<Vec<T>, DbError> {
        let values = params.into().with_clinic(self.0.clinic);
        self.0.all(self.pick(statement.0), statement.0.writes, &values).await
    }

    /// The first row of a statement, if there is one.
    pub async fn opt<T: FromRow>(&mut self, statement: TenantSql, params: impl Into<Params>) -> Result<Option<T>, DbError> {
        let values = params.into().with_clinic(self.0.clinic);
        self.0.opt(self.pick(statement.0), statement.0.writes, &values).await
    }

    /// The first row of a statement that always has one.
    pub async fn one<T: FromRow>(&mut self, statement: TenantSql, params: impl Into<Params>) -> Result<T, DbError> {
        self.opt(statement, params).await?.ok_or_else(no_row)
    }

    /// Runs a statement; how many rows it changed.
    pub async fn exec(&mut self, statement: TenantSql, params: impl Into<Params>) -> Result<u64, DbError> {
        let values = params.into().with_clinic(self.0.clinic);
        self.0.exec(self.pick(statement.0), statement.0.writes, &values).await
    }

    /// Runs a statement that writes, whose answer nobody waits for and whose rows this transaction does not read: on PostgreSQL it travels
    /// with the COMMIT and costs no round trip. It must not be one that may break a constraint which is to be explained.
    pub fn exec_with_commit(&mut self, statement: TenantSql, params: impl Into<Params>) -> Result<(), DbError> {
        self.0.set(flag::WROTE);
        self.0.defer(statement.0, params.into().with_clinic(self.0.clinic))
    }

    /// All rows of a statement with optional parts.
    pub async fn all_q<T: FromRow>(&mut self, query: &Query) -> Result<Vec<T>, DbError> {
        let (text, values) = query.render(self.dialect(), self.0.clinic);
        self.0.all(&text, query.writes(), &values).await
    }

    /// The first row of a statement with optional parts, if there is one.
    pub async fn opt_q<T: FromRow>(&mut self, query: &Query) -> Result<Option<T>, DbError> {
        let (text, values) = query.render(self.dialect(), self.0.clinic);
        self.0.opt(&text, query.writes(), &values).await
    }

    /// The first row of a statement with optional parts that always has one.
    pub async fn one_q<T: FromRow>(&mut self, query: &Query) -> Result<T, DbError> {
        self.opt_q(query).await?.ok_or_else(no_row)
    }

    /// Runs a statement with optional parts; how many rows it changed.
    pub async fn exec_q(&mut self, query: &Query) -> Result<u64, DbError> {
        let (text, values) = query.render(self.dialect(), self.0.clinic);
        self.0.exec(&text, query.writes(), &values).await
    }

    /// Inserts many rows; the clinic is bound as the first column. How many were inserted.
    pub async fn insert_many(&mut self, insert: TenantBulk, rows: Vec<Params>) -> Result<u64, DbError> {
        self.0.insert_many(insert.0, Some(self.0.clinic), rows).await
    }

    /// Writes the audit row of this write in this transaction: actor, action and origin are the grant's.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn audit(&mut self, entry: TrailEntry) -> Result<(), DbError> {
        entries::audit(&self.0, self.0.grant.clinic_id(), &entry)
    }

    /// Puts an event into the outbox; it is delivered after the commit.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn emit(&mut self, event: Event) -> Result<(), DbError> {
        entries::emit(&self.0, self.clinic_id(), &event)
    }

    /// Puts a job into the queue; it runs after the commit.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn enqueue(&mut self, job: NewJob) -> Result<(), DbError> {
        entries::enqueue(&self.0, Some(self.clinic_id()), job)
    }

    /// Whether the `Idempotency-Key` of this request was used before. What is found out before a file is read must not keep a request from
    /// the answer that it got once.
    pub async fn knows_key(&mut self) -> Result<bool, DbError> {
        idempotency::is_known(&self.0).await
    }

    /// The same transaction, for the few statements across clinics.
    pub fn platform(&mut self) -> PlatformTx {
        PlatformTx(self.0.clone())
    }
}

impl PlatformTx {
    /// All rows of a statement.
    pub async fn all<T: FromRow>(&mut self, statement: PlatformSql, params: impl Into<Params>) -> Result<Vec<T>, DbError> {
        self.0.all(self.pick(statement.0), statement.0.writes, params.into().plain()).await
    }

    /// The first row of a statement, if there is one.
    pub async fn opt<T: FromRow>(&mut self, statement: PlatformSql, params: impl Into<Params>) -> Result<Option<T>, DbError> {
        self.0.opt(self.pick(statement.0), statement.0.writes, params.into().plain()).await
    }

    /// The first row of a statement that always has one.
    pub async fn one<T: FromRow>(&mut self, statement: PlatformSql, params: impl Into<Params>) -> Result<T, DbError> {
        self.opt(statement, params).await?.ok_or_else(no_row)
    }

    /// Runs a statement; how many rows it changed.
    pub async fn exec(&mut self, statement: PlatformSql, params: impl Into<Params>) -> Result<u64, DbError> {
        self.0.exec(self.pick(statement.0), statement.0.writes, params.into().plain()).await
    }

    /// All rows of a statement with optional parts.
    pub async fn all_q<T: FromRow>(&mut self, query: &Query<query::Platform>) -> Result<Vec<T>, DbError> {
        let (text, values) = query.render_plain(self.dialect());
        self.0.all(&text, query.writes(), &values).await
    }

    /// The first row of a statement with optional parts, if there is one.
    pub async fn opt_q<T: FromRow>(&mut self, query: &Query<query::Platform>) -> Result<Option<T>, DbError> {
        let (text, values) = query.render_plain(self.dialect());
        self.0.opt(&text, query.writes(), &values).await
    }

    /// The first row of a statement with optional parts that always has one.
    pub async fn one_q<T: FromRow>(&mut self, query: &Query<query::Platform>) -> Result<T, DbError> {
        self.opt_q(query).await?.ok_or_else(no_row)
    }

    /// Runs a statement with optional parts; how many rows it changed.
    pub async fn exec_q(&mut self, query: &Query<query::Platform>) -> Result<u64, DbError> {
        let (text, values) = query.render_plain(self.dialect());
        self.0.exec(&text, query.writes(), &values).await
    }

    /// Inserts many rows. How many were inserted.
    pub async fn insert_many(&mut self, insert: PlatformBulk, rows: Vec<Params>) -> Result<u64, DbError> {
        self.0.insert_many(insert.0, None, rows).await
    }

    /// Writes the audit row of this write in this transaction, for a clinic or none.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn audit(&mut self, clinic: Option<ClinicId>, entry: TrailEntry) -> Result<(), DbError> {
        entries::audit(&self.0, clinic, &entry)
    }

    /// Puts an event of a clinic into the outbox.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn emit(&mut self, clinic: ClinicId, event: Event) -> Result<(), DbError> {
        entries::emit(&self.0, clinic, &event)
    }

    /// Puts a job into the queue, for a clinic or none.
    #[expect(clippy::unused_async, reason = "where the row is sent is not for callers to know")]
    pub async fn enqueue(&mut self, clinic: Option<ClinicId>, job: NewJob) -> Result<(), DbError> {
        entries::enqueue(&self.0, clinic, job)
    }
}

macro_rules! both {
    ($($handle:ident),+) => {$(
        impl $handle {
            /// Who asks.
            pub fn grant(&self) -> &Grant {
                &self.0.grant
            }

            /// When the request began: the time that every row it writes carries.
            pub fn now(&self) -> UtcTime {
                self.0.grant.at()
            }

            /// The engine.
            pub fn dialect(&self) -> Dialect {
                self.0.dialect()
            }

            /// Wakes those who wait for commits ([`Db::on_commit`](crate::Db::on_commit)) once this is committed.
            pub fn nudge(&mut self) {
                self.0.set(flag::NUDGE);
            }

            /// Announces `text` (no person's data, less than 8 kB) to those who [`Db::listen`](crate::Db::listen) to `channel`, on every
            /// node, once this is committed. Whoever has this transaction's answer can rely on this node having heard it.
            pub fn announce(&mut self, channel: &'static str, text: String) -> Result<(), DbError> {
                self.0.announce(channel, text)
            }

            /// Says that this write needs no audit row, and why (for whoever reads the call).
            pub fn unaudited(&mut self, _why: &'static str) {
                self.0.set(flag::UNAUDITED);
            }

            fn pick(&self, text: Text) -> &'static str {
                self.0.dialect().pick(text.sqlite, text.postgres)
            }
        }
    )+};
}
both!(TenantTx, PlatformTx);
