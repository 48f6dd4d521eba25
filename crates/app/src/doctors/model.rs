//! A provider, as the clinic and as the public sees one, and the rules for hours that need no database.

use clinichub_core::{AppError, ClinicId, Day, FieldError, Role, TimeOffId, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::hours::{DayHours, WeeklyHours};
use super::times::{TimeOfDay, Weekday};

/// Where a provider works, as anyone may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workplace {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Its short name.
    #[schema(example = "ABC01")]
    pub code: String,
    /// Its name.
    #[schema(example = "Harbor Family Practice")]
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// IANA time zone.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
}

/// A provider in one clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Doctor {
    /// The provider; the same number as `user_id`.
    pub doctor_id: UserId,
    /// The person.
    pub user_id: UserId,
    /// Given name.
    #[schema(example = "Grace")]
    pub first_name: String,
    /// Family name.
    #[schema(example = "Hopper")]
    pub last_name: String,
    /// Specialty.
    #[schema(example = "Cardiology")]
    pub specialization: Option<String>,
    /// What they say about themselves.
    pub bio: Option<String>,
    /// Where they work.
    pub clinic: Workplace,
    /// How long a slot is there.
    #[serde(skip)]
    pub slot_minutes: i64,
    /// The first free slot, where the list was asked for the available ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_available: Option<UtcTime>,
    /// E-mail address. This and what follows only the clinic's own staff sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Number in the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "MD-12345")]
    pub registration_number: Option<String>,
    /// What they are in this clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether anyone may find them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Whether they can be booked in this clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// When the profile was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UtcTime>,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<UtcTime>,
    /// Counts the changes; the `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl Doctor {
    /// As anyone may see it.
    #[must_use]
    pub fn public(self) -> Self {
        Self {
            email: None,
            phone: None,
            registration_number: None,
            role: None,
            is_public: None,
            is_active: None,
            created_at: None,
            updated_at: None,
            version: None,
            ..self
        }
    }
}

/// What stands under a document that a provider answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Specialty.
    pub specialization: Option<String>,
    /// Number in the register.
    pub registration_number: Option<String>,
}

/// Somebody who can be booked in the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The person.
    pub user_id: UserId,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Specialty.
    pub specialization: Option<String>,
}

/// A provider's profile; belongs to the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Specialty.
    pub specialization: Option<String>,
    /// Number in the register, unique in the installation.
    pub registration_number: Option<String>,
    /// What they say about themselves.
    pub bio: Option<String>,
    /// Whether anyone may find them.
    pub is_public: Option<bool>,
}

/// Hours of every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyEntry {
    /// The day.
    pub weekday: Weekday,
    /// When work begins, in the clinic's time.
    pub start: TimeOfDay,
    /// When work ends, after `start`.
    pub end: TimeOfDay,
    /// The first day on which these hours hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Day>,
    /// The last day on which these hours hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Day>,
}

impl WeeklyEntry {
    /// As it is shown.
    pub fn of(hours: &WeeklyHours) -> Option<Self> {
        Some(Self {
            weekday: Weekday::from_number(hours.weekday)?,
            start: TimeOfDay::from_minutes(hours.starts_minute)?,
            end: TimeOfDay::from_minutes(hours.ends_minute)?,
            valid_from: hours.valid_from.map(Day),
            valid_to: hours.valid_to.map(Day),
        })
    }

    /// For reckoning and storing.
    pub fn hours(&self) -> WeeklyHours {
        WeeklyHours {
            weekday: self.weekday.number(),
            starts_minute: self.start.minutes(),
            ends_minute: self.end.minutes(),
            valid_from: self.valid_from.map(|day| day.0),
            valid_to: self.valid_to.map(|day| day.0),
        }
    }
}

/// A day that differs: other hours, or without `start` and `end` none at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionEntry {
    /// The day, in the clinic's time.
    pub date: Day,
    /// When work begins on that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<TimeOfDay>,
    /// When work ends on that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<TimeOfDay>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, example = "Training")]
    pub reason: Option<String>,
}

impl ExceptionEntry {
    /// As it is shown.
    pub fn of(hours: &DayHours, reason: Option<String>) -> Self {
        let (start, end) = hours.minutes.unzip();
        let time = |minutes: Option<i64>| minutes.and_then(TimeOfDay::from_minutes);
        Self { date: Day(hours.day), start: time(start), end: time(end), reason }
    }

    /// For reckoning and storing.
    pub fn hours(&self) -> DayHours {
        DayHours { day: self.date.0, minutes: self.start.zip(self.end).map(|(start, end)| (start.minutes(), end.minutes())) }
    }
}

/// A period in which a provider is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimeOff {
    /// The period.
    pub time_off_id: TimeOffId,
    /// Its first instant.
    pub start: UtcTime,
    /// The first instant after it.
    pub end: UtcTime,
    /// Why.
    #[schema(example = "Holiday")]
    pub reason: Option<String>,
}

/// A provider's hours as they are sent: the whole set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// Every week.
    pub weekly: Vec<WeeklyEntry>,
    /// Days that differ.
    pub exceptions: Vec<ExceptionEntry>,
}

/// How many weekly hours and how many exceptions a provider may have in a clinic.
pub const MOST_ENTRIES: usize = 500;

