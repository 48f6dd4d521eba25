//! What goes over the wire about a provider's hours and time off, and the handlers.

use clinichub_api::{Access, Body, Created, Done, Id, Ids, Read, Result, Versioned, Written, check_unversioned, rules, written_body};
use clinichub_core::{TimeOffId, UserId, UtcTime};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::doctors::hours::Interval;
use crate::doctors::model::{ExceptionEntry, Hours, TimeOff, WeeklyEntry};
use crate::doctors::service::{self, Availability};

/// A provider's hours in the clinic: the whole set, in the place of what there was.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "weekly": [{"weekday": "monday", "start": "09:00", "end": "12:00"}, {"weekday": "monday", "start": "13:00", "end": "17:00"}],
    "exceptions": [{"date": "2026-12-24", "reason": "Christmas Eve"}]
}))]
pub struct SetAvailability {
    /// The clinic's time zone, to make sure that both mean the same; may be left out.
    #[schema(max_length = 64, example = "America/New_York")]
    pub time_zone: Option<String>,
    /// Hours of every week.
    #[schema(max_items = 500)]
    pub weekly: Vec<WeeklyEntry>,
    /// Days that differ.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub exceptions: Vec<ExceptionEntry>,
}

impl SetAvailability {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "time_zone", self.time_zone.as_deref(), 64);
        if self.weekly.len() > 500 {
            rules::refuse(&mut refused, "weekly", "weekly: at most 500 entries");
        }
        if self.exceptions.len() > 500 {
            rules::refuse(&mut refused, "exceptions", "exceptions: at most 500 entries");
        }
        rules::verdict(refused)
    }
}

/// A provider's hours in the clinic.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityBody {
    /// The provider; the same number as `user_id`.
    pub doctor_id: UserId,
    /// The person.
    pub user_id: UserId,
    /// The clinic's time zone, in which the hours are meant.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// Hours of every week.
    pub weekly: Vec<WeeklyEntry>,
    /// Days that differ.
    pub exceptions: Vec<ExceptionEntry>,
    /// The time off that is not over.
    pub time_off: Vec<TimeOff>,
    /// Another number for other hours.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<Availability> for AvailabilityBody {
    fn from(found: Availability) -> Self {
        Self {
            version: found.hours.version(),
            doctor_id: found.user_id,
            user_id: found.user_id,
            time_zone: found.time_zone,
            weekly: found.hours.weekly,
            exceptions: found.hours.exceptions,
            time_off: found.time_off,
        }
    }
}

/// A period in which a provider is away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"start": "2026-07-01T04:00:00Z", "end": "2026-07-15T04:00:00Z", "reason": "Holiday"}))]
pub struct CreateTimeOff {
    /// Its first instant.
    pub start: UtcTime,
    /// The first instant after it.
    pub end: UtcTime,
    /// Why.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

impl CreateTimeOff {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "reason", self.reason.as_deref(), 500);
        rules::verdict(refused)
    }
}

/// A provider can be booked no longer.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoctorDeleted {
    /// What was done.
    pub message: &'static str,
    /// The provider.
    pub doctor_id: UserId,
}
written_body!(
    /// A provider's hours were changed.
    AvailabilityWritten, availability: AvailabilityBody
);
written_body!(
    /// A provider is away.
    TimeOffWritten, time_off: TimeOff
);

impl Versioned for AvailabilityBody {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for TimeOff {}

/// Get a doctor's hours in the clinic.
#[utoipa::path(
    get, path = "/api/doctors/{doctor_id}/availability", params(("doctor_id" = UserId, Path)),
    responses((status = 200, description = "The hours", body = AvailabilityBody))
)]
pub async fn get_doctor_availability(access: Access<App>, Id(doctor): Id<UserId>) -> Result<Read<AvailabilityBody>> {
    Ok(Read(service::availability(&access.app, &access.grant, doctor).await?.into()))
}

/// Put hours in the place of a doctor's hours in the clinic: the own ones, or with `staff_manage` anyone's.
#[utoipa::path(
    method(put, patch), path = "/api/doctors/{doctor_id}/availability", params(("doctor_id" = UserId, Path)), request_body = SetAvailability,
    responses((status = 200, description = "The hours as they are now", body = AvailabilityWritten))
)]
pub async fn set_doctor_availability(
    access: Access<App>,
    Id(doctor): Id<UserId>,
    Body(body): Body<SetAvailability>,
) -> Result<Written<AvailabilityWritten>> {
    body.check()?;
    let hours = Hours { weekly: body.weekly, exceptions: body.exceptions };
    let found = service::set_availability(&access.app, &access.grant, doctor, hours, body.time_zone).await?;
    Ok(Written(AvailabilityWritten::new("Availability updated successfully", found)))
}

/// Note that a doctor is away: oneself, or with `staff_manage` anyone.
#[utoipa::path(
    post, path = "/api/doctors/{doctor_id}/time-off", params(("doctor_id" = UserId, Path)), request_body = CreateTimeOff,
    responses((status = 201, description = "Noted", body = TimeOffWritten))
)]
pub async fn create_time_off(
    access: Access<App>,
    Id(doctor): Id<UserId>,
    Body(body): Body<CreateTimeOff>,
) -> Result<Created<TimeOffWritten>> {
    body.check()?;
    let period = Interval::new(body.start, body.end);
    let time_off = service::add_time_off(&access.app, &access.grant, doctor, period, body.reason).await?;
    Ok(Created(TimeOffWritten::new("Time off created successfully", time_off)))
}

/// Note that a doctor is not away after all.
#[utoipa::path(
    delete, path = "/api/doctors/{doctor_id}/time-off/{time_off_id}",
    params(("doctor_id" = UserId, Path), ("time_off_id" = TimeOffId, Path)), responses((status = 200, description = "Removed", body = Done))
)]
pub async fn delete_time_off(access: Access<App>, Ids(doctor, time_off): Ids<UserId, TimeOffId>) -> Result<Written<Done>> {
    check_unversioned(&access.grant)?;
    service::delete_time_off(&access.app, &access.grant, doctor, time_off).await?;
    Ok(Written(Done { message: "Time off deleted successfully" }))
}
