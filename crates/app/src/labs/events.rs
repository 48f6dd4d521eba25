//! What those who watch a chart are told of reports and results: which, never what is in them.

use clinichub_core::{PatientId, Permission};
use clinichub_db::Event;
use serde_json::json;

use super::model::{LabReport, LabResult};

/// A report came, was changed, signed, released, or went out of sight. Patients hear of those that they may see.
pub fn report(kind: &'static str, report: &LabReport) -> Event {
    Event {
        kind,
        resource: ("lab_report", report.lab_report_id.0),
        needs: Permission::ChartRead,
        patient_id: report.released_at.map(|_| report.patient_id),
        payload: json!({ "patient_id": report.patient_id, "visit_id": report.visit_id, "version": report.version }),
    }
}

/// Results without a report came into a chart.
pub fn results(patient_id: PatientId, count: usize, are_released: bool) -> Event {
    Event {
        kind: "lab_results.created",
        resource: ("patient", patient_id.0),
        needs: Permission::ChartRead,
        patient_id: are_released.then_some(patient_id),
        payload: json!({ "patient_id": patient_id, "results": count }),
    }
}

/// A result without a report went out of sight.
pub fn result_deleted(result: &LabResult) -> Event {
    Event {
        kind: "lab_results.deleted",
        resource: ("lab_result", result.lab_result_id.0),
        needs: Permission::ChartRead,
        patient_id: result.released_at.map(|_| result.patient_id),
        payload: json!({ "patient_id": result.patient_id }),
    }
}
