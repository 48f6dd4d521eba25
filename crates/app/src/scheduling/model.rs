//! What an appointment is, and the rules about it that need no database.

use std::collections::BTreeMap;

use clinichub_api::rules;
use clinichub_core::{
    AppError, AppointmentId, CptId, DayOrInstant, Grant, InvoiceId, Patch, PatientId, Permission, Role, ServiceId, UserId, UtcTime,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::status::Status;
use super::when::{Span, When};

/// Characters of a department.
pub(super) const MOST_DEPARTMENT: usize = 100;
/// Characters of a reason.
pub(super) const MOST_REASON: usize = 500;
/// Characters of notes.
pub(super) const MOST_NOTES: usize = 5000;
/// What a walk-in takes at least, however soon it is over: an appointment ends after it began.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// What an overlap is answered with (409).
pub const OVERLAP: &str = "Provider already has an appointment at this time";

/// What moving a final appointment is answered with (409), as seed 000 says it.
pub const FINAL: &str = "Completed or cancelled appointments cannot be rescheduled";

/// A booked time, with the names that a schedule shows.
#[expect(clippy::struct_field_names, reason = "ids carry the name of what they are of")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id.
    pub appointment_id: AppointmentId,
    /// What people call it: `ABC01-A1234`.
    pub reference: String,
    /// The chart.
    pub patient_id: PatientId,
    /// The patient's first name.
    pub patient_first_name: String,
    /// The patient's last name.
    pub patient_last_name: String,
    /// The chart's number.
    pub patient_mrn: String,
    /// Who sees the patient.
    pub provider_user_id: UserId,
    /// The provider's first name.
    pub provider_first_name: String,
    /// The provider's last name.
    pub provider_last_name: String,
    /// What of the fee schedule is booked.
    pub service_id: Option<ServiceId>,
    /// The first instant.
    pub scheduled_start: UtcTime,
    /// The instant of the end.
    pub scheduled_end: UtcTime,
    /// Where it stands.
    pub status: Status,
    /// Since when.
    pub status_changed_at: UtcTime,
    /// Department or room.
    pub department: Option<String>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The staff's notes; a patient never sees them.
    pub notes: Option<String>,
    /// Why it was cancelled or rejected.
    pub close_reason: Option<String>,
    /// What was performed and is billed, once it is completed.
    pub cpt_id: Option<CptId>,
    /// Its invoice, once there is one.
    pub invoice_id: Option<InvoiceId>,
    /// When it was booked.
    pub created_at: UtcTime,
    /// When it was last changed.
    pub updated_at: UtcTime,
    /// Counts the changes.
    pub version: i64,
}

impl Appointment {
    /// When it takes place.
    pub fn span(&self) -> Span {
        Span { start: self.scheduled_start, end: self.scheduled_end }
    }

    /// Whom the patient sees.
    pub fn provider_name(&self) -> String {
        format!("{} {}", self.provider_first_name, self.provider_last_name)
    }

    /// Whether the other one is at another time or with somebody else.
    pub fn is_elsewhere(&self, other: &Self) -> bool {
        self.provider_user_id != other.provider_user_id || self.span() != other.span()
    }

    /// Whether the other one says the same, however often it was stored.
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { version: self.version, updated_at: self.updated_at, ..other.clone() }
    }

    /// Brings it into this state, and notes why where it does not take place.
    pub fn enter(&mut self, status: Status, because: Option<&str>, now: UtcTime) {
        self.status = status;
        self.status_changed_at = now;
        if !status.is_busy() {
            self.close_reason = because.map(str::to_owned);
        }
    }

    /// Ends a walk-in, which was booked in the moment it began, when it was completed: nobody planned with the rest of its time, and the
    /// next who comes may have it. What was booked ahead keeps its time.
    pub fn give_back_rest(&mut self) {
        if self.created_at == self.scheduled_start {
            let end = self.status_changed_at.max(self.scheduled_start.plus(SHORTEST));
            self.scheduled_end = self.scheduled_end.min(end);
        }
    }

    /// As `grant` may see it.
    #[must_use]
    pub fn seen_by(mut self, grant: &Grant) -> Self {
        if grant.role() == Some(Role::Patient) {
            self.notes = None;
        }
        if !grant.may(Permission::InvoiceRead) {
            self.invoice_id = None;
        }
        self
    }
}

