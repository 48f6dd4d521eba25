//! A transaction on its way to the writer.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use clinichub_core::{AppError, Grant};
use tokio::sync::oneshot;

use super::LiteConn;
use crate::hooks::Hooks;
use crate::tx::{Conn, Handle, Inner, Mode, flag};

/// A transaction of any type.
pub(super) trait Job: Send {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;

    /// Runs it inside of an open transaction; whether its changes are to be kept.
    fn run(&mut self, conn: &Arc<LiteConn>) -> bool;

    /// Notes that what it did is durable; whether those who wait for commits are to be woken.
    fn committed(&self) -> bool;

    /// Answers, once the outcome is durable, or why it is not.
    fn finish(self: Box<Self>, outcome: Result<(), &str>);
}

/// Where the answer goes.
pub(super) struct Reply<T>(oneshot::Sender<Result<T, AppError>>);

impl<T> Reply<T> {
    pub(super) fn new(sender: oneshot::Sender<Result<T, AppError>>) -> Self {
        Self(sender)
    }
}

pub(super) struct TxJob<H, A, T, F> {
    grant: Grant,
    hooks: Arc<Hooks>,
    work: Option<(A, F)>,
    reply: Reply<T>,
    done: Option<(Result<T, AppError>, Arc<Inner>)>,
    handle: PhantomData<fn() -> H>,
}

impl<H, A, T, F> TxJob<H, A, T, F> {
    pub(super) fn new(grant: Grant, hooks: Arc<Hooks>, args: A, f: F, reply: Reply<T>) -> Self {
        Self { grant, hooks, work: Some((args, f)), reply, done: None, handle: PhantomData }
    }
}

impl<H, A, T, F, Fut> Job for TxJob<H, A, T, F>
where
    H: Handle,
    A: Send,
    T: Send,
    F: Fn(H, A) -> Fut + Send,
    Fut: Future<Output = Result<T, AppError>>,
{
    fn is_abandoned(&self) -> bool {
        self.reply.0.is_closed()
    }

    fn run(&mut self, conn: &Arc<LiteConn>) -> bool {
        let Some((args, f)) = self.work.take() else { return false };
        let (result, inner) = transact(conn, Mode::Write, self.grant.clone(), self.hooks.clone(), args, &f);
        let keep = result.is_ok();
        self.done = Some((result, inner));
        keep
    }

    fn committed(&self) -> bool {
        self.done.as_ref().is_some_and(|(result, inner)| result.is_ok() && inner.committed())
    }

    fn finish(self: Box<Self>, outcome: Result<(), &str>) {
        let result = match (self.done, outcome) {
            (Some((Err(error), _)), _) => Err(error),
            (_, Err(reason)) => Err(AppError::Unavailable(reason.to_owned())),
            (Some((Ok(value), _)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(AppError::internal("a transaction did not run")),
        };
        // The client may have hung up; the work is done all the same.
        let _ = self.reply.0.send(result);
    }
}

/// Runs `f` inside of the transaction that is open on `conn`; whether what it did may be kept.
pub(super) fn transact<H, A, T, F, Fut>(
    conn: &Arc<LiteConn>,
    mode: Mode,
    grant: Grant,
    hooks: Arc<Hooks>,
    args: A,
    f: &F,
) -> (Result<T, AppError>, Arc<Inner>)
where
    H: Handle,
    F: Fn(H, A) -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let inner = Arc::new(Inner::new(Conn::Lite(conn.clone()), grant, hooks, mode));
    let handle = H::over(inner.clone());
    let result = catch_unwind(AssertUnwindSafe(move || poll_once(f(handle, args))));
    inner.set(flag::OVER);
    let result = result.unwrap_or_else(|_| Err(AppError::internal("a transaction panicked")));
    (inner.verdict(result), inner)
}

/// Every statement answers at once, so a future that is not ready waits for something else.
fn poll_once<T>(future: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(AppError::internal("a transaction awaited something else than the database")),
    }
}
