//! What other slices need of visits, inside their transaction.

use clinichub_core::{AppError, AppointmentId, PatientId, Result, Role, UserId, UtcTime, VisitId};
use clinichub_db::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{VisitStatus, VisitSummary};
use super::query::PatientVisitQuery;
use super::service::with_diagnoses;
use super::store;
use crate::cursor::Cursor;

/// What others may know of a visit: nothing that is in the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitBrief {
    /// The visit.
    pub visit_id: VisitId,
    /// What people call it.
    #[schema(example = "ABC01-V5678")]
    pub reference: String,
    /// Whose chart.
    pub patient_id: PatientId,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// Where it stands.
    pub status: VisitStatus,
}

/// The visit, if it is in this clinic and the grant reaches it: a patient the completed ones of the own charts.
pub async fn get_brief(tx: &mut TenantTx, id: VisitId) -> Result<VisitBrief> {
    let is_patient = tx.grant().role() == Some(Role::Patient);
    let found = store::find_brief(tx, id).await?.filter(|visit| tx.grant().reaches(visit.patient_id));
    found.filter(|visit| !is_patient || visit.status == VisitStatus::Completed).ok_or(AppError::NotFound("Visit"))
}

/// That the visit is one of this chart.
pub async fn require_of_patient(tx: &mut TenantTx, id: VisitId, patient: PatientId) -> Result<VisitBrief> {
    let visit = get_brief(tx, id).await?;
    if visit.patient_id == patient { Ok(visit) } else { Err(AppError::NotFound("Visit")) }
}

/// That the visit is not completed: what belongs to a completed one stays as it is.
pub async fn require_unfinished(tx: &mut TenantTx, id: VisitId) -> Result<()> {
    match get_brief(tx, id).await?.status {
        VisitStatus::InProgress => Ok(()),
        VisitStatus::Completed => Err(AppError::conflict("A completed visit can't be edited; write an addendum")),
    }
}

/// Locks the chart of a visit, as `patients::lock_in` does.
pub async fn lock_chart_in(tx: &mut TenantTx, id: VisitId) -> Result<()> {
    Ok(store::lock_chart(tx, id).await?)
}

/// That no visit of this appointment is going on: it is completed through its visit, and not called off under the doctor's hands.
pub async fn require_none_open(tx: &mut TenantTx, appointment: AppointmentId) -> Result<()> {
    closed(store::find_open_of_appointment(tx, appointment).await?)
}

/// That no visit of this chart is going on.
pub async fn require_none_open_of_patient(tx: &mut TenantTx, patient: PatientId) -> Result<()> {
    closed(store::find_open_of_patient(tx, patient).await?)
}

fn closed(open: Option<String>) -> Result<()> {
    match open {
        None => Ok(()),
        Some(reference) => Err(AppError::conflict(format!("The visit {reference} is still open; complete it first"))),
    }
}

/// How many visits that began before this instant are not completed.
pub async fn count_open_before(tx: &mut TenantTx, instant: UtcTime) -> Result<i64> {
    Ok(store::count_open_before(tx, instant).await?)
}

/// A chart's last visits, the latest first, and the one of them that is going on; a patient sees the completed ones.
pub async fn latest_of_patient(tx: &mut TenantTx, patient: PatientId, limit: i64) -> Result<(Vec<VisitSummary>, Option<VisitSummary>)> {
    let charts = tx.grant().own_charts();
    let (all, start) = (PatientVisitQuery::default(), Cursor::START.bound(0));
    let rows = store::list_of_patient(tx, patient, &all, start, charts.as_deref(), limit).await?;
    let visits = with_diagnoses(tx, rows).await?;
    let open = visits.iter().find(|visit| visit.status == VisitStatus::InProgress).cloned();
    Ok((visits, open))
}

/// A chart's visits before this place of the timeline, the latest first.
pub async fn timeline_for_patient(tx: &mut TenantTx, patient: PatientId, before: (UtcTime, i64), limit: i64) -> Result<Vec<VisitSummary>> {
    let charts = tx.grant().own_charts();
    let rows = store::list_of_patient(tx, patient, &PatientVisitQuery::default(), before, charts.as_deref(), limit).await?;
    with_diagnoses(tx, rows).await
}
