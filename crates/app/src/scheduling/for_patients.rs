//! What the chart shows of its appointments, inside the transaction of whoever asks.

use clinichub_core::{AppointmentId, PatientId, Permission, Result, TrailEntry, UtcTime};
use clinichub_db::{Event, TenantTx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::Appointment;
use super::status::Status;
use super::store;

/// An appointment as its chart shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PatientAppointment {
    /// Its id.
    pub appointment_id: AppointmentId,
    /// What people call it.
    #[schema(example = "ABC01-A1234")]
    pub reference: String,
    /// When it begins.
    pub scheduled_start: UtcTime,
    /// When it ends.
    pub scheduled_end: UtcTime,
    /// Where it stands.
    pub status: Status,
    /// With whom.
    #[schema(example = "Gregory House")]
    pub provider_name: String,
    /// Why the patient comes.
    #[schema(example = "General checkup")]
    pub reason: Option<String>,
}

impl From<Appointment> for PatientAppointment {
    fn from(appointment: Appointment) -> Self {
        Self {
            provider_name: appointment.provider_name(),
            appointment_id: appointment.appointment_id,
            reference: appointment.reference,
            scheduled_start: appointment.scheduled_start,
            scheduled_end: appointment.scheduled_end,
            status: appointment.status,
            reason: appointment.reason,
        }
    }
}

/// A chart's appointments at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PatientAppointments {
    /// The next one, or the one that is going on.
    pub upcoming: Option<PatientAppointment>,
    /// The last one that took place.
    pub last: Option<PatientAppointment>,
    /// How many there are, whatever became of them.
    #[schema(minimum = 0)]
    pub total: i64,
    /// To how many the patient did not come.
    #[schema(minimum = 0)]
    pub no_shows: i64,
}

/// The chart's appointments at a glance.
pub async fn brief_for_patient(tx: &mut TenantTx, patient_id: PatientId) -> Result<PatientAppointments> {
    let upcoming = store::find_next(tx, patient_id).await?.map(Into::into);
    let last = store::find_last(tx, patient_id).await?.map(Into::into);
    let (total, no_shows) = store::count_of_patient(tx, patient_id).await?;
    Ok(PatientAppointments { upcoming, last, total, no_shows })
}

/// The chart's appointments before this place, the latest first, at most `limit`.
pub async fn timeline_for_patient(
    tx: &mut TenantTx,
    patient_id: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<PatientAppointment>> {
    Ok(store::list_of_patient(tx, patient_id, before, limit).await?.into_iter().map(Into::into).collect())
}

/// The chart's appointments that are not closed, the first one first, at most `limit`.
pub async fn open_for_patient(tx: &mut TenantTx, patient_id: PatientId, limit: i64) -> Result<Vec<PatientAppointment>> {
    Ok(store::list_open_of_patient(tx, patient_id, limit).await?.into_iter().map(Into::into).collect())
}

/// Whether the chart has an appointment that is not closed.
pub async fn has_open(tx: &mut TenantTx, patient_id: PatientId) -> Result<bool> {
    Ok(store::has_open(tx, patient_id).await?)
}

/// Cancels what is open of a chart and gives the time back; says how many there were. The caller writes the audit row of its own work,
/// this the ones of the appointments.
pub async fn cancel_all_of_patient(tx: &mut TenantTx, patient_id: PatientId, because: &str) -> Result<usize> {
    let cancelled = store::cancel_open(tx, patient_id, because).await?;
    let now = tx.now();
    let states: Vec<_> = cancelled.iter().map(|row| (row.appointment_id, Status::Cancelled, now)).collect();
    store::insert_states(tx, &states, Some(because)).await?;
    for row in &cancelled {
        let resource = ("appointment", row.appointment_id.0);
        let details = Some(json!({ "status": Status::Cancelled }).to_string());
        tx.audit(TrailEntry { patient_id: Some(patient_id), resource: Some(resource), details }).await?;
        let payload = json!({
            "status": Status::Cancelled,
            "previous": null,
            "scheduled_start": row.scheduled_start,
            "scheduled_end": row.scheduled_end,
            "provider_user_id": row.provider_user_id,
            "version": row.version,
        });
        let needs = Permission::AppointmentRead;
        tx.emit(Event { kind: "appointment.status_changed", resource, needs, patient_id: Some(patient_id), payload }).await?;
    }
    Ok(cancelled.len())
}