/// One state that an appointment went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateChange {
    /// The state.
    pub status: Status,
    /// Since when.
    pub at: UtcTime,
    /// Who brought it there; none: the program.
    pub user_id: Option<UserId>,
    /// Why, if it was said.
    #[schema(example = "Patient is ill")]
    pub reason: Option<String>,
}

/// Which appointments a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of these charts and no others: those of the patient who asks.
    pub only: Option<Vec<PatientId>>,
    /// Of this chart.
    pub patient_id: Option<PatientId>,
    /// With this provider.
    pub provider_user_id: Option<UserId>,
    /// In one of these states; empty: in any.
    pub statuses: Vec<Status>,
    /// That begin at or after this instant.
    pub from: Option<UtcTime>,
    /// That begin before this instant.
    pub before: Option<UtcTime>,
    /// In this department.
    pub department: Option<String>,
    /// With this reference.
    pub reference: Option<String>,
    /// Of charts with a word beginning with each of these; of none where there is no word to look for.
    pub terms: Option<Vec<String>>,
}

/// Which days a list shows, in the clinic's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// The first day or instant.
    pub from: Option<DayOrInstant>,
    /// The last day, or the instant before which it ends.
    pub to: Option<DayOrInstant>,
}

impl Days {
    /// Whether a bound is a day, which begins and ends where the clinic is.
    pub fn needs_zone(self) -> bool {
        [self.from, self.to].into_iter().flatten().any(|bound| matches!(bound, DayOrInstant::Day(_)))
    }
}

/// What a list of appointments is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppointmentSort {
    /// When they begin.
    ScheduledStart,
    /// When they were booked.
    CreatedAt,
    /// Where they stand, by name, then when they begin.
    Status,
}

/// What somebody wants to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// With whom it shall be.
    pub provider_user_id: Option<UserId>,
    /// When it shall be.
    pub when: When,
    /// Where it shall stand.
    pub status: Option<Status>,
    /// Why the state changes.
    pub because: Option<String>,
    /// What of the fee schedule.
    pub service_id: Patch<ServiceId>,
    /// Department or room.
    pub department: Patch<String>,
    /// Why the patient comes.
    pub reason: Patch<String>,
    /// The staff's notes.
    pub notes: Patch<String>,
}

impl Change {
    /// Nothing but another state.
    pub fn to(status: Status, because: Option<String>) -> Self {
        Self { status: Some(status), because, ..Self::default() }
    }

    /// Refuses what is wrong whatever is stored.
    pub fn check(&self, grant: &Grant) -> Result<(), AppError> {
        self.when.check_once()?;
        let mut refused = Vec::new();
        rules::text(&mut refused, "department", self.department.as_set().map(String::as_str), MOST_DEPARTMENT);
        rules::text(&mut refused, "reason", self.reason.as_set().map(String::as_str), MOST_REASON);
        rules::text(&mut refused, "notes", self.notes.as_set().map(String::as_str), MOST_NOTES);
        rules::text(&mut refused, "status_reason", self.because.as_deref(), MOST_REASON);
        rules::verdict(refused)?;
        if grant.role() == Some(Role::Patient) { self.check_patients() } else { Ok(()) }
    }

    /// A patient moves and cancels, and tells why they come; all else is the staff's.
    fn check_patients(&self) -> Result<(), AppError> {
        if !self.notes.is_keep() {
            return Err(staff_only("notes"));
        }
        if !self.department.is_keep() {
            return Err(staff_only("department"));
        }
        match self.status {
            None | Some(Status::Cancelled) => Ok(()),
            Some(status) => Err(AppError::forbidden(format!("You are not allowed to set an appointment to {status}"))),
        }
    }

    /// The appointment after this change, but for the state; `span` is where the change moves it to.
    pub fn apply(self, before: &Appointment, span: Span, now: UtcTime) -> Appointment {
        Appointment {
            provider_user_id: self.provider_user_id.unwrap_or(before.provider_user_id),
            scheduled_start: span.start,
            scheduled_end: span.end,
            service_id: self.service_id.apply(before.service_id),
            department: self.department.apply(before.department.clone()),
            reason: self.reason.apply(before.reason.clone()),
            notes: self.notes.apply(before.notes.clone()),
            updated_at: now,
            version: before.version + 1,
            ..before.clone()
        }
    }
}

