//! What stands in the query strings of visits.

use clinichub_api::SortField;
use clinichub_core::{AppError, AppointmentId, Day, DayOrInstant, Order, PatientId, Result, UserId, UtcTime};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::VisitStatus;

/// What a list of visits is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum VisitSort {
    /// When they began.
    StartedAt,
    /// In which order they were written down.
    VisitId,
}

impl SortField for VisitSort {
    const ALL: &'static [(&'static str, Self)] = &[("started_at", Self::StartedAt), ("visit_id", Self::VisitId)];
}

impl VisitSort {
    /// The order in SQL.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::StartedAt, Order::Asc) => " ORDER BY v.started_at, v.visit_id LIMIT ? OFFSET ?",
            (Self::StartedAt, Order::Desc) => " ORDER BY v.started_at DESC, v.visit_id DESC LIMIT ? OFFSET ?",
            (Self::VisitId, Order::Asc) => " ORDER BY v.visit_id LIMIT ? OFFSET ?",
            (Self::VisitId, Order::Desc) => " ORDER BY v.visit_id DESC LIMIT ? OFFSET ?",
        }
    }
}

/// Which visits a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VisitFilter {
    /// Those of this chart.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub patient_id: Option<PatientId>,
    /// Those with this provider; `doctor` and `doctor_id` are accepted for it.
    #[serde(alias = "doctor", alias = "doctor_id")]
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
    /// The one of this appointment.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub appointment_id: Option<AppointmentId>,
    #[param(inline)]
    pub status: Option<VisitStatus>,
    /// Those that began on this day in the clinic.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub date: Option<Day>,
    /// Those that began on or after this day in the clinic, or at or after this instant.
    #[param(value_type = Option<String>, example = "2026-04-01")]
    pub from: Option<DayOrInstant>,
    /// Those that began on or before this day in the clinic, or before this instant.
    #[param(value_type = Option<String>, example = "2026-04-30")]
    pub to: Option<DayOrInstant>,
}

impl VisitFilter {
    /// Refuses a day and bounds at once.
    pub fn check(&self) -> Result<()> {
        if self.date.is_some() && (self.from.is_some() || self.to.is_some()) {
            return Err(AppError::field("date", "Give either date, or from and to"));
        }
        Ok(())
    }

    /// The first instant, and the one before which it ends.
    pub fn bounds(&self, zone: &TimeZone) -> (Option<UtcTime>, Option<UtcTime>) {
        let day = self.date.map(|day| DayOrInstant::Day(day.0));
        (day.or(self.from).map(|from| from.start_in(zone)), day.or(self.to).map(|to| to.end_in(zone)))
    }
}

/// Which open visits a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpenVisitFilter {
    /// Those of this provider; `doctor` and `doctor_id` are accepted for it.
    #[serde(alias = "doctor", alias = "doctor_id")]
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
}

/// Which visits of a chart are shown, and from where on.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PatientVisitQuery {
    /// What an earlier page gave as `next`.
    #[param(max_length = 60, pattern = "^[0-9]{1,18}\\.[0-9]\\.[0-9]{1,18}$")]
    pub before: Option<String>,
    /// Visits at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
    /// Those with this provider.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
    #[param(inline)]
    pub status: Option<VisitStatus>,
}
