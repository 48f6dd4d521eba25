//! Finds what crashes, restores and people with access to the disk have left: uploads that came to nothing, objects without a row, rows
//! without an object.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use clinichub_core::{AppError, ClinicId, FileId, Grant, Result, UtcTime};
use clinichub_db::{Db, PlatformTx};
use clinichub_files::{FileStore, Found};
use clinichub_jobs::system_grant;
use futures_util::TryStreamExt;
use jiff::SignedDuration;

use super::{explained, intake, store};
use crate::App;

/// An upload that has not ended by then has come to nothing.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Objects that are looked up at once.
const BATCH: usize = 500;

/// What does not fit.
#[derive(Debug, Default)]
pub struct Strays {
    /// Objects that no row knows, among them what is left of interrupted uploads.
    pub objects: Vec<String>,
    /// Stored files whose object is gone.
    pub rows: Vec<(ClinicId, FileId)>,
    /// Objects that were looked at.
    pub seen: usize,
    /// Uploads that are under way or were broken off.
    pub unfinished: i64,
}

/// Removes the uploads that came to nothing.
pub(super) async fn sweep_abandoned(app: &App) -> Result<()> {
    sweep_from_before(app, app.clock.now().plus(-ABANDONED_AFTER)).await
}

/// Removes what was under way when the program ended, where no other one works with the same database.
pub async fn sweep_after_start(app: &App, started: UtcTime) -> Result<()> {
    if app.db.lite().is_none() {
        return Ok(());
    }
    sweep_from_before(app, started).await
}

async fn sweep_from_before(app: &App, before: UtcTime) -> Result<()> {
    let grant = system_grant(None, "files.sweep", app.clock.as_ref());
    loop {
        let find = async |mut tx: PlatformTx, before| Ok(store::abandoned(&mut tx, before).await?);
        let abandoned = app.db.platform_read(&grant, before, find).await?;
        let (count, mut removed, mut failed) = (abandoned.len(), 0, Ok(()));
        for (clinic, file_id, object) in abandoned {
            let grant = system_grant(Some(clinic), "files.sweep", app.clock.as_ref());
            match intake::discard(app, &grant, file_id, &object).await {
                Ok(()) => {
                    removed += 1;
                    tracing::info!(%clinic, %file_id, "an upload that came to nothing was removed");
                }
                // One that can't be removed must not keep the others.
                Err(error) => {
                    tracing::warn!(%error, %clinic, %file_id, "an upload that came to nothing could not be removed");
                    failed = failed.and(Err(error));
                }
            }
        }
        if count < store::MOST_ABANDONED || removed == 0 {
            return failed;
        }
    }
}

/// Compares the store with the rows.
pub async fn find_strays(db: &Db, files: &FileStore, grant: &Grant) -> Result<Strays> {
    let unfinished = db.platform_read(grant, (), async |mut tx: PlatformTx, ()| Ok(store::count_unfinished(&mut tx).await?)).await?;
    let mut strays = Strays { unfinished, ..Strays::default() };
    // A name takes eight bytes here: an installation has millions of them.
    let (hasher, mut present) = (RandomState::new(), HashSet::new());
    // The rows of before: an upload that ends meanwhile is not missed on either side.
    let rows = all_rows(db, grant, &hasher).await?;
    let mut batches = files.list().try_chunks(BATCH);
    while let Some(batch) = batches.try_next().await.map_err(|error| explained(error.1))? {
        present.extend(batch.iter().map(|found| hasher.hash_one(&found.name)));
        strays.seen += batch.len();
        strays.objects.extend(unknown(db, grant, batch).await?);
    }
    for batch in files.list_unfinished().await.map_err(explained)?.chunks(BATCH) {
        strays.objects.extend(unknown(db, grant, batch.to_vec()).await?);
    }
    strays.rows = rows.into_iter().filter(|(name, ..)| !present.contains(name)).map(|(_, clinic, file)| (clinic, file)).collect();
    Ok(strays)
}

async fn unknown(db: &Db, grant: &Grant, batch: Vec<Found>) -> Result<Vec<String>> {
    let names: Vec<String> = batch.into_iter().map(|found| found.name).collect();
    let known =
        db.platform_read(grant, names.clone(), async |mut tx: PlatformTx, names: Vec<String>| Ok(store::known(&mut tx, &names).await?));
    let known: HashSet<String> = known.await?.into_iter().collect();
    Ok(names.into_iter().filter(|name| !known.contains(name)).collect())
}

async fn all_rows(db: &Db, grant: &Grant, hasher: &RandomState) -> Result<Vec<(u64, ClinicId, FileId)>> {
    let (mut rows, mut after) = (Vec::new(), (ClinicId(0), FileId(0)));
    loop {
        let page = db.platform_read(grant, after, async |mut tx: PlatformTx, after| Ok(store::stored_after(&mut tx, after).await?));
        let page = page.await?;
        let Some((clinic, file, _)) = page.last() else { return Ok(rows) };
        after = (*clinic, *file);
        rows.extend(page.iter().map(|(clinic, file, object)| (hasher.hash_one(object), *clinic, *file)));
    }
}

/// Removes the objects that no row knows.
pub async fn sweep(files: &FileStore, strays: &Strays) -> Result<(), AppError> {
    for object in &strays.objects {
        files.delete(object).await.map_err(explained)?;
    }
    Ok(())
}
