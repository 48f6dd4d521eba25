//! What goes over the wire about appointments.

use clinichub_api::{Versioned, list_body, written_body};
use clinichub_core::{AppointmentId, CptId, Day, InvoiceId, Patch, PatientId, Result, ServiceId, TimeConflict, UserId, UtcTime};
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::booking::Booking;
use super::bulk::{Mode, Outcomes, Refusal};
use super::model::{Appointment, Change, StateChange};
use super::status::Status;
use super::when::When;

/// The patient of an appointment, as a schedule shows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PatientName {
    /// Given name.
    #[schema(example = "John")]
    pub first_name: String,
    /// Family name.
    #[schema(example = "Doe")]
    pub last_name: String,
    /// Number of the chart.
    #[schema(example = "ABC01-P17")]
    pub mrn: String,
}

/// An appointment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppointmentBody {
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// What people call it.
    #[schema(example = "ABC01-A1234")]
    pub reference: String,
    /// The chart.
    pub patient_id: PatientId,
    /// Whose chart it is.
    pub patient: PatientName,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// The same number, as other programs call it.
    pub doctor_id: UserId,
    /// The provider's name.
    #[schema(example = "Gregory House")]
    pub provider_name: String,
    /// When it begins.
    pub scheduled_start: UtcTime,
    /// When it ends.
    pub scheduled_end: UtcTime,
    /// Where it stands.
    pub status: Status,
    /// Since when.
    pub status_changed_at: UtcTime,
    /// Department or room.
    #[schema(example = "Radiology")]
    pub department: Option<String>,
    /// What of the fee schedule is booked.
    pub service_id: Option<ServiceId>,
    /// Why the patient comes.
    #[schema(example = "General checkup")]
    pub reason: Option<String>,
    /// The staff's notes; `null` for a patient.
    #[schema(example = "First visit")]
    pub notes: Option<String>,
    /// Why it was cancelled or rejected, or why the patient did not come.
    pub close_reason: Option<String>,
    /// What was performed and is billed, once it is completed.
    pub cpt_id: Option<CptId>,
    /// Its invoice, once there is one; `null` for those who may not see invoices.
    pub invoice_id: Option<InvoiceId>,
    /// The states it went through, where one appointment is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<StateChange>>,
    /// When it was booked.
    pub created_at: UtcTime,
    /// When it was last changed.
    pub updated_at: UtcTime,
    /// Counts the changes; the `ETag`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<Appointment> for AppointmentBody {
    fn from(row: Appointment) -> Self {
        Self {
            provider_name: row.provider_name(),
            appointment_id: row.appointment_id,
            reference: row.reference,
            patient_id: row.patient_id,
            patient: PatientName { first_name: row.patient_first_name, last_name: row.patient_last_name, mrn: row.patient_mrn },
            provider_user_id: row.provider_user_id,
            doctor_id: row.provider_user_id,
            scheduled_start: row.scheduled_start,
            scheduled_end: row.scheduled_end,
            status: row.status,
            status_changed_at: row.status_changed_at,
            department: row.department,
            service_id: row.service_id,
            reason: row.reason,
            notes: row.notes,
            close_reason: row.close_reason,
            cpt_id: row.cpt_id,
            invoice_id: row.invoice_id,
            history: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// A booking. The time is given as `scheduled_start` with `scheduled_end` (or `duration_minutes`), or as `date` and `time` in the clinic's
/// time zone, which then lasts `duration_minutes`, or as long as the service or the clinic usually takes.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "patient_id": 1, "provider_user_id": 2, "scheduled_start": "2026-04-15T10:00:00", "scheduled_end": "2026-04-15T10:30:00",
    "status": "scheduled", "reason": "General checkup", "notes": "First visit"
}))]
pub struct CreateAppointment {
    /// The chart.
    pub patient_id: PatientId,
    /// Who sees the patient; `doctor_id` and `doctor` are accepted for it.
    #[serde(alias = "doctor_id", alias = "doctor")]
    pub provider_user_id: UserId,
    /// When it begins.
    #[schema(nullable = false)]
    pub scheduled_start: Option<UtcTime>,
    /// When it ends: after the start, at most 24 hours later.
    #[schema(nullable = false)]
    pub scheduled_end: Option<UtcTime>,
    /// The day in the clinic.
    #[schema(nullable = false)]
    pub date: Option<Day>,
    /// The time of day in the clinic, `HH:MM`.
    #[serde(default, deserialize_with = "time_of_day")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", example = "10:00")]
    pub time: Option<civil::Time>,
    /// How long it lasts.
    #[schema(nullable = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    /// `scheduled` unless said otherwise, `confirmed` or `pending`; what a patient books is `pending`.
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// What of the fee schedule; billed on completion.
    pub service_id: Option<ServiceId>,
    /// Department or room.
    #[schema(max_length = 100)]
    pub department: Option<String>,
    /// Why the patient comes.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// The staff's notes.
    #[schema(max_length = 5000)]
    pub notes: Option<String>,
}

