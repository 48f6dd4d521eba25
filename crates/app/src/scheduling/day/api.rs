//! What goes over the wire about whole days.

use clinichub_api::{Versioned, comma_separated};
use clinichub_core::{AppError, AppointmentId, CptId, Currency, Day, InvoiceId, Money, PatientId, Result, ServiceId, UserId, UtcTime};
use jiff::civil;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::doctors::{self, Interval, RosterDoctor, TimeOff};
use crate::patients::Sex;
use crate::scheduling::Status;

/// The most days of a schedule: six weeks.
const MOST_DAYS: i64 = 42;

/// The patient of an appointment, as the front desk needs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardPatient {
    /// Given name.
    #[schema(example = "John")]
    pub first_name: String,
    /// Family name.
    #[schema(example = "Doe")]
    pub last_name: String,
    /// Number of the chart.
    #[schema(example = "ABC01-P17")]
    pub mrn: String,
    /// Date of birth.
    pub dob: Day,
    /// Administrative sex.
    pub sex: Sex,
    /// Telephone number.
    #[schema(example = "787 999 8888")]
    pub phone: Option<String>,
    /// What they prefer to be spoken to in.
    #[schema(example = "es")]
    pub preferred_language: Option<String>,
}

/// What of the fee schedule is booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardService {
    /// The service.
    pub service_id: ServiceId,
    /// What is billed.
    #[schema(example = "99213")]
    pub code: String,
    /// The clinic's own words.
    #[schema(example = "Office visit, established patient")]
    pub description: String,
    /// What it costs now.
    #[schema(example = "125.00")]
    pub price: String,
    /// The price's currency.
    pub currency: Currency,
}

impl BoardService {
    /// A service and its price in minor units.
    pub fn new(service_id: ServiceId, code: String, description: String, price: Money) -> Self {
        Self { service_id, code, description, price: price.to_string(), currency: price.currency }
    }
}

/// An appointment with all that a card of the board shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardAppointment {
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// What people call it.
    #[schema(example = "ABC01-A1234")]
    pub reference: String,
    /// The chart.
    pub patient_id: PatientId,
    /// Whose chart it is.
    pub patient: BoardPatient,
    /// Who sees the patient.
    pub provider_user_id: UserId,
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
    /// When the patient came, if they did.
    pub arrived_at: Option<UtcTime>,
    /// Department or room.
    #[schema(example = "Radiology")]
    pub department: Option<String>,
    /// What of the fee schedule is booked.
    pub service: Option<BoardService>,
    /// Why the patient comes.
    #[schema(example = "General checkup")]
    pub reason: Option<String>,
    /// The staff's notes.
    #[schema(example = "First visit")]
    pub notes: Option<String>,
    /// Why it was cancelled or rejected, or why the patient did not come.
    pub close_reason: Option<String>,
    /// What was performed; the first of it, where it was several things.
    pub cpt_id: Option<CptId>,
    /// What it was billed with.
    pub invoice_id: Option<InvoiceId>,
    /// Counts the changes; what `If-Match` asks for.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// A clinic's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Board {
    /// The day.
    pub date: Day,
    /// The clinic's time zone, in which the day is.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// What time it was when this was read.
    pub now: UtcTime,
    /// The day's appointments, in any state, by their beginning.
    pub appointments: Vec<BoardAppointment>,
    /// Whether there are more than the 2,000 that are shown.
    pub truncated: bool,
    /// Those who can be booked, and whoever else has an appointment on this day.
    pub doctors: Vec<RosterDoctor>,
    /// How many appointments are over, on whatever day, and were never closed.
    #[schema(minimum = 0)]
    pub open_ends: i64,
    /// How many requests wait for an answer, for whatever day.
    #[schema(minimum = 0)]
    pub requests: i64,
}

impl Versioned for Board {}

/// A provider's days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScheduleDoctor {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    #[schema(example = "Gregory House")]
    pub name: String,
    /// Specialty.
    #[schema(example = "Cardiology")]
    pub specialization: Option<String>,
    /// Which of twelve colours is theirs; it stays when others come and go.
    #[schema(minimum = 0, maximum = 11)]
    pub color_index: usize,
    /// Working time, after weekly hours and exceptions.
    pub hours: Vec<Interval>,
    /// Time off.
    pub time_off: Vec<TimeOff>,
    /// Time for which another clinic has them; nothing else is told of it.
    pub busy: Vec<Interval>,
}

