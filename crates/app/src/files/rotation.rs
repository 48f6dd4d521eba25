//! Wraps the keys of files and clinics anew. The contents stay as they are.

use std::sync::Arc;

use clinichub_core::{AppError, ClinicId, FileId, Result, TrailEntry, UtcTime};
use clinichub_db::PlatformTx;
use clinichub_files::Wrapped;
use clinichub_jobs::system_grant;
use jiff::SignedDuration;

use super::store::WrapRow;
use super::{context_of, store};
use crate::{App, sealing};

/// A key is kept for so long after the next one was made: an upload that was begun under it has ended by then, and was wrapped anew.
const NEEDED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Files, and the new wraps of their keys where they could be made.
type Page = (Arc<Vec<WrapRow>>, Vec<Option<Wrapped>>);

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The key that wraps now.
    pub kid: String,
    /// Files whose keys it wraps now and did not before.
    pub files: u64,
    /// Clinics whose keys it wraps now and did not before.
    pub clinics: u64,
    /// What has a key that could not be opened: the object's name or the clinic, and why.
    pub failed: Vec<(String, String)>,
}

/// Makes a new key, where the keys are in the data folder, and wraps every file's and every clinic's key by the newest one. It may be interrupted and run
/// again, and the server may work meanwhile: each file opens with the one key or the other.
pub async fn rotate_keys(app: &App) -> Result<Rotated> {
    let keys = app.files.keys();
    keys.rotate(app.clock.now()).map_err(AppError::internal)?;
    let mut done = Rotated { kid: keys.current().map_err(AppError::internal)?, files: 0, clinics: 0, failed: Vec::new() };
    done.clinics = sealing::rewrap_all(app, &done.kid, &mut done.failed).await?;
    let grant = system_grant(None, "key.rotate_files", app.clock.as_ref());
    let mut after = (ClinicId(0), FileId(0));
    loop {
        let args = (done.kid.clone(), after);
        let page = app.db.platform_read(&grant, args, async |mut tx: PlatformTx, (kid, after): (String, (ClinicId, FileId))| {
            Ok(Arc::new(store::wrapped_by_others(&mut tx, &kid, after).await?))
        });
        let page = page.await?;
        let Some(last) = page.last() else { break };
        after = (last.clinic_id, last.file_id);
        let wraps: Vec<Option<Wrapped>> = page.iter().map(|row| rewrapped(app, row, &mut done.failed)).collect();
        let write = app.db.platform_write(&grant, (page, wraps), async |mut tx: PlatformTx, (page, wraps): Page| {
            tx.unaudited("one entry says it for all files");
            let mut replaced = 0;
            for (row, wrap) in page.iter().zip(&wraps) {
                if let Some(wrap) = wrap {
                    replaced += store::replace_wrap(&mut tx, row, wrap).await?;
                }
            }
            Ok(replaced)
        });
        done.files += write.await?;
    }
    note(app, &done).await?;
    Ok(done)
}

fn rewrapped(app: &App, row: &WrapRow, failed: &mut Vec<(String, String)>) -> Option<Wrapped> {
    let before = Wrapped { kid: row.key_id.clone(), text: row.wrapped_key.clone() };
    match app.files.keys().rewrap(&before, &row.object, &context_of(row.clinic_id)) {
        Ok(wrapped) => Some(wrapped),
        Err(error) => {
            failed.push((row.object.clone(), error.to_string()));
            None
        }
    }
}

async fn note(app: &App, done: &Rotated) -> Result<()> {
    let details =
        serde_json::json!({ "key": done.kid, "files": done.files, "clinics": done.clinics, "failed": done.failed.len() }).to_string();
    let grant = system_grant(None, "key.rotate_files", app.clock.as_ref());
    let write = app.db.platform_write(&grant, details, async |mut tx: PlatformTx, details: String| {
        Ok(tx.audit(None, TrailEntry { details: Some(details), ..TrailEntry::default() }).await?)
    });
    write.await
}

/// Removes the keys that nothing is wrapped by and that none can be wrapped by any more; their ids.
pub async fn prune_keys(app: &App) -> Result<Vec<String>> {
    let grant = system_grant(None, "key.rotate_files", app.clock.as_ref());
    let in_use = app.db.platform_read(&grant, (), async |mut tx: PlatformTx, ()| {
        let (files, clinics) = (store::kids_in_use(&mut tx).await?, sealing::kids_in_use(&mut tx).await?);
        Ok([files, clinics].concat())
    });
    let in_use = in_use.await?;
    let kids = app.files.keys().kids();
    let followed = kids.iter().zip(kids.iter().skip(1));
    let is_over = |(kid, next): &(&String, &String)| {
        !in_use.contains(kid) && made_at(next).is_some_and(|made| app.clock.now().since(made) >= NEEDED_AFTER)
    };
    let over: Vec<String> = followed.filter(is_over).map(|(kid, _)| kid.clone()).collect();
    for kid in &over {
        app.files.keys().remove(kid).map_err(AppError::internal)?;
    }
    Ok(over)
}

/// When a key of the folder was made, from its id.
fn made_at(kid: &str) -> Option<UtcTime> {
    let (micros, _) = kid.split_once('-')?;
    i64::from_str_radix(micros, 16).ok().map(UtcTime::from_micros)
}