impl From<CreateAppointment> for Booking {
    fn from(body: CreateAppointment) -> Self {
        Self {
            patient_id: body.patient_id,
            provider_user_id: body.provider_user_id,
            when: When {
                start: body.scheduled_start,
                end: body.scheduled_end,
                date: body.date.map(|day| day.0),
                time: body.time,
                minutes: body.duration_minutes,
            },
            status: body.status,
            service_id: body.service_id,
            department: tidy(body.department),
            reason: tidy(body.reason),
            notes: tidy(body.notes),
        }
    }
}

/// What changes: an absent field stays, `null` clears it. A start alone moves the appointment and keeps its length.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "status": "completed" }))]
pub struct UpdateAppointment {
    /// Who shall see the patient; `doctor_id` and `doctor` are accepted for it.
    #[serde(alias = "doctor_id", alias = "doctor")]
    #[schema(nullable = false)]
    pub provider_user_id: Option<UserId>,
    /// When it shall begin.
    #[schema(nullable = false)]
    pub scheduled_start: Option<UtcTime>,
    /// When it shall end.
    #[schema(nullable = false)]
    pub scheduled_end: Option<UtcTime>,
    /// The day in the clinic; the time of day stays.
    #[schema(nullable = false)]
    pub date: Option<Day>,
    /// The time of day in the clinic, `HH:MM`; the day stays.
    #[serde(deserialize_with = "time_of_day")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", example = "10:00")]
    pub time: Option<civil::Time>,
    /// How long it shall last.
    #[schema(nullable = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    /// Where it shall stand; each state needs its own permission.
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// Why the state changes; kept as `close_reason` where the appointment does not take place.
    #[serde(alias = "close_reason")]
    #[schema(nullable = false, max_length = 500)]
    pub status_reason: Option<String>,
    /// What of the fee schedule.
    #[schema(value_type = Option<ServiceId>)]
    pub service_id: Patch<ServiceId>,
    /// Department or room.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub department: Patch<String>,
    /// Why the patient comes.
    #[schema(value_type = Option<String>, max_length = 500)]
    pub reason: Patch<String>,
    /// The staff's notes.
    #[schema(value_type = Option<String>, max_length = 5000)]
    pub notes: Patch<String>,
}

impl From<UpdateAppointment> for Change {
    fn from(body: UpdateAppointment) -> Self {
        let text = |patch: Patch<String>| match patch {
            Patch::Set(text) => tidy(Some(text)).map_or(Patch::Clear, Patch::Set),
            other => other,
        };
        Self {
            provider_user_id: body.provider_user_id,
            when: When {
                start: body.scheduled_start,
                end: body.scheduled_end,
                date: body.date.map(|day| day.0),
                time: body.time,
                minutes: body.duration_minutes,
            },
            status: body.status,
            because: tidy(body.status_reason),
            service_id: body.service_id,
            department: text(body.department),
            reason: text(body.reason),
            notes: text(body.notes),
        }
    }
}

/// Where an appointment shall stand.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "status": "waiting" }))]
pub struct SetStatus {
    /// The state; seed spellings (`In-Room`) are accepted.
    pub status: Status,
    /// Why.
    #[schema(nullable = false, max_length = 500, example = "Patient is ill")]
    pub reason: Option<String>,
}

