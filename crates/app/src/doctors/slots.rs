//! Free slots: a provider's hours without time off and without what is booked in any clinic.

use clinichub_core::{AppError, DayOrInstant, Grant, Order, Page, PageRequest, ServiceId, UserId, UtcTime};
use clinichub_db::{PlatformTx, TenantTx};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::api::DoctorSort;
use super::calendar::Calendar;
use super::hours::{self, Interval};
use super::model::Doctor;
use super::service::{self, require, timetable_in};
use super::store::{self, Filter};
use crate::{App, billing, clinics};

/// The longest period that slots are given for.
const MOST_DAYS: i64 = 62;
/// How far ahead `available=true` looks, and where no end is given the slots of one provider.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far ahead the next free slot is looked for where no end is given.
const FAR_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Among how many providers is looked at once.
const MOST_DOCTORS: i64 = 1000;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// From this day or instant; now.
    pub from: Option<DayOrInstant>,
    /// To this day, or before this instant.
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
    let (window, minutes) = (wanted.window(&clinic.zone(), tx.now(), AHEAD)?, wanted.minutes.unwrap_or(clinic.slot_minutes));
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
    /// The period, from now on; `ahead` long where it has no end.
    fn window(self, zone: &TimeZone, now: UtcTime, ahead: SignedDuration) -> Result<Interval, AppError> {
        let from = self.from.map_or(now, |from| from.start_in(zone));
        let to = self.to.map_or_else(|| from.plus(ahead), |to| to.end_in(zone));
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

/// One page of the providers who have a free slot within a week, with the first one; or of those who have none. Six statements, however
/// many they are.
pub async fn list_available(
    app: &App,
    grant: &Grant,
    filter: Filter,
    wanted: bool,
    page: PageRequest<DoctorSort>,
) -> Result<Page<Doctor>, AppError> {
    let own = service::visible(grant).own;
    let filter = Filter { own, active: true, ..filter };
    let find = async |mut tx: PlatformTx, (filter, wanted, page): (Filter, bool, PageRequest<DoctorSort>)| {
        available_in(&mut tx, &filter, wanted, &page).await
    };
    let doctors = app.db.platform_read(grant, (filter, wanted, page), find).await?;
    Ok(if own.is_some() { doctors } else { doctors.map(Doctor::public) })
}

async fn available_in(
    tx: &mut PlatformTx,
    filter: &Filter,
    wanted: bool,
    page: &PageRequest<DoctorSort>,
) -> Result<Page<Doctor>, AppError> {
    let doctors = not_too_many(store::list_all(tx, filter, page, MOST_DOCTORS + 1).await?, "available")?;
    let window = Interval { start: tx.now(), end: tx.now().plus(AHEAD) };
    let calendar = Calendar::load(tx, filter, window).await?;
    let free = doctors.into_iter().filter_map(|mut doctor| {
        let length = SignedDuration::from_mins(doctor.slot_minutes);
        doctor.next_available = calendar.free(&doctor, window, length, 1).first().map(|slot| slot.start);
        (doctor.next_available.is_some() == wanted).then_some(doctor)
    });
    let free: Vec<_> = free.collect();
    let total = i64::try_from(free.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let take = usize::try_from(page.per_page).unwrap_or(0);
    Ok(Page::new(free.into_iter().skip(skip).take(take).collect(), total, page))
}

fn not_too_many(doctors: Vec<Doctor>, field: &str) -> Result<Vec<Doctor>, AppError> {
    if doctors.len() > usize::try_from(MOST_DOCTORS).unwrap_or(usize::MAX) {
        return Err(AppError::field(field, "Too many doctors to look at; narrow the list by clinic, location or specialty"));
    }
    Ok(doctors)
}

/// Which free slots of whom.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// When, and how long; the length of the service, or the clinic's usual one.
    pub wanted: Wanted,
    /// Of these providers; empty: of any.
    pub users: Vec<UserId>,
    /// Of those whose specialty contains this.
    pub specialty: Option<String>,
    /// For this service.
    pub service_id: Option<ServiceId>,
    /// How many.
    pub most: usize,
}

/// A free slot and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSlot {
    /// When.
    pub slot: Interval,
    /// With whom.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
}

/// The next free slots, and in what zone and length they were reckoned.
#[derive(Debug, Clone)]
pub struct Found {
    /// The clinic's time zone.
    pub time_zone: String,
    /// Minutes of each slot.
    pub minutes: i64,
    /// The slots, the earliest first.
    pub free: Vec<OpenSlot>,
}

/// The next free slots of the clinic's bookable providers; seven statements, however many they are and whatever the period.
pub async fn find(app: &App, grant: &Grant, sought: Sought) -> Result<Found, AppError> {
    app.db.read(grant, sought, async |mut tx, sought| find_in(&mut tx, &sought).await).await
}

async fn find_in(tx: &mut TenantTx, sought: &Sought) -> Result<Found, AppError> {
    let clinic = clinics::get_in(tx).await?;
    let usual = match sought.service_id {
        Some(service) => billing::require_service(tx, service).await?.duration_minutes,
        None => None,
    };
    let minutes = sought.wanted.minutes.or(usual).unwrap_or(clinic.slot_minutes);
    let window = sought.wanted.window(&clinic.zone(), tx.now(), FAR_AHEAD)?;
    let filter = Filter {
        own: Some(tx.clinic_id()),
        users: sought.users.clone(),
        specialty: sought.specialty.clone(),
        active: true,
        ..Filter::default()
    };
    let order = PageRequest { page: 1, per_page: MOST_DOCTORS, sort: DoctorSort::LastName, order: Order::Asc };
    let doctors = not_too_many(store::list_all(&mut tx.platform(), &filter, &order, MOST_DOCTORS + 1).await?, "provider_user_id")?;
    let calendar = Calendar::load(&mut tx.platform(), &filter, window).await?;
    let free = calendar.earliest(&doctors, window, SignedDuration::from_mins(minutes), sought.most);
    Ok(Found { time_zone: clinic.time_zone, minutes, free })
}