impl ScheduleDoctor {
    /// The provider with their days.
    pub fn new(doctor: RosterDoctor, days: doctors::Days) -> Self {
        let RosterDoctor { user_id, name, specialization, color_index, .. } = doctor;
        let doctors::Days { hours, time_off, busy } = days;
        Self { user_id, name, specialization, color_index, hours, time_off, busy }
    }
}

/// Several days of the clinic's providers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScheduleDays {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The clinic's time zone, in which the days are.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// How long an appointment usually is there.
    #[schema(example = 30)]
    pub slot_minutes: i64,
    /// What time it was when this was read.
    pub now: UtcTime,
    /// Those who can be booked, and whoever else has an appointment in these days; or those who were asked for.
    pub doctors: Vec<ScheduleDoctor>,
    /// The appointments, in any state, by their beginning.
    pub appointments: Vec<BoardAppointment>,
    /// Whether there are more than the 5,000 that are shown.
    pub truncated: bool,
    /// How many requests wait for an answer, for whatever day.
    #[schema(minimum = 0)]
    pub requests: i64,
}

impl Versioned for ScheduleDays {}

/// Which day, and whose.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// The day in the clinic; today.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub date: Option<Day>,
    /// With this provider, or with one of several (`2,5`).
    #[serde(deserialize_with = "comma_separated")]
    #[param(value_type = Option<Vec<UserId>>, style = Form, explode = false, min_items = 1, max_items = 100)]
    pub provider_user_id: Vec<UserId>,
    /// In this department.
    #[param(max_length = 100, example = "Radiology")]
    pub department: Option<String>,
}

/// Which days, and whose.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScheduleQuery {
    /// The first day in the clinic; today.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-13")]
    pub from: Option<Day>,
    /// The last day; the first one. At most 42 days.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-19")]
    pub to: Option<Day>,
    /// Of this provider, or of several (`2,5`).
    #[serde(deserialize_with = "comma_separated")]
    #[param(value_type = Option<Vec<UserId>>, style = Form, explode = false, min_items = 1, max_items = 100)]
    pub provider_user_id: Vec<UserId>,
}

impl ScheduleQuery {
    /// The first and the last day, where it is `today`.
    pub fn days(&self, today: civil::Date) -> Result<(civil::Date, civil::Date)> {
        let from = self.from.map_or(today, |day| day.0);
        let to = self.to.map_or(from, |day| day.0);
        if to < from {
            return Err(AppError::field("to", "The last day must not be before the first"));
        }
        // Whole days between two dates: a number that can't fail.
        let days = i64::from(from.until(to).map_or(0, |span| span.get_days())) + 1;
        if days > MOST_DAYS {
            return Err(AppError::field("to", format!("A schedule has at most {MOST_DAYS} days")));
        }
        Ok((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: Option<&str>, to: Option<&str>) -> Result<(String, String), String> {
        let day = |text: Option<&str>| text.map(|text| text.parse().expect("a day"));
        let query = ScheduleQuery { from: day(from), to: day(to), ..ScheduleQuery::default() };
        let days = query.days(civil::date(2026, 4, 14)).map_err(|error| error.to_string())?;
        Ok((days.0.to_string(), days.1.to_string()))
    }

    #[test]
    fn a_schedule_has_a_first_and_a_last_day() {
        let pair = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
        assert_eq!(days(None, None), pair("2026-04-14", "2026-04-14"));
        assert_eq!(days(Some("2026-05-01"), None), pair("2026-05-01", "2026-05-01"));
        assert_eq!(days(None, Some("2026-05-25")), pair("2026-04-14", "2026-05-25"));
        assert!(days(None, Some("2026-05-26")).is_err(), "43 days");
        assert!(days(None, Some("2026-04-13")).is_err(), "backwards");
        assert!(days(Some("1000-01-01"), Some("9999-12-31")).is_err(), "all of time");
    }
}
