//! What those who watch the charts are told: which one and in which version, never what is in it.

use clinichub_core::{ClinicId, PatientId, Permission};
use clinichub_db::Event;
use serde_json::json;

/// A chart was made.
pub fn created(patient_id: PatientId) -> Event {
    event("patient.created", patient_id, 1)
}

/// A chart was changed.
pub fn updated(patient_id: PatientId, version: i64) -> Event {
    event("patient.updated", patient_id, version)
}

/// A chart is out of sight.
pub fn deleted(patient_id: PatientId, version: i64) -> Event {
    event("patient.deleted", patient_id, version)
}

/// Charts were brought in from a file.
pub fn imported(clinic_id: ClinicId, charts: usize) -> Event {
    let resource = ("clinic", clinic_id.0);
    Event { kind: "patient.imported", resource, needs: Permission::PatientRead, patient_id: None, payload: json!({ "charts": charts }) }
}

fn event(kind: &'static str, patient_id: PatientId, version: i64) -> Event {
    Event {
        kind,
        resource: ("patient", patient_id.0),
        needs: Permission::PatientRead,
        patient_id: Some(patient_id),
        payload: json!({ "version": version }),
    }
}