impl Hours {
    /// Stands for a version where the whole set is replaced: the same for the same hours, another for others (48 bits of a SHA-256).
    pub fn version(&self) -> i64 {
        let json = serde_json::to_vec(&(&self.weekly, &self.exceptions)).unwrap_or_default();
        Sha256::digest(json).iter().take(6).fold(0, |number, byte| number << 8 | i64::from(*byte)) + 1
    }

    /// Whether the set makes sense: ends after starts, nothing open twice, a day either off or with hours. Names the entry.
    pub fn check(&self) -> Result<(), AppError> {
        let mut errors = Vec::new();
        if self.weekly.len() > MOST_ENTRIES || self.exceptions.len() > MOST_ENTRIES {
            let field = if self.weekly.len() > MOST_ENTRIES { "weekly" } else { "exceptions" };
            return Err(AppError::field(field, format!("At most {MOST_ENTRIES} entries are accepted")));
        }
        refuse_weekly(&mut errors, "weekly", &self.weekly);
        self.check_exceptions(&mut errors);
        if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
    }

    fn check_exceptions(&self, errors: &mut Vec<FieldError>) {
        for (index, entry) in self.exceptions.iter().enumerate() {
            if entry.start.is_some() != entry.end.is_some() {
                refuse(errors, &format!("exceptions[{index}].end"), "Give both start and end, or neither for a day off");
            } else if entry.end.zip(entry.start).is_some_and(|(end, start)| end <= start) {
                refuse(errors, &format!("exceptions[{index}].end"), "Hours must end after they start");
            }
            if entry.reason.as_ref().is_some_and(|reason| reason.chars().count() > 500) {
                refuse(errors, &format!("exceptions[{index}].reason"), "At most 500 characters are accepted");
            }
            if self.exceptions.iter().take(index).any(|before| clash(before, entry)) {
                refuse(errors, &format!("exceptions[{index}].date"), "This exception contradicts another one of the same day");
            }
        }
    }
}

/// Whether weekly hours make sense; names the entries as those of `field`.
pub fn check_weekly(field: &str, weekly: &[WeeklyEntry]) -> Result<(), AppError> {
    let mut errors = Vec::new();
    refuse_weekly(&mut errors, field, weekly);
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}

fn refuse_weekly(errors: &mut Vec<FieldError>, field: &str, weekly: &[WeeklyEntry]) {
    let hours: Vec<_> = weekly.iter().map(WeeklyEntry::hours).collect();
    for (index, entry) in weekly.iter().enumerate() {
        if entry.end <= entry.start {
            refuse(errors, &format!("{field}[{index}].end"), "Hours must end after they start");
        }
        if entry.valid_from.zip(entry.valid_to).is_some_and(|(from, to)| to < from) {
            refuse(errors, &format!("{field}[{index}].valid_to"), "The last day must not be before the first");
        }
        if hours.iter().take(index).any(|before| before.overlaps(&hours[index])) {
            refuse(errors, &format!("{field}[{index}].start"), "These hours overlap others of the same weekday");
        }
    }
}

fn clash(one: &ExceptionEntry, other: &ExceptionEntry) -> bool {
    let (one, other) = (one.hours(), other.hours());
    one.day == other.day
        && one
            .minutes
            .is_none_or(|(start, end)| other.minutes.is_none_or(|(other_start, other_end)| start < other_end && other_start < end))
}

fn refuse(errors: &mut Vec<FieldError>, field: &str, message: &str) {
    errors.push(FieldError { field: field.to_owned(), message: message.to_owned() });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(weekday: &str, start: &str, end: &str) -> serde_json::Value {
        serde_json::json!({"weekday": weekday, "start": start, "end": end})
    }

    fn refused(weekly: serde_json::Value, exceptions: serde_json::Value) -> Vec<String> {
        let hours = Hours {
            weekly: serde_json::from_value(weekly).expect("weekly"),
            exceptions: serde_json::from_value(exceptions).expect("days"),
        };
        match hours.check() {
            Ok(()) => Vec::new(),
            Err(AppError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            Err(other) => vec![other.to_string()],
        }
    }

    #[test]
    fn overlapping_hours_are_named() {
        let weekly =
            serde_json::json!([entry("monday", "09:00", "12:00"), entry("monday", "12:00", "17:00"), entry("monday", "11:30", "13:00")]);
        assert_eq!(refused(weekly, serde_json::json!([])), ["weekly[2].start"]);
    }

    #[test]
    fn hours_end_after_they_start() {
        let weekly = serde_json::json!([entry("tuesday", "17:00", "09:00"), entry("sunday", "09:00", "09:00")]);
        assert_eq!(refused(weekly, serde_json::json!([])), ["weekly[0].end", "weekly[1].end"]);
    }

    #[test]
    fn a_day_is_off_or_has_hours() {
        let days = serde_json::json!([
            {"date": "2026-12-24"},
            {"date": "2026-12-24", "start": "09:00", "end": "12:00"},
            {"date": "2026-12-31", "start": "09:00"},
            {"date": "2027-01-02", "start": "09:00", "end": "12:00"},
            {"date": "2027-01-02", "start": "13:00", "end": "14:00", "reason": "Afternoon clinic"}
        ]);
        assert_eq!(refused(serde_json::json!([]), days), ["exceptions[1].date", "exceptions[2].end"]);
    }
}
