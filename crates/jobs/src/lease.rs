//! Leases: what only one node may do at a time.

use clinichub_core::{AppError, Clock, UtcTime};
use clinichub_db::{Db, DbError, PlatformTx};
use jiff::SignedDuration;

use crate::{store, system_grant};

/// Takes the lease `name` for `holder`, or keeps it, for `duration` from now. False while somebody else holds it.
pub async fn hold(db: &Db, clock: &dyn Clock, name: &'static str, holder: &str, duration: SignedDuration) -> Result<bool, AppError> {
    let grant = system_grant(None, "hold_lease", clock);
    let until = clock.now().plus(duration);
    db.platform_write(&grant, (holder.to_owned(), until), move |mut tx, (holder, until)| async move {
        Ok(hold_in(&mut tx, name, &holder, until).await?)
    })
    .await
}

/// As [`hold`], inside a transaction: until it ends no other node can take the lease.
pub async fn hold_in(tx: &mut PlatformTx, name: &'static str, holder: &str, until: UtcTime) -> Result<bool, DbError> {
    tx.unaudited("a lease is nobody's data");
    store::hold(tx, name, holder, until).await
}

/// Whether somebody else holds the lease now.
pub async fn is_held_by_another(tx: &mut PlatformTx, name: &'static str, holder: &str) -> Result<bool, DbError> {
    store::is_held_by_another(tx, name, holder).await
}
