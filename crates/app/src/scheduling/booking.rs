//! A booking on its way to an appointment, and the rules about it that need no database.

use clinichub_api::rules;
use clinichub_core::{AppError, AppointmentId, Grant, PatientId, Role, ServiceId, UserId, UtcTime};

use super::model::{Appointment, MOST_DEPARTMENT, MOST_NOTES, MOST_REASON, staff_only};
use super::status::Status;
use super::when::{Span, When};
use crate::doctors::Provider;
use crate::patients::PatientBrief;

/// What somebody wants to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// For whom.
    pub patient_id: PatientId,
    /// With whom.
    pub provider_user_id: UserId,
    /// When.
    pub when: When,
    /// In which state it begins.
    pub status: Option<Status>,
    /// What of the fee schedule.
    pub service_id: Option<ServiceId>,
    /// Department or room.
    pub department: Option<String>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The staff's notes.
    pub notes: Option<String>,
}

impl Booking {
    /// The state it begins in: `scheduled` unless said otherwise; what a patient books is a request.
    pub fn first_status(&self, grant: &Grant) -> Result<Status, AppError> {
        let by_patient = grant.role() == Some(Role::Patient);
        match self.status {
            None | Some(Status::Scheduled) if by_patient => Ok(Status::Pending),
            None => Ok(Status::Scheduled),
            Some(Status::Pending) => Ok(Status::Pending),
            Some(status @ (Status::Scheduled | Status::Confirmed)) if !by_patient => Ok(status),
            Some(_) if by_patient => Err(AppError::field("status", "A request begins as pending")),
            Some(_) => Err(AppError::field("status", "An appointment begins as scheduled, confirmed or pending")),
        }
    }

    /// The booking as it is stored.
    pub fn at(self, span: Span, number: i64, status: Status, now: UtcTime) -> New {
        New {
            number,
            patient_id: self.patient_id,
            provider_user_id: self.provider_user_id,
            span,
            status,
            status_changed_at: now,
            service_id: self.service_id,
            department: self.department,
            reason: self.reason,
            notes: self.notes,
            close_reason: None,
        }
    }

    /// Refuses what is wrong whatever is stored.
    pub fn check(&self, grant: &Grant) -> Result<(), AppError> {
        self.first_status(grant)?;
        self.when.check_new()?;
        if grant.role() == Some(Role::Patient) && self.notes.is_some() {
            return Err(staff_only("notes"));
        }
        let mut refused = Vec::new();
        rules::text(&mut refused, "department", self.department.as_deref(), MOST_DEPARTMENT);
        rules::text(&mut refused, "reason", self.reason.as_deref(), MOST_REASON);
        rules::text(&mut refused, "notes", self.notes.as_deref(), MOST_NOTES);
        rules::verdict(refused)
    }
}

/// A booking as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The number in its reference.
    pub number: i64,
    /// The chart.
    pub patient_id: PatientId,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// When.
    pub span: Span,
    /// Where it stands.
    pub status: Status,
    /// Since when.
    pub status_changed_at: UtcTime,
    /// What of the fee schedule.
    pub service_id: Option<ServiceId>,
    /// Department or room.
    pub department: Option<String>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The staff's notes.
    pub notes: Option<String>,
    /// Why it was cancelled or rejected.
    pub close_reason: Option<String>,
}

impl New {
    /// The appointment that it has become under this id and reference.
    pub fn stored(
        self,
        appointment_id: AppointmentId,
        reference: String,
        patient: PatientBrief,
        provider: Provider,
        now: UtcTime,
    ) -> Appointment {
        Appointment {
            appointment_id,
            reference,
            patient_id: self.patient_id,
            patient_first_name: patient.first_name,
            patient_last_name: patient.last_name,
            patient_mrn: patient.mrn,
            provider_user_id: self.provider_user_id,
            provider_first_name: provider.first_name,
            provider_last_name: provider.last_name,
            service_id: self.service_id,
            scheduled_start: self.span.start,
            scheduled_end: self.span.end,
            status: self.status,
            status_changed_at: self.status_changed_at,
            department: self.department,
            reason: self.reason,
            notes: self.notes,
            close_reason: self.close_reason,
            cpt_id: None,
            invoice_id: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// What people call it, in the clinic with this code.
    pub fn reference(&self, code: &str) -> String {
        format!("{code}-A{}", self.number)
    }
}
