//! Appointments that come from elsewhere: demonstration data and imports.

use std::collections::HashMap;

use clinichub_core::{AppError, AppointmentId, Result};
use clinichub_db::{OnConflict, TenantTx};

use super::booking::New;
use super::model::OVERLAP;
use super::store;
use crate::clinics;

/// Stores appointments as they are, past ones in any state too, a thousand a statement, without events: for demonstration data and
/// imports. Overlaps are refused by the database as ever. Numbers come from the caller, who audits the whole.
pub async fn load(tx: &mut TenantTx, rows: &[New]) -> Result<Vec<AppointmentId>> {
    let code = clinics::get_in(tx).await?.code;
    let mut ids = Vec::with_capacity(rows.len());
    for batch in rows.chunks(1000) {
        store::insert_many(tx, &code, batch).await.on_overlap(|| AppError::conflict(OVERLAP))?;
        let references: Vec<String> = batch.iter().map(|new| new.reference(&code)).collect();
        let known: HashMap<_, _> = store::list_ids(tx, &references).await?.into_iter().collect();
        let id = |reference: &String| known.get(reference).copied().ok_or_else(|| AppError::internal("a stored row is not there"));
        let found = references.iter().map(id).collect::<Result<Vec<_>>>()?;
        let states: Vec<_> = found.iter().zip(batch).map(|(id, new)| (*id, new.status, new.status_changed_at)).collect();
        store::insert_states(tx, &states, None).await?;
        ids.extend(found);
    }
    Ok(ids)
}