pub(super) fn staff_only(field: &str) -> AppError {
    AppError::field(field, format!("{field} is for the clinic's staff; write what the doctor must know as reason"))
}

/// Where a patient may still move or call off an appointment: until they are in the house.
pub fn is_patients_to_change(status: Status) -> bool {
    matches!(status, Status::Pending | Status::Scheduled | Status::Confirmed)
}

/// The time that providers are known to be busy, to see what of many bookings fits.
#[derive(Debug, Default)]
pub struct Taken(BTreeMap<UserId, BTreeMap<UtcTime, UtcTime>>);

impl Taken {
    /// Takes the time, or gives what of it is taken already.
    pub fn take(&mut self, provider: UserId, span: Span) -> Result<(), Span> {
        let spans = self.0.entry(provider).or_default();
        // What is in here never overlaps, so of all that starts before the new end the last one ends last.
        match spans.range(..span.end).next_back() {
            Some((start, end)) if *end > span.start => Err(Span { start: *start, end: *end }),
            _ => {
                spans.insert(span.start, span.end);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span { start: UtcTime::from_micros(start), end: UtcTime::from_micros(end) }
    }

    /// An appointment of half an hour.
    fn appointment(created_at: UtcTime, start: UtcTime, completed_at: UtcTime) -> Appointment {
        let end = start.plus(SignedDuration::from_mins(30));
        Appointment {
            appointment_id: AppointmentId(1),
            reference: "ABC01-A1".into(),
            patient_id: PatientId(1),
            patient_first_name: "Ana".into(),
            patient_last_name: "Rivera".into(),
            patient_mrn: "ABC01-P1".into(),
            provider_user_id: UserId(2),
            provider_first_name: "Gregory".into(),
            provider_last_name: "House".into(),
            service_id: None,
            scheduled_start: start,
            scheduled_end: end,
            status: Status::Completed,
            status_changed_at: completed_at,
            department: None,
            reason: None,
            notes: None,
            close_reason: None,
            cpt_id: None,
            invoice_id: None,
            created_at,
            updated_at: completed_at,
            version: 1,
        }
    }

    #[test]
    fn only_a_walk_in_gives_back_what_is_left_of_its_time() {
        let at = |minutes: i64| UtcTime::from_micros(0).plus(SignedDuration::from_mins(minutes));
        let end = |created: i64, completed: i64| {
            let mut appointment = appointment(at(created), at(60), at(completed));
            appointment.give_back_rest();
            appointment.scheduled_end
        };
        assert_eq!((end(60, 65), end(60, 90), end(60, 100)), (at(65), at(90), at(90)));
        assert_eq!(end(60, 60), at(60).plus(SHORTEST));
        assert_eq!((end(0, 65), end(70, 75)), (at(90), at(90)), "booked ahead, or noted afterwards");
    }

    #[test]
    fn nobody_is_taken_twice() {
        let mut taken = Taken::default();
        assert_eq!(taken.take(UserId(1), span(5, 15)), Ok(()));
        for busy in [span(0, 6), span(5, 15), span(7, 9), span(14, 20), span(0, 20)] {
            assert_eq!(taken.take(UserId(1), busy), Err(span(5, 15)), "{busy:?}");
        }
        assert_eq!(taken.take(UserId(2), span(5, 15)), Ok(()), "another provider is free");
        assert_eq!(taken.take(UserId(1), span(15, 20)), Ok(()), "touching is not overlapping");
        assert_eq!(taken.take(UserId(1), span(0, 5)), Ok(()), "nor before");
    }

    proptest! {
        #[test]
        fn what_is_taken_never_overlaps_and_what_is_refused_does(asked in proptest::collection::vec((0i64..60, 1i64..20), 1..40)) {
            let mut taken = Taken::default();
            let mut accepted: Vec<Span> = Vec::new();
            for (start, length) in asked {
                let span = span(start, start + length);
                let fits = !accepted.iter().any(|other| other.overlaps(span));
                prop_assert_eq!(taken.take(UserId(1), span).is_ok(), fits);
                if fits {
                    accepted.push(span);
                }
            }
        }
    }
}
