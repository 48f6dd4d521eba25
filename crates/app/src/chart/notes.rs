//! Notes marked sensitive: their text is sealed in the database.

use clinichub_core::{ClinicId, RecordId, Result, TrailEntry};
use clinichub_db::{PlatformTx, TenantTx};
use clinichub_jobs::system_grant;
use serde_json::json;

use super::model::Record;
use super::store::{self, Stored};
use crate::App;
use crate::sealing::{Field, FieldKeys};

/// Stores an entry; gives its id.
pub async fn insert(tx: &mut TenantTx, fields: &FieldKeys, record: &Record) -> Result<RecordId> {
    let id = store::insert(tx, record).await?;
    if let Some(text) = secret(record) {
        let sealed = fields.get_or_make(tx).await?.seal(Field::Note, id.0, text)?;
        store::set_sealed_details(tx, id, &sealed).await?;
    }
    Ok(id)
}

/// Stores what an update made of an entry that still has the version before; how many rows it changed.
pub async fn update(tx: &mut TenantTx, fields: &FieldKeys, record: &Record) -> Result<u64> {
    let sealed = match secret(record) {
        Some(text) => Some(fields.get_or_make(tx).await?.seal(Field::Note, record.record_id.0, text)?),
        None => None,
    };
    Ok(store::update(tx, record, sealed.as_deref()).await?)
}

/// The entries with their texts.
pub async fn opened(tx: &mut TenantTx, fields: &FieldKeys, stored: Vec<Stored>) -> Result<Vec<Record>> {
    if stored.iter().all(|one| one.sealed.is_none()) {
        return Ok(stored.into_iter().map(|one| one.record).collect());
    }
    let key = fields.get(tx).await?;
    let open = |Stored { record, sealed }: Stored| match sealed {
        Some(sealed) => Ok(Record { details: Some(key.open(Field::Note, record.record_id.0, &sealed)?), ..record }),
        None => Ok(record),
    };
    stored.into_iter().map(open).collect()
}

fn secret(record: &Record) -> Option<&str> {
    record.details.as_deref().filter(|_| record.sensitive)
}

/// Seals the texts that were noted before texts were sealed; how many.
pub async fn seal_old(app: &App) -> Result<u64> {
    let grant = system_grant(None, "chart.seal_notes", app.clock.as_ref());
    let clinics = app.db.platform_read(&grant, (), async |mut tx: PlatformTx, ()| Ok(store::clinics_with_unsealed(&mut tx).await?)).await?;
    let mut sealed = 0;
    for clinic in clinics {
        loop {
            let batch = seal_batch(app, clinic).await?;
            sealed += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(sealed)
}

async fn seal_batch(app: &App, clinic: ClinicId) -> Result<u64> {
    let grant = system_grant(Some(clinic), "chart.seal_notes", app.clock.as_ref());
    let write = app.db.write(&grant, app.fields.clone(), async |mut tx: TenantTx, fields: FieldKeys| {
        let unsealed = store::list_unsealed(&mut tx).await?;
        if unsealed.is_empty() {
            tx.unaudited("nothing is left to seal");
            return Ok(0);
        }
        let (key, mut done) = (fields.get_or_make(&mut tx).await?, 0);
        for (record, text) in unsealed {
            // Who changes the note meanwhile seals it: then it does not say this any more.
            done += store::replace_details(&mut tx, record, &text, &key.seal(Field::Note, record.0, &text)?).await?;
        }
        tx.audit(TrailEntry { details: Some(json!({ "notes": done }).to_string()), ..TrailEntry::default() }).await?;
        Ok(done)
    });
    write.await
}
