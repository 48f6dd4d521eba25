//! Looks at the clinics' keys, and wraps them anew. What they seal stays as it is.

use std::sync::Arc;

use clinichub_core::{ClinicId, Grant, Result};
use clinichub_db::{Db, DbError, PlatformTx};
use clinichub_files::{KeyRing, Wrapped};
use clinichub_jobs::system_grant;

use super::context_of;
use super::store::{self, KeyRow};
use crate::App;

/// Clinics, and the new wraps of their keys where they could be made.
type Page = (Arc<Vec<KeyRow>>, Vec<Option<Wrapped>>);

/// Wraps every clinic's key by the ring's key `kid`, which is the newest; how many it did not wrap before. A clinic whose key can't be
/// opened is noted in `failed` with the reason.
pub async fn rewrap_all(app: &App, kid: &str, failed: &mut Vec<(String, String)>) -> Result<u64> {
    let grant = system_grant(None, "key.rotate_files", app.clock.as_ref());
    let (mut done, mut after) = (0, ClinicId(0));
    loop {
        let read = app.db.platform_read(&grant, (kid.to_owned(), after), async |mut tx: PlatformTx, (kid, after): (String, ClinicId)| {
            Ok(Arc::new(store::wrapped_by_others(&mut tx, &kid, after).await?))
        });
        let rows = read.await?;
        let Some(last) = rows.last() else { return Ok(done) };
        after = last.clinic_id;
        let wraps = rows.iter().map(|row| match app.fields.rewrap(row.clinic_id, &row.wrapped()) {
            Ok(wrapped) => Some(wrapped),
            Err(error) => {
                failed.push((format!("the key of clinic {}", row.clinic_id), error.to_string()));
                None
            }
        });
        let page = (rows.clone(), wraps.collect());
        let write = app.db.platform_write(&grant, page, async |mut tx: PlatformTx, (rows, wraps): Page| {
            tx.unaudited("one entry says it for all keys");
            let mut replaced = 0;
            for (row, wrap) in rows.iter().zip(&wraps) {
                if let Some(wrap) = wrap {
                    replaced += store::replace_wrap(&mut tx, row, wrap).await?;
                }
            }
            Ok(replaced)
        });
        done += write.await?;
    }
}

/// How many clinics have a key, and those whose key this ring can't open.
pub async fn find_unusable(db: &Db, ring: &KeyRing, grant: &Grant) -> Result<(usize, Vec<ClinicId>)> {
    let (mut seen, mut unusable, mut after) = (0, Vec::new(), ClinicId(0));
    loop {
        let read = db.platform_read(grant, after, async |mut tx: PlatformTx, after: ClinicId| {
            // No key has an empty name: all of them.
            Ok(store::wrapped_by_others(&mut tx, "", after).await?)
        });
        let rows = read.await?;
        let Some(last) = rows.last() else { return Ok((seen, unusable)) };
        after = last.clinic_id;
        seen += rows.len();
        unusable.extend(rows.iter().filter(|row| ring.texts(&row.wrapped(), &context_of(row.clinic_id)).is_err()).map(|row| row.clinic_id));
    }
}

/// The ids of the keys that clinics' keys are wrapped by.
pub async fn kids_in_use(tx: &mut PlatformTx) -> Result<Vec<String>, DbError> {
    store::kids_in_use(tx).await
}
