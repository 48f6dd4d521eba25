//! What those who watch the schedule are told: ids, states and times, never a name.

use clinichub_core::Permission;
use clinichub_db::Event;
use serde_json::{Value, json};

use super::model::Appointment;
use super::status::Status;

/// Somebody booked.
pub fn created(appointment: &Appointment) -> Event {
    event("appointment.created", appointment, payload(appointment, None))
}

/// It came to another state.
pub fn status_changed(appointment: &Appointment, previous: Status) -> Event {
    event("appointment.status_changed", appointment, payload(appointment, Some(previous)))
}

/// It is at another time, or with somebody else.
pub fn rescheduled(appointment: &Appointment, before: &Appointment) -> Event {
    let mut payload = payload(appointment, Some(before.status));
    payload["previous_start"] = json!(before.scheduled_start);
    payload["previous_provider_user_id"] = json!(before.provider_user_id);
    event("appointment.rescheduled", appointment, payload)
}

/// What is said about it changed, and neither its state nor its time.
pub fn updated(appointment: &Appointment) -> Event {
    event("appointment.updated", appointment, payload(appointment, None))
}

fn payload(appointment: &Appointment, previous: Option<Status>) -> Value {
    json!({
        "status": appointment.status,
        "previous": previous,
        "scheduled_start": appointment.scheduled_start,
        "scheduled_end": appointment.scheduled_end,
        "provider_user_id": appointment.provider_user_id,
        "version": appointment.version,
    })
}

fn event(kind: &'static str, appointment: &Appointment, payload: Value) -> Event {
    Event {
        kind,
        resource: ("appointment", appointment.appointment_id.0),
        needs: Permission::AppointmentRead,
        patient_id: Some(appointment.patient_id),
        payload,
    }
}
