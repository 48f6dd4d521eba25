//! What goes over the wire about free slots, and the handler.

use clinichub_api::{Access, Id, Params, Read, Result, Versioned, comma_separated, rules};
use clinichub_core::{DayOrInstant, ServiceId, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::doctors::slots::{self, Found, Slots, Sought, Wanted};

/// A free stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Slot {
    /// Its first instant.
    pub start: UtcTime,
    /// The first instant after it.
    pub end: UtcTime,
}

/// Free slots of a provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotList {
    /// The provider.
    pub doctor_id: UserId,
    /// The clinic's time zone; the slots are in UTC.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// Minutes of each slot.
    #[schema(example = 30)]
    pub duration_minutes: i64,
    /// The slots, in order.
    pub slots: Vec<Slot>,
}

impl SlotList {
    fn of(doctor: UserId, found: Slots) -> Self {
        let slots = found.free.into_iter().map(|slot| Slot { start: slot.start, end: slot.end });
        Self { doctor_id: doctor, time_zone: found.time_zone, duration_minutes: found.minutes, slots: slots.collect() }
    }
}

/// Which slots are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SlotQuery {
    /// From this day (in the clinic's time) or instant; now.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub from: Option<DayOrInstant>,
    /// To this day, or before this instant; a week after `from`, at most 62 days.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-21")]
    pub to: Option<DayOrInstant>,
    /// How long; the clinic's usual length.
    #[param(minimum = 5, maximum = 480)]
    pub duration_minutes: Option<i64>,
}

impl SlotQuery {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        if self.duration_minutes.is_some_and(|value| !(5..=480).contains(&value)) {
            rules::refuse(&mut refused, "duration_minutes", "duration_minutes: expected a number from 5 to 480");
        }
        rules::verdict(refused)
    }
}

impl Versioned for SlotList {}

/// Get a doctor's free slots in the clinic, in UTC. A slot is free when the doctor is booked in no clinic at that time.
#[utoipa::path(
    get, path = "/api/doctors/{doctor_id}/slots", params(("doctor_id" = UserId, Path), SlotQuery),
    responses((status = 200, description = "The free slots", body = SlotList))
)]
pub async fn list_doctor_slots(access: Access<App>, Id(doctor): Id<UserId>, Params(query): Params<SlotQuery>) -> Result<Read<SlotList>> {
    query.check()?;
    let wanted = Wanted { from: query.from, to: query.to, minutes: query.duration_minutes };
    Ok(Read(SlotList::of(doctor, slots::slots(&access.app, &access.grant, doctor, wanted).await?)))
}

/// A free slot and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSlot {
    /// Its first instant.
    pub start: UtcTime,
    /// The first instant after it.
    pub end: UtcTime,
    /// With whom.
    pub provider_user_id: UserId,
    /// Their name.
    #[schema(example = "Gregory House")]
    pub provider_name: String,
}

/// The next free slots.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSlots {
    /// The clinic's time zone; the slots are in UTC.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// Minutes of each slot.
    #[schema(example = 30)]
    pub minutes: i64,
    /// The slots, the earliest first.
    pub slots: Vec<FreeSlot>,
}

impl From<Found> for FreeSlots {
    fn from(found: Found) -> Self {
        let slot = |open: slots::OpenSlot| FreeSlot {
            start: open.slot.start,
            end: open.slot.end,
            provider_user_id: open.user_id,
            provider_name: open.name,
        };
        Self { time_zone: found.time_zone, minutes: found.minutes, slots: found.free.into_iter().map(slot).collect() }
    }
}

impl Versioned for FreeSlots {}

/// Which free slots are sought.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindSlotsQuery {
    /// From this day (in the clinic's time) or instant; now.
    #[param(value_type = Option<String>, example = "2026-04-15")]
    pub from: Option<DayOrInstant>,
    /// To this day, or before this instant; two weeks after `from`, at most 62 days.
    #[param(value_type = Option<String>, example = "2026-04-29")]
    pub to: Option<DayOrInstant>,
    /// Of this provider, or of one of several (`2,5`).
    #[serde(deserialize_with = "comma_separated")]
    #[param(value_type = Option<Vec<UserId>>, style = Form, explode = false, min_items = 1, max_items = 100)]
    pub provider_user_id: Vec<UserId>,
    /// Of providers whose specialty contains this.
    #[param(max_length = 100, example = "cardiology")]
    pub specialty: Option<String>,
    /// Long enough for this service.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub service_id: Option<ServiceId>,
    /// How long; what the service takes, or the clinic's usual length.
    #[param(minimum = 5, maximum = 480)]
    pub minutes: Option<i64>,
    /// How many.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
}

impl FindSlotsQuery {
    fn check(self) -> clinichub_core::Result<Sought> {
        let mut refused = Vec::new();
        if self.minutes.is_some_and(|value| !(5..=480).contains(&value)) {
            rules::refuse(&mut refused, "minutes", "minutes: expected a number from 5 to 480");
        }
        if self.limit.is_some_and(|value| !(1..=100).contains(&value)) {
            rules::refuse(&mut refused, "limit", "limit: expected a number from 1 to 100");
        }
        rules::text(&mut refused, "specialty", self.specialty.as_deref(), 100);
        rules::verdict(refused)?;
        Ok(Sought {
            wanted: Wanted { from: self.from, to: self.to, minutes: self.minutes },
            users: self.provider_user_id,
            specialty: self.specialty,
            service_id: self.service_id,
            most: self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(20),
        })
    }
}

/// Find the next free slots of all doctors, or of some, the earliest first. A slot is free when the doctor is booked in no clinic at that
/// time.
#[utoipa::path(
    get, path = "/api/slots", params(FindSlotsQuery),
    responses(
        (status = 200, description = "The next free slots", body = FreeSlots),
        (status = 404, description = "There is no such service")
    )
)]
pub async fn find_slots(access: Access<App>, Params(query): Params<FindSlotsQuery>) -> Result<Read<FreeSlots>> {
    Ok(Read(slots::find(&access.app, &access.grant, query.check()?).await?.into()))
}
