//! What a visit does with its appointment, inside its transaction. The provider's row is locked first, as for every other change.

use clinichub_core::{AppError, AppointmentId, CptId, PatientId, Result, ServiceId, UserId};
use clinichub_db::TenantTx;
use jiff::SignedDuration;

use super::booking::New;
use super::model::Appointment;
use super::service::{about, insert, require};
use super::status::Status;
use super::when::Span;
use super::{change, events, store};
use crate::billing::{self, Performed};
use crate::{clinics, doctors, patients};

/// An appointment as its visit needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitedAppointment {
    /// Its id.
    pub appointment_id: AppointmentId,
    /// Whose chart.
    pub patient_id: PatientId,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// Whether it was completed, and charged, before there was a visit.
    pub was_completed: bool,
}

/// Somebody who came without an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkIn {
    /// The chart.
    pub patient_id: PatientId,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// What of the fee schedule.
    pub service_id: Option<ServiceId>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// How long the provider is taken; as long as the service, or the clinic's slot.
    pub minutes: Option<i64>,
}

impl From<&Appointment> for VisitedAppointment {
    fn from(appointment: &Appointment) -> Self {
        Self {
            appointment_id: appointment.appointment_id,
            patient_id: appointment.patient_id,
            provider_user_id: appointment.provider_user_id,
            was_completed: appointment.status == Status::Completed,
        }
    }
}

/// Brings the patient to the doctor: an appointment before that moves to `in_room`; one that is with the doctor, or over, stays where it is.
pub async fn begin_visit(tx: &mut TenantTx, id: AppointmentId) -> Result<VisitedAppointment> {
    let appointment = locked(tx, id).await?;
    match appointment.status {
        Status::Scheduled | Status::Confirmed | Status::Waiting => {
            change::step_of_visit(tx, &appointment, Status::InRoom, &[]).await?;
        }
        Status::InRoom | Status::InScan | Status::Review | Status::Completed => {}
        Status::Pending | Status::Cancelled | Status::NoShow | Status::Rejected => {
            return Err(AppError::conflict(format!("The appointment is {} and can't have a visit", appointment.status)));
        }
    }
    Ok(VisitedAppointment::from(&appointment))
}

/// Makes the appointment of somebody who is with the doctor now; the provider must be free.
pub async fn book_walk_in(tx: &mut TenantTx, walk_in: WalkIn, number: i64) -> Result<VisitedAppointment> {
    let patient = patients::require(tx, walk_in.patient_id).await?;
    let usual = match walk_in.service_id {
        Some(service) => billing::require_service(tx, service).await?.duration_minutes,
        None => None,
    };
    let minutes = match walk_in.minutes.or(usual) {
        Some(minutes) => minutes,
        None => clinics::get_in(tx).await?.slot_minutes,
    };
    let provider = doctors::require_provider(tx, walk_in.provider_user_id).await?;
    let now = tx.now();
    let new = New {
        number,
        patient_id: walk_in.patient_id,
        provider_user_id: walk_in.provider_user_id,
        span: Span::new(now, now.plus(SignedDuration::from_mins(minutes)))?,
        status: Status::InRoom,
        status_changed_at: now,
        service_id: walk_in.service_id,
        department: None,
        reason: walk_in.reason,
        notes: None,
        close_reason: None,
    };
    let appointment = insert(tx, new, patient, provider).await?;
    tx.audit(about(&appointment)).await?;
    tx.emit(events::created(&appointment)).await?;
    Ok(VisitedAppointment::from(&appointment))
}

/// Locks the provider of an appointment until the end, so that changes of it and of its visit queue up.
pub async fn lock_for_visit(tx: &mut TenantTx, id: AppointmentId) -> Result<()> {
    store::lock_providers_of(tx, id, None).await?;
    Ok(())
}

/// Completes the appointment of a visit that was just completed, and charges what it names; one that was completed before keeps what it
/// is charged with, which has followed the visit ([`recharge_visited`]).
pub async fn complete_visited(tx: &mut TenantTx, id: AppointmentId, performed: &[Performed]) -> Result<Vec<CptId>> {
    let appointment = locked(tx, id).await?;
    if appointment.status == Status::Completed {
        return billing::cpt_ids_of(tx, id).await;
    }
    change::step_of_visit(tx, &appointment, Status::Completed, performed).await
}

/// Charges an appointment that was completed before its visit with what the visit names; not once there is an invoice.
pub async fn recharge_visited(tx: &mut TenantTx, id: AppointmentId, performed: &[Performed]) -> Result<()> {
    let appointment = locked(tx, id).await?;
    if appointment.invoice_id.is_some() {
        return Err(AppError::conflict("The appointment has an invoice; the procedures of its visit can't be changed"));
    }
    billing::replace_charges(tx, &change::charged(&appointment), performed).await
}

async fn locked(tx: &mut TenantTx, id: AppointmentId) -> Result<Appointment> {
    store::lock_providers_of(tx, id, None).await?;
    require(tx, id).await
}
