//! What other slices need of prescriptions, inside their transaction.

use std::collections::HashMap;

use clinichub_core::{PatientId, PrescriptionId, Result, Role, UtcTime};
use clinichub_db::TenantTx;

use super::model::PrescriptionStatus;
use super::store;

/// A prescription in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrescriptionBrief {
    /// The prescription.
    pub prescription_id: PrescriptionId,
    /// What people call it.
    pub reference: String,
    /// Where it stands.
    pub status: PrescriptionStatus,
    /// When it was begun: what lists are ordered by.
    pub created_at: UtcTime,
    /// Each drug with its strength and form, in the order of the items.
    pub drugs: Vec<String>,
}

/// A chart's prescriptions before this place of the timeline, the latest first; a patient sees what is signed.
pub async fn timeline_for_patient(
    tx: &mut TenantTx,
    patient: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<PrescriptionBrief>> {
    let is_patient = tx.grant().role() == Some(Role::Patient);
    let rows = store::list_before(tx, patient, before, is_patient, limit).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut drugs: HashMap<PrescriptionId, Vec<String>> = HashMap::new();
    for line in store::items_of(tx, rows.iter().map(|(id, ..)| *id)).await? {
        drugs.entry(line.of).or_default().push(line.item.title());
    }
    let briefs = rows.into_iter().map(|(prescription_id, reference, status, created_at)| {
        let drugs = drugs.remove(&prescription_id).unwrap_or_default();
        PrescriptionBrief { prescription_id, reference, status, created_at, drugs }
    });
    Ok(briefs.collect())
}
