//! What goes over the wire about free slots, and the handler.

use clinichub_api::{Access, Id, Params, Read, Result, Versioned, rules};
use clinichub_core::{DayOrInstant, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::doctors::slots::{self, Slots, Wanted};

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
