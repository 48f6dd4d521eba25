//! The connections that read. A transaction that reads runs where it was asked for: each of its statements answers at once, so going to
//! another thread and back would cost more than most of them.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::LiteConn;
use crate::DbError;

/// Connections for so many transactions at once; the others wait. The program has more threads than that, so that the rest of it goes on
/// beside transactions that read for long.
pub(super) struct Readers {
    permits: Semaphore,
    /// The one that was used last is taken first: what it read is still in its cache.
    idle: Mutex<Vec<Arc<LiteConn>>>,
    count: u32,
}

impl Readers {
    pub(super) fn new(conns: Vec<Arc<LiteConn>>) -> Self {
        let count = u32::try_from(conns.len()).unwrap_or(u32::MAX);
        Self { permits: Semaphore::new(conns.len()), idle: Mutex::new(conns), count }
    }

    /// A connection, once one is free, for as long as a read may take.
    pub(super) async fn take(&self) -> Result<Reader<'_>, DbError> {
        let closed = || DbError::Unavailable("the database is closed".to_owned());
        let permit = self.permits.acquire().await.map_err(|_| closed())?;
        let conn = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().ok_or_else(closed)?;
        conn.start_clock();
        Ok(Reader { readers: self, conn: Some(conn), _permit: permit })
    }

    /// Waits for those who read, and lets nobody read any more.
    pub(super) async fn close(&self) {
        // An error: it is closed already.
        if let Ok(_all) = self.permits.acquire_many(self.count).await {
            self.permits.close();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

/// A connection that goes back when this is dropped.
pub(super) struct Reader<'a> {
    readers: &'a Readers,
    conn: Option<Arc<LiteConn>>,
    _permit: SemaphorePermit<'a>,
}

impl std::ops::Deref for Reader<'_> {
    type Target = Arc<LiteConn>;

    fn deref(&self) -> &Arc<LiteConn> {
        self.conn.as_ref().unwrap_or_else(|| unreachable!("it is there until the drop"))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            // Also after a panic: a snapshot that stays open keeps the log from being cut.
            conn.roll_back();
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}
