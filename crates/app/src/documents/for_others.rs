//! What other slices need of documents, inside their transaction.

use clinichub_core::{DocumentId, PatientId, Result, UtcTime};
use clinichub_db::TenantTx;

use super::model::Category;
use super::{service, store};

/// A document in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentBrief {
    /// The document.
    pub document_id: DocumentId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub category: Category,
    /// Since when the patient sees it.
    pub released_at: Option<UtcTime>,
    /// When it was brought.
    pub created_at: UtcTime,
}

/// A chart's documents before this place of the timeline, the latest first; a patient sees what was released and the own ones.
pub async fn timeline_for_patient(tx: &mut TenantTx, patient: PatientId, before: (UtcTime, i64), limit: i64) -> Result<Vec<DocumentBrief>> {
    let shown_to = service::shown_to(tx.grant());
    Ok(store::list_before(tx, patient, before, shown_to, limit).await?)
}