/// Why a request is turned down.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "reason": "Please see your family doctor first" }))]
pub struct Reject {
    /// Why.
    #[schema(nullable = false, max_length = 500)]
    pub reason: Option<String>,
}

/// Many bookings.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "mode": "all", "appointments": [
    { "patient_id": 1, "provider_user_id": 2, "scheduled_start": "2026-04-15T10:00:00Z", "scheduled_end": "2026-04-15T10:30:00Z" },
    { "patient_id": 2, "doctor": 2, "date": "2026-04-15", "time": "11:00", "department": "Radiology" }
] }))]
pub struct Schedule {
    /// The bookings, tried in this order.
    #[schema(min_items = 1, max_items = 500)]
    pub appointments: Vec<CreateAppointment>,
    /// What becomes of the others when one can't be booked.
    #[serde(default)]
    pub mode: Mode,
}

/// What became of one booking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScheduleResult {
    /// Its place in the request, from 0.
    pub index: usize,
    /// `created` or `refused`.
    #[schema(example = "created")]
    pub status: &'static str,
    /// The appointment, when it was booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentBody>,
    /// Why not, when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Provider already has an appointment at this time")]
    pub error: Option<String>,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "scheduled_start")]
    pub field: Option<String>,
    /// What the time is taken by, when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<TimeConflict>,
}

/// What became of many bookings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scheduled {
    /// What was done.
    pub message: &'static str,
    /// How many were booked.
    #[schema(minimum = 0)]
    pub created: usize,
    /// How many were refused.
    #[schema(minimum = 0)]
    pub refused: usize,
    /// Each one's result, in the order of the request.
    pub results: Vec<ScheduleResult>,
}

impl Versioned for Scheduled {}

impl From<Outcomes> for Scheduled {
    fn from(outcomes: Outcomes) -> Self {
        let created = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let refused = outcomes.len() - created;
        let message = if refused == 0 { "Appointments scheduled successfully" } else { "Some appointments could not be scheduled" };
        let results = outcomes.into_iter().enumerate().map(|(index, outcome)| match outcome {
            Ok(row) => ScheduleResult { index, status: "created", appointment: Some(row.into()), error: None, field: None, conflict: None },
            Err(Refusal { field, message, conflict }) => {
                let conflict = conflict.map(|conflict| conflict.with);
                ScheduleResult { index, status: "refused", appointment: None, error: Some(message), field: Some(field), conflict }
            }
        });
        Self { message, created, refused, results: results.collect() }
    }
}

impl Versioned for AppointmentBody {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

list_body!(
    /// A page of appointments.
    Appointments, appointments: AppointmentBody
);

written_body!(
    /// An appointment was booked or changed.
    AppointmentWritten, appointment: AppointmentBody
);

/// An appointment was cancelled.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentCancelled {
    /// What was done.
    #[schema(example = "Appointment cancelled successfully")]
    pub message: &'static str,
    /// Which one.
    pub appointment_id: AppointmentId,
}

impl Versioned for AppointmentCancelled {}

/// A feed was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarToken {
    /// What was done.
    #[schema(example = "Calendar token created successfully")]
    pub message: &'static str,
    /// What opens it; shown once.
    #[schema(example = "0QpX3yY0u6m2f3w9b1Z5cR8tKxJ4aQeLhVnB7sDgUoE")]
    pub token: String,
    /// What to give to a calendar program.
    #[schema(example = "https://clinic.example/api/doctors/2/calendar.ics?token=0QpX3yY0u6m2f3w9b1Z5cR8tKxJ4aQeLhVnB7sDgUoE")]
    pub url: String,
}

impl Versioned for CalendarToken {}

/// Text without blanks around it; blank text is none.
pub fn tidy(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `HH:MM` or `HH:MM:SS`.
fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<civil::Time>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let shape = text.bytes().enumerate().all(|(index, byte)| if index % 3 == 2 { byte == b':' } else { byte.is_ascii_digit() });
    let time = text.parse().ok().filter(|_| shape && matches!(text.len(), 5 | 8) && !text.ends_with(":60"));
    time.map(Some).ok_or_else(|| serde::de::Error::custom("is not a time of day; write it as 14:30"))
}
