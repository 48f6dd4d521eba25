//! What stands in the query strings of appointments and calendars.

use clinichub_api::{SortField, comma_separated, rules};
use clinichub_core::{AppError, Day, DayOrInstant, PatientId, Result, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::bulk::Mode;
use super::model::{AppointmentSort, Days, Filter, MOST_DEPARTMENT, MOST_REASON};
use super::status::Status;
use crate::patients;

/// Characters of a reference that is looked for, as of any search.
const MOST_REFERENCE: usize = 200;

impl SortField for AppointmentSort {
    const ALL: &'static [(&'static str, Self)] =
        &[("scheduled_start", Self::ScheduledStart), ("created_at", Self::CreatedAt), ("status", Self::Status)];
}

/// The `sort` of a list of appointments, for the document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that `List` reads")]
pub struct AppointmentSortQuery {
    /// What the list is ordered by.
    #[param(inline)]
    sort: Option<AppointmentSortName>,
}

#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a parameter that `List` reads")]
enum AppointmentSortName {
    ScheduledStart,
    CreatedAt,
    Status,
}

/// Which appointments a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AppointmentFilter {
    /// Those that begin on this day in the clinic.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub date: Option<Day>,
    /// Those that begin on or after this day in the clinic, or at or after this instant.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-01")]
    pub from: Option<DayOrInstant>,
    /// Those that begin on or before this day in the clinic, or before this instant.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-30")]
    pub to: Option<DayOrInstant>,
    /// Those of this chart.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub patient_id: Option<PatientId>,
    /// Those with this provider; `doctor` and `doctor_id` are accepted for it.
    #[serde(alias = "doctor", alias = "doctor_id")]
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
    /// Those in this state, or in one of several (`scheduled,confirmed`).
    #[serde(deserialize_with = "comma_separated")]
    #[param(value_type = Option<Vec<Status>>, style = Form, explode = false, min_items = 1, max_items = 100)]
    pub status: Vec<Status>,
    /// Those in this department.
    #[param(max_length = 100, example = "Radiology")]
    pub department: Option<String>,
    /// The one with this reference, whole or without the clinic's code (`ABC01-A1234`, `A1234`, `1234`). `search` takes it, too, or what a
    /// patient is found by.
    #[param(max_length = 200, example = "ABC01-A1234")]
    pub reference: Option<String>,
}

impl AppointmentFilter {
    /// The filter and the days it is about; `search` is a reference, whole or without the clinic's code, or words of a chart.
    pub fn resolve(self, search: Option<String>) -> Result<(Filter, Days)> {
        if self.date.is_some() && (self.from.is_some() || self.to.is_some()) {
            return Err(AppError::field("date", "Give either date, or from and to"));
        }
        let mut refused = Vec::new();
        rules::text(&mut refused, "department", self.department.as_deref(), MOST_DEPARTMENT);
        rules::text(&mut refused, "reference", self.reference.as_deref(), MOST_REFERENCE);
        rules::verdict(refused)?;
        let reference = self.reference.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let (found, terms) = match search {
            Some(text) if is_reference(&text) => (Some(text), None),
            Some(text) => (None, Some(patients::search_terms(&text))),
            None => (None, None),
        };
        let day = self.date.map(|day| DayOrInstant::Day(day.0));
        let filter = Filter {
            patient_id: self.patient_id,
            provider_user_id: self.provider_user_id,
            statuses: self.status,
            department: self.department.map(|text| text.trim().to_owned()),
            reference: reference.or(found).map(|text| text.to_uppercase()),
            terms,
            ..Filter::default()
        };
        Ok((filter, Days { from: day.or(self.from), to: day.or(self.to) }))
    }
}

/// Whether a text is an appointment's reference: `ABC01-A1234`, `A1234`, `1234`. More digits than that are a telephone number.
fn is_reference(text: &str) -> bool {
    let number = match text.rsplit_once('-') {
        Some((_, own)) => own.strip_prefix(['A', 'a']),
        None => Some(text.strip_prefix(['A', 'a']).unwrap_or(text)),
    };
    number.is_some_and(|digits| (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Which open ends a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpenEndFilter {
    /// Those of this provider; `doctor` and `doctor_id` are accepted for it.
    #[serde(alias = "doctor", alias = "doctor_id")]
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
}

/// What becomes of the other bookings when one can't be made.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BulkQuery {
    /// Instead of the body's.
    #[param(inline, value_type = Option<Mode>)]
    pub mode: Option<Mode>,
}

/// Why an appointment is cancelled.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CancelQuery {
    /// Why.
    #[param(max_length = 500, example = "Patient is ill")]
    pub reason: Option<String>,
}

impl CancelQuery {
    /// The reason, if it is not too long.
    pub fn checked(self) -> Result<Option<String>> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "reason", self.reason.as_deref(), MOST_REASON);
        rules::verdict(refused)?;
        Ok(self.reason)
    }
}

/// What opens a feed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// The token that was made for it.
    pub token: String,
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn a_reference_is_told_from_a_patient() {
        for reference in ["ABC01-A1234", "abc01-a1", "A1234", "1234"] {
            assert!(is_reference(reference), "{reference}");
        }
        for other in ["Ana", "A", "ABC01-P17", "7871234567", "787-1234567", "", "A12b"] {
            assert!(!is_reference(other), "{other}");
        }
    }
}
