//! What other slices need of laboratories' reports, inside their transaction.

use clinichub_core::{LabReportId, PatientId, Result, Role, UtcTime};
use clinichub_db::TenantTx;

use super::store;

/// A laboratory's report in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReportBrief {
    /// The report.
    pub lab_report_id: LabReportId,
    /// What it is called.
    pub title: String,
    /// That of its worst result: 0 nothing, 1 abnormal, 2 critical.
    pub severity: i64,
    /// When a doctor signed that it was read.
    pub signed_at: Option<UtcTime>,
    /// Since when the patient sees it.
    pub released_at: Option<UtcTime>,
    /// When it was brought.
    pub created_at: UtcTime,
}

impl LabReportBrief {
    /// Whether a result of it is outside of what is expected.
    pub fn is_abnormal(&self) -> bool {
        self.severity > 0
    }

    /// Whether a result of it needs somebody at once.
    pub fn is_critical(&self) -> bool {
        self.severity > 1
    }
}

/// A chart's reports that no doctor has signed, the worst first; none for a patient, whom they do not concern yet.
pub async fn unsigned_of_patient(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<Vec<LabReportBrief>> {
    if tx.grant().role() == Some(Role::Patient) {
        return Ok(Vec::new());
    }
    Ok(store::list_unsigned(tx, patient, limit).await?)
}

/// A chart's reports before this place of the timeline, the latest first; a patient sees those that were released.
pub async fn timeline_for_patient(
    tx: &mut TenantTx,
    patient: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<LabReportBrief>> {
    let is_patient = tx.grant().role() == Some(Role::Patient);
    Ok(store::list_before(tx, patient, before, is_patient, limit).await?)
}
