//! Notes marked sensitive: their title and their text are sealed in the database.

use clinichub_core::{ClinicId, RecordId, Result, TrailEntry};
use clinichub_db::{PlatformTx, TenantTx};
use clinichub_jobs::system_grant;
use serde_json::json;

use super::model::Record;
use super::store::{self, Sealed, Stored};
use crate::App;
use crate::sealing::{ClinicKey, Field, FieldKeys};

/// Stores an entry; gives its id.
pub async fn insert(tx: &mut TenantTx, fields: &FieldKeys, record: &Record) -> Result<RecordId> {
    let id = store::insert(tx, record).await?;
    if record.sensitive {
        let key = fields.get_or_make(tx).await?;
        store::set_sealed(tx, id, &sealed(&key, id, record.name.as_deref(), record.details.as_deref())?).await?;
    }
    Ok(id)
}

/// Stores what an update made of an entry that still has the version before; how many rows it changed.
pub async fn update(tx: &mut TenantTx, fields: &FieldKeys, record: &Record) -> Result<u64> {
    let sealed = if record.sensitive {
        let key = fields.get_or_make(tx).await?;
        sealed(&key, record.record_id, record.name.as_deref(), record.details.as_deref())?
    } else {
        Sealed::default()
    };
    Ok(store::update(tx, record, &sealed).await?)
}

/// The entries with their titles and texts.
pub async fn opened(tx: &mut TenantTx, fields: &FieldKeys, stored: Vec<Stored>) -> Result<Vec<Record>> {
    if stored.iter().all(|one| one.sealed.is_empty()) {
        return Ok(stored.into_iter().map(|one| one.record).collect());
    }
    let key = fields.get(tx).await?;
    let open = |Stored { record, sealed }: Stored| {
        let id = record.record_id.0;
        let text = |field, sealed: Option<String>| sealed.map(|sealed| key.open(field, id, &sealed)).transpose();
        let (name, details) = (text(Field::NoteTitle, sealed.name)?, text(Field::Note, sealed.details)?);
        // What stands in the clear beside it is the newer: a program that knows no sealed titles has written it.
        Ok(Record { name: record.name.or(name), details: record.details.or(details), ..record })
    };
    stored.into_iter().map(open).collect()
}

/// The entries with their titles: what a line about each says. The texts stay sealed.
pub async fn titled(tx: &mut TenantTx, fields: &FieldKeys, mut stored: Vec<Stored>) -> Result<Vec<Record>> {
    for one in &mut stored {
        one.sealed.details = None;
    }
    opened(tx, fields, stored).await
}

fn sealed(key: &ClinicKey, id: RecordId, name: Option<&str>, details: Option<&str>) -> Result<Sealed> {
    let seal = |field, text: Option<&str>| text.map(|text| key.seal(field, id.0, text)).transpose();
    Ok(Sealed { name: seal(Field::NoteTitle, name)?, details: seal(Field::Note, details)? })
}

/// Seals the titles and texts that were noted before they were sealed; of how many notes.
pub async fn seal_old(app: &App) -> Result<u64> {
    let grant = system_grant(None, "chart.seal_notes", app.clock.as_ref());
    let clinics = app.db.platform_read(&grant, (), async |mut tx: PlatformTx, ()| Ok(store::clinics_with_unsealed(&mut tx).await?)).await?;
    let mut done = 0;
    for clinic in clinics {
        loop {
            let batch = seal_batch(app, clinic).await?;
            done += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(done)
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
        for (record, name, details) in unsealed {
            let by = sealed(&key, record, name.as_deref(), details.as_deref())?;
            // Who changes the note meanwhile seals it: then it does not say this any more.
            done += store::replace_by_sealed(&mut tx, record, name, details, &by).await?;
        }
        tx.audit(TrailEntry { details: Some(json!({ "notes": done }).to_string()), ..TrailEntry::default() }).await?;
        Ok(done)
    });
    write.await
}
