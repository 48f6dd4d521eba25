//! The batching writer: many requests, one multi-row insert, each waits for the commit.

use std::sync::Arc;
use std::time::Duration;

use clinichub_core::{AppError, Clock};
use clinichub_db::{AUDIT_BULK, Db, Dialect, Params};
use clinichub_jobs::system_grant;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// How many requests may wait for their rows; more means that the database can't keep up.
const MOST_WAITING: usize = 8192;
/// How many requests share an insert.
const MOST_TOGETHER: usize = 256;
/// Where a few ask at the same time on SQLite, so long is waited for more of them: each commit empties what the connections that read
/// have kept of the file, and waits for the disk. One alone waits for nobody, and of many each commit has enough.
const GATHER: Duration = Duration::from_millis(1);
/// What a few are.
const FEW: std::ops::Range<usize> = 3..8;
/// How many rows share a statement on SQLite, where a statement costs no round trip and short ones stay prepared.
const LITE_ROWS: usize = 16;

type Answer = Result<(), Arc<str>>;

struct Entry {
    rows: Vec<Params>,
    done: oneshot::Sender<Answer>,
}

/// Writes the rows of reads and refusals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AuditWriter {
    queue: mpsc::Sender<Entry>,
}

impl AuditWriter {
    /// Starts the writer. It needs no shutdown: each request waits for its own row, and it ends with the last handle.
    pub fn start(db: &Db, clock: &Arc<dyn Clock>) -> Self {
        let (queue, entries) = mpsc::channel(MOST_WAITING);
        let entries = Arc::new(Mutex::new(entries));
        // While one batch is on its way to PostgreSQL the next is made; SQLite has one writer anyhow.
        let at_once = if db.dialect() == Dialect::Postgres { 2 } else { 1 };
        let tasks = TaskTracker::new();
        for _ in 0..at_once {
            tasks.spawn(work(db.clone(), clock.clone(), entries.clone()));
        }
        Self { queue }
    }

    /// Writes the rows; when this returns they are committed. Fails where the database is away or can't keep up.
    pub async fn write(&self, rows: Vec<Params>) -> Result<(), AppError> {
        let (done, written) = oneshot::channel();
        let full = |_| AppError::Unavailable("the audit trail can't keep up".to_owned());
        self.queue.try_send(Entry { rows, done }).map_err(full)?;
        match written.await {
            Ok(answer) => answer.map_err(|reason| AppError::Unavailable(format!("the audit trail could not be written: {reason}"))),
            Err(_) => Err(AppError::Unavailable("the audit trail has ended".to_owned())),
        }
    }
}

async fn work(db: Db, clock: Arc<dyn Clock>, entries: Arc<Mutex<mpsc::Receiver<Entry>>>) {
    let mut together = Vec::with_capacity(MOST_TOGETHER);
    while gather(&db, &entries, &mut together).await > 0 {
        let (rows, waiting): (Vec<_>, Vec<_>) = together.drain(..).map(|entry| (entry.rows, entry.done)).unzip();
        let answer: Answer = insert(&db, clock.as_ref(), rows.into_iter().flatten().collect()).await.map_err(|error| reason(&error));
        for done in waiting {
            // Whoever hung up needs no answer; the row is there.
            let _ = done.send(answer.clone());
        }
    }
}

/// What waits now, and what comes in the next moment where it is a few; how many they are.
async fn gather(db: &Db, entries: &Mutex<mpsc::Receiver<Entry>>, together: &mut Vec<Entry>) -> usize {
    let mut entries = entries.lock().await;
    let first = entries.recv_many(together, MOST_TOGETHER).await;
    if FEW.contains(&first) && db.dialect() == Dialect::Sqlite {
        tokio::time::sleep(GATHER).await;
        while together.len() < MOST_TOGETHER
            && let Ok(next) = entries.try_recv()
        {
            together.push(next);
        }
    }
    together.len()
}

async fn insert(db: &Db, clock: &dyn Clock, rows: Vec<Params>) -> Result<(), AppError> {
    let grant = system_grant(None, "write_audit", clock);
    db.platform_write(&grant, rows, |mut tx, mut rows| async move {
        tx.unaudited("these are the audit rows");
        let most = if tx.dialect() == Dialect::Sqlite { LITE_ROWS } else { rows.len() };
        while rows.len() > most {
            let rest = rows.split_off(most);
            tx.insert_many(AUDIT_BULK, std::mem::replace(&mut rows, rest)).await?;
        }
        tx.insert_many(AUDIT_BULK, rows).await?;
        Ok(())
    })
    .await
}

fn reason(error: &AppError) -> Arc<str> {
    match error {
        AppError::Unavailable(reason) => reason.as_str().into(),
        AppError::Internal(source) => {
            tracing::error!(error = %source, "the audit trail could not be written");
            "internal error".into()
        }
        other => other.to_string().into(),
    }
}
