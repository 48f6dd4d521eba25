//! Free slots: a provider's hours without time off and without what is booked in any clinic.

use std::collections::HashMap;

use clinichub_core::{AppError, DayOrInstant, Grant, Page, PageRequest, UserId, UtcTime};
use clinichub_db::{PlatformTx, TenantTx};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::api::DoctorSort;
use super::hours::{self, Interval, Timetable};
use super::model::Doctor;
use super::service::{self, days_around, require, timetable_in};
use super::store::{self, Filter, batch};
use crate::{App, clinics};

/// The longest period that slots are given for.
const MOST_DAYS: i64 = 62;
/// How far ahead `available=true` looks.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Among how many providers `available=true` looks.
const MOST_DOCTORS: i64 = 1000;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// From this day or instant; now.
    pub from: Option<DayOrInstant>,
    /// To this day, or before this instant; a week after `from`.
    pub to: Option<DayOrInstant>,
    /// How long; the clinic's usual length.
    pub minutes: Option<i64>,
}

/// Slots, and in what zone and length they were reckoned.
#[derive(Debug, Clone)]
pub struct Slots {
    /// The clinic's time zone.
    pub time_zone: String,
    /// Minutes of each slot.
    pub minutes: i64,
    /// The slots, in order.
    pub free: Vec<Interval>,
}

/// The free slots of a provider in the clinic; seven statements whatever the period.
pub async fn slots(app: &App, grant: &Grant, user: UserId, wanted: Wanted) -> Result<Slots, AppError> {
    app.db.read(grant, (user, wanted), async |mut tx, (user, wanted)| slots_in(&mut tx, user, wanted).await).await
}

async fn slots_in(tx: &mut TenantTx, user: UserId, wanted: Wanted) -> Result<Slots, AppError> {
    let (_, is_active) = require(tx, user).await?;
    let clinic = clinics::get_in(tx).await?;
    let (window, minutes) = (wanted.window(&clinic.zone(), tx.now())?, wanted.minutes.unwrap_or(clinic.slot_minutes));
    let mut found = Slots { time_zone: clinic.time_zone, minutes, free: Vec::new() };
    if !is_active || window.end <= window.start {
        return Ok(found);
    }
    let open = timetable_in(tx, user, window).await?.open(window);
    let mut taken = store::busy(&mut tx.platform(), user, window).await?;
    taken.extend(store::time_off(tx, user, window).await?.iter().map(|off| Interval { start: off.start, end: off.end }));
    found.free = hours::slots(&open, &hours::joined(taken), window, SignedDuration::from_mins(minutes)).collect();
    Ok(found)
}

impl Wanted {
    /// The period, from now on.
    fn window(self, zone: &TimeZone, now: UtcTime) -> Result<Interval, AppError> {
        let from = self.from.map_or(now, |from| from.start_in(zone));
        let to = self.to.map_or_else(|| from.plus(AHEAD), |to| to.end_in(zone));
        if to < from {
            return Err(AppError::field("to", "The period must not end before it begins"));
        }
        // A day of 25 hours may be among them.
        if to.since(from) > SignedDuration::from_hours(MOST_DAYS * 24 + 1) {
            return Err(AppError::field("to", format!("Slots are given for at most {MOST_DAYS} days at a time")));
        }
        Ok(Interval { start: from.max(now), end: to })
    }
}

/// One page of the providers who have a free slot within a week, with the first one. Six statements, however many they are.
pub async fn list_available(app: &App, grant: &Grant, filter: Filter, page: PageRequest<DoctorSort>) -> Result<Page<Doctor>, AppError> {
    let own = service::visible(grant).own;
    let filter = Filter { own, active: true, ..filter };
    let find = async |mut tx: PlatformTx, (filter, page): (Filter, PageRequest<DoctorSort>)| available_in(&mut tx, &filter, &page).await;
    let doctors = app.db.platform_read(grant, (filter, page), find).await?;
    Ok(if own.is_some() { doctors } else { doctors.map(Doctor::public) })
}

async fn available_in(tx: &mut PlatformTx, filter: &Filter, page: &PageRequest<DoctorSort>) -> Result<Page<Doctor>, AppError> {
    let doctors = store::list_all(tx, filter, page, MOST_DOCTORS + 1).await?;
    if doctors.len() > usize::try_from(MOST_DOCTORS).unwrap_or(usize::MAX) {
        return Err(AppError::field("available", "Too many doctors to look at; narrow the list by clinic, location or specialty"));
    }
    let window = Interval { start: tx.now(), end: tx.now().plus(AHEAD) };
    let calendar = Calendar::load(tx, filter, window).await?;
    let free = doctors.into_iter().filter_map(|mut doctor| {
        doctor.next_available = Some(calendar.first_free(&doctor, window)?);
        Some(doctor)
    });
    let free: Vec<_> = free.collect();
    let total = i64::try_from(free.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let take = usize::try_from(page.per_page).unwrap_or(0);
    Ok(Page::new(free.into_iter().skip(skip).take(take).collect(), total, page))
}

/// The hours and the taken time of many providers.
#[derive(Default)]
struct Calendar {
    weekly: HashMap<batch::Key, Vec<hours::WeeklyHours>>,
    exceptions: HashMap<batch::Key, Vec<hours::DayHours>>,
    away: HashMap<batch::Key, Vec<Interval>>,
    busy: HashMap<UserId, Vec<Interval>>,
}

impl Calendar {
    async fn load(tx: &mut PlatformTx, filter: &Filter, window: Interval) -> Result<Self, AppError> {
        let (from, to) = days_around(&TimeZone::UTC, window);
        Ok(Self {
            weekly: grouped(batch::weekly(tx, filter).await?),
            exceptions: grouped(batch::exceptions(tx, filter, from, to).await?),
            away: grouped(batch::time_off(tx, filter, window).await?),
            busy: grouped(batch::busy(tx, filter, window).await?),
        })
    }

    fn first_free(&self, doctor: &Doctor, window: Interval) -> Option<UtcTime> {
        let key = (doctor.clinic.clinic_id, doctor.user_id);
        let table = Timetable {
            zone: TimeZone::get(&doctor.clinic.time_zone).ok()?,
            weekly: self.weekly.get(&key).cloned().unwrap_or_default(),
            exceptions: self.exceptions.get(&key).cloned().unwrap_or_default(),
        };
        let taken = self.away.get(&key).into_iter().chain(self.busy.get(&doctor.user_id)).flatten().copied().collect();
        let length = SignedDuration::from_mins(doctor.slot_minutes);
        hours::slots(&table.open(window), &hours::joined(taken), window, length).next().map(|slot| slot.start)
    }
}

fn grouped<K: Eq + std::hash::Hash, V>(rows: Vec<(K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
