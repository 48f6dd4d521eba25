//! What has served is swept away, in small transactions that hold nobody up.

use clinichub_core::{AppError, Clock, Grant};
use clinichub_db::{Db, PlatformSql, params};
use jiff::SignedDuration;

use crate::store;

/// Rows a transaction.
const BATCH: u64 = 1000;

/// Deletes jobs that were done 7 days ago, answers kept for retries after 48 hours, events after 24.
pub(crate) async fn sweep(db: &Db, clock: &dyn Clock, grant: &Grant) -> Result<(), AppError> {
    for (statement, hours) in [(store::SWEEP_JOBS, 7 * 24), (store::SWEEP_ANSWERS, 48), (store::SWEEP_EVENTS, 24)] {
        let before = clock.now().plus(SignedDuration::from_hours(-hours));
        while delete(db, grant, statement, before).await? >= BATCH {}
    }
    Ok(())
}

async fn delete(db: &Db, grant: &Grant, statement: PlatformSql, before: clinichub_core::UtcTime) -> Result<u64, AppError> {
    db.platform_write(grant, before, move |mut tx, before| async move {
        tx.unaudited("what has served is swept");
        Ok(tx.exec(statement, params![before]).await?)
    })
    .await
}
