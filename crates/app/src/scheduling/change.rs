//! How an appointment is changed inside a transaction: moved, brought to another state, described anew.

use clinichub_api::check_version;
use clinichub_core::{AppError, AppointmentId, CptId, Result, Role, UserId};
use clinichub_db::{OnConflict, TenantTx};
use jiff::tz::TimeZone;

use super::model::{self, Appointment, Change};
use super::service::{about, require, require_offered};
use super::status::Status;
use super::when::Span;
use super::{conflicts, events, store};
use crate::billing::{self, CompletedAppointment, Performed};
use crate::{clinics, doctors, visits};

/// The appointment, with its provider (and the one it shall be moved to) locked until the end, in the version that the caller knows.
pub async fn open(tx: &mut TenantTx, id: AppointmentId, other: Option<UserId>) -> Result<Appointment> {
    store::lock_providers_of(tx, id, other).await?;
    let before = require(tx, id).await?;
    check_version(tx.grant(), before.version)?;
    Ok(before)
}

/// Makes the change, if every part of it is allowed. What changes nothing is not stored.
pub async fn make(tx: &mut TenantTx, before: Appointment, change: Change) -> Result<Appointment> {
    require_patients_own(tx, &before)?;
    let (status, because) = (change.status, change.because.clone());
    let mut after = plan(tx, &before, change).await?;
    // Who sends a whole appointment back with a changed note sets no state.
    if let Some(next) = status.filter(|next| *next != before.status) {
        next.require_right(tx.grant(), after.provider_user_id)?;
        if !before.status.may_become(next) {
            return Err(before.status.refused(next));
        }
        if next.is_final() {
            visits::require_none_open(tx, before.appointment_id).await?;
        }
        after.enter(next, because.as_deref(), tx.now());
    }
    if before.says_the_same(&after) {
        return Ok(before.seen_by(tx.grant()));
    }
    save(tx, &before, &mut after, because.as_deref(), &[]).await?;
    Ok(after.seen_by(tx.grant()))
}

/// A patient changes what lies ahead, until they are in the house.
fn require_patients_own(tx: &TenantTx, before: &Appointment) -> Result<()> {
    let by_patient = tx.grant().role() == Some(Role::Patient);
    if by_patient && !(model::is_patients_to_change(before.status) && before.scheduled_start > tx.now()) {
        return Err(AppError::conflict(format!("The appointment is {} and can only be changed by the clinic", before.status)));
    }
    Ok(())
}

/// The appointment as the change wants it, but for the state that it asks for.
async fn plan(tx: &mut TenantTx, before: &Appointment, change: Change) -> Result<Appointment> {
    let zone = if change.when.is_local() { clinics::zone_in(tx).await? } else { TimeZone::UTC };
    let span = change.when.resolve_move(before.span(), &zone)?;
    let mut after = change.apply(before, span, tx.now());
    if before.is_elsewhere(&after) {
        require_move(tx, before, &mut after, span).await?;
    }
    if after.service_id != before.service_id {
        require_service(tx, before, &after).await?;
    }
    Ok(after)
}

/// Refuses to move what is over, to somebody who can't be booked, or a patient's to where nothing is offered. What a patient moves
/// is a request again.
async fn require_move(tx: &mut TenantTx, before: &Appointment, after: &mut Appointment, span: Span) -> Result<()> {
    if before.status.is_final() {
        return Err(AppError::conflict(model::FINAL));
    }
    // Who treats and who is billed for it are the same.
    visits::require_none_open(tx, before.appointment_id).await?;
    let provider = doctors::require_provider(tx, after.provider_user_id).await?;
    after.provider_first_name = provider.first_name;
    after.provider_last_name = provider.last_name;
    require_offered(tx, after.provider_user_id, span).await?;
    if tx.grant().role() == Some(Role::Patient) && before.status != Status::Pending {
        after.enter(Status::Pending, None, tx.now());
    }
    Ok(())
}

async fn require_service(tx: &mut TenantTx, before: &Appointment, after: &Appointment) -> Result<()> {
    if before.status.is_final() {
        return Err(AppError::conflict(format!("The appointment is {} and its service can't be changed", before.status)));
    }
    if let Some(service) = after.service_id {
        billing::require_service(tx, service).await?;
    }
    Ok(())
}

/// Brings the appointment into this state because of its visit; whoever may write the visit may do this. Gives what is billed.
pub async fn step_of_visit(tx: &mut TenantTx, before: &Appointment, next: Status, performed: &[Performed]) -> Result<Vec<CptId>> {
    if !before.status.may_become(next) {
        return Err(before.status.refused(next));
    }
    let mut after = Appointment { updated_at: tx.now(), version: before.version + 1, ..before.clone() };
    after.enter(next, None, tx.now());
    save(tx, before, &mut after, None, performed).await
}

/// Stores the change and what follows from it: the rest of a walk-in's time, history, the record of what was performed, audit, events.
async fn save(
    tx: &mut TenantTx,
    before: &Appointment,
    after: &mut Appointment,
    because: Option<&str>,
    performed: &[Performed],
) -> Result<Vec<CptId>> {
    // Somebody moved it; that it ends when it is over is no news to whoever watches.
    let is_moved = before.is_elsewhere(after);
    if after.status == Status::Completed && before.status != Status::Completed {
        after.give_back_rest();
    }
    let taken = || conflicts::taken(after.provider_user_id, after.span(), Some(after.appointment_id));
    if !store::update(tx, after).await.on_overlap(taken)? {
        return Err(AppError::Stale);
    }
    let mut cpt_ids = Vec::new();
    if after.status != before.status {
        store::insert_state(tx, after.appointment_id, after.status, because)?;
        if after.status == Status::Completed {
            cpt_ids = billing::record_completion(tx, &charged(after), performed).await?;
            after.cpt_id = cpt_ids.first().copied();
        }
        tx.emit(events::status_changed(after, before.status)).await?;
    }
    if is_moved {
        tx.emit(events::rescheduled(after, before)).await?;
    } else if after.status == before.status {
        tx.emit(events::updated(after)).await?;
    }
    tx.audit(about(after)).await?;
    Ok(cpt_ids)
}

/// A completed appointment as it is billed. It was performed when it was booked for; what was closed early, when it was closed.
pub fn charged(appointment: &Appointment) -> CompletedAppointment {
    CompletedAppointment {
        appointment_id: appointment.appointment_id,
        patient_id: appointment.patient_id,
        provider_user_id: appointment.provider_user_id,
        service_id: appointment.service_id,
        performed_at: appointment.scheduled_start.min(appointment.status_changed_at),
    }
}
