//! What those who watch a chart are told of its documents: which one and in which version, never what is in it.

use clinichub_core::Permission;
use clinichub_db::Event;
use serde_json::json;

use super::model::Document;

/// A document came, was changed, or went out of sight. Patients hear of those that they may see.
pub fn changed(kind: &'static str, document: &Document) -> Event {
    Event {
        kind,
        resource: ("document", document.document_id.0),
        needs: Permission::ChartRead,
        patient_id: document.released_at.map(|_| document.patient_id),
        payload: json!({ "patient_id": document.patient_id, "version": document.version }),
    }
}
