//! The embedded engine: connections that read where they are asked to, one writer thread, and the jobs that it runs.

mod conn;
mod errors;
mod job;
mod queue;
mod readers;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use clinichub_core::{AppError, Grant};
use tokio::sync::oneshot;

pub(crate) use conn::LiteConn;

use self::job::{Job, Reply, TxJob, transact};
use self::queue::Queue;
use self::readers::Readers;
use crate::DbError;
use crate::hooks::Hooks;
use crate::tx::{Handle, Mode};

/// Work for the writer.
enum Work {
    /// A transaction.
    Job(Box<dyn Job>),
    /// Anything else, outside of a transaction.
    Raw(Box<dyn FnOnce(&LiteConn) + Send>),
}

/// The embedded database: one file.
pub struct Lite {
    path: PathBuf,
    readers: Readers,
    writes: Arc<Queue<Work>>,
    hooks: Arc<Hooks>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Lite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Lite {
    /// Opens the file (made with access for its owner alone) and starts the threads.
    pub(crate) fn open(path: &Path, readers: usize, hooks: Arc<Hooks>) -> Result<Self, DbError> {
        make_private(path).map_err(|error| DbError::Unavailable(format!("{}: {error}", path.display())))?;
        let writes = Arc::new(Queue::new());
        let writer = Arc::new(LiteConn::open(path, false)?);
        let thread = threads::start_writer(writer, writes.clone(), hooks.clone())?;
        let conns = (0..readers.max(1)).map(|_| LiteConn::open(path, true).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { path: path.to_owned(), readers: Readers::new(conns), writes, hooks, thread: Mutex::new(Some(thread)) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn run<H, A, T, F, Fut>(&self, mode: Mode, grant: Grant, args: A, f: F) -> Result<T, AppError>
    where
        H: Handle,
        A: Send + 'static,
        T: Send + 'static,
        F: Fn(H, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        if mode != Mode::Write {
            let conn = self.readers.take().await?;
            conn.simple("BEGIN")?;
            let (result, _) = transact(&conn, mode, grant, self.hooks.clone(), args, &f);
            conn.end();
            return result;
        }
        let (reply, answer) = oneshot::channel();
        let job = TxJob::<H, A, T, F>::new(grant, self.hooks.clone(), args, f, Reply::new(reply));
        if !self.writes.push(Work::Job(Box::new(job))) {
            return Err(AppError::Unavailable("too many wait for the database".to_owned()));
        }
        answer.await.unwrap_or_else(|_| Err(AppError::internal("the database thread gave no answer")))
    }

    /// Runs `work` with the connection of the writer or one that reads, outside of a transaction.
    pub(crate) async fn raw<T: Send + 'static>(
        &self,
        mode: Mode,
        work: impl FnOnce(&LiteConn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        if mode != Mode::Write {
            let conn = self.readers.take().await?;
            let done = catch_unwind(AssertUnwindSafe(|| work(&conn)));
            return done.unwrap_or_else(|_| Err(DbError::other("the work with the database panicked")));
        }
        let (reply, answer) = oneshot::channel();
        let raw = move |conn: &LiteConn| drop(reply.send(work(conn)));
        if !self.writes.push(Work::Raw(Box::new(raw))) {
            return Err(DbError::Unavailable("too many wait for the database".to_owned()));
        }
        answer.await.unwrap_or_else(|_| Err(DbError::other("the database thread gave no answer")))
    }

    /// Writes a consistent, compact copy to `to`, which must not exist; writers go on meanwhile.
    pub(crate) async fn backup(&self, to: &Path) -> Result<(), DbError> {
        let (from, to) = (self.path.clone(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || copy(&from, &to)).await;
        copied.map_err(DbError::other)?
    }

    /// Finishes what is queued and closes the file. The writer's connection is closed when no other is left: of two that close at the same
    /// moment none would be the last one, which takes the log away.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writes.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let joined = tokio::task::spawn_blocking(move || thread.into_iter().for_each(|thread| drop(thread.join()))).await;
        if let Err(error) = joined {
            tracing::error!(%error, "the database's thread could not be joined");
        }
    }
}

impl Drop for Lite {
    fn drop(&mut self) {
        self.writes.close();
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), DbError> {
    make_private(to).map_err(|error| DbError::Unavailable(format!("{}: {error}", to.display())))?;
    let conn = LiteConn::open(from, false)?;
    let name = to.to_str().ok_or_else(|| DbError::other("the name of the copy must be UTF-8"))?;
    conn.exec("VACUUM INTO ?1", &[name.into()])?;
    let file = std::fs::File::open(to).map_err(DbError::other)?;
    file.sync_all().map_err(|error| DbError::Unavailable(error.to_string()))
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(path).map(drop)
}
